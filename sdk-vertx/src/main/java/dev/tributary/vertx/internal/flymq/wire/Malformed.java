package dev.tributary.vertx.internal.flymq.wire;

/** What came is not of this protocol. The message is what a FlyMQ server says of it. */
public final class Malformed extends Exception {
  private static final long serialVersionUID = 1L;

  Malformed(String text) {
    super(text, null, false, false);
  }

  /** What is wrong. */
  public String text() {
    return String.valueOf(getMessage());
  }
}
