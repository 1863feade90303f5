package dev.tributary.vertx.internal.goqueue.wire;

import java.time.Duration;
import java.time.format.DateTimeParseException;

/**
 * Durations as Go writes them: decimal numbers with units, {@code 1h30m}, {@code 1.5s}, {@code 300ms}. The longest is
 * 2562047h47m16.854775807s, what nanoseconds in 64 bits can say.
 */
public final class GoDuration {
  private static final long MICRO = 1_000;
  private static final long MILLI = 1_000 * MICRO;
  private static final long SECOND = 1_000 * MILLI;
  private static final long MINUTE = 60 * SECOND;
  private static final long HOUR = 60 * MINUTE;
  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);
  private static final Duration SHORTEST = Duration.ofNanos(Long.MIN_VALUE);

  private final String text;
  private int at;

  private GoDuration(String text) {
    this.text = text;
  }

  /**
   * Reads one. What is finer than a nanosecond is cut off.
   *
   * @throws DateTimeParseException if it is none, or longer than the longest
   */
  public static Duration parse(String text) {
    return Duration.ofNanos(new GoDuration(text).nanos());
  }

  /** Writes one, to the nanosecond; what is longer than the longest becomes the longest. */
  public static String format(Duration duration) {
    if (duration.isZero()) {
      return "0s";
    }
    Duration sayable =
        duration.compareTo(LONGEST) > 0 ? LONGEST : duration.compareTo(SHORTEST) < 0 ? SHORTEST : duration;
    long nanos = sayable.toNanos();
    StringBuilder text = new StringBuilder(24);
    if (nanos < 0) {
      text.append('-');
    }
    // Negative numbers reach one further.
    long left = -Math.abs(nanos);
    if (left > -MICRO) {
      return text.append(-left).append("ns").toString();
    }
    if (left > -MILLI) {
      return decimal(text, left, MICRO).append("µs").toString();
    }
    if (left > -SECOND) {
      return decimal(text, left, MILLI).append("ms").toString();
    }
    if (left <= -HOUR) {
      text.append(-(left / HOUR)).append('h');
    }
    if (left <= -MINUTE) {
      text.append(-(left % HOUR / MINUTE)).append('m');
    }
    return decimal(text, left % MINUTE, SECOND).append('s').toString();
  }

  /** The negative nanoseconds in this unit, without zeros at the end. */
  private static StringBuilder decimal(StringBuilder text, long nanos, long unit) {
    text.append(-(nanos / unit));
    long rest = -(nanos % unit);
    if (rest > 0) {
      text.append('.');
      for (long digit = unit / 10; rest > 0; digit /= 10) {
        text.append((char) ('0' + rest / digit));
        rest %= digit;
      }
    }
    return text;
  }

  private long nanos() {
    boolean negative = !text.isEmpty() && text.charAt(0) == '-';
    if (negative || !text.isEmpty() && text.charAt(0) == '+') {
      at++;
    }
    if (text.length() == at + 1 && text.charAt(at) == '0') {
      return 0;
    }
    if (at == text.length()) {
      throw none();
    }
    // Summed up below zero, where there is room for one more.
    long sum = 0;
    try {
      while (at < text.length()) {
        sum = Math.addExact(sum, part());
      }
      return negative ? sum : Math.negateExact(sum);
    } catch (ArithmeticException tooLong) {
      throw none();
    }
  }

  /** One number with its unit, as negative nanoseconds. */
  private long part() {
    int start = at;
    long whole = 0;
    for (; isDigit(); at++) {
      whole = Math.subtractExact(Math.multiplyExact(whole, 10L), text.charAt(at) - '0');
    }
    boolean digits = at > start;
    long fraction = 0;
    double scale = 1;
    if (at < text.length() && text.charAt(at) == '.') {
      at++;
      int first = at;
      for (boolean counts = true; isDigit(); at++) {
        // Digits beyond what a long holds are too small to matter.
        counts &= fraction <= (Long.MAX_VALUE - 9) / 10;
        if (counts) {
          fraction = fraction * 10 + (text.charAt(at) - '0');
          scale *= 10;
        }
      }
      digits |= at > first;
    }
    if (!digits) {
      throw none();
    }
    long unit = unit();
    long nanos = Math.multiplyExact(whole, unit);
    return fraction == 0 ? nanos : Math.subtractExact(nanos, (long) (fraction * (unit / scale)));
  }

  private boolean isDigit() {
    return at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9';
  }

  private long unit() {
    int start = at;
    while (at < text.length() && text.charAt(at) != '.' && !isDigit()) {
      at++;
    }
    return switch (text.substring(start, at)) {
      case "ns" -> 1;
      // The micro sign, and the Greek letter.
      case "us", "\u00b5s", "\u03bcs" -> MICRO;
      case "ms" -> MILLI;
      case "s" -> SECOND;
      case "m" -> MINUTE;
      case "h" -> HOUR;
      case "" -> throw new DateTimeParseException("missing unit in duration \"" + text + "\"", text, start);
      default -> throw new DateTimeParseException(
          "unknown unit \"" + text.substring(start, at) + "\" in duration \"" + text + "\"", text, start);
    };
  }

  private DateTimeParseException none() {
    return new DateTimeParseException("invalid duration \"" + text + "\"", text, Math.min(at, text.length()));
  }
}
