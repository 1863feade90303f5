package dev.tributary.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Rendezvous hashing: each partition makes a bid for a key, and the highest wins. */
final class Rendezvous {
  private Rendezvous() {}

  /** The partition of a key. A bid is the start of SHA-256(key, number of the partition), as an unsigned little-endian long. */
  static int partition(String key, int partitions) {
    byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bid = ByteBuffer.allocate(bytes.length + Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).put(bytes);
    MessageDigest sha256 = sha256();
    int winner = 0;
    long highest = 0;
    for (int partition = 0; partition < partitions; partition++) {
      byte[] hash = sha256.digest(bid.putInt(bytes.length, partition).array());
      long value = ByteBuffer.wrap(hash).order(ByteOrder.LITTLE_ENDIAN).getLong();
      if (Long.compareUnsigned(value, highest) > 0) {
        winner = partition;
        highest = value;
      }
    }
    return winner;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("every Java platform has SHA-256", missing);
    }
  }
}
