package dev.tributary.internal;

import java.nio.charset.StandardCharsets;

/** An error as the reason of a nack, a rejection or a dead letter. */
public final class Reason {
  private static final int LONGEST = 1_000;

  private Reason() {}

  /** Short, because backends keep it with what failed, and without half surrogate pairs. */
  public static String of(Throwable why) {
    String text;
    try {
      text = why.toString();
    } catch (Throwable thrown) {
      text = why.getClass().getName();
    }
    String brief = text.length() <= LONGEST ? text : text.substring(0, LONGEST);
    return new String(brief.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }
}
