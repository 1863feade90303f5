package dev.tributary.nats.client;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Names that nobody else has. */
public final class Names {
  private static final SecureRandom RANDOM = new SecureRandom();

  private Names() {}

  /** A new one, of letters and digits. */
  public static String fresh() {
    byte[] bytes = new byte[12];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
