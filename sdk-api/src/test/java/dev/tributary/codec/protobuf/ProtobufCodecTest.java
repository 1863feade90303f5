package dev.tributary.codec.protobuf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.StringValue;
import dev.tributary.codec.Codec;
import org.junit.jupiter.api.Test;

class ProtobufCodecTest {
  private static final StringValue MESSAGE = StringValue.of("hello");

  @Test
  void byParserOrByExample() throws Exception {
    Codec<StringValue> byParser = ProtobufCodec.of(StringValue.parser());
    Codec<StringValue> byExample = ProtobufCodec.of(StringValue.getDefaultInstance());
    assertThat(byParser.encode(MESSAGE)).isEqualTo(MESSAGE.toByteArray());
    assertThat(byParser.decode(byExample.encode(MESSAGE))).isEqualTo(MESSAGE);
    assertThat(byExample.decode(byParser.encode(MESSAGE))).isEqualTo(MESSAGE);
  }

  @Test
  void bytesThatAreNotTheMessageAreAnError() {
    assertThatThrownBy(() -> ProtobufCodec.of(StringValue.parser()).decode(new byte[] {10, 5, 'x'}))
        .isInstanceOf(InvalidProtocolBufferException.class);
  }
}
