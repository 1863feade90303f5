package dev.tributary.vertx.internal.net.grpc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** The frames of gRPC: a flag for compression, four bytes of length, the message. */
final class Frames {
  static final int HEAD = 5;

  private Frames() {}

  /** A message in its frame. */
  static byte[] encode(MessageLite message, boolean gzip) {
    try {
      if (gzip) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(new byte[HEAD]);
        try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
          message.writeTo(zip);
        }
        byte[] frame = bytes.toByteArray();
        head(frame, true);
        return frame;
      }
      int size = message.getSerializedSize();
      byte[] frame = new byte[HEAD + size];
      head(frame, false);
      CodedOutputStream out = CodedOutputStream.newInstance(frame, HEAD, size);
      message.writeTo(out);
      out.checkNoSpaceLeft();
      return frame;
    } catch (IOException inMemory) {
      throw new UncheckedIOException(inMemory);
    }
  }

  /** Whether the message of this frame is zipped. */
  static boolean zipped(byte[] frame) {
    return frame[0] == 1;
  }

  /** The same message in a frame that is not zipped. */
  static byte[] plain(byte[] zipped) {
    try {
      byte[] message = gunzip(zipped, HEAD, zipped.length - HEAD, Integer.MAX_VALUE - 2 * HEAD);
      byte[] frame = new byte[HEAD + message.length];
      System.arraycopy(message, 0, frame, HEAD, message.length);
      head(frame, false);
      return frame;
    } catch (IOException inMemory) {
      throw new UncheckedIOException(inMemory);
    }
  }

  private static void head(byte[] frame, boolean gzip) {
    int size = frame.length - HEAD;
    frame[0] = (byte) (gzip ? 1 : 0);
    frame[1] = (byte) (size >>> 24);
    frame[2] = (byte) (size >>> 16);
    frame[3] = (byte) (size >>> 8);
    frame[4] = (byte) size;
  }

  /** What was gzipped; fails beyond {@code limit}, for a small message may grow to anything. */
  static byte[] gunzip(byte[] bytes, int offset, int length, int limit) throws IOException {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes, offset, length))) {
      byte[] plain = in.readNBytes(limit + 1);
      if (plain.length > limit) {
        throw new TooLarge(plain.length);
      }
      return plain;
    }
  }

  /** A message is larger than allowed. */
  static final class TooLarge extends IOException {
    private static final long serialVersionUID = 1L;

    final long bytes;

    TooLarge(long bytes) {
      super(bytes + " bytes", null);
      this.bytes = bytes;
    }
  }
}
