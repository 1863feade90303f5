package dev.tributary.config;

import dev.tributary.error.InvalidRequestException;
import java.lang.System.Logger.Level;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a value is written as text.
 *
 * @param what what it is called in errors
 * @param hint how to write it
 * @param reader null or an exception if the text is none
 */
record ConfigForm<V>(String what, String hint, Function<String, @Nullable V> reader) {
  static final ConfigForm<String> TEXT = new ConfigForm<>("text", "Give it a value", text -> text);

  static final ConfigForm<Boolean> SWITCH =
      new ConfigForm<>("true or false", "Use true or false", text -> text.equals("true") ? Boolean.TRUE : text.equals("false") ? false : null);

  static final ConfigForm<Integer> COUNT = new ConfigForm<>("a whole number", "Use a number such as 16", Integer::valueOf);

  static final ConfigForm<Long> LONG_COUNT = new ConfigForm<>("a whole number", "Use a number such as 1767225600", Long::valueOf);

  static final ConfigForm<Duration> DURATION =
      new ConfigForm<>("a duration", "Use 500ms, 5s, 2m, 1h or an ISO-8601 duration such as PT5S", ConfigForm::duration);

  static final ConfigForm<Integer> BYTES =
      new ConfigForm<>("a number of bytes below 2 GiB", "Use bytes, or k and m for KiB and MiB: 65536, 64k, 16m", ConfigForm::bytes);

  static final ConfigForm<Path> FILE = new ConfigForm<>("a path", "Name a PEM file", Path::of);

  static final ConfigForm<Level> LOG_LEVEL =
      new ConfigForm<>("a log level", "Use TRACE, DEBUG, INFO, WARNING, ERROR or OFF", ConfigForm::level);

  private static final Pattern QUANTITY = Pattern.compile("(\\d{1,18})([a-z]*)");
  private static final Map<String, ChronoUnit> UNITS =
      Map.of("ms", ChronoUnit.MILLIS, "s", ChronoUnit.SECONDS, "m", ChronoUnit.MINUTES, "h", ChronoUnit.HOURS);
  private static final Map<String, Integer> SIZES = Map.of("", 1, "k", 1 << 10, "m", 1 << 20);

  /** The value of this text; {@code label} is the option's name where the user wrote it. */
  V read(String label, String text) {
    V value;
    try {
      value = reader.apply(text);
    } catch (NumberFormatException | ArithmeticException | DateTimeException | InvalidPathException unreadable) {
      value = null;
    }
    if (value == null) {
      throw InvalidRequestException.of(label + " is \"" + text + "\", not " + what, hint);
    }
    return value;
  }

  private static @Nullable Duration duration(String text) {
    Matcher quantity = QUANTITY.matcher(text);
    if (!quantity.matches()) {
      return Duration.parse(text);
    }
    ChronoUnit unit = UNITS.get(quantity.group(2));
    return unit == null ? null : Duration.of(Long.parseLong(quantity.group(1)), unit);
  }

  private static @Nullable Level level(String text) {
    return switch (text.toUpperCase(Locale.ROOT)) {
      case "TRACE" -> Level.TRACE;
      case "DEBUG" -> Level.DEBUG;
      case "INFO" -> Level.INFO;
      case "WARNING", "WARN" -> Level.WARNING;
      case "ERROR" -> Level.ERROR;
      case "OFF" -> Level.OFF;
      default -> null;
    };
  }

  private static @Nullable Integer bytes(String text) {
    Matcher quantity = QUANTITY.matcher(text.toLowerCase(Locale.ROOT));
    Integer size = quantity.matches() ? SIZES.get(quantity.group(2)) : null;
    return size == null ? null : Math.toIntExact(Math.multiplyExact(Long.parseLong(quantity.group(1)), size));
  }
}
