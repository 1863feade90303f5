package dev.tributary.engine;

import dev.tributary.queue.DeadLetter;
import dev.tributary.spi.DeadLetterHeaders;
import dev.tributary.stream.Position;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the headers of a dead letter say. Anybody may put one there, with any headers: what says nothing is not known. */
final class LetterHeaders {
  private LetterHeaders() {}

  /** The headers it had before. */
  static Map<String, String> original(Map<String, String> headers) {
    Map<String, String> left = new LinkedHashMap<>(headers);
    left.keySet().removeIf(header -> header.startsWith(DeadLetterHeaders.PREFIX));
    return Map.copyOf(left);
  }

  static DeadLetter.Builder<byte[]> read(byte[] value, Map<String, String> headers) {
    DeadLetter.Builder<byte[]> letter =
        DeadLetter.builder(value)
            .headers(original(headers))
            .position(position(headers.get(DeadLetterHeaders.POSITION)))
            .reason(headers.getOrDefault(DeadLetterHeaders.REASON, ""))
            .firstFailedAt(time(headers.get(DeadLetterHeaders.FIRST_FAILED_AT)))
            .failedAt(time(headers.get(DeadLetterHeaders.FAILED_AT)));
    int attempts = (int) number(headers.get(DeadLetterHeaders.ATTEMPTS), Integer.MAX_VALUE);
    return attempts > 0 ? letter.attempts(attempts) : letter;
  }

  /** What {@link #read} reads. */
  static Map<String, String> of(DeadLetter<byte[]> letter, String stream) {
    Map<String, String> headers = new LinkedHashMap<>(original(letter.headers()));
    headers.put(DeadLetterHeaders.ID, letter.id());
    headers.put(DeadLetterHeaders.STREAM, stream);
    headers.put(DeadLetterHeaders.REASON, letter.reason());
    put(headers, DeadLetterHeaders.POSITION, letter.position() == null ? null : text(letter.position()));
    put(headers, DeadLetterHeaders.FIRST_FAILED_AT, letter.firstFailedAt());
    put(headers, DeadLetterHeaders.FAILED_AT, letter.failedAt());
    letter.attempts().ifPresent(attempts -> headers.put(DeadLetterHeaders.ATTEMPTS, Integer.toString(attempts)));
    return headers;
  }

  private static void put(Map<String, String> headers, String name, @Nullable Object value) {
    if (value != null) {
      headers.put(name, value.toString());
    }
  }

  static String text(Position position) {
    return position.partition() + "/" + position.offset();
  }

  private static @Nullable Position position(@Nullable String text) {
    String[] parts = text == null ? new String[0] : text.split("/", -1);
    if (parts.length != 2) {
      return null;
    }
    long partition = number(parts[0], Integer.MAX_VALUE);
    long offset = number(parts[1], Long.MAX_VALUE);
    return partition < 0 || offset < 0 ? null : new Position((int) partition, offset);
  }

  /** -1 if it is none from 0 to that. */
  private static long number(@Nullable String text, long most) {
    try {
      long number = text == null ? -1 : Long.parseLong(text);
      return number > most ? -1 : number;
    } catch (NumberFormatException other) {
      return -1;
    }
  }

  private static @Nullable Instant time(@Nullable String text) {
    try {
      return text == null ? null : Instant.parse(text);
    } catch (DateTimeException other) {
      return null;
    }
  }
}
