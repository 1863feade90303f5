package dev.tributary.vertx.internal.net.http;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/** The header {@code Retry-After}: whole seconds, or the date of HTTP. */
final class RetryAfter {
  /** Nobody waits longer: a year and its numbers stay out of overflows. */
  private static final int MAX_DIGITS = 7;

  private RetryAfter() {}

  /** How long to wait, not negative; null if nothing is said, or nothing that makes sense. */
  static @Nullable Duration read(@Nullable String header, Instant now) {
    if (header == null) {
      return null;
    }
    String text = header.strip();
    if (!text.isEmpty() && text.length() <= MAX_DIGITS && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Duration.ofSeconds(Integer.parseInt(text));
    }
    try {
      Duration left = Duration.between(now, DateTimeFormatter.RFC_1123_DATE_TIME.parse(text, Instant::from));
      return left.isNegative() ? Duration.ZERO : left;
    } catch (DateTimeException | ArithmeticException senseless) {
      return null;
    }
  }
}
