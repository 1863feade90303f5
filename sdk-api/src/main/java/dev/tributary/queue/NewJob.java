package dev.tributary.queue;

import dev.tributary.error.InvalidRequestException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Something to enqueue. Immutable; {@link #of} for a bare value, {@link #builder} for more.
 *
 * <p>What a backend cannot keep is refused when the job is enqueued, not dropped.
 */
public final class NewJob<T> {
  private final T value;
  private final Map<String, String> headers;
  private final @Nullable Duration delay;
  private final @Nullable Instant notBefore;
  private final int priority;
  private final @Nullable String deduplicationId;
  private final @Nullable ProducerSequence producerSequence;
  private final @Nullable String partitionKey;
  private final @Nullable Duration ttl;
  private final int maxAttempts;

  private NewJob(Builder<T> b) {
    value = b.value;
    headers = Map.copyOf(b.headers);
    delay = b.delay;
    notBefore = b.notBefore;
    priority = b.priority;
    deduplicationId = b.deduplicationId;
    producerSequence = b.producerSequence;
    partitionKey = b.partitionKey;
    ttl = b.ttl;
    maxAttempts = b.maxAttempts;
  }

  /** A job that is only its value. */
  public static <T> NewJob<T> of(T value) {
    return builder(value).build();
  }

  /** A builder for a job with this value. */
  public static <T> Builder<T> builder(T value) {
    return new Builder<>(value);
  }

  /** The payload. */
  public T value() {
    return value;
  }

  /** Headers, unordered. */
  public Map<String, String> headers() {
    return headers;
  }

  /** How long it stays invisible; null for not at all. */
  public @Nullable Duration delay() {
    return delay;
  }

  /** The time before which it stays invisible, by the client's clock; null for none. Never together with {@link #delay()}. */
  public @Nullable Instant notBefore() {
    return notBefore;
  }

  /** Higher first; 0 is normal. */
  public int priority() {
    return priority;
  }

  /** Within the backend's window, a second job of the same id is a duplicate and not stored; null for none. */
  public @Nullable String deduplicationId() {
    return deduplicationId;
  }

  /** Its number among its producer's jobs; null to have the client number it, where the backend keeps numbers. */
  public @Nullable ProducerSequence producerSequence() {
    return producerSequence;
  }

  /** Chooses the partition of a partitioned queue; null for any. */
  public @Nullable String partitionKey() {
    return partitionKey;
  }

  /** How long it may wait to be processed; null for as long as it takes. */
  public @Nullable Duration ttl() {
    return ttl;
  }

  /** Deliveries after which it becomes a dead letter, if it overrides the queue's policy. */
  public OptionalInt maxAttempts() {
    return maxAttempts == 0 ? OptionalInt.empty() : OptionalInt.of(maxAttempts);
  }

  /** The same job with another value: what a codec does to it. */
  public <U> NewJob<U> withValue(U other) {
    return copyInto(new Builder<>(other)).build();
  }

  /** The same job with further headers, which win over those of the same name. */
  public NewJob<T> withHeaders(Map<String, String> more) {
    return copyInto(new Builder<>(value)).headers(more).build();
  }

  /** The same job with a relative delay in place of what it has. */
  public NewJob<T> withDelay(@Nullable Duration other) {
    Builder<T> b = copyInto(new Builder<>(value));
    b.notBefore = null;
    b.delay = other;
    return b.build();
  }

  private <U> Builder<U> copyInto(Builder<U> b) {
    b.headers = headers;
    b.delay = delay;
    b.notBefore = notBefore;
    b.priority = priority;
    b.deduplicationId = deduplicationId;
    b.producerSequence = producerSequence;
    b.partitionKey = partitionKey;
    b.ttl = ttl;
    b.maxAttempts = maxAttempts;
    return b;
  }

  /** Gathers what a {@link NewJob} is made of. Not thread-safe. */
  public static final class Builder<T> {
    private final T value;
    /** A map of its own only once a header is added: most have none. */
    private Map<String, String> headers = Map.of();
    private boolean ownHeaders;
    private @Nullable Duration delay;
    private @Nullable Instant notBefore;
    private int priority;
    private @Nullable String deduplicationId;
    private @Nullable ProducerSequence producerSequence;
    private @Nullable String partitionKey;
    private @Nullable Duration ttl;
    private int maxAttempts;

    private Builder(T value) {
      this.value = Objects.requireNonNull(value, "value");
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

    /** Stays invisible for this long; rounded up where the backend is coarser. Zero for not at all. */
    public Builder<T> delay(Duration delay) {
      if (delay.isNegative()) {
        throw InvalidRequestException.of("delay " + delay + " is negative", "Give a positive duration, or leave it out");
      }
      this.delay = delay.isZero() ? null : delay;
      this.notBefore = null;
      return this;
    }

    /** Stays invisible until this time; one that has passed means not at all. */
    public Builder<T> notBefore(Instant time) {
      this.notBefore = Objects.requireNonNull(time, "time");
      this.delay = null;
      return this;
    }

    /** Higher first; 0 is normal. */
    public Builder<T> priority(int priority) {
      this.priority = priority;
      return this;
    }

    /** Makes a second job of the same id a duplicate, and a retry safe. */
    public Builder<T> deduplicationId(@Nullable String id) {
      this.deduplicationId = id;
      this.producerSequence = null;
      return this;
    }

    /**
     * Numbers the job by hand, in place of a deduplication id: for a producer that knows after a restart which numbers it gave, from
     * its own tables for instance.
     */
    public Builder<T> producerSequence(@Nullable ProducerSequence number) {
      this.producerSequence = number;
      this.deduplicationId = null;
      return this;
    }

    /** Chooses the partition of a partitioned queue. */
    public Builder<T> partitionKey(@Nullable String key) {
      this.partitionKey = key;
      return this;
    }

    /**
     * Expires if not processed within this time. Rounded up to whole steps of the backend; refused when it is enqueued if it is
     * shorter than one step, which would keep the job many times as long as asked.
     */
    public Builder<T> ttl(Duration ttl) {
      if (ttl.isNegative() || ttl.isZero()) {
        throw InvalidRequestException.of("ttl " + ttl + " is not positive", "Give a positive duration, or leave it out");
      }
      this.ttl = ttl;
      return this;
    }

    /** Deliveries after which it becomes a dead letter, at least 1. */
    public Builder<T> maxAttempts(int attempts) {
      if (attempts < 1) {
        throw InvalidRequestException.of("max attempts " + attempts + " is less than 1", "Leave it out to use the queue's policy");
      }
      this.maxAttempts = attempts;
      return this;
    }

    /** The job. */
    public NewJob<T> build() {
      return new NewJob<>(this);
    }
  }
}
