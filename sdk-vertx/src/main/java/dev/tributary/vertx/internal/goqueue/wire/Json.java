package dev.tributary.vertx.internal.goqueue.wire;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.cfg.MutableConfigOverride;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.deser.std.StringDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.databind.type.TypeFactory;
import com.fasterxml.jackson.databind.util.LRUMap;
import com.fasterxml.jackson.databind.util.LookupCache;
import dev.tributary.vertx.internal.envelope.Text;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * The records of this room as JSON. What is left out, or null, is what the server's language makes of it: no text, no elements, 0, false; null
 * where that can be told apart. A value of another type is refused, never converted.
 */
public final class Json {
  private static final LookupCache<Object, JavaType> TYPES = new LRUMap<>(16, 200);

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  // Buffers that threads keep would hold the class loader of this library for as long as threads live that are not ours.
                  .recyclerPool(JsonRecyclerPools.newConcurrentDequePool())
                  // What may arrive at all is limited where it arrives.
                  .streamReadConstraints(StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
                  .build())
          // The common one keeps types for all who use Jackson, for ever.
          .typeFactory(TypeFactory.defaultInstance().withCache(TYPES))
          .addModule(GoModule.create())
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .defaultPropertyInclusion(JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
          .withConfigOverride(String.class, Json::emptyForNull)
          .withConfigOverride(List.class, Json::emptyForNull)
          .withConfigOverride(Map.class, Json::emptyForNull)
          .addMixIn(Record.class, WithMore.class)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .withCoercionConfig(
              LogicalType.Textual,
              text ->
                  text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
          // What is behind a message is of another, which is then missing elsewhere.
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** The same as a server reads requests: all languages write them. */
  private static final JsonMapper REQUESTS =
      MAPPER
          .rebuild()
          .addModule(new SimpleModule("Requests").addDeserializer(String.class, new WholeCharacters()))
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
          .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .withConfigOverride(List.class, type -> type.setSetterInfo(JsonSetter.Value.construct(Nulls.AS_EMPTY, Nulls.SET)))
          .withConfigOverride(Map.class, type -> type.setSetterInfo(JsonSetter.Value.construct(Nulls.AS_EMPTY, Nulls.AS_EMPTY)))
          .build();

  private Json() {}

  /** Newer servers say more than records have. Said of the type, so that what nobody asked for is skipped; of the mapper, it is kept until the end. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  private interface WithMore {}

  private static void emptyForNull(MutableConfigOverride type) {
    type.setSetterInfo(JsonSetter.Value.construct(Nulls.AS_EMPTY, Nulls.FAIL));
  }

  /** A message as it is sent. */
  public static Buffer write(Object message) {
    return BufferInternal.buffer(Unpooled.wrappedBuffer(bytes(message)));
  }

  /** A message in bytes. */
  public static byte[] bytes(Object message) {
    try {
      return MAPPER.writeValueAsBytes(message);
    } catch (JsonProcessingException unspeakable) {
      throw new UncheckedIOException(unspeakable);
    }
  }

  /** For messages of a type one right behind the other, each written as soon as it is given. */
  public static ObjectWriter sequences(Class<?> type) {
    return MAPPER.writerFor(type).withRootValueSeparator("");
  }

  /**
   * Reads a message.
   *
   * @throws dev.tributary.error.ProtocolViolationException if it is none of this type
   */
  public static <T> T read(Buffer json, Class<T> type) {
    return read(json.getBytes(), type);
  }

  /**
   * Reads a message.
   *
   * @throws dev.tributary.error.ProtocolViolationException if it is none of this type
   */
  public static <T> T read(byte[] json, Class<T> type) {
    try (JsonParser parser = MAPPER.createParser(json)) {
      try {
        T message = MAPPER.readerFor(type).readValue(parser);
        if (message == null) {
          throw BadAnswer.of("it is null");
        }
        return message;
      } catch (JsonProcessingException unreadable) {
        throw Mismatch.of(json, parser, unreadable);
      }
    } catch (IOException fromMemory) {
      throw new UncheckedIOException(fromMemory);
    }
  }

  /**
   * Reads a request as servers do: names match whatever their case, null is as good as nothing, half a surrogate pair is replaced, and what is behind
   * the message is not looked at. A value of another type is refused all the same. A list of records may have nulls.
   *
   * @throws IllegalArgumentException if it is none of this type, with what is wrong
   */
  public static <T> T readRequest(Buffer request, Class<T> type) {
    byte[] json = request.getBytes();
    try (JsonParser parser = REQUESTS.createParser(json)) {
      try {
        T message = REQUESTS.readerFor(type).readValue(parser);
        return message == null ? REQUESTS.readerFor(type).readValue("{}") : message;
      } catch (JsonProcessingException unreadable) {
        throw new IllegalArgumentException(Mismatch.what(json, parser, unreadable), unreadable);
      }
    } catch (IOException fromMemory) {
      throw new UncheckedIOException(fromMemory);
    }
  }

  /** Texts without half surrogate pairs. */
  private static final class WholeCharacters extends StdScalarDeserializer<String> {
    private static final long serialVersionUID = 1L;

    WholeCharacters() {
      super(String.class);
    }

    @Override
    public String deserialize(JsonParser json, DeserializationContext context) throws IOException {
      return Text.whole(StringDeserializer.instance.deserialize(json, context));
    }

    @Override
    public String getNullValue(DeserializationContext context) {
      return "";
    }

    @Override
    public Object getEmptyValue(DeserializationContext context) {
      return "";
    }

    @Override
    public LogicalType logicalType() {
      return LogicalType.Textual;
    }
  }
}
