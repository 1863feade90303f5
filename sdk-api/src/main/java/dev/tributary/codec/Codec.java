package dev.tributary.codec;

/**
 * Turns values into bytes and back. Thread-safe.
 *
 * <p>What it throws reaches the caller as the cause of an {@code InvalidRequestException} (encoding) or {@code ProtocolViolationException}
 * (decoding).
 */
public interface Codec<T> {
  /** The bytes of a value. The caller does not change the array afterwards. */
  byte[] encode(T value) throws Exception;

  /** The value of these bytes. Does not change or keep the array. */
  T decode(byte[] bytes) throws Exception;
}
