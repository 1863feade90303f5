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
  private final boolean passesOver;
  private ByteBuf left = Unpooled.EMPTY_BUFFER;
  /** Whether what is left was copied, so that it can be added to for as long as it is the beginning of one frame. */
  private boolean own;
  /** How much of a payload that is too large is still to come. */
  private long toPass;
  private long passedOver;

  /** {@code most} is how many bytes a payload may have. */
  public Deframer(int most) {
    this(most, false);
  }

  private Deframer(int most, boolean passesOver) {
    this.most = most;
    this.passesOver = passesOver;
  }

  /** One that passes over payloads of more than so many bytes: their frames are empty, and {@link #passedOver} says so. */
  public static Deframer passingOver(int most) {
    return new Deframer(most, true);
  }

  /** How many bytes the payload of the last frame had, if it was too large to be kept; 0 for one that was not. */
  public long passedOver() {
    return passedOver;
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
    if (toPass > 0) {
      int gone = (int) Math.min(toPass, left.readableBytes());
      left.skipBytes(gone);
      toPass -= gone;
    }
    int start = left.readerIndex();
    check(start);
    if (left.readableBytes() < Frame.HEADER) {
      return null;
    }
    long announced = left.getUnsignedInt(start + LENGTH);
    passedOver = announced > most ? announced : 0;
    if (passedOver > 0 && !passesOver) {
      throw new Malformed("payload of " + announced + " bytes");
    } else if (passedOver > 0) {
      toPass = announced;
      left.skipBytes(Frame.HEADER);
      return new Frame(left.getUnsignedByte(start + OPCODE), left.getUnsignedByte(start + FLAGS), Unpooled.EMPTY_BUFFER);
    }
    int length = (int) announced;
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
