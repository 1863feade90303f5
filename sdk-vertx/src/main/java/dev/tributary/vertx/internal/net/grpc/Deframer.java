package dev.tributary.vertx.internal.net.grpc;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import dev.tributary.vertx.internal.net.Weight;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Cuts what arrives into messages. One answer has one. Takes memory for what has arrived, not for what is announced. */
final class Deframer<A> {
  private static final int FIRST = 4 << 10;

  private final Parser<A> parser;
  private final Descriptor kind;
  private final int limit;
  private final byte[] head = new byte[Frames.HEAD];
  private int headRead;
  private byte @Nullable [] body;
  private int bodyRead;

  Deframer(Parser<A> parser, Descriptor kind, int limit) {
    this.parser = parser;
    this.kind = kind;
    this.limit = limit;
  }

  /**
   * Takes what arrived and hands on the messages that it completes.
   *
   * @throws IOException {@link Frames.TooLarge}, or what made a message undecodable
   */
  void accept(ByteBuf chunk, boolean gzip, Consumer<? super A> messages) throws IOException {
    while (chunk.isReadable()) {
      if (headRead < Frames.HEAD) {
        int take = Math.min(Frames.HEAD - headRead, chunk.readableBytes());
        chunk.readBytes(head, headRead, take);
        headRead += take;
        if (headRead < Frames.HEAD) {
          return;
        }
        if (length() < 0 || length() > limit) {
          throw new Frames.TooLarge(length() & 0xffffffffL);
        }
      }
      int length = length();
      if (body == null && chunk.readableBytes() >= length && chunk.hasArray()) {
        // Complete in this chunk, as nearly all are: decoded where it lies.
        A message = decode(chunk.array(), chunk.arrayOffset() + chunk.readerIndex(), length, gzip);
        chunk.skipBytes(length);
        headRead = 0;
        messages.accept(message);
        continue;
      }
      int take = Math.min(length - bodyRead, chunk.readableBytes());
      byte[] partial = room(bodyRead + take, length);
      chunk.readBytes(partial, bodyRead, take);
      bodyRead += take;
      if (bodyRead == length) {
        A message = decode(partial, 0, length, gzip);
        body = null;
        bodyRead = 0;
        headRead = 0;
        messages.accept(message);
      }
    }
    if (headRead == Frames.HEAD && body == null && length() == 0) {
      headRead = 0;
      messages.accept(decode(head, 0, 0, gzip));
    }
  }

  /** The body with room for so many bytes, of a message that has this length in the end. */
  private byte[] room(int needed, int length) {
    byte[] partial = body;
    if (partial == null) {
      partial = new byte[Math.min(length, Math.max(FIRST, needed))];
    } else if (partial.length < needed) {
      partial = Arrays.copyOf(partial, (int) Math.min(length, Math.max(needed, 2L * partial.length)));
    }
    body = partial;
    return partial;
  }

  /** Whether a message has begun and not ended. */
  boolean inMessage() {
    return headRead > 0;
  }

  private int length() {
    return (head[1] & 0xff) << 24 | (head[2] & 0xff) << 16 | (head[3] & 0xff) << 8 | head[4] & 0xff;
  }

  private A decode(byte[] bytes, int offset, int length, boolean gzip) throws IOException {
    if (head[0] == 0) {
      return parse(bytes, offset, length);
    }
    if (head[0] != 1 || !gzip) {
      throw new InvalidProtocolBufferException("compressed in a way the answer does not name, flag " + head[0]);
    }
    byte[] plain = Frames.gunzip(bytes, offset, length, limit);
    return parse(plain, 0, plain.length);
  }

  private A parse(byte[] bytes, int offset, int length) throws IOException {
    long excess = Weight.excess(bytes, offset, length, kind, limit);
    if (excess > 0) {
      throw new Frames.TooLarge(excess);
    }
    return parser.parseFrom(bytes, offset, length);
  }
}
