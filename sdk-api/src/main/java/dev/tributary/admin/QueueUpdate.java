package dev.tributary.admin;

import dev.tributary.error.InvalidRequestException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Settings of a queue that are to change; what is not said stays as it is. Immutable. */
public final class QueueUpdate {
  private final @Nullable Duration lease;
  private final @Nullable Duration retention;
  private final int maxAttempts;
  private final @Nullable Duration deadLetterRetention;
  private final Map<String, String> options;

  private QueueUpdate(Builder b) {
    lease = b.lease;
    retention = b.retention;
    maxAttempts = b.maxAttempts;
    deadLetterRetention = b.deadLetterRetention;
    options = Map.copyOf(b.options);
  }

  /** A builder without any change. */
  public static Builder builder() {
    return new Builder();
  }

  /** The lease when a consumer asks for none, or null. */
  public @Nullable Duration lease() {
    return lease;
  }

  /** How long a job is kept at most, or null. */
  public @Nullable Duration retention() {
    return retention;
  }

  /** Deliveries after which a job becomes a dead letter, 0 for unlimited, or empty. */
  public OptionalInt maxAttempts() {
    return maxAttempts >= 0 ? OptionalInt.of(maxAttempts) : OptionalInt.empty();
  }

  /** How long dead letters are kept, or null. */
  public @Nullable Duration deadLetterRetention() {
    return deadLetterRetention;
  }

  /** Settings that only this backend has. */
  public Map<String, String> options() {
    return options;
  }

  @Override
  public String toString() {
    return "QueueUpdate[lease=" + lease + ", retention=" + retention + ", maxAttempts=" + maxAttempts()
        + ", deadLetterRetention=" + deadLetterRetention + ", options=" + options + "]";
  }

  /** Gathers a {@link QueueUpdate}. Not thread-safe. */
  public static final class Builder {
    private @Nullable Duration lease;
    private @Nullable Duration retention;
    private int maxAttempts = -1;
    private @Nullable Duration deadLetterRetention;
    private final Map<String, String> options = new LinkedHashMap<>();

    private Builder() {}

    /** The lease when a consumer asks for none, positive. */
    public Builder lease(Duration lease) {
      this.lease = QueueConfig.positive("lease", lease);
      return this;
    }

    /** How long a job is kept at most, positive. */
    public Builder retention(Duration retention) {
      this.retention = QueueConfig.positive("retention", retention);
      return this;
    }

    /** Deliveries after which a job becomes a dead letter; 0 for unlimited. */
    public Builder maxAttempts(int attempts) {
      if (attempts < 0) {
        throw InvalidRequestException.of("max attempts " + attempts + " is negative", "Use 0 for unlimited");
      }
      this.maxAttempts = attempts;
      return this;
    }

    /** How long dead letters are kept, positive. */
    public Builder deadLetterRetention(Duration retention) {
      this.deadLetterRetention = QueueConfig.positive("dead letter retention", retention);
      return this;
    }

    /** A setting that only this backend has. */
    public Builder option(String name, String value) {
      options.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
      return this;
    }

    /** The changes. */
    public QueueUpdate build() {
      return new QueueUpdate(this);
    }
  }
}
