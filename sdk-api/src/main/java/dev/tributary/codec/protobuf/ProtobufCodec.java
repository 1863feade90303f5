package dev.tributary.codec.protobuf;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.tributary.codec.Codec;
import java.util.Objects;

/** Messages of one protocol buffers type, without a length before them. */
@SuppressWarnings("exports") // whoever uses it has protobuf; whoever does not need not
public final class ProtobufCodec<T extends MessageLite> implements Codec<T> {
  private final Parser<T> parser;

  private ProtobufCodec(Parser<T> parser) {
    this.parser = Objects.requireNonNull(parser, "parser");
  }

  /** Messages that this parser reads. */
  public static <T extends MessageLite> ProtobufCodec<T> of(Parser<T> parser) {
    return new ProtobufCodec<>(parser);
  }

  /** Messages of the type of this one: {@code ProtobufCodec.of(Order.getDefaultInstance())}. */
  @SuppressWarnings("unchecked") // the parser of a message's own type
  public static <T extends MessageLite> ProtobufCodec<T> of(T defaultInstance) {
    return new ProtobufCodec<>((Parser<T>) defaultInstance.getParserForType());
  }

  @Override
  public byte[] encode(T value) {
    return value.toByteArray();
  }

  @Override
  public T decode(byte[] bytes) throws InvalidProtocolBufferException {
    return parser.parseFrom(bytes);
  }
}
