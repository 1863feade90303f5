package dev.tributary.engine.access;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/** What is kept of a password: enough to know it again. Making and knowing take a while: not for event loops. */
final class Password {
  private static final String ALGORITHM = "PBKDF2WithHmacSHA256";
  private static final int ROUNDS = 10_000;
  private static final int BITS = 256;
  private static final int SALT_BYTES = 16;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final byte[] salt = new byte[SALT_BYTES];
  private final byte[] hash;

  private Password(String password) {
    RANDOM.nextBytes(salt);
    this.hash = hash(password);
  }

  static Password of(String password) {
    return new Password(password);
  }

  boolean is(String password) {
    return MessageDigest.isEqual(hash, hash(password));
  }

  private byte[] hash(String password) {
    try {
      return SecretKeyFactory.getInstance(ALGORITHM).generateSecret(new PBEKeySpec(password.toCharArray(), salt, ROUNDS, BITS)).getEncoded();
    } catch (GeneralSecurityException everyJvmHasIt) {
      throw new IllegalStateException(everyJvmHasIt);
    }
  }
}
