package dev.tributary.codec;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Objects;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/** See {@link Codecs#encrypted}. */
final class EncryptedCodec<T> implements Codec<T> {
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BYTES = 16;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Codec<T> codec;
  private final SecretKey key;

  EncryptedCodec(Codec<T> codec, EncryptionKey key) {
    this.codec = Objects.requireNonNull(codec, "codec");
    this.key = key.secret();
  }

  @Override
  public byte[] encode(T value) throws Exception {
    byte[] nonce = new byte[NONCE_BYTES];
    RANDOM.nextBytes(nonce);
    return seal(nonce, codec.encode(value));
  }

  /** For every value another nonce: two values with one nonce give the key away. */
  byte[] seal(byte[] nonce, byte[] plain) throws GeneralSecurityException {
    byte[] sealed = new byte[NONCE_BYTES + plain.length + TAG_BYTES];
    System.arraycopy(nonce, 0, sealed, 0, NONCE_BYTES);
    cipher(Cipher.ENCRYPT_MODE, nonce).doFinal(plain, 0, plain.length, sealed, NONCE_BYTES);
    return sealed;
  }

  @Override
  public T decode(byte[] bytes) throws Exception {
    if (bytes.length < NONCE_BYTES + TAG_BYTES) {
      throw new GeneralSecurityException(
          "the payload has " + bytes.length + " bytes, too few to be encrypted: it was published without encryption");
    }
    byte[] plain;
    try {
      plain = cipher(Cipher.DECRYPT_MODE, bytes).doFinal(bytes, NONCE_BYTES, bytes.length - NONCE_BYTES);
    } catch (AEADBadTagException mismatch) {
      throw new GeneralSecurityException(
          "the payload cannot be decrypted: it has another key, was changed on the way, or was published without encryption", mismatch);
    }
    return codec.decode(plain);
  }

  private Cipher cipher(int mode, byte[] nonce) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce, 0, NONCE_BYTES));
    return cipher;
  }
}
