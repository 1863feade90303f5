package dev.tributary.nats.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Any text as a part of a subject: what subjects do not have is {@code =HH} for each byte of UTF-8. Exact in both directions. */
public final class Tokens {
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private Tokens() {}

  /** One token. */
  public static String token(String text) {
    return escape(text, false);
  }

  /** A key, as other clients of a bucket write it: single dots within it stay. */
  public static String key(String text) {
    return escape(text, true);
  }

  private static String escape(String text, boolean dots) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    StringBuilder escaped = new StringBuilder(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      byte b = bytes[i];
      boolean inner = dots && b == '.' && i > 0 && i + 1 < bytes.length && bytes[i - 1] != '.' && bytes[i + 1] != '.';
      if (plain(b) || inner) {
        escaped.append((char) b);
      } else {
        escaped.append('=').append(HEX.toHexDigits(b));
      }
    }
    return escaped.toString();
  }

  private static boolean plain(byte c) {
    return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '/';
  }

  /** The text again; of what another client wrote, what it is as it stands. */
  public static String text(String escaped) {
    if (escaped.indexOf('=') < 0) {
      return escaped;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(escaped.length());
    byte[] raw = escaped.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < raw.length; i++) {
      if (raw[i] == '=' && i + 2 < raw.length && HexFormat.isHexDigit(raw[i + 1]) && HexFormat.isHexDigit(raw[i + 2])) {
        bytes.write(HexFormat.fromHexDigit(raw[i + 1]) << 4 | HexFormat.fromHexDigit(raw[i + 2]));
        i += 2;
      } else {
        bytes.write(raw[i]);
      }
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
