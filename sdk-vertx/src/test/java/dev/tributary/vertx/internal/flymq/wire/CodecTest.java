package dev.tributary.vertx.internal.flymq.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.error.InvalidRequestException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class CodecTest {
  private static final String LONGEST = "x".repeat(65_535);

  @Test
  void everyTruncationIsMalformedOrMeansWhatIsLeftOut() throws Exception {
    for (Vector vector : Vector.all()) {
      Frame whole = Vector.frame(vector.request());
      Opcode opcode = Opcode.of(whole.opcode());
      if (opcode == null || whole.zipped() || Vector.frame(vector.answer()).opcode() == ErrorStyle.OPCODE) {
        continue;
      }
      String all = opcode.request(whole).toString();
      for (int length = 0; length < whole.payload().readableBytes(); length++) {
        Frame cut = new Frame(whole.opcode(), whole.flags(), whole.payload().slice(0, length));
        try {
          assertThat(opcode.request(cut)).as("%s cut at %d", vector, length).isNotNull();
          assertThat(opcode).as("what may be left out, instead of %s", all).isIn(
              Opcode.FETCH, Opcode.FETCH_BINARY, Opcode.LIST_SCHEMAS, Opcode.CLUSTER_METADATA, Opcode.USER_UPDATE, Opcode.USER_CREATE);
        } catch (Malformed expected) {
          assertThat(expected.text()).isIn("buffer too small", "invalid binary format");
        }
      }
    }
  }

  @Test
  void whatIsBehindTheLastFieldIsIgnored() throws Exception {
    for (Vector vector : Vector.all()) {
      Frame whole = Vector.frame(vector.request());
      Opcode opcode = Opcode.of(whole.opcode());
      if (opcode != null && !whole.zipped() && Vector.frame(vector.answer()).opcode() != ErrorStyle.OPCODE && !vector.name().contains("without")
          && whole.payload().isReadable()) {
        Frame longer = new Frame(whole.opcode(), whole.flags(), Unpooled.wrappedBuffer(whole.payload(), Unpooled.wrappedBuffer(new byte[] {1, 2, 3})));
        assertThat(Vector.bytes(Frame.of(opcode, opcode.request(longer)))).isEqualTo(vector.request());
      }
    }
  }

  @Test
  void textsAreAsLongAsTheirLengthCanSay() throws Exception {
    Frame frame = Vector.frame(Vector.bytes(Frame.of(Opcode.DELETE_TOPIC, new Requests.Name(LONGEST))));
    assertThat(Opcode.DELETE_TOPIC.request(frame)).isEqualTo(new Requests.Name(LONGEST));
    assertThatThrownBy(() -> Frame.of(Opcode.DELETE_TOPIC, new Requests.Name(LONGEST + "x")))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("65536 bytes");
    assertThatThrownBy(() -> Frame.of(Opcode.SUBSCRIBE, new Requests.Subscribe("t", "g", 0, "é".repeat(128))))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("256 bytes, more than 255");
  }

  @Test
  void whatCannotBeWrittenLeavesNothingBehind() {
    ByteBuf out = Unpooled.buffer().writeByte(7);
    assertThatThrownBy(() -> Frame.write(out, 1, new Requests.Name(LONGEST + "x"))).isInstanceOf(InvalidRequestException.class);
    assertThat(out.readableBytes()).isEqualTo(1);
  }

  @Test
  void namesThatAreNoTextAreRefusedWhenAskedForAndShownWhenListed() throws Exception {
    ByteBuf name = Unpooled.buffer().writeShort(2).writeByte(0xff).writeByte('a');
    assertThatThrownBy(() -> Opcode.DELETE_TOPIC.request(new Frame(9, 1, name))).isInstanceOf(Malformed.class);
    ByteBuf names = Unpooled.buffer().writeInt(2).writeBytes(name).writeShort(1).writeByte('b');
    assertThat(Opcode.LIST_TOPICS.answer(new Frame(8, 1, names))).isEqualTo(new Answers.Names(List.of("\ufffda", "b")));
  }

  @Test
  void countsAreComparedWithWhatIsThere() {
    for (int count : new int[] {-1, Integer.MAX_VALUE, 1 << 28, 3}) {
      ByteBuf letters = Unpooled.buffer().writeInt(count).writeZero(24);
      assertThatThrownBy(() -> Opcode.FETCH_DLQ.answer(new Frame(0x20, 1, letters))).isInstanceOf(Malformed.class);
    }
    ByteBuf roles = Unpooled.buffer().writeZero(6).writeInt(10_001).writeZero(30_000);
    assertThatThrownBy(() -> Opcode.USER_CREATE.request(new Frame(0x73, 1, roles))).as("more than anybody has").isInstanceOf(Malformed.class);
  }

  @Test
  void passwordsAreNotShown() {
    assertThat(new Requests.Login("me", "secret").toString()).contains("me").doesNotContain("secret");
    assertThat(new Requests.User("me", "secret", "older", List.of("admin"), true).toString()).contains("me").doesNotContain("secret", "older");
  }

  @Test
  void errorsAreReadInEveryStyle() throws Exception {
    for (ErrorStyle style : ErrorStyle.values()) {
      for (String text : List.of("", "EOF", "topic not found: nope", "naïve", "x".repeat(70_000))) {
        ByteBuf out = Unpooled.buffer();
        style.write(out, text);
        String read = ErrorStyle.text(Vector.frame(Vector.bytes(out)));
        assertThat(text).as(style.name()).startsWith(read);
        assertThat(read.length()).isEqualTo(Math.min(text.length(), 10_000));
      }
    }
  }

  @Test
  void eachOperationHasACodeOfItsOwn() {
    assertThat(Arrays.stream(Opcode.values()).map(Opcode::code).distinct()).hasSameSizeAs(Opcode.values());
    assertThat(Arrays.stream(Opcode.values()).map(opcode -> Opcode.of(opcode.code()))).containsExactly(Opcode.values());
    assertThat(Opcode.of(0xFE)).isNull();
  }
}
