package dev.tributary.vertx.internal.envelope;

import dev.tributary.error.InvalidRequestException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What is text and nothing else. */
public final class Text {
  private static final char REPLACEMENT = '\ufffd';

  private Text() {}

  /** The text that these bytes are in UTF-8; null if they are none. */
  public static @Nullable String of(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (text.indexOf(REPLACEMENT) < 0) {
      return text;
    }
    // Put there for what is malformed, or there from the beginning.
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException malformed) {
      return null;
    }
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
