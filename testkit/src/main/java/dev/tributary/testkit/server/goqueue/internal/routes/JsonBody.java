package dev.tributary.testkit.server.goqueue.internal.routes;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.vertx.internal.goqueue.wire.Text;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An object of a request, read as GoQueue reads it: names match whatever their case, {@code null} is as good as nothing, and what is not
 * asked for is not looked at. A value of another type than is asked for is a {@link MalformedBody}: ask for all of them before any is
 * checked.
 */
final class JsonBody {
  private static final JsonFactory JSON = new JsonFactory();

  private final Map<String, @Nullable Object> values;

  private JsonBody(Map<String, @Nullable Object> values) {
    this.values = values;
  }

  /** The body of a request. What comes after its first value is not read. */
  static JsonBody of(HttpCall call) {
    return of(call.content().toString(StandardCharsets.UTF_8));
  }

  /** The same; a body without anything in it is an empty object. */
  static JsonBody ofOptional(HttpCall call) {
    return call.content().length() == 0 ? new JsonBody(Map.of()) : of(call);
  }

  static JsonBody of(String json) {
    try (JsonParser parser = JSON.createParser(json)) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        throw new MalformedBody("EOF");
      }
      return object("value", value(parser));
    } catch (JsonProcessingException wrong) {
      throw new MalformedBody(wrong.getOriginalMessage());
    } catch (IOException impossible) {
      throw new UncheckedIOException("reading from memory", impossible);
    }
  }

  private static @Nullable Object value(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT) {
      Map<String, @Nullable Object> object = new LinkedHashMap<>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = replaceLone(parser.currentName());
        parser.nextToken();
        // The last of a name counts, also among names that differ in their case.
        object.remove(name);
        object.put(name, value(parser));
      }
      return object;
    } else if (token == JsonToken.START_ARRAY) {
      List<@Nullable Object> array = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        array.add(value(parser));
      }
      return array;
    }
    return switch (token) {
      case VALUE_STRING -> replaceLone(parser.getText());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }

  /** The same text with U+FFFD for every half of a surrogate pair. */
  private static String replaceLone(String text) {
    return Text.isUnicode(text) ? text : new String(text.getBytes(StandardCharsets.UTF_16BE), StandardCharsets.UTF_16BE);
  }

  private static JsonBody object(String name, @Nullable Object value) {
    return new JsonBody(map(name, value));
  }

  @SuppressWarnings("unchecked") // it was read as such
  private static Map<String, @Nullable Object> map(String name, @Nullable Object value) {
    if (value == null) {
      return Map.of();
    } else if (value instanceof Map<?, ?> map) {
      return (Map<String, @Nullable Object>) map;
    }
    throw wrong(name, value, "an object");
  }

  private static List<?> list(String name, @Nullable Object value) {
    if (value == null) {
      return List.of();
    } else if (value instanceof List<?> list) {
      return list;
    }
    throw wrong(name, value, "an array");
  }

  private static MalformedBody wrong(String name, Object value, String wanted) {
    String kind =
        value instanceof String ? "a string" : value instanceof Number ? "the number " + value
            : value instanceof Boolean ? "a boolean" : value instanceof List ? "an array" : "an object";
    return new MalformedBody(name + " is " + kind + ", not " + wanted);
  }

  private @Nullable Object value(String key) {
    Object found = null;
    for (Map.Entry<String, @Nullable Object> entry : values.entrySet()) {
      if (entry.getKey().equalsIgnoreCase(key) && entry.getValue() != null) {
        found = entry.getValue();
      }
    }
    return found;
  }

  /** Whether there is a value of this name. */
  boolean has(String key) {
    return value(key) != null;
  }

  /** A text; empty if it is not there. */
  String text(String key) {
    return text(key, value(key));
  }

  private static String text(String name, @Nullable Object value) {
    if (value == null) {
      return "";
    } else if (value instanceof String text) {
      return text;
    }
    throw wrong(name, value, "a string");
  }

  /** A whole number of 64 bits; 0 if it is not there. */
  long number(String key) {
    return number(key, value(key), Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /** A whole number of 32 bits; 0 if it is not there. */
  int int32(String key) {
    return (int) number(key, value(key), Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  /** A whole number of 16 bits; 0 if it is not there. */
  int int16(String key) {
    return (int) number(key, value(key), Short.MIN_VALUE, Short.MAX_VALUE);
  }

  private static long number(String name, @Nullable Object value, long least, long most) {
    if (value == null) {
      return 0;
    } else if (value instanceof Integer || value instanceof Long) {
      long number = ((Number) value).longValue();
      if (number >= least && number <= most) {
        return number;
      }
    }
    throw wrong(name, value, "a whole number from " + least + " to " + most);
  }

  /** Yes or no; no if it is not there. */
  boolean flag(String key) {
    return flag(key, false);
  }

  /** Yes or no, or this if it is not there. */
  boolean flag(String key, boolean missing) {
    Object value = value(key);
    if (value == null) {
      return missing;
    } else if (value instanceof Boolean flag) {
      return flag;
    }
    throw wrong(key, value, "a boolean");
  }

  /** Texts, {@code null} as empty ones; none if it is not there. */
  List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    list(key, value(key)).forEach(value -> texts.add(text(key, value)));
    return texts;
  }

  /** Whole numbers of 32 bits; none if it is not there. */
  List<Integer> ints(String key) {
    List<Integer> ints = new ArrayList<>();
    list(key, value(key)).forEach(value -> ints.add((int) number(key, value, Integer.MIN_VALUE, Integer.MAX_VALUE)));
    return ints;
  }

  /** Objects, {@code null} as empty ones; none if it is not there. */
  List<JsonBody> objects(String key) {
    List<JsonBody> objects = new ArrayList<>();
    list(key, value(key)).forEach(value -> objects.add(object(key, value)));
    return objects;
  }

  /** By topic, then by what stands for the partition, whole numbers of 64 bits. The names of both count as they are written. */
  Map<String, Map<String, Long>> numbersByTopic(String key) {
    Map<String, Map<String, Long>> byTopic = new LinkedHashMap<>();
    map(key, value(key))
        .forEach(
            (topic, partitions) -> {
              Map<String, Long> numbers = new LinkedHashMap<>();
              map(topic, partitions).forEach((name, value) -> numbers.put(name, number(name, value, Long.MIN_VALUE, Long.MAX_VALUE)));
              byTopic.put(topic, numbers);
            });
    return byTopic;
  }
}
