package dev.tributary.vertx.internal.goqueue.wire;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;

/** Times in RFC 3339, as Go writes and reads them: {@code 2026-03-01T09:30:00.5+01:00}. */
public final class GoTime {
  /** What Go has for a time that was never set. */
  public static final Instant ZERO = Instant.parse("0001-01-01T00:00:00Z");

  private static final String SHAPE = "dddd-dd-ddTdd:dd:dd";
  private static final int NANO_DIGITS = 9;
  private static final int MINUTE_SECONDS = 60;
  private static final int HOUR_SECONDS = 3_600;
  private static final int LAST_YEAR = 9_999;

  private GoTime() {}

  /**
   * Reads one, with any fraction of a second and any offset; digits after the ninth are cut off.
   *
   * @throws DateTimeParseException if it is none
   */
  public static OffsetDateTime parse(String text) {
    if (text.length() <= SHAPE.length()) {
      throw none(text, text.length());
    }
    for (int i = 0; i < SHAPE.length(); i++) {
      char c = text.charAt(i);
      char shape = SHAPE.charAt(i);
      if (shape == 'd' ? !digit(c) : c != shape) {
        throw none(text, i);
      }
    }
    int at = SHAPE.length();
    int nanos = 0;
    if (text.charAt(at) == '.' || text.charAt(at) == ',') {
      int first = ++at;
      int digits = 0;
      for (; at < text.length() && digit(text.charAt(at)); at++) {
        if (digits < NANO_DIGITS) {
          nanos = nanos * 10 + (text.charAt(at) - '0');
          digits++;
        }
      }
      if (at == first) {
        throw none(text, at);
      }
      for (; digits < NANO_DIGITS; digits++) {
        nanos *= 10;
      }
    }
    try {
      return OffsetDateTime.of(
          LocalDate.of(number(text, 0) * 100 + number(text, 2), number(text, 5), number(text, 8)),
          LocalTime.of(number(text, 11), number(text, 14), number(text, 17), nanos),
          offset(text, at));
    } catch (DateTimeParseException known) {
      throw known;
    } catch (DateTimeException impossible) {
      throw new DateTimeParseException("\"" + text + "\": " + impossible.getMessage(), text, 0, impossible);
    }
  }

  private static ZoneOffset offset(String text, int at) {
    if (text.length() == at + 1 && text.charAt(at) == 'Z') {
      return ZoneOffset.UTC;
    }
    if (text.length() != at + 6 || text.charAt(at) != '+' && text.charAt(at) != '-' || text.charAt(at + 3) != ':') {
      throw none(text, at);
    }
    for (int i = 1; i < 6; i++) {
      if (i != 3 && !digit(text.charAt(at + i))) {
        throw none(text, at + i);
      }
    }
    int sign = text.charAt(at) == '-' ? -1 : 1;
    return ZoneOffset.ofHoursMinutes(sign * number(text, at + 1), sign * number(text, at + 4));
  }

  /** In UTC, to the nanosecond, without zeros at the end. */
  public static String nanos(Instant time) {
    return nanos(time.atOffset(ZoneOffset.UTC));
  }

  /** In its own zone, to the nanosecond, without zeros at the end. */
  public static String nanos(OffsetDateTime time) {
    return text(time, time.getNano());
  }

  /** In UTC, whole seconds; what is finer is cut off. */
  public static String seconds(Instant time) {
    return seconds(time.atOffset(ZoneOffset.UTC));
  }

  /** In its own zone, whole seconds; what is finer is cut off. */
  public static String seconds(OffsetDateTime time) {
    return text(time, 0);
  }

  private static String text(OffsetDateTime time, int nanos) {
    if (time.getYear() < 0 || time.getYear() > LAST_YEAR) {
      throw new IllegalArgumentException("the year " + time.getYear() + " does not have four digits");
    }
    StringBuilder text = new StringBuilder(35);
    two(text, time.getYear() / 100);
    two(text, time.getYear() % 100);
    two(text.append('-'), time.getMonthValue());
    two(text.append('-'), time.getDayOfMonth());
    two(text.append('T'), time.getHour());
    two(text.append(':'), time.getMinute());
    two(text.append(':'), time.getSecond());
    if (nanos > 0) {
      text.append('.');
      for (int rest = nanos, unit = 100_000_000; rest > 0; unit /= 10) {
        text.append((char) ('0' + rest / unit));
        rest %= unit;
      }
    }
    int offset = time.getOffset().getTotalSeconds();
    if (offset == 0) {
      return text.append('Z').toString();
    }
    int away = Math.abs(offset);
    two(text.append(offset < 0 ? '-' : '+'), away / HOUR_SECONDS);
    two(text.append(':'), away % HOUR_SECONDS / MINUTE_SECONDS);
    return text.toString();
  }

  private static void two(StringBuilder text, int number) {
    text.append((char) ('0' + number / 10)).append((char) ('0' + number % 10));
  }

  private static int number(String text, int at) {
    return (text.charAt(at) - '0') * 10 + (text.charAt(at + 1) - '0');
  }

  private static boolean digit(char c) {
    return c >= '0' && c <= '9';
  }

  private static DateTimeParseException none(String text, int at) {
    return new DateTimeParseException("\"" + text + "\" is not a time like 2026-03-01T09:30:00Z", text, at);
  }
}
