package dev.tributary.vertx.internal.flymq.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what arrives on a connection into frames, however it was split. A frame that lies whole in what arrived is not copied; of one that does
 * not, only what has arrived takes memory, not what is announced. Not thread-safe.
 */
public final class Deframer {
  private static final int OPCODE = 2;
  private static final int FLAGS = 3;
  private static final int LENGTH = 4;

  private final int most;
  private ByteBuf left = Unpooled.EMPTY_BUFFER;
  /** Whether what is left was copied, so that it can be added to for as long as it is the beginning of one frame. */
  private boolean own;

  /** {@code most} is how many bytes a payload may have. */
  public Deframer(int most) {
    this.most = most;
  }

  /** More arrived. It is kept until its frames were taken, and must not change. */
  public void add(ByteBuf more) {
    if (!left.isReadable()) {
      left = more;
      own = false;
    } else if (own && left.readerIndex() == 0) {
      left.writeBytes(more);
    } else {
      left = Unpooled.buffer(left.readableBytes() + more.readableBytes()).writeBytes(left).writeBytes(more);
      own = true;
    }
  }

  /**
   * The next frame, or null if it is not there yet.
   *
   * @throws Malformed if what is there is no frame, or one that is too large: nothing that follows can be made out
   */
  public @Nullable Frame next() throws Malformed {
    int start = left.readerIndex();
    check(start);
    if (left.readableBytes() < Frame.HEADER) {
      return null;
    }
    int length = left.getInt(start + LENGTH);
    if (length < 0 || length > most) {
      throw new Malformed("payload of " + Integer.toUnsignedLong(length) + " bytes");
    }
    if (left.readableBytes() - Frame.HEADER < length) {
      return null;
    }
    Frame frame = new Frame(left.getUnsignedByte(start + OPCODE), left.getUnsignedByte(start + FLAGS), left.slice(start + Frame.HEADER, length));
    left.skipBytes(Frame.HEADER + length);
    return frame;
  }

  private void check(int start) throws Malformed {
    if (left.readableBytes() > 0 && left.getUnsignedByte(start) != Frame.MAGIC) {
      throw new Malformed("invalid magic");
    }
    if (left.readableBytes() > 1 && left.getUnsignedByte(start + 1) != Frame.VERSION) {
      throw new Malformed("unsupported version");
    }
  }

  /** How many bytes are there that were not taken. */
  public int waiting() {
    return left.readableBytes();
  }
}
