package dev.tributary.internal;

import dev.tributary.Capability;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.spi.Limits;
import dev.tributary.spi.Transport;
import dev.tributary.stream.EventKey;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is refused, or rounded, before anything is sent. */
public final class Checks {
  private final Transport transport;

  Checks(Transport transport) {
    this.transport = transport;
  }

  /** The numbers the backend sets. */
  public Limits limits() {
    return transport.limits();
  }

  /** Whether the backend can do this. */
  public boolean has(Capability capability) {
    return transport.capabilities().contains(capability);
  }

  /** Refuses what the backend cannot do. */
  public void require(Capability capability) {
    if (!has(capability)) {
      throw unsupported(capability);
    }
  }

  /** Says that the backend lacks this, and what to use instead. */
  public UnsupportedFeatureException unsupported(Capability capability) {
    String feature = capability.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return new UnsupportedFeatureException(
        ErrorInfo.of(transport.backend() + " does not support " + feature, alternativeTo(capability)).at(transport.backend(), null, null));
  }

  /** A delay in whole steps of the backend, rounded up. */
  public Duration delay(Duration delay) {
    return whole("delay", delay, limits().maxDelay());
  }

  /** A lease in whole steps of the backend, rounded up. */
  public Duration lease(Duration lease) {
    return whole("lease", lease, limits().maxLease());
  }

  /** A ttl in whole steps of the backend, rounded up; refused below one step, which would keep it many times as long as asked. */
  public Duration ttl(Duration ttl) {
    if (ttl.compareTo(limits().step()) < 0) {
      throw InvalidRequestException.of(
          "ttl " + ttl + " is shorter than " + transport.backend() + " can measure", "Give at least " + limits().step());
    }
    return whole("ttl", ttl, limits().maxTtl());
  }

  /** Refuses what is too large for a call of its own. */
  public void fitsOneCall(String what, long bytes) {
    if (bytes > limits().maxBatchBytes()) {
      throw new PayloadTooLargeException(
          ErrorInfo.of(
              "the " + what + " has " + bytes + " bytes with its headers, more than the " + limits().maxBatchBytes() + " of one call",
              "Make it smaller, or store it elsewhere and send its address"));
    }
  }

  private Duration whole(String what, Duration duration, Duration max) {
    if (duration.isNegative()) {
      throw InvalidRequestException.of(what + " " + duration + " is negative", "Give a positive duration");
    }
    if (duration.compareTo(max) > 0) {
      throw InvalidRequestException.of(
          what + " " + duration + " is longer than " + transport.backend() + " allows", "Give at most " + max);
    }
    return whole(duration);
  }

  /** A duration in whole steps of the backend, rounded up. */
  public Duration whole(Duration duration) {
    Duration step = limits().step();
    Duration floor = step.multipliedBy(duration.dividedBy(step));
    return floor.compareTo(duration) < 0 ? floor.plus(step) : floor;
  }

  /** Refuses null, where a value is needed. */
  public static <T> T present(String what, @Nullable T value) {
    if (value == null) {
      throw InvalidRequestException.of("the " + what + " is null", "Give a " + what);
    }
    return value;
  }

  /** Refuses null, empty and malformed text. */
  public static String notEmpty(String what, @Nullable String text) {
    if (text == null || text.isEmpty()) {
      throw InvalidRequestException.of("the " + what + " is " + (text == null ? "null" : "empty"), "Give a " + what + " of at least one character");
    }
    return wellFormed(what, text);
  }

  /** Refuses null and text with half a surrogate pair: on a wire it would become another text, or nothing that can be read. */
  public static String wellFormed(String what, @Nullable String text) {
    String present = present(what, text);
    for (int i = 0; i < present.length(); i++) {
      if (Character.isSurrogate(present.charAt(i))) {
        if (i + 1 == present.length() || !Character.isSurrogatePair(present.charAt(i), present.charAt(i + 1))) {
          throw InvalidRequestException.of(
              "the " + what + " has half a surrogate pair at " + i, "Use whole characters, or put bytes into the value");
        }
        i++;
      }
    }
    return present;
  }

  /** Refuses a key of an event that the backend does not keep. */
  public void key(EventKey key) {
    require(Capability.EVENT_KEYS);
    if (key.isText()) {
      notEmpty("key", key.text());
    } else {
      require(Capability.BINARY_EVENT_KEYS);
    }
  }

  /** Refuses headers with malformed names or values. */
  public static void headers(Map<String, String> headers) {
    if (!headers.isEmpty()) {
      headers.forEach(
          (name, value) -> {
            wellFormed("name of a header", name);
            wellFormed("header " + name, value);
          });
    }
  }

  /** Refuses numbers below 1. */
  public static int atLeastOne(String what, int number) {
    if (number < 1) {
      throw InvalidRequestException.of(what + " " + number + " is less than 1", "Give at least 1");
    }
    return number;
  }

  /** Refuses numbers below 0. */
  public static long notNegative(String what, long number) {
    if (number < 0) {
      throw InvalidRequestException.of(what + " " + number + " is negative", "Numbering starts at 0");
    }
    return number;
  }

  private static String alternativeTo(Capability capability) {
    return switch (capability) {
      case STREAMS -> "Use a queue, or a backend with streams";
      case EVENT_KEYS -> "Leave the key out, or put it into the payload";
      case BINARY_EVENT_KEYS -> "Use a key of text, the bytes' hexadecimal digits for instance";
      case EVENT_HEADERS, JOB_HEADERS -> "Leave the headers out, or put them into the payload";
      case EVENT_DELAY -> "Publish later, or enqueue a delayed job";
      case EVENT_TTL -> "Leave the ttl out, and let the stream's retention end it";
      case EVENT_PRIORITY -> "Leave the priority out, or use a stream for each priority";
      case EVENT_DEDUPLICATION, JOB_DEDUPLICATION -> "Leave the deduplication id out, and make the consumer idempotent";
      case EVENT_PARTITION -> "Leave the partition out; the backend chooses it by the key";
      case GROUP_BALANCING -> "Name the partitions of each member";
      case DELAYED_EVENTS -> "Keep what publishing returned, and let the consumer drop what is no longer wanted";
      case GROUP_DELETION -> "Leave the group, or use another group";
      case GROUP_LISTING -> "Ask for the state of a group by its name";
      case EVENT_FILTER -> "Leave the filter out, and drop what is not wanted when it comes";
      case START_AT_TIME -> "Start at an offset, or at the earliest, and skip by timestamp";
      case REPLAY -> "Subscribe in a group of your own from the first offset to replay";
      case STREAM_DEAD_LETTERS, DEAD_LETTERS -> "Publish what fails to a stream of its own";
      case QUEUES -> "Use a stream with a group, or a backend with queues";
      case JOB_DELAY -> "Enqueue later, or use a backend that delays";
      case JOB_PRIORITY -> "Leave the priority out, or use a queue for each priority";
      case JOB_PARTITION_KEY -> "Leave the partition key out";
      case JOB_PARTITIONS -> "Take jobs of all partitions, or use a queue for each";
      case PRODUCER_SEQUENCES -> "Use a deduplication id where the backend has them, and make the consumer idempotent";
      case JOB_TTL -> "Leave the ttl out, and let the handler drop what is too old";
      case JOB_MAX_ATTEMPTS -> "Leave the limit out, and set the queue's redelivery policy";
      case ATOMIC_ENQUEUE -> "Use enqueueAll, and give the jobs deduplication ids where the backend has them";
      case LEASE_EXTENSION -> "Reserve with a lease that is long enough";
      case JOB_RELEASE -> "Let the job's lease end";
      case PEEK -> "Reserve a job and nack it";
      case PURGE, DEAD_LETTER_PURGE -> "Delete and create it again, where the backend can";
      case REDELIVERY_POLICY -> "Set it at the backend, or nack with a delay of your own";
      case DEAD_LETTER_ADD -> "Let the backend make them where it does, or publish what fails to a stream of its own";
      case DEAD_LETTER_REPLAY -> "List the dead letters and send their values again";
      case KEY_VALUE -> "Use a backend with key-value stores";
      case KEY_TTL -> "Leave the ttl out, and delete the key when it is due";
      case KEY_REVISIONS -> "Use plain put and get, with one writer for each key";
      case KEY_WATCH -> "Publish changes to a stream and subscribe to it";
      case TRANSACTIONS -> "Publish with deduplication ids where the backend has them, or use another backend";
      case NAMED_PRODUCERS -> "Leave the producer out, and see to it that only one is at work";
      case TRANSACTIONAL_ENQUEUE -> "Publish to a stream in the transaction, and enqueue from its consumer";
      case SCHEMAS, SCHEMA_ATTACHMENT, SCHEMA_VALIDATION -> "Check payloads in a codec of your own";
      case EVENT_SCHEMA -> "Leave the schema out, and attach it to the stream where the backend can, or validate the payload before";
      case SCHEMA_IDS -> "Ask for the version of a subject";
      case SCHEMA_COMPATIBILITY -> "Check compatibility where schemas are reviewed";
      case CREATE_RESOURCES -> "Create it with the backend's own tools, unless the backend does on first use";
      case QUEUE_SETTINGS, LIST_RESOURCES, ACCESS_CONTROL, AUDIT, CLUSTER -> "Use the backend's own tools";
      case STATISTICS, TRACES -> "Use the client's own metrics and traces";
      case HEALTH_CHECKS -> "Ask whether it is live and ready";
    };
  }
}
