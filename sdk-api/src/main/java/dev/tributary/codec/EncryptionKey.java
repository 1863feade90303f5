package dev.tributary.codec;

import dev.tributary.error.InvalidRequestException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A key of AES-256 for {@link Codecs#encrypted}. Immutable and thread-safe. Only {@link #hex} shows it; neither {@code toString} nor an error does.
 */
public final class EncryptionKey {
  private static final int BYTES = 32;
  private static final String HINT = "Give 32 bytes, or 64 hexadecimal digits; EncryptionKey.generate() makes such a key";

  private final byte[] bytes;

  private EncryptionKey(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw InvalidRequestException.of("the encryption key has " + bytes.length + " bytes and not " + BYTES, HINT);
    }
    this.bytes = bytes;
  }

  /** A new key, from the platform's strong random numbers. */
  public static EncryptionKey generate() {
    byte[] bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    return new EncryptionKey(bytes);
  }

  /**
   * The key of these bytes.
   *
   * @param bytes 32 of them; copied
   * @throws InvalidRequestException if there are more or less
   */
  public static EncryptionKey of(byte[] bytes) {
    return new EncryptionKey(bytes.clone());
  }

  /**
   * The key that is written like this, as {@link #hex} writes it and as FlyMQ's clients exchange it.
   *
   * @param hex 64 hexadecimal digits, of either case
   * @throws InvalidRequestException if it is not that; the message does not repeat it
   */
  public static EncryptionKey parse(String hex) {
    byte[] bytes;
    try {
      bytes = HexFormat.of().parseHex(hex);
    } catch (IllegalArgumentException secretive) {
      // Its message repeats digits of the key.
      throw InvalidRequestException.of("the encryption key is not hexadecimal", HINT);
    }
    return new EncryptionKey(bytes);
  }

  /** The key as 64 hexadecimal digits, to be kept where secrets are. */
  public String hex() {
    return HexFormat.of().formatHex(bytes);
  }

  SecretKey secret() {
    return new SecretKeySpec(bytes, "AES");
  }

  /** Takes as long whether they differ early or late. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof EncryptionKey key && MessageDigest.isEqual(bytes, key.bytes);
  }

  /** The same for all keys: it tells nothing of one. */
  @Override
  public int hashCode() {
    return BYTES;
  }

  @Override
  public String toString() {
    return "EncryptionKey[***]";
  }
}
