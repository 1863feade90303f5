package dev.tributary.testkit.server.disheap;

import java.security.SecureRandom;
import java.time.Instant;

/** Ids of 26 characters that sort by their time: 48 bits of milliseconds, 80 of chance, in Crockford's base 32. */
final class Ulids {
  private static final char[] DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".toCharArray();
  private static final int LENGTH = 26;
  private static final int TIME_LENGTH = 10;

  private final SecureRandom random = new SecureRandom();

  String next(Instant time) {
    char[] digits = new char[LENGTH];
    long millis = time.toEpochMilli();
    for (int i = TIME_LENGTH - 1; i >= 0; i--, millis >>>= 5) {
      digits[i] = DIGITS[(int) (millis & 31)];
    }
    for (int i = TIME_LENGTH; i < LENGTH; i++) {
      digits[i] = DIGITS[random.nextInt(DIGITS.length)];
    }
    return new String(digits);
  }
}
