package dev.tributary.codec.json;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tributary.codec.Codec;
import dev.tributary.error.InvalidRequestException;
import java.io.IOException;
import java.lang.reflect.Type;

/**
 * Values as JSON. Without a mapper of your own: Jackson modules on the class path are used, times are written as ISO-8601, properties
 * that the type does not know are skipped, so that whoever publishes may add some, and anything after the value is an error.
 */
@SuppressWarnings("exports") // whoever uses it has Jackson; whoever does not need not
public final class JsonCodec<T> implements Codec<T> {
  private final ObjectWriter writer;
  private final ObjectReader reader;

  private JsonCodec(ObjectMapper mapper, JavaType type) {
    this.writer = mapper.writerFor(type);
    this.reader = mapper.readerFor(type);
  }

  /**
   * Values of this class.
   *
   * @throws InvalidRequestException if Jackson is not on the class path
   */
  public static <T> JsonCodec<T> of(Class<T> type) {
    return of((Type) type);
  }

  /** Values of a generic type: {@code JsonCodec.of(new TypeReference<List<Order>>() {})}. */
  public static <T> JsonCodec<T> of(TypeReference<T> type) {
    return of(type.getType());
  }

  /**
   * Values of a type that reflection knows; the caller sees to it that it is {@code T}.
   *
   * @throws InvalidRequestException if Jackson is not on the class path
   */
  public static <T> JsonCodec<T> of(Type type) {
    ObjectMapper mapper = defaultMapper();
    return new JsonCodec<>(mapper, mapper.constructType(type));
  }

  /** Values of this type, read and written as this mapper is set up now. */
  public static <T> JsonCodec<T> of(ObjectMapper mapper, JavaType type) {
    return new JsonCodec<>(mapper, type);
  }

  @Override
  public byte[] encode(T value) throws IOException {
    return writer.writeValueAsBytes(value);
  }

  @Override
  public T decode(byte[] bytes) throws IOException {
    T value = reader.readValue(bytes);
    if (value == null) {
      throw new IOException("the JSON is null, which is no value");
    }
    return value;
  }

  private static ObjectMapper defaultMapper() {
    try {
      return Default.MAPPER;
    } catch (NoClassDefFoundError missing) {
      throw InvalidRequestException.of("JSON needs Jackson, which is not on the class path", "Add com.fasterxml.jackson.core:jackson-databind");
    }
  }

  /** Made when the first codec needs it: looking for modules reads the class path. */
  private static final class Default {
    static final ObjectMapper MAPPER =
        JsonMapper.builder()
            .findAndAddModules()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .build();
  }
}
