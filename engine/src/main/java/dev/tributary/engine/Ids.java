package dev.tributary.engine;

import java.util.HexFormat;
import java.util.SplittableRandom;

/** Makes ids: 32 lower-case hex characters, and receipts of 16. Used inside the gate. */
final class Ids {
  private final SplittableRandom random;

  Ids(long seed) {
    this.random = new SplittableRandom(seed);
  }

  String next() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
  }

  /** Names one delivery. */
  String receipt() {
    return HexFormat.of().toHexDigits(random.nextLong());
  }
}
