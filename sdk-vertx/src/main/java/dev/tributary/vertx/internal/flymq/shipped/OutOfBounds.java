package dev.tributary.vertx.internal.flymq.shipped;

/** A message says that it is longer than it is, or ends in the middle of something. */
public final class OutOfBounds extends Exception {
  private static final long serialVersionUID = 1L;

  OutOfBounds(String text) {
    super(text, null, false, false);
  }

  /** What is wrong. */
  public String text() {
    return String.valueOf(getMessage());
  }
}
