package dev.tributary.vertx.internal.flymq.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * One request or one answer: eight bytes of header, and the payload.
 *
 * @param opcode which operation, unsigned
 * @param flags {@link #BINARY}, and how the payload is compressed
 * @param payload without the header; whoever has the frame may read it, until more arrives on its connection
 */
public record Frame(int opcode, int flags, ByteBuf payload) {
  /** Bytes of a header. */
  public static final int HEADER = 8;

  /** Most bytes of a request's payload. */
  public static final int MOST_BYTES = 32 << 20;

  /** What everything has but errors that are bare text. */
  public static final int BINARY = 0x01;

  static final int MAGIC = 0xAF;
  static final int VERSION = 1;

  /** Bytes that most requests have room in, so that they are not copied while they are written. */
  private static final int USUAL = 256;
  private static final int COMPRESSION = 0x0E;
  private static final int GZIP = 0x02;
  private static final int LZ4 = 0x04;
  private static final int SNAPPY = 0x08;
  private static final int LZ4_SNAPPY = 0x0C;

  /** Whether the payload is to be unzipped. Two names of other compressions, and both together, are taken for none; all others for this one. */
  public boolean zipped() {
    return switch (flags & COMPRESSION) {
      case 0, LZ4, SNAPPY, LZ4_SNAPPY -> false;
      default -> true;
    };
  }

  /**
   * The same with its payload as it was before it was zipped. Takes as long as unzipping so much does: not for event loops.
   *
   * @throws Malformed if it cannot be unzipped, or not to {@link #MOST_BYTES} or less
   */
  public Frame unzipped() throws Malformed {
    return zipped() ? new Frame(opcode, flags & ~COMPRESSION, Gzip.unzip(payload, MOST_BYTES)) : this;
  }

  /** A request as it is sent. */
  public static ByteBuf of(Opcode opcode, Message request) {
    ByteBuf out = Unpooled.buffer(USUAL);
    write(out, opcode.code(), request);
    return out;
  }

  /** Adds a frame. If the message cannot be written, nothing is added. */
  public static void write(ByteBuf out, int opcode, Message message) {
    int start = begin(out, opcode, BINARY);
    try {
      message.write(new FrameWriter(out));
    } catch (RuntimeException unspeakable) {
      out.writerIndex(start);
      throw unspeakable;
    }
    end(out, start);
  }

  static int begin(ByteBuf out, int opcode, int flags) {
    int start = out.writerIndex();
    out.writeByte(MAGIC).writeByte(VERSION).writeByte(opcode).writeByte(flags).writeInt(0);
    return start;
  }

  static void end(ByteBuf out, int start) {
    out.setInt(start + HEADER - Integer.BYTES, out.writerIndex() - start - HEADER);
  }
}
