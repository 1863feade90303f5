package dev.tributary.engine;

import java.util.Comparator;

/** The order of UTF-8 bytes, which is that of code points; {@code String}'s own differs beyond the first 65,536 of them. */
final class Utf8Order implements Comparator<String> {
  static final Utf8Order ASCENDING = new Utf8Order();

  private Utf8Order() {}

  @Override
  public int compare(String a, String b) {
    int shorter = Math.min(a.length(), b.length());
    for (int i = 0; i < shorter; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean high = Character.isSurrogate(x);
        return high == Character.isSurrogate(y) ? Character.compare(x, y) : high ? 1 : -1;
      }
    }
    return Integer.compare(a.length(), b.length());
  }
}
