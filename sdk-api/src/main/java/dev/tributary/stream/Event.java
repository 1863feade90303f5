package dev.tributary.stream;

import dev.tributary.error.InvalidRequestException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Something to publish. Immutable; {@link #of} for a bare value, {@link #builder} for more.
 *
 * <p>What a backend cannot keep is refused when the event is published, not dropped.
 */
public final class Event<T> {
  private final T value;
  private final @Nullable EventKey key;
  private final Map<String, String> headers;
  private final int partition;
  private final @Nullable Duration delay;
  private final @Nullable Duration ttl;
  private final int priority;
  private final @Nullable String deduplicationId;
  private final @Nullable String schema;

  private Event(Builder<T> b) {
    value = b.value;
    key = b.key;
    headers = Map.copyOf(b.headers);
    partition = b.partition;
    delay = b.delay;
    ttl = b.ttl;
    priority = b.priority;
    deduplicationId = b.deduplicationId;
    schema = b.schema;
  }

  /** An event that is only its value. */
  public static <T> Event<T> of(T value) {
    return builder(value).build();
  }

  /** A builder for an event with this value. */
  public static <T> Builder<T> builder(T value) {
    return new Builder<>(value);
  }

  /** The payload. */
  public T value() {
    return value;
  }

  /** Events of one key go to one partition and stay in order; null for no key. */
  public @Nullable EventKey key() {
    return key;
  }

  /** Headers, unordered. */
  public Map<String, String> headers() {
    return headers;
  }

  /** The partition chosen by the caller, if any. */
  public OptionalInt partition() {
    return partition < 0 ? OptionalInt.empty() : OptionalInt.of(partition);
  }

  /** How long it stays unreadable; null for not at all. */
  public @Nullable Duration delay() {
    return delay;
  }

  /** How long it stays readable; null for as long as the stream keeps it. */
  public @Nullable Duration ttl() {
    return ttl;
  }

  /** Higher first; 0 is normal. */
  public int priority() {
    return priority;
  }

  /** Within the backend's window, a second event of the same id is not stored; null for none. */
  public @Nullable String deduplicationId() {
    return deduplicationId;
  }

  /** The subject whose latest schema the value must match; null for none. */
  public @Nullable String schema() {
    return schema;
  }

  /** A builder that begins with what this event has. */
  public Builder<T> toBuilder() {
    return copyInto(new Builder<>(value));
  }

  /** The same event with another value: what a codec does to it. */
  public <U> Event<U> withValue(U other) {
    return copyInto(new Builder<>(other)).build();
  }

  /** The same event with further headers, which win over those of the same name. */
  public Event<T> withHeaders(Map<String, String> more) {
    return toBuilder().headers(more).build();
  }

  private <U> Builder<U> copyInto(Builder<U> b) {
    b.key = key;
    b.headers = headers;
    b.partition = partition;
    b.delay = delay;
    b.ttl = ttl;
    b.priority = priority;
    b.deduplicationId = deduplicationId;
    b.schema = schema;
    return b;
  }

  /** Gathers what an {@link Event} is made of. Not thread-safe. */
  public static final class Builder<T> {
    private final T value;
    private @Nullable EventKey key;
    /** A map of its own only once a header is added: most have none. */
    private Map<String, String> headers = Map.of();
    private boolean ownHeaders;
    private int partition = -1;
    private @Nullable Duration delay;
    private @Nullable Duration ttl;
    private int priority;
    private @Nullable String deduplicationId;
    private @Nullable String schema;

    private Builder(T value) {
      if (value == null) {
        throw InvalidRequestException.of("the value is null", "Give a value; an empty one where the backend allows it");
      }
      this.value = value;
    }

    /** Events of one key go to one partition and stay in order. An empty one is refused when it is published. */
    public Builder<T> key(@Nullable String key) {
      return key(key == null ? null : EventKey.of(key));
    }

    /** The same for a key that need not be text; of the bytes a copy is made. */
    public Builder<T> key(byte[] key) {
      return key(EventKey.of(key));
    }

    /** The same for the key of another event or message. */
    public Builder<T> key(@Nullable EventKey key) {
      this.key = key;
      return this;
    }

    /** Adds a header; a later one of the same name wins. */
    public Builder<T> header(String name, String value) {
      if (!ownHeaders) {
        headers = new HashMap<>(headers);
        ownHeaders = true;
      }
      headers.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
      return this;
    }

    /** Adds headers; later ones of the same name win. */
    public Builder<T> headers(Map<String, String> more) {
      more.forEach(this::header);
      return this;
    }

    /** Chooses the partition, from 0. */
    public Builder<T> partition(int partition) {
      if (partition < 0) {
        throw InvalidRequestException.of("partition " + partition + " is negative", "Leave it out to let the backend choose");
      }
      this.partition = partition;
      return this;
    }

    /** Stays unreadable for this long; rounded up where the backend is coarser. Zero for not at all. */
    public Builder<T> delay(Duration delay) {
      this.delay = positiveOrNull("delay", delay);
      return this;
    }

    /**
     * Stops being readable after this long. Rounded up to whole steps of the backend; refused when it is published if it is
     * shorter than one step, which would keep the event many times as long as asked.
     */
    public Builder<T> ttl(Duration ttl) {
      if (ttl.isZero()) {
        throw InvalidRequestException.of("a ttl of zero would expire at once", "Leave it out to keep the event");
      }
      this.ttl = positiveOrNull("ttl", ttl);
      return this;
    }

    /** Higher first; 0 is normal. */
    public Builder<T> priority(int priority) {
      this.priority = priority;
      return this;
    }

    /** Makes a second event of the same id a duplicate, and a retry safe. */
    public Builder<T> deduplicationId(@Nullable String id) {
      this.deduplicationId = id;
      return this;
    }

    /**
     * Stores the event only if its value matches the latest version of this subject, which is named like every resource. Else publishing fails with
     * {@code SchemaRejectedException}, and with {@code NotFoundException} if there is no such subject. The schema is not kept with the event, and no
     * trace is carried with it, since there are wires on which headers would be a part of the value.
     */
    public Builder<T> schema(@Nullable String subject) {
      this.schema = subject;
      return this;
    }

    /** The event. */
    public Event<T> build() {
      return new Event<>(this);
    }

    private static @Nullable Duration positiveOrNull(String what, Duration duration) {
      if (duration.isNegative()) {
        throw InvalidRequestException.of(what + " " + duration + " is negative", "Give a positive duration, or leave it out");
      }
      return duration.isZero() ? null : duration;
    }
  }
}
