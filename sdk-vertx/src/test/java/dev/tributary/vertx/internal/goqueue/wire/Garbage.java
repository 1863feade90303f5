package dev.tributary.vertx.internal.goqueue.wire;

import java.util.Random;

/** Texts that nobody meant. */
public final class Garbage {
  private static final int LONGEST = 24;

  private Garbage() {}

  /** Some of these characters. */
  public static String of(Random random, String characters) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(LONGEST); i > 0; i--) {
      text.append(characters.charAt(random.nextInt(characters.length())));
    }
    return text.toString();
  }

  /** The text with a few characters changed, added or dropped. */
  public static String near(Random random, String text, String characters) {
    StringBuilder changed = new StringBuilder(text);
    for (int i = random.nextInt(3) + 1; i > 0 && changed.length() > 0; i--) {
      int at = random.nextInt(changed.length());
      char c = characters.charAt(random.nextInt(characters.length()));
      switch (random.nextInt(3)) {
        case 0 -> changed.setCharAt(at, c);
        case 1 -> changed.insert(at, c);
        default -> changed.deleteCharAt(at);
      }
    }
    return changed.toString();
  }

  /** Any characters at all, halves of surrogate pairs too. */
  public static String any(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(LONGEST); i > 0; i--) {
      text.append((char) (random.nextInt(4) == 0 ? random.nextInt(0x10000) : random.nextInt(0x80)));
    }
    return text.toString();
  }

  /** Whole characters, some of them rare ones. */
  public static String unicode(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(LONGEST); i > 0; i--) {
      int code = random.nextInt(3) == 0 ? random.nextInt(0x110000) : random.nextInt(0x80);
      text.appendCodePoint(code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
    }
    return text.toString();
  }

  public static byte[] bytes(Random random) {
    byte[] bytes = new byte[random.nextInt(LONGEST)];
    random.nextBytes(bytes);
    return bytes;
  }
}
