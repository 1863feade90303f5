package dev.tributary.testkit.server.goqueue;

import dev.tributary.testkit.server.internal.http.HttpFront;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Paths as GoQueue finds routes by them: decoded if they are encoded the one way in which it would encode them itself, and else as they
 * came, so that what is encoded without need is not found.
 */
final class RawPath {
  private static final String BARE = "-_.~$&+,/:;=@";
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private RawPath() {}

  static String matched(String raw) {
    String decoded = HttpFront.decode(raw);
    return encode(decoded).equals(raw) ? decoded : raw;
  }

  private static String encode(String path) {
    StringBuilder encoded = new StringBuilder(path.length());
    for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
      if (bare(b)) {
        encoded.append((char) b);
      } else {
        encoded.append('%').append(HEX.toHexDigits(b));
      }
    }
    return encoded.toString();
  }

  private static boolean bare(byte b) {
    return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b > 0 && BARE.indexOf(b) >= 0;
  }
}
