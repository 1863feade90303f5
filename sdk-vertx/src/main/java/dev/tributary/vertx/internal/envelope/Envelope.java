package dev.tributary.vertx.internal.envelope;

import dev.tributary.error.InvalidRequestException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A value and its headers in one text. A value that is UTF-8 and has no headers is its own text, so that every other client of the server can
 * read it, unless it is a long one that would not fit as text. Any other is JSON of exactly this form, without blanks; there are no headers in it if there are none:
 *
 * <pre>{@code
 * {"tributary":1,"headers":{"name":"value"},"text":"..."}
 * {"tributary":1,"headers":{"name":"value"},"base64":"..."}
 * }</pre>
 *
 * A text that begins like that without being so is a text; one that is sent is put into an envelope of its own.
 *
 * @param value the bytes; not copied
 * @param headers in the order in which they were written
 */
public record Envelope(byte[] value, Map<String, String> headers) {
  private static final String PREFIX = "{\"tributary\":1,";
  private static final byte[] BEGINNING = PREFIX.getBytes(StandardCharsets.US_ASCII);
  private static final String HEADERS = "\"headers\":{";
  private static final String TEXT = "\"text\":";
  private static final String BASE64 = "\"base64\":";

  /** A text that takes more bytes than this in a request goes as base64 if that is shorter: a request may have a MiB. */
  private static final int LONGEST_TEXT = 1_000_000;

  /**
   * The bytes of a value with its headers, for a wire that carries any: its own if there are no headers and it does not look like an envelope.
   *
   * @throws InvalidRequestException if a header has half a surrogate pair
   */
  public static byte[] bytes(byte[] value, Map<String, String> headers) {
    return headers.isEmpty() && !looksLikeOne(value) ? value : encode(value, headers, Text.isUtf8(value));
  }

  /**
   * The text of a value with its headers, in UTF-8, for a wire that carries nothing else: its own bytes if there are no headers, and they are text that
   * does not look like an envelope.
   *
   * @throws InvalidRequestException if a header has half a surrogate pair
   */
  public static byte[] text(byte[] value, Map<String, String> headers) {
    boolean utf8 = Text.isUtf8(value);
    return utf8 && headers.isEmpty() && !looksLikeOne(value) && fits(value, 1) ? value : encode(value, headers, utf8);
  }

  /** The value and the headers that these bytes stand for. */
  public static Envelope decode(byte[] bytes) {
    String text = looksLikeOne(bytes) ? Text.of(bytes) : null;
    Envelope opened = text == null ? null : open(new JsonText(text, PREFIX.length()));
    return opened == null ? new Envelope(bytes, Map.of()) : opened;
  }

  private static boolean looksLikeOne(byte[] bytes) {
    return bytes.length >= BEGINNING.length && Arrays.equals(bytes, 0, BEGINNING.length, BEGINNING, 0, BEGINNING.length);
  }

  private static byte[] encode(byte[] value, Map<String, String> headers, boolean utf8) {
    StringBuilder json = new StringBuilder(value.length * 3 / 2 + 64).append(PREFIX);
    if (!headers.isEmpty()) {
      json.append(HEADERS);
      headers.forEach(
          (name, content) -> {
            JsonText.append(json, Text.checked("the name of a header", name)).append(':');
            JsonText.append(json, Text.checked("the header " + name, content)).append(',');
          });
      json.setCharAt(json.length() - 1, '}');
      json.append(',');
    }
    if (utf8 && fits(value, 2)) {
      JsonText.append(json.append(TEXT), new String(value, StandardCharsets.UTF_8));
    } else {
      json.append(BASE64).append('"').append(Base64.getEncoder().encodeToString(value)).append('"');
    }
    return json.append('}').toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Whether a text is to be sent as that: what JSON escapes takes up to six times its room, and more within an envelope.
   *
   * @param deep 1 for a string, 2 for a string in the text of an envelope
   */
  private static boolean fits(byte[] text, int deep) {
    if ((long) text.length * (5 + deep) <= LONGEST_TEXT) {
      return true;
    }
    long size = 0;
    for (byte b : text) {
      size += b >= ' ' || b < 0 ? b == '"' || b == '\\' ? 2 * deep : 1 : b == '\n' || b == '\r' || b == '\t' ? 1 + deep : 5 + deep;
    }
    return size <= Math.max(LONGEST_TEXT, 4L * (text.length / 3));
  }

  private static @Nullable Envelope open(JsonText json) {
    Map<String, String> headers = Map.of();
    if (json.skip(HEADERS)) {
      headers = headers(json);
      if (headers == null || !json.skip(",")) {
        return null;
      }
    }
    boolean plain = json.skip(TEXT);
    if (!plain && !json.skip(BASE64)) {
      return null;
    }
    String content = json.string();
    if (content == null || !json.skip("}") || !json.atEnd()) {
      return null;
    }
    byte[] value = plain ? content.getBytes(StandardCharsets.UTF_8) : unbase64(content);
    return value == null ? null : new Envelope(value, headers);
  }

  private static @Nullable Map<String, String> headers(JsonText json) {
    Map<String, String> headers = new LinkedHashMap<>();
    do {
      String name = json.string();
      String content = name != null && json.skip(":") ? json.string() : null;
      if (name == null || content == null || headers.put(name, content) != null) {
        return null;
      }
    } while (json.skip(","));
    return json.skip("}") ? headers : null;
  }

  private static byte @Nullable [] unbase64(String text) {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException isNone) {
      return null;
    }
  }
}
