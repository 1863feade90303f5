package dev.tributary.vertx.internal.goqueue.wire;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.ProtocolViolationException;

/** An answer that is not as the protocol has it. */
public final class BadAnswer {
  private static final int LONGEST = 200;

  private BadAnswer() {}

  /** The error of an answer, by what is wrong with it. */
  public static ProtocolViolationException of(String what) {
    return new ProtocolViolationException(
        ErrorInfo.of("an answer that GoQueue does not give: " + what, "Check that a GoQueue server is there, and its version").maybeApplied(true));
  }

  /** Not more of a text than a person reads. */
  public static String shortened(String text) {
    String stripped = text.strip();
    return stripped.length() > LONGEST ? stripped.substring(0, LONGEST) + "…" : stripped;
  }
}
