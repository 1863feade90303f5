package dev.tributary.admin;

import dev.tributary.error.InvalidRequestException;
import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How much a partition of a stream keeps. What goes past one of the limits is removed from the front, oldest first; the newest message always
 * stays for as long as its age allows. Made by {@link #builder}.
 *
 * @param maxAge how long messages are kept; null for the backend's default
 * @param maxMessages how many messages a partition keeps, at least 1; empty for the backend's default
 * @param maxBytes how many bytes of payloads, keys and headers a partition keeps, at least 1; empty for the backend's default
 */
public record Retention(@Nullable Duration maxAge, OptionalLong maxMessages, OptionalLong maxBytes) {
  /** Whatever is the backend's default. */
  public static final Retention DEFAULT = new Retention(null, OptionalLong.empty(), OptionalLong.empty());

  public Retention {
    if (maxAge != null && (maxAge.isNegative() || maxAge.isZero())) {
      throw InvalidRequestException.of("retention " + maxAge + " is not positive", "Leave it out for the backend's default");
    }
    if (maxMessages.orElse(1) < 1 || maxBytes.orElse(1) < 1) {
      throw InvalidRequestException.of(
          "retention of " + maxMessages + " messages and " + maxBytes + " bytes", "Leave out what is to be the backend's default");
    }
  }

  /** By age alone. */
  public static Retention maxAge(Duration age) {
    return builder().maxAge(age).build();
  }

  /** By count alone. */
  public static Retention maxMessages(long messages) {
    return builder().maxMessages(messages).build();
  }

  /** By bytes alone. */
  public static Retention maxBytes(long bytes) {
    return builder().maxBytes(bytes).build();
  }

  /** A builder with the backend's defaults. */
  public static Builder builder() {
    return DEFAULT.toBuilder();
  }

  /** A builder that begins with everything of this. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** This, with what it leaves out taken from the other. */
  public Retention orElse(Retention other) {
    return new Retention(
        maxAge == null ? other.maxAge : maxAge,
        maxMessages.isPresent() ? maxMessages : other.maxMessages,
        maxBytes.isPresent() ? maxBytes : other.maxBytes);
  }

  /** Gathers a {@link Retention}. Not thread-safe. */
  public static final class Builder {
    private @Nullable Duration maxAge;
    private OptionalLong maxMessages;
    private OptionalLong maxBytes;

    private Builder(Retention retention) {
      maxAge = retention.maxAge;
      maxMessages = retention.maxMessages;
      maxBytes = retention.maxBytes;
    }

    /** How long messages are kept, positive; null for the backend's default. */
    public Builder maxAge(@Nullable Duration age) {
      this.maxAge = age;
      return this;
    }

    /** How many messages a partition keeps, at least 1. */
    public Builder maxMessages(long messages) {
      this.maxMessages = OptionalLong.of(messages);
      return this;
    }

    /** How many bytes of payloads, keys and headers a partition keeps, at least 1. */
    public Builder maxBytes(long bytes) {
      this.maxBytes = OptionalLong.of(bytes);
      return this;
    }

    /** The retention. */
    public Retention build() {
      return new Retention(maxAge, maxMessages, maxBytes);
    }
  }
}
