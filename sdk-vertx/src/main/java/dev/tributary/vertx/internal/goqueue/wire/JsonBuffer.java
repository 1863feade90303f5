package dev.tributary.vertx.internal.goqueue.wire;

import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Supplier;

/** JSON as it is written, in bytes: publishing goes through here, so that nothing is built that is thrown away again. Not thread-safe. */
public final class JsonBuffer {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  /** Of each byte: 0 if it is itself, the letter behind the backslash, or u. */
  private static final byte[] ESCAPES = escapes();

  private static final VarHandle EIGHT = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final long ONES = 0x0101_0101_0101_0101L;
  private static final long HIGH = ONES << 7;
  private static final byte[] NONE = {};

  private final int expected;
  private byte[] bytes = NONE;
  private int size;

  /** For about so many bytes. */
  public JsonBuffer(int expected) {
    this.expected = expected;
  }

  private static byte[] escapes() {
    byte[] escapes = new byte[256];
    Arrays.fill(escapes, 0, ' ', (byte) 'u');
    escapes['\n'] = 'n';
    escapes['\r'] = 'r';
    escapes['\t'] = 't';
    escapes['"'] = '"';
    escapes['\\'] = '\\';
    return escapes;
  }

  /** How many bytes there are. */
  public int size() {
    return size;
  }

  /** Takes back what came after this size. */
  public void truncate(int to) {
    size = to;
  }

  /** What was written from here on, which is taken out. */
  public byte[] cut(int from) {
    byte[] tail = Arrays.copyOfRange(bytes, from, size);
    size = from;
    return tail;
  }

  /** JSON, as it is. */
  public JsonBuffer raw(byte[] json) {
    copy(json, 0, json.length);
    return this;
  }

  /** JSON from this place on, as it is. */
  public JsonBuffer raw(byte[] json, int from) {
    copy(json, from, json.length);
    return this;
  }

  /** A number. */
  public JsonBuffer number(long number) {
    return raw(Long.toString(number).getBytes(StandardCharsets.US_ASCII));
  }

  /** A string, of a text without half surrogate pairs. */
  public JsonBuffer string(String text) {
    return string(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A string, of UTF-8. */
  public JsonBuffer string(byte[] utf8) {
    room(utf8.length + 2);
    bytes[size++] = '"';
    int done = 0;
    for (int i = 0; i < utf8.length; i++) {
      while (i + Long.BYTES <= utf8.length && plain((long) EIGHT.get(utf8, i))) {
        i += Long.BYTES;
      }
      byte escape = i < utf8.length ? ESCAPES[utf8[i] & 0xff] : 0;
      if (escape != 0) {
        copy(utf8, done, i);
        escape(utf8[i], escape);
        done = i + 1;
      }
    }
    copy(utf8, done, utf8.length);
    room(1);
    bytes[size++] = '"';
    return this;
  }

  /** Whether none of these eight bytes is to be escaped. */
  private static boolean plain(long eight) {
    long quotes = eight ^ ONES * '"';
    long slashes = eight ^ ONES * '\\';
    return ((eight - ONES * ' ' & ~eight | quotes - ONES & ~quotes | slashes - ONES & ~slashes) & HIGH) == 0;
  }

  private void copy(byte[] utf8, int from, int to) {
    room(to - from);
    System.arraycopy(utf8, from, bytes, size, to - from);
    size += to - from;
  }

  private void escape(byte b, byte escape) {
    room(6);
    bytes[size++] = '\\';
    bytes[size++] = escape;
    if (escape == 'u') {
      bytes[size++] = '0';
      bytes[size++] = '0';
      bytes[size++] = HEX[b >> 4];
      bytes[size++] = HEX[b & 15];
    }
  }

  private void room(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(size + more, Math.max(expected, bytes.length * 2)));
    }
  }

  /** All of it, without a copy; begins anew. Made into a buffer where it is sent. */
  public Supplier<Buffer> take() {
    byte[] all = bytes;
    int length = size;
    bytes = NONE;
    size = 0;
    return () -> BufferInternal.buffer(Unpooled.wrappedBuffer(all, 0, length));
  }
}
