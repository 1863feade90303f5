package dev.tributary.admin;

import dev.tributary.error.InvalidRequestException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How much a partition of a stream keeps. What goes past one of the limits is removed from the front, oldest first; the newest message always
 * stays for as long as its age allows.
 *
 * @param maxAge how long messages are kept; null for the backend's default
 * @param maxMessages how many messages a partition keeps; 0 for the backend's default
 * @param maxBytes how many bytes of payloads, keys and headers a partition keeps; 0 for the backend's default
 */
public record Retention(@Nullable Duration maxAge, long maxMessages, long maxBytes) {
  /** Whatever is the backend's default. */
  public static final Retention DEFAULT = new Retention(null, 0, 0);

  public Retention {
    if (maxAge != null && (maxAge.isNegative() || maxAge.isZero())) {
      throw InvalidRequestException.of("retention " + maxAge + " is not positive", "Leave it out for the backend's default");
    }
    if (maxMessages < 0 || maxBytes < 0) {
      throw InvalidRequestException.of(
          "retention of " + maxMessages + " messages and " + maxBytes + " bytes", "Give positive limits, or 0 for the backend's default");
    }
  }

  /** By age alone. */
  public static Retention age(Duration maxAge) {
    return new Retention(maxAge, 0, 0);
  }

  /** By count alone. */
  public static Retention messages(long maxMessages) {
    return new Retention(null, maxMessages, 0);
  }

  /** By bytes alone. */
  public static Retention bytes(long maxBytes) {
    return new Retention(null, 0, maxBytes);
  }

  /** This, with what it leaves out taken from the other. */
  public Retention orElse(Retention other) {
    return new Retention(
        maxAge == null ? other.maxAge : maxAge,
        maxMessages == 0 ? other.maxMessages : maxMessages,
        maxBytes == 0 ? other.maxBytes : maxBytes);
  }
}
