package dev.tributary.vertx.internal.flymq.shipped;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.UnsupportedFeatureException;

/** A way through the bytes of a message that never leaves them, and is not longer than an event loop can bear. */
final class Walk {
  private static final int MOST_STEPS = 1_000_000;
  /** So many parts in each other at most. */
  private static final int DEEPEST = 1_000;

  private static final int LONGEST_VARINT = 10;

  private final byte[] message;
  private int at;
  private int steps;

  Walk(byte[] message) {
    this.message = message;
  }

  boolean atEnd() {
    return at == message.length;
  }

  /** Counts something that is looked at, for there are things that take no bytes. */
  void step() {
    step(0);
  }

  /** Counts something that is within so many others. */
  void step(int depth) {
    if (++steps > MOST_STEPS || depth > DEEPEST) {
      throw new UnsupportedFeatureException(
          ErrorInfo.of(
              "a public FlyMQ server goes down by messages that break off, and this one has too many parts to look through them here",
              "Make it simpler, or send it without a schema"));
    }
  }

  /** A number in base 128, the lowest digits first. */
  long varint() throws OutOfBounds {
    long value = 0;
    for (int i = 0; i < LONGEST_VARINT; i++) {
      if (atEnd()) {
        throw new OutOfBounds("it ends within a number");
      }
      byte digits = message[at++];
      value |= (long) (digits & 0x7f) << 7 * i;
      if (digits >= 0) {
        return value;
      }
    }
    throw new OutOfBounds("a number of more than " + LONGEST_VARINT + " bytes before byte " + at);
  }

  /** Passes over so many bytes, which may be a number that is none. */
  void skip(long bytes) throws OutOfBounds {
    int left = message.length - at;
    if (bytes < 0 || bytes > left) {
      throw new OutOfBounds(Long.toUnsignedString(bytes) + " bytes at byte " + at + ", where " + left + " are left");
    }
    at += (int) bytes;
  }
}
