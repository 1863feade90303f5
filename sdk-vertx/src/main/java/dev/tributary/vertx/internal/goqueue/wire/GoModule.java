package dev.tributary.vertx.internal.goqueue.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.Module;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import dev.tributary.vertx.internal.envelope.Text;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;

/** Texts, times and durations in messages, as Go writes and reads them. */
final class GoModule {
  private GoModule() {}

  static Module create() {
    return new SimpleModule("Go")
        // A reason that somebody gave may have half a surrogate pair.
        .addSerializer(String.class, new AsText<>(Text::whole))
        .addSerializer(Instant.class, new AsText<>(GoTime::nanos))
        .addDeserializer(Instant.class, new OfText<>(Instant.class, text -> GoTime.parse(text).toInstant()))
        .addSerializer(Duration.class, new AsText<>(GoDuration::format))
        .addDeserializer(Duration.class, new OfText<>(Duration.class, GoDuration::parse));
  }

  private static final class AsText<T> extends JsonSerializer<T> {
    private final Function<T, String> format;

    AsText(Function<T, String> format) {
      this.format = format;
    }

    @Override
    public void serialize(T value, JsonGenerator json, SerializerProvider context) throws IOException {
      json.writeString(format.apply(value));
    }
  }

  private static final class OfText<T> extends JsonDeserializer<T> {
    private final Class<T> type;
    private final Function<String, T> parse;

    OfText(Class<T> type, Function<String, T> parse) {
      this.type = type;
      this.parse = parse;
    }

    @Override
    public T deserialize(JsonParser json, DeserializationContext context) throws IOException {
      if (json.currentToken() != JsonToken.VALUE_STRING) {
        return type.cast(context.handleUnexpectedToken(type, json));
      }
      try {
        return parse.apply(json.getText());
      } catch (DateTimeException unreadable) {
        return type.cast(context.handleWeirdStringValue(type, json.getText(), "%s", unreadable.getMessage()));
      }
    }
  }
}
