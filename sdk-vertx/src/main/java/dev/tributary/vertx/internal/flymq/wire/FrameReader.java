package dev.tributary.vertx.internal.flymq.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads what payloads are made of. Nothing is read behind the payload, and nothing takes more memory than the payload has bytes: lengths and
 * counts are compared with what is left before anything is made. What is left at the end is nobody's concern. Not thread-safe.
 */
public final class FrameReader {
  /** An object takes more than the two bytes that an empty text is; no request has a use for so many. */
  private static final int MOST_TEXTS = 10_000;

  private final ByteBuf in;
  private final int start;
  private final boolean strict;

  private FrameReader(ByteBuf payload, boolean strict) {
    this.in = payload.duplicate();
    this.start = payload.readerIndex();
    this.strict = strict;
  }

  /** Of a request: text that is not UTF-8 is refused, so that no two names become one. */
  static FrameReader ofRequest(ByteBuf payload) {
    return new FrameReader(payload, true);
  }

  /** Of an answer: text that is not UTF-8 is shown as well as it can be, so that one bad name does not hide the others. */
  static FrameReader ofAnswer(ByteBuf payload) {
    return new FrameReader(payload, false);
  }

  /** Reads a message. */
  @FunctionalInterface
  public interface Kind<T> {
    T read(FrameReader in) throws Malformed;
  }

  /** Whether nothing is left. */
  public boolean atEnd() {
    return !in.isReadable();
  }

  /** Only 1 is true. */
  public boolean bool() throws Malformed {
    return has(1).readByte() == 1;
  }

  public int int32() throws Malformed {
    return has(Integer.BYTES).readInt();
  }

  public long int64() throws Malformed {
    return has(Long.BYTES).readLong();
  }

  public String text() throws Malformed {
    return text(has(Short.BYTES).readUnsignedShort());
  }

  public String shortText() throws Malformed {
    return text(has(Byte.BYTES).readUnsignedByte());
  }

  /** The rest of the payload. */
  String rest() throws Malformed {
    return text(in.readableBytes());
  }

  private String text(int length) throws Malformed {
    if (length == 0) {
      return "";
    }
    ByteBuf bytes = inside(length).readSlice(length);
    if (strict && !ByteBufUtil.isText(bytes, StandardCharsets.UTF_8)) {
      throw invalid();
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  public byte[] bytes() throws Malformed {
    byte[] bytes = new byte[count(1)];
    in.readBytes(bytes);
    return bytes;
  }

  /** A list of things of which none has fewer bytes than that. */
  public <T> List<T> list(int least, Kind<T> each) throws Malformed {
    return items(count(least), each);
  }

  /** So many things; how many there are was read by {@link #count}. */
  public <T> List<T> items(int count, Kind<T> each) throws Malformed {
    List<T> items = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      items.add(each.read(this));
    }
    return items;
  }

  public List<String> texts() throws Malformed {
    int count = count(Short.BYTES);
    if (strict && count > MOST_TEXTS) {
      throw invalid();
    }
    return items(count, FrameReader::text);
  }

  /** How many things of at least so many bytes there are. */
  public int count(int least) throws Malformed {
    int count = has(Integer.BYTES).readInt();
    if (count < 0 || (long) count * least > in.readableBytes()) {
      throw invalid();
    }
    return count;
  }

  /** Something with how many bytes it has before it; what it does not read of them is left out. */
  public <T> T sized(Kind<T> kind) throws Malformed {
    int length = count(1);
    return kind.read(new FrameReader(in.readSlice(length), strict));
  }

  private ByteBuf has(int length) throws Malformed {
    if (in.readableBytes() < length) {
      throw in.readerIndex() == start ? new Malformed("buffer too small") : invalid();
    }
    return in;
  }

  private ByteBuf inside(int length) throws Malformed {
    if (in.readableBytes() < length) {
      throw invalid();
    }
    return in;
  }

  private static Malformed invalid() {
    return new Malformed("invalid binary format");
  }
}
