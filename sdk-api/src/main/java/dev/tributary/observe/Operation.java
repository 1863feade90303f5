package dev.tributary.observe;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What is being done.
 *
 * @param kind the kind, as the messaging conventions of OpenTelemetry have it
 * @param name the SDK's name of the operation: {@code enqueue}, {@code receive}, {@code process}, {@code ack}, {@code nack},
 *     {@code reject} and {@code extend} of jobs; {@code publish}, {@code read}, {@code poll}, {@code subscribe}, {@code process} and
 *     {@code commit} of streams
 * @param backend the backend's name
 * @param destination the full name of the stream, queue or store; null if there is none
 * @param group the consumer group, or null
 * @param partition the partition; empty if it is about none, or several
 * @param messages how many messages it is about; 0 if it is not about messages
 * @param bytes their payload bytes; empty if not known
 * @param messageId the one message's id, or null
 * @param producer names who numbered the messages, or null if nobody did or several
 * @param held how long the application has had the job when it settles it; null for anything else
 * @param linked the headers of each message that causes this operation, to link to where they were created
 * @param server the first endpoint as {@code host:port}, without the port where that is the backend's default; or null
 */
public record Operation(
    Kind kind,
    String name,
    String backend,
    @Nullable String destination,
    @Nullable String group,
    OptionalInt partition,
    int messages,
    OptionalLong bytes,
    @Nullable String messageId,
    @Nullable String producer,
    @Nullable Duration held,
    List<Map<String, String>> linked,
    @Nullable String server) {

  /** Kinds of operations. */
  public enum Kind {
    /** Hands messages to the backend. */
    SEND,
    /** Asks for messages, or hands messages that were pushed to the application. */
    RECEIVE,
    /** The application's handler runs. */
    PROCESS,
    /** Acks, nacks, rejects, extends, commits. */
    SETTLE,
    /** Anything else: key-value, schemas, administration, health. */
    OTHER
  }
}
