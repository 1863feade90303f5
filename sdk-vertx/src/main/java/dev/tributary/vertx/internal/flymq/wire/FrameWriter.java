package dev.tributary.vertx.internal.flymq.wire;

import dev.tributary.error.InvalidRequestException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.List;
import java.util.function.BiConsumer;

/** Writes what payloads are made of, big-endian. A text that is too long for its length is refused. Not thread-safe. */
public final class FrameWriter {
  private static final int MOST_TEXT = 0xFFFF;
  private static final int MOST_SHORT_TEXT = 0xFF;

  private final ByteBuf out;

  FrameWriter(ByteBuf out) {
    this.out = out;
  }

  public FrameWriter bool(boolean value) {
    out.writeByte(value ? 1 : 0);
    return this;
  }

  public FrameWriter int32(int value) {
    out.writeInt(value);
    return this;
  }

  public FrameWriter int64(long value) {
    out.writeLong(value);
    return this;
  }

  /** Text of at most 65,535 bytes. */
  public FrameWriter text(String value) {
    int length = length(value, MOST_TEXT);
    out.writeShort(length);
    ByteBufUtil.writeUtf8(out, value);
    return this;
  }

  /** Text of at most 255 bytes. */
  public FrameWriter shortText(String value) {
    int length = length(value, MOST_SHORT_TEXT);
    out.writeByte(length);
    ByteBufUtil.writeUtf8(out, value);
    return this;
  }

  private static int length(String value, int most) {
    int length = ByteBufUtil.utf8Bytes(value);
    if (length > most) {
      throw InvalidRequestException.of("a text of " + length + " bytes, more than " + most, "Use a shorter one");
    }
    return length;
  }

  public FrameWriter bytes(byte[] value) {
    out.writeInt(value.length).writeBytes(value);
    return this;
  }

  /** A list, with how many there are before it. */
  public <T> FrameWriter list(List<T> values, BiConsumer<FrameWriter, T> each) {
    out.writeInt(values.size());
    values.forEach(value -> each.accept(this, value));
    return this;
  }

  public FrameWriter texts(List<String> values) {
    return list(values, FrameWriter::text);
  }

  /** What another message is made of. */
  public FrameWriter message(Message value) {
    value.write(this);
    return this;
  }

  /** What another message is made of, and how many bytes that is before it. */
  public FrameWriter sized(Message value) {
    int start = out.writerIndex();
    out.writeInt(0);
    value.write(this);
    out.setInt(start, out.writerIndex() - start - Integer.BYTES);
    return this;
  }

  /** Text without a length: the rest of the payload. */
  FrameWriter rest(String value) {
    ByteBufUtil.writeUtf8(out, value);
    return this;
  }
}
