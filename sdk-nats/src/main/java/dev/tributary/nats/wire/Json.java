package dev.tributary.nats.wire;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** JSON as JetStream writes it: names in snake case, and nothing where there is nothing. What an answer has besides is passed over. */
public final class Json {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .defaultPropertyInclusion(JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private static final byte[] NOTHING = new byte[0];

  private Json() {}

  /** A value as JSON; nothing for null. */
  public static byte[] bytes(@Nullable Object value) {
    try {
      return value == null ? NOTHING : MAPPER.writeValueAsBytes(value);
    } catch (JsonProcessingException defect) {
      throw new IllegalArgumentException(defect);
    }
  }

  /** JSON as a value. */
  public static <T> T read(byte[] json, Class<T> type) throws IOException {
    T value = MAPPER.readValue(json, type);
    if (value == null) {
      throw new IOException("null");
    }
    return value;
  }
}
