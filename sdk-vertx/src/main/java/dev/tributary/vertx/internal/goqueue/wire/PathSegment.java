package dev.tributary.vertx.internal.goqueue.wire;

import dev.tributary.error.InvalidRequestException;
import dev.tributary.vertx.internal.envelope.Text;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * One name in the path of a URL. The server compares what was sent with what it would have written itself, so what need not be escaped must
 * not be.
 */
public final class PathSegment {
  private static final String BARE = "-_.~$&+,:;=@";
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private PathSegment() {}

  /**
   * Escapes a name.
   *
   * @throws InvalidRequestException if it is empty, has a slash, is {@code .} or {@code ..}, or has half a surrogate pair: no such name can be
   *     addressed
   */
  public static String encode(String name) {
    if (name.isEmpty() || name.equals(".") || name.equals("..") || name.indexOf('/') >= 0 || !Text.isUnicode(name)) {
      throw InvalidRequestException.of("\"" + name + "\" cannot be part of a path", "Use a name that is not empty, without a slash, other than . and ..");
    }
    StringBuilder escaped = null;
    byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < utf8.length; i++) {
      if (bare(utf8[i])) {
        if (escaped != null) {
          escaped.append((char) utf8[i]);
        }
        continue;
      }
      if (escaped == null) {
        // All before it is ASCII, a character a byte.
        escaped = new StringBuilder(utf8.length + 16).append(name, 0, i);
      }
      HEX.toHexDigits(escaped.append('%'), utf8[i]);
    }
    return escaped == null ? name : escaped.toString();
  }

  private static boolean bare(byte b) {
    return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || BARE.indexOf(b) >= 0;
  }
}
