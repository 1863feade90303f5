package dev.tributary.vertx.internal.flymq.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GzipTest {
  private static final String LONG = "a text ".repeat(5_000);

  private static byte[] zip(byte[] plain) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
      zip.write(plain);
    }
    return bytes.toByteArray();
  }

  private static String unzip(byte[]... parts) throws Malformed {
    return Gzip.unzip(Unpooled.wrappedBuffer(parts), Frame.MOST_BYTES).toString(StandardCharsets.UTF_8);
  }

  @Test
  void membersInARowAreOneText() throws Exception {
    byte[] noise = new byte[100_000];
    new Random(1).nextBytes(noise);
    assertThat(unzip(zip(LONG.getBytes(StandardCharsets.UTF_8)))).isEqualTo(LONG);
    assertThat(unzip(zip(new byte[] {'a'}), zip(new byte[0]), zip(new byte[] {'b'}))).isEqualTo("ab");
    assertThat(ByteBufUtil.getBytes(Gzip.unzip(Unpooled.wrappedBuffer(zip(noise)), Frame.MOST_BYTES))).isEqualTo(noise);
  }

  /** Extra field, name, comment and the header's sum, as other tools write them. */
  @Test
  void headersMayHaveMoreInThem() throws Exception {
    byte[] zipped = zip(new byte[] {'x'});
    ByteBuf full = Unpooled.buffer().writeBytes(zipped, 0, 3).writeByte(0x1E).writeBytes(zipped, 4, 6);
    full.writeShortLE(2).writeShort(7).writeBytes("name\0comment\0".getBytes(StandardCharsets.UTF_8)).writeShort(0);
    full.writeBytes(zipped, 10, zipped.length - 10);
    assertThat(unzip(ByteBufUtil.getBytes(full))).isEqualTo("x");
  }

  @ParameterizedTest
  @CsvSource({
    "'', EOF",
    "00010203, unexpected EOF",
    "00010203040506070809, gzip: invalid header",
    "1f8b0800000000000003, unexpected EOF",
    "1f8b0800000000000003ffff, flate: corrupt input",
    "1f8b0804000000000003ffff00, unexpected EOF",
    "1f8b080800000000000361, unexpected EOF",
  })
  void whatIsNoGzipIsNamed(String hex, String text) {
    assertThatThrownBy(() -> unzip(ByteBufUtil.decodeHexDump(hex))).isInstanceOf(Malformed.class).hasMessage(text);
  }

  @Test
  void whatIsCutOffOrFollowedByGarbageIsRefused() throws Exception {
    byte[] zipped = zip(LONG.getBytes(StandardCharsets.UTF_8));
    for (int length = 1; length < zipped.length; length++) {
      byte[] cut = Arrays.copyOf(zipped, length);
      assertThatThrownBy(() -> unzip(cut)).isInstanceOf(Malformed.class).hasMessage("unexpected EOF");
    }
    assertThatThrownBy(() -> unzip(zipped, new byte[3])).hasMessage("unexpected EOF");
    assertThatThrownBy(() -> unzip(zipped, new byte[30])).hasMessage("gzip: invalid header");
    zipped[zipped.length - 1]++;
    assertThatThrownBy(() -> unzip(zipped)).hasMessage("gzip: invalid checksum");
  }

  @Test
  void aBombIsNotUnpacked() throws Exception {
    byte[] zipped = zip(new byte[64 << 20]);
    assertThat(zipped).hasSizeLessThan(100_000);
    assertThatThrownBy(() -> unzip(zipped)).isInstanceOf(Malformed.class).hasMessage("gzip: more than 33554432 bytes unpacked");
    assertThat(Gzip.unzip(Unpooled.wrappedBuffer(zip(new byte[1000])), 1000).readableBytes()).isEqualTo(1000);
  }

  /** Also the names that are none, as public servers take them. */
  @ParameterizedTest
  @CsvSource({"0, false", "1, false", "2, true", "3, true", "4, false", "6, true", "8, false", "10, true", "12, false", "14, true", "240, false"})
  void flagsThatMeanGzip(int flags, boolean zipped) {
    assertThat(new Frame(1, flags, Unpooled.EMPTY_BUFFER).zipped()).isEqualTo(zipped);
  }
}
