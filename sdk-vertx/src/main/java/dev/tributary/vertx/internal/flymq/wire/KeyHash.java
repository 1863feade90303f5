package dev.tributary.vertx.internal.flymq.wire;

/** Where a server puts a record with a key for which nobody chose a partition: FNV-1a. */
public final class KeyHash {
  private static final int BASIS = 0x811c9dc5;
  private static final int PRIME = 0x01000193;

  private KeyHash() {}

  /** The partition, of so many. */
  public static int partition(byte[] key, int partitions) {
    int hash = BASIS;
    for (byte b : key) {
      hash = (hash ^ b & 0xff) * PRIME;
    }
    return Integer.remainderUnsigned(hash, partitions);
  }
}
