package dev.tributary.vertx.internal.envelope;

import dev.tributary.error.InvalidRequestException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What is text and nothing else. */
public final class Text {
  private static final VarHandle EIGHT = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final long HIGH = 0x8080_8080_8080_8080L;

  private Text() {}

  /** The text that these bytes are in UTF-8; null if they are none. */
  public static @Nullable String of(byte[] bytes) {
    return isUtf8(bytes) ? new String(bytes, StandardCharsets.UTF_8) : null;
  }

  /** Whether these bytes are text in UTF-8, without making it: most values that are looked at are not, or go on as they are. */
  static boolean isUtf8(byte[] bytes) {
    int at = 0;
    while (at < bytes.length) {
      while (at + Long.BYTES <= bytes.length && ((long) EIGHT.get(bytes, at) & HIGH) == 0) {
        at += Long.BYTES;
      }
      if (at == bytes.length) {
        return true;
      }
      int lead = bytes[at++];
      if (lead < 0) {
        int more = lead >= 0xe0 - 256 ? lead >= 0xf0 - 256 ? 3 : 2 : 1;
        if (lead < 0xc2 - 256 || lead > 0xf4 - 256 || bytes.length - at < more) {
          return false;
        }
        int code = lead & 0x3f >> more;
        for (int end = at + more; at < end; at++) {
          if (bytes[at] >= 0xc0 - 256) {
            return false;
          }
          code = code << 6 | bytes[at] & 0x3f;
        }
        // Neither longer than need be, nor half of a surrogate pair, nor beyond all characters.
        if (more == 2 && (code < 0x800 || code >> 11 == 0x1b) || more == 3 && (code < 0x10000 || code > Character.MAX_CODE_POINT)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Whether it has no half of a surrogate pair: only then it is the same after its way over the wire. */
  public static boolean isUnicode(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean pair = Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  /** The text with a replacement for each half of a surrogate pair. */
  public static String whole(String text) {
    return isUnicode(text) ? text : new String(text.getBytes(StandardCharsets.UTF_16BE), StandardCharsets.UTF_16BE);
  }

  /**
   * The text itself.
   *
   * @param what what it is, for the error
   * @throws InvalidRequestException if it has half a surrogate pair
   */
  public static String checked(String what, String text) {
    if (!isUnicode(text)) {
      throw InvalidRequestException.of(what + " has half a surrogate pair", "Use whole characters, or put bytes into the value");
    }
    return text;
  }
}
