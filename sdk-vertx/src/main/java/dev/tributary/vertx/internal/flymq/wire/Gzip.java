package dev.tributary.vertx.internal.flymq.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Gzip as this protocol has it: several members in a row are one text, each is checked by its sum and its length, and nothing may follow them.
 * The JDK's stream takes garbage behind the last member for its end. What comes out never takes more memory than may be.
 */
final class Gzip {
  private static final int CHUNK = 8 << 10;
  private static final int HEADER = 10;
  private static final int TRAILER = 8;
  private static final int DEFLATE = 8;
  private static final int CHECKSUM = 0x02;
  private static final int EXTRA = 0x04;
  private static final int NAME = 0x08;
  private static final int COMMENT = 0x10;

  private final ByteBuf in;
  private final ByteBuf out = Unpooled.buffer();
  private final int most;
  private final byte[] packed = new byte[CHUNK];
  private final byte[] plain = new byte[CHUNK];

  private Gzip(ByteBuf in, int most) {
    this.in = in;
    this.most = most;
  }

  static ByteBuf unzip(ByteBuf zipped, int most) throws Malformed {
    if (!zipped.isReadable()) {
      throw new Malformed("EOF");
    }
    Gzip gzip = new Gzip(zipped.duplicate(), most);
    Inflater inflater = new Inflater(true);
    try {
      while (gzip.in.isReadable()) {
        gzip.header();
        inflater.reset();
        gzip.member(inflater);
      }
      return gzip.out;
    } finally {
      inflater.end();
    }
  }

  private void header() throws Malformed {
    require(HEADER);
    int magic = in.readUnsignedShort();
    int method = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    if (magic != 0x1F8B || method != DEFLATE) {
      throw new Malformed("gzip: invalid header");
    }
    in.skipBytes(HEADER - 4);
    if ((flags & EXTRA) != 0) {
      require(Short.BYTES);
      skip(in.readUnsignedShortLE());
    }
    if ((flags & NAME) != 0) {
      skipText();
    }
    if ((flags & COMMENT) != 0) {
      skipText();
    }
    if ((flags & CHECKSUM) != 0) {
      skip(Short.BYTES);
    }
  }

  private void skipText() throws Malformed {
    int length = in.bytesBefore((byte) 0);
    skip(length < 0 ? Integer.MAX_VALUE : length + 1);
  }

  private void skip(int length) throws Malformed {
    require(length);
    in.skipBytes(length);
  }

  private void require(int length) throws Malformed {
    if (in.readableBytes() < length) {
      throw new Malformed("unexpected EOF");
    }
  }

  private void member(Inflater inflater) throws Malformed {
    CRC32 sum = new CRC32();
    while (!inflater.finished()) {
      if (inflater.needsInput()) {
        int take = Math.min(CHUNK, in.readableBytes());
        require(1);
        in.readBytes(packed, 0, take);
        inflater.setInput(packed, 0, take);
      }
      int length = inflate(inflater);
      if (length > most - out.readableBytes()) {
        throw new Malformed("gzip: more than " + most + " bytes unpacked");
      }
      sum.update(plain, 0, length);
      out.writeBytes(plain, 0, length);
    }
    in.readerIndex(in.readerIndex() - inflater.getRemaining());
    require(TRAILER);
    if (in.readIntLE() != (int) sum.getValue() | in.readIntLE() != (int) inflater.getBytesWritten()) {
      throw new Malformed("gzip: invalid checksum");
    }
  }

  private int inflate(Inflater inflater) throws Malformed {
    try {
      int length = inflater.inflate(plain);
      if (inflater.needsDictionary()) {
        throw new Malformed("gzip: invalid header");
      }
      return length;
    } catch (DataFormatException corrupt) {
      throw new Malformed("flate: corrupt input");
    }
  }
}
