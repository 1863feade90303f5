package dev.tributary.vertx.internal.flymq.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Everything that went over the wire of a public server is read, and written again as it was. */
class VectorsTest {
  /** What they leave out is written out here; what reads the same. */
  private static final Set<String> SHORTENED =
      Set.of("FETCH without the filter field", "LIST_SCHEMAS all", "USER_UPDATE bob producer, without the enabled byte (= disabled)");

  static List<Vector> vectors() {
    return Vector.all();
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void requests(Vector vector) throws Exception {
    Frame frame = Vector.frame(vector.request());
    Opcode opcode = Opcode.of(frame.opcode());
    if (opcode == null) {
      assertThat(text(vector)).isEqualTo("unknown opcode: " + frame.opcode());
      return;
    }
    if (frame.zipped() && text(vector) != null) {
      assertThatThrownBy(frame::unzipped).isInstanceOf(Malformed.class).hasMessage(text(vector));
      return;
    }
    Message request;
    try {
      request = opcode.request(frame.unzipped());
    } catch (Malformed refused) {
      assertThat(opcode.malformedPrefix() + refused.text()).isEqualTo(text(vector));
      assertThat(write(opcode.malformed(), Objects.requireNonNull(text(vector)))).isEqualTo(vector.answer());
      return;
    }
    byte[] again = Vector.bytes(Frame.of(opcode, request));
    if (SHORTENED.contains(vector.name())) {
      assertThat(again).hasSizeGreaterThan(vector.request().length);
      assertThat(Vector.bytes(Frame.of(opcode, opcode.request(Vector.frame(again))))).isEqualTo(again);
    } else if (!frame.zipped()) {
      assertThat(again).isEqualTo(vector.request());
    }
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void answers(Vector vector) throws Exception {
    Frame frame = Vector.frame(vector.answer());
    Opcode opcode = Opcode.of(Vector.frame(vector.request()).opcode());
    if (frame.opcode() == ErrorStyle.OPCODE) {
      assertThat(styles(ErrorStyle.text(frame))).anySatisfy(written -> assertThat(written).isEqualTo(vector.answer()));
      return;
    }
    assertThat(opcode).isNotNull();
    assertThat(frame.opcode()).isEqualTo(Objects.requireNonNull(opcode).answerCode());
    ByteBuf again = Unpooled.buffer();
    Frame.write(again, opcode.answerCode(), opcode.answer(frame));
    assertThat(Vector.bytes(again)).isEqualTo(vector.answer());
  }

  /** The text of the error that was answered, or null. */
  private static String text(Vector vector) throws Malformed {
    Frame frame = Vector.frame(vector.answer());
    return frame.opcode() == ErrorStyle.OPCODE ? ErrorStyle.text(frame) : null;
  }

  private static List<byte[]> styles(String text) {
    return Arrays.stream(ErrorStyle.values()).map(style -> write(style, text)).toList();
  }

  private static byte[] write(ErrorStyle style, String text) {
    ByteBuf out = Unpooled.buffer();
    style.write(out, text);
    return Vector.bytes(out);
  }
}
