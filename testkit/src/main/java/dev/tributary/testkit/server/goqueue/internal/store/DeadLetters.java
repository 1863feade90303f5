package dev.tributary.testkit.server.goqueue.internal.store;

import dev.tributary.ResourceName;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.spi.DeadLetterHeaders;
import dev.tributary.stream.EventKey;
import dev.tributary.stream.Message;
import dev.tributary.vertx.internal.goqueue.wire.DeadLetterRecord;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Dead letters of the transport, as this wire shows them: there, what became of a message is in its headers; here, which has none, it is in a record
 * that is the value.
 */
public final class DeadLetters {
  private final Topics topics;

  public DeadLetters(Topics topics) {
    this.topics = topics;
  }

  /** The message as it is read here. Anybody may publish with any headers: what says nothing is shown as it is. */
  public Message<byte[]> shown(Message<byte[]> message) {
    DeadLetterRecord letter = message.headers().containsKey(DeadLetterHeaders.GROUP) ? read(message) : null;
    return letter == null ? message : message.withValue(letter.json().getBytes(StandardCharsets.UTF_8));
  }

  private @Nullable DeadLetterRecord read(Message<byte[]> message) {
    Map<String, String> headers = message.headers();
    EventKey key = message.key();
    try {
      String[] position = header(headers, DeadLetterHeaders.POSITION).split("/", 2);
      return new DeadLetterRecord(
          topics.names().flat(ResourceName.parse(header(headers, DeadLetterHeaders.STREAM), Topics.HOME, Topics.HOME)),
          Integer.parseInt(position[0]),
          Long.parseLong(position[position.length - 1]),
          time(headers, DeadLetterHeaders.STORED_AT),
          key == null ? null : key.bytes(),
          message.value(),
          Integer.parseInt(header(headers, DeadLetterHeaders.ATTEMPTS)),
          time(headers, DeadLetterHeaders.FIRST_DELIVERY),
          time(headers, DeadLetterHeaders.LAST_DELIVERY),
          header(headers, DeadLetterHeaders.CONSUMER),
          header(headers, DeadLetterHeaders.GROUP),
          Boolean.parseBoolean(header(headers, DeadLetterHeaders.REJECTED)) ? DeadLetterRecord.REJECTED : DeadLetterRecord.EXHAUSTED,
          headers.get(DeadLetterHeaders.REASON),
          time(headers, DeadLetterHeaders.FAILED_AT));
    } catch (NumberFormatException | DateTimeException | InvalidRequestException isNone) {
      return null;
    }
  }

  private static Instant time(Map<String, String> headers, String name) {
    return Instant.parse(header(headers, name));
  }

  private static String header(Map<String, String> headers, String name) {
    return headers.getOrDefault(name, "");
  }
}
