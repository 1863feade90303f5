package dev.tributary.stream;

import dev.tributary.error.InvalidRequestException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The key of an event: bytes, which are UTF-8 text mostly. Where a backend keeps text only, a key that is none is refused when it is published
 * ({@code Capability.BINARY_EVENT_KEYS}); nothing ever makes another key of it.
 *
 * <p>Immutable, thread-safe, and equal to every key of the same bytes, so that it serves as a key of maps, and for passing on what was read.
 */
public final class EventKey {
  /** So much of a key that is no text is shown. */
  private static final int SHOWN_BYTES = 16;

  /** One of the two is made of the other once somebody asks for it: wires have one of them, and users mostly want the same. */
  private @Nullable String text;

  private volatile byte @Nullable [] bytes;

  private EventKey(@Nullable String text, byte @Nullable [] bytes) {
    this.text = text;
    this.bytes = bytes;
  }

  /** This text, which is its bytes in UTF-8. */
  public static EventKey of(String text) {
    return new EventKey(Objects.requireNonNull(text, "text"), null);
  }

  /** These bytes, of which a copy is made. */
  public static EventKey of(byte[] bytes) {
    return new EventKey(null, bytes.clone());
  }

  /** Whether it is UTF-8 text. */
  public boolean isText() {
    return textOrNull() != null;
  }

  /**
   * As text.
   *
   * @throws InvalidRequestException if it is none: what could be said instead would be another key
   */
  public String text() {
    String known = textOrNull();
    if (known == null) {
      throw InvalidRequestException.of("the key " + this + " is no UTF-8 text", "Ask whether it isText(), or for its bytes()");
    }
    return known;
  }

  private @Nullable String textOrNull() {
    byte[] raw = bytes;
    if (text == null && raw != null) {
      String read = new String(raw, StandardCharsets.UTF_8);
      if (Arrays.equals(read.getBytes(StandardCharsets.UTF_8), raw)) {
        text = read;
      }
    }
    return text;
  }

  /** Its bytes; not to be changed. */
  public byte[] bytes() {
    byte[] raw = bytes;
    if (raw == null) {
      raw = Objects.requireNonNull(text).getBytes(StandardCharsets.UTF_8);
      bytes = raw;
    }
    return raw;
  }

  /** How many bytes it has; cheaper than making them. */
  public int size() {
    byte[] raw = bytes;
    return raw == null ? utf8Size(Objects.requireNonNull(text)) : raw.length;
  }

  private static int utf8Size(String text) {
    int size = text.length();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 0x800 && !Character.isSurrogate(c)) {
        size += 2;
      } else if (c >= 0x800 && i + 1 < text.length() && Character.isSurrogatePair(c, text.charAt(i + 1))) {
        size += 2;
        i++;
      } else if (c >= 0x80 && c < 0x800) {
        size++;
      }
    }
    return size;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other || other instanceof EventKey key && Arrays.equals(bytes(), key.bytes());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes());
  }

  /** The text, or the first bytes in hexadecimal digits, after {@code 0x}. */
  @Override
  public String toString() {
    String known = textOrNull();
    if (known != null) {
      return known;
    }
    byte[] raw = bytes();
    int shown = Math.min(raw.length, SHOWN_BYTES);
    return "0x" + HexFormat.of().formatHex(raw, 0, shown) + (shown < raw.length ? "…" : "");
  }
}
