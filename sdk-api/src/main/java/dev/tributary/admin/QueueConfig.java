package dev.tributary.admin;

import dev.tributary.RedeliveryPolicy;
import dev.tributary.error.InvalidRequestException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * How a queue is made. Immutable. Defaults: one partition on one node, a lease of 30 s, the rest as the backend has it.
 *
 * <p>What a backend cannot keep is refused when the queue is made, not dropped.
 */
public final class QueueConfig {
  /** The defaults. */
  public static final QueueConfig DEFAULT = builder().build();

  private final int partitions;
  private final int replicas;
  private final Duration lease;
  private final @Nullable Duration retention;
  private final int maxAttempts;
  private final @Nullable RedeliveryPolicy redelivery;
  private final @Nullable Duration deadLetterRetention;
  private final Map<String, String> options;

  private QueueConfig(Builder b) {
    partitions = b.partitions;
    replicas = b.replicas;
    lease = b.lease;
    retention = b.retention;
    maxAttempts = b.maxAttempts;
    redelivery = b.redelivery;
    deadLetterRetention = b.deadLetterRetention;
    options = Map.copyOf(b.options);
  }

  /** A builder with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder that begins with everything of this. */
  public Builder toBuilder() {
    Builder b = new Builder();
    b.partitions = partitions;
    b.replicas = replicas;
    b.lease = lease;
    b.retention = retention;
    b.maxAttempts = maxAttempts;
    b.redelivery = redelivery;
    b.deadLetterRetention = deadLetterRetention;
    b.options.putAll(options);
    return b;
  }

  /** How many partitions. */
  public int partitions() {
    return partitions;
  }

  /** On how many nodes each partition is kept. */
  public int replicas() {
    return replicas;
  }

  /** The lease when a consumer asks for none. */
  public Duration lease() {
    return lease;
  }

  /** How long a job is kept at most; null for the backend's default. */
  public @Nullable Duration retention() {
    return retention;
  }

  /** Deliveries after which a job becomes a dead letter, 0 for unlimited; empty for the backend's default. */
  public OptionalInt maxAttempts() {
    return maxAttempts >= 0 ? OptionalInt.of(maxAttempts) : OptionalInt.empty();
  }

  /** What happens to failed jobs; null for the backend's default. */
  public @Nullable RedeliveryPolicy redelivery() {
    return redelivery;
  }

  /** How long dead letters are kept; null for the backend's default. */
  public @Nullable Duration deadLetterRetention() {
    return deadLetterRetention;
  }

  /** Settings that only this backend has, by the names its page of the documentation gives. */
  public Map<String, String> options() {
    return options;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof QueueConfig that
        && partitions == that.partitions
        && replicas == that.replicas
        && lease.equals(that.lease)
        && Objects.equals(retention, that.retention)
        && maxAttempts == that.maxAttempts
        && Objects.equals(redelivery, that.redelivery)
        && Objects.equals(deadLetterRetention, that.deadLetterRetention)
        && options.equals(that.options);
  }

  @Override
  public int hashCode() {
    return Objects.hash(partitions, replicas, lease, retention, maxAttempts, redelivery, deadLetterRetention, options);
  }

  @Override
  public String toString() {
    return "QueueConfig[partitions=" + partitions + ", replicas=" + replicas + ", lease=" + lease + ", retention=" + retention
        + ", maxAttempts=" + maxAttempts() + ", redelivery=" + redelivery + ", deadLetterRetention=" + deadLetterRetention
        + ", options=" + options + "]";
  }

  /** Gathers a {@link QueueConfig}. Not thread-safe. */
  public static final class Builder {
    private int partitions = 1;
    private int replicas = 1;
    private Duration lease = Duration.ofSeconds(30);
    private @Nullable Duration retention;
    private int maxAttempts = -1;
    private @Nullable RedeliveryPolicy redelivery;
    private @Nullable Duration deadLetterRetention;
    private final Map<String, String> options = new LinkedHashMap<>();

    private Builder() {}

    /** How many partitions, at least 1. */
    public Builder partitions(int partitions) {
      this.partitions = atLeastOne("partitions", partitions);
      return this;
    }

    /** On how many nodes each partition is kept, at least 1. */
    public Builder replicas(int replicas) {
      this.replicas = atLeastOne("replicas", replicas);
      return this;
    }

    /** The lease when a consumer asks for none, positive. */
    public Builder lease(Duration lease) {
      this.lease = positive("lease", lease);
      return this;
    }

    /** How long a job is kept at most, positive; rounded up where the backend is coarser. */
    public Builder retention(Duration retention) {
      this.retention = positive("retention", retention);
      return this;
    }

    /** Deliveries after which a job becomes a dead letter; 0 for unlimited. In place of a {@link #redelivery} policy. */
    public Builder maxAttempts(int attempts) {
      if (attempts < 0) {
        throw InvalidRequestException.of("max attempts " + attempts + " is negative", "Use 0 for unlimited");
      }
      this.maxAttempts = attempts;
      this.redelivery = null;
      return this;
    }

    /** What happens to failed jobs, the attempts included, where the backend lets that be chosen. */
    public Builder redelivery(RedeliveryPolicy policy) {
      this.redelivery = Objects.requireNonNull(policy, "policy");
      this.maxAttempts = policy.maxAttempts();
      return this;
    }

    /** How long dead letters are kept, positive; rounded up where the backend is coarser. */
    public Builder deadLetterRetention(Duration retention) {
      this.deadLetterRetention = positive("dead letter retention", retention);
      return this;
    }

    /** A setting that only this backend has. */
    public Builder option(String name, String value) {
      options.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
      return this;
    }

    /** The configuration. */
    public QueueConfig build() {
      return new QueueConfig(this);
    }

    private static int atLeastOne(String what, int number) {
      if (number < 1) {
        throw InvalidRequestException.of("a queue of " + number + " " + what, "Give at least 1");
      }
      return number;
    }
  }

  static Duration positive(String what, Duration duration) {
    if (duration.isNegative() || duration.isZero()) {
      throw InvalidRequestException.of(what + " " + duration + " is not positive", "Give a positive duration");
    }
    return duration;
  }
}
