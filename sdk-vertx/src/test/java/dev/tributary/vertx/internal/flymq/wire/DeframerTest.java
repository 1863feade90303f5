package dev.tributary.vertx.internal.flymq.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DeframerTest {
  private static final byte[] ALL = all();

  /** The requests of all vectors, one behind the other. */
  private static byte[] all() {
    ByteBuf all = Unpooled.buffer();
    Vector.all().forEach(vector -> all.writeBytes(vector.request()));
    return ByteBufUtil.getBytes(all);
  }

  @Test
  void framesAreTheSameHoweverTheyAreSplit() throws Exception {
    List<String> whole = frames(ALL.length);
    assertThat(whole).hasSameSizeAs(Vector.all());
    for (int size : new int[] {1, 2, 3, 7, 8, 9, 64, 1000}) {
      assertThat(frames(size)).as("pieces of %d", size).isEqualTo(whole);
    }
    Random random = new Random(1);
    for (int i = 0; i < 50; i++) {
      assertThat(frames(1 + random.nextInt(200))).isEqualTo(whole);
    }
  }

  private static List<String> frames(int size) throws Malformed {
    Deframer deframer = new Deframer(Frame.MOST_BYTES);
    List<String> frames = new ArrayList<>();
    for (int at = 0; at < ALL.length; at += size) {
      deframer.add(Unpooled.copiedBuffer(ALL, at, Math.min(size, ALL.length - at)));
      for (Frame frame = deframer.next(); frame != null; frame = deframer.next()) {
        frames.add(frame.opcode() + " " + frame.flags() + " " + ByteBufUtil.hexDump(frame.payload()));
      }
    }
    assertThat(deframer.waiting()).isZero();
    return frames;
  }

  @Test
  void whatWasNotTakenIsNeverWrittenTo() throws Exception {
    ByteBuf first = Unpooled.buffer(100).writeBytes(ALL, 0, 20);
    Deframer deframer = new Deframer(Frame.MOST_BYTES);
    deframer.add(first);
    Frame frame = deframer.next();
    deframer.add(Unpooled.copiedBuffer(ALL, 20, 20));
    assertThat(first.writerIndex()).isEqualTo(20);
    assertThat(frame).isNotNull();
  }

  /** A long connection on which no frame ever ends where a piece does. */
  @Test
  void whatWasTakenIsNotKept() throws Exception {
    byte[] frame = Vector.all().get(0).request();
    Deframer deframer = new Deframer(Frame.MOST_BYTES);
    deframer.add(Unpooled.copiedBuffer(frame, 0, 1));
    for (int i = 0; i < 1000; i++) {
      ByteBuf rest = Unpooled.buffer().writeBytes(frame, 1, frame.length - 1).writeBytes(frame, 0, 1);
      deframer.add(rest);
      Frame next = deframer.next();
      assertThat(next).isNotNull();
      assertThat(next.payload().unwrap().capacity()).isLessThan(1000);
      assertThat(deframer.next()).isNull();
      assertThat(deframer.waiting()).isEqualTo(1);
    }
  }

  @Test
  void theLargestFrameIsTakenAndNoneThatIsLarger() throws Exception {
    Deframer deframer = new Deframer(4);
    deframer.add(bytes("af01080100000004 01020304"));
    assertThat(deframer.next()).isNotNull();
    deframer.add(bytes("af01080100000005"));
    assertThatThrownBy(deframer::next).isInstanceOf(Malformed.class).hasMessage("payload of 5 bytes");
    Deframer other = new Deframer(Frame.MOST_BYTES);
    other.add(bytes("af010801ffffffff"));
    assertThatThrownBy(other::next).isInstanceOf(Malformed.class).hasMessage("payload of 4294967295 bytes");
  }

  /** However it is split, its place in the order is kept. */
  @Test
  void whatIsTooLargeIsPassedOverIfThatIsAskedFor() throws Exception {
    ByteBuf all = bytes("af01080100000001 01 af01070100000006 020202020202 af01080100000001 03");
    for (int split = 0; split <= all.readableBytes(); split++) {
      Deframer deframer = Deframer.passingOver(4);
      List<String> seen = new ArrayList<>();
      for (ByteBuf part : List.of(all.slice(0, split), all.slice(split, all.readableBytes() - split))) {
        deframer.add(part.copy());
        for (Frame frame = deframer.next(); frame != null; frame = deframer.next()) {
          seen.add(frame.opcode() + ":" + ByteBufUtil.hexDump(frame.payload()) + ":" + deframer.passedOver());
        }
      }
      assertThat(seen).containsExactly("8:01:0", "7::6", "8:03:0");
      assertThat(deframer.waiting()).isZero();
    }
  }

  @Test
  void whatIsNoFrameIsSeenAtItsFirstByte() {
    Deframer http = new Deframer(Frame.MOST_BYTES);
    http.add(Unpooled.copiedBuffer(new byte[] {'G'}));
    assertThatThrownBy(http::next).isInstanceOf(Malformed.class).hasMessage("invalid magic");
    Deframer later = new Deframer(Frame.MOST_BYTES);
    later.add(bytes("af02"));
    assertThatThrownBy(later::next).isInstanceOf(Malformed.class).hasMessage("unsupported version");
  }

  private static ByteBuf bytes(String hex) {
    return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex.replace(" ", "")));
  }
}
