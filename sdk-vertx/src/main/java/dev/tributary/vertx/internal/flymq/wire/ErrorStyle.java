package dev.tributary.vertx.internal.flymq.wire;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** How an error is written; which way depends on the operation. There are no codes that mean anything: what is wrong is in the text. */
public enum ErrorStyle {
  /** Nothing but text, and no flag. */
  BARE(0),
  /** Nothing but text. */
  TEXT(Frame.BINARY),
  /** A code that is always 1, and text. */
  CODED(Frame.BINARY);

  /** What an answer has in place of the request's opcode. */
  public static final int OPCODE = 0xFF;

  private static final int CODE = 1;
  private static final int BEFORE_TEXT = Integer.BYTES + Short.BYTES;
  /** So that every style has room for it. */
  private static final int LONGEST = 10_000;

  private final int flags;

  ErrorStyle(int flags) {
    this.flags = flags;
  }

  /** Adds the frame of an error. */
  public void write(ByteBuf out, String text) {
    String said = text.length() > LONGEST ? text.substring(0, LONGEST) : text;
    int start = Frame.begin(out, OPCODE, flags);
    FrameWriter writer = new FrameWriter(out);
    if (this == CODED) {
      writer.int32(CODE).text(said);
    } else {
      writer.rest(said);
    }
    Frame.end(out, start);
  }

  /** The text of an error, in whichever style: a length that is exactly that of the rest is taken for one. */
  public static String text(Frame error) {
    ByteBuf payload = error.payload();
    int at = payload.readerIndex();
    int length = payload.readableBytes();
    boolean coded =
        (error.flags() & Frame.BINARY) != 0
            && length >= BEFORE_TEXT
            && BEFORE_TEXT + payload.getUnsignedShort(at + Integer.BYTES) == length;
    int before = coded ? BEFORE_TEXT : 0;
    return payload.toString(at + before, length - before, StandardCharsets.UTF_8);
  }
}
