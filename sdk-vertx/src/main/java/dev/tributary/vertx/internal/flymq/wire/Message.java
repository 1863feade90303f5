package dev.tributary.vertx.internal.flymq.wire;

/** The payload of a request or of an answer. */
public interface Message {
  /** No payload. */
  Message EMPTY = out -> {};

  /** Writes it. */
  void write(FrameWriter out);
}
