package dev.tributary.vertx.internal.goqueue.wire;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.ProtocolException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An object in a server's answer. A field that is not as the protocol has it is a {@code ProtocolException}. */
public final class Answer {
  /** What partitions are counted in must not be what a damaged answer says: something is kept here for each. */
  private static final int MOST_PARTITIONS = 100_000;

  private final JsonObject json;

  private Answer(JsonObject json) {
    this.json = json;
  }

  /** Of a JSON value, an object. */
  public static Answer of(@Nullable Object value) {
    if (value instanceof JsonObject object) {
      return new Answer(object);
    }
    throw not("the answer", "an object", value);
  }

  /** The texts of a JSON value, an array. */
  public static List<String> texts(@Nullable Object value) {
    return list(value, "the answer", element -> text(element, "the answer"));
  }

  /** The numbers of a JSON value, an array. */
  public static List<Integer> integers(@Nullable Object value) {
    return list(value, "the answer", element -> integer(element, "the answer"));
  }

  /** Whether there is such a field, and it is not null. */
  public boolean has(String field) {
    return json.getValue(field) != null;
  }

  /** A text that must be there. */
  public String text(String field) {
    return text(json.getValue(field), field);
  }

  /** A text, or this if it is not there. */
  public String text(String field, String otherwise) {
    return has(field) ? text(field) : otherwise;
  }

  /** An integer that must be there. */
  public int integer(String field) {
    return integer(json.getValue(field), field);
  }

  /** A number that must be there. */
  public long number(String field) {
    return number(json.getValue(field), field);
  }

  /** A number, or this if it is not there. */
  public long number(String field, long otherwise) {
    return has(field) ? number(field) : otherwise;
  }

  /** An offset that must be there. */
  public long offset(String field) {
    long offset = number(field);
    if (offset < 0 || offset == Long.MAX_VALUE) {
      throw not(field, "an offset", offset);
    }
    return offset;
  }

  /** The number of a partition that must be there. */
  public int partition(String field) {
    return partition(integer(field), field);
  }

  /** The numbers of partitions in an array; none if it is not there. */
  public List<Integer> partitions(String field) {
    return has(field) ? list(json.getValue(field), field, element -> partition(integer(element, field), field)) : List.of();
  }

  private static int partition(int number, String field) {
    if (number < 0 || number >= MOST_PARTITIONS) {
      throw not(field, "a partition", number);
    }
    return number;
  }

  /** How many partitions, which must be there: at least 1, and no more than a topic may sensibly have. */
  public int partitionCount(String field) {
    int count = integer(field);
    if (count < 1 || count > MOST_PARTITIONS) {
      throw protocol("a topic of " + count + " partitions");
    }
    return count;
  }

  /** A boolean that must be there. */
  public boolean flag(String field) {
    Object value = json.getValue(field);
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw not(field, "true or false", value);
  }

  /** A boolean; false if it is not there. */
  public boolean flagged(String field) {
    return has(field) && flag(field);
  }

  /** A time that must be there. */
  public Instant time(String field) {
    String text = text(field);
    try {
      return GoTime.parse(text).toInstant();
    } catch (DateTimeException unreadable) {
      throw not(field, "a time", text);
    }
  }

  /** A duration that must be there. */
  public Duration duration(String field) {
    String text = text(field);
    try {
      return GoDuration.parse(text);
    } catch (DateTimeException unreadable) {
      throw not(field, "a duration", text);
    }
  }

  /** An object that must be there. */
  public Answer object(String field) {
    Object value = json.getValue(field);
    if (value instanceof JsonObject object) {
      return new Answer(object);
    }
    throw not(field, "an object", value);
  }

  /** The objects of an array; none if it is not there. */
  public List<Answer> objects(String field) {
    return has(field)
        ? list(
            json.getValue(field),
            field,
            element -> {
              if (element instanceof JsonObject object) {
                return new Answer(object);
              }
              throw not(field, "an array of objects", element);
            })
        : List.of();
  }

  /** The texts of an array; none if it is not there. */
  public List<String> texts(String field) {
    return has(field) ? list(json.getValue(field), field, element -> text(element, field)) : List.of();
  }

  /** The integers of an array; none if it is not there. */
  List<Integer> integers(String field) {
    return has(field) ? list(json.getValue(field), field, element -> integer(element, field)) : List.of();
  }

  /** The numbers of an array; none if it is not there. */
  public List<Long> numbers(String field) {
    return has(field) ? list(json.getValue(field), field, element -> number(element, field)) : List.of();
  }

  /** The names of its fields, in the server's order. */
  public List<String> names() {
    return List.copyOf(json.fieldNames());
  }

  /** What is under each partition, where the fields are their numbers. */
  public <T> Map<Integer, T> byPartition(Function<String, T> read) {
    Map<Integer, T> partitions = new LinkedHashMap<>();
    for (String name : json.fieldNames()) {
      int partition;
      try {
        partition = Integer.parseInt(name);
      } catch (NumberFormatException noNumber) {
        throw not("a partition", "a number", name);
      }
      partitions.put(partition(partition, "a partition"), read.apply(name));
    }
    return partitions;
  }

  @Override
  public String toString() {
    return json.encode();
  }

  private static <T> List<T> list(@Nullable Object value, String field, Function<@Nullable Object, T> read) {
    if (!(value instanceof JsonArray array)) {
      throw not(field, "an array", value);
    }
    List<T> elements = new ArrayList<>(array.size());
    for (int i = 0; i < array.size(); i++) {
      elements.add(read.apply(array.getValue(i)));
    }
    return elements;
  }

  private static String text(@Nullable Object value, String field) {
    if (value instanceof String text) {
      return text;
    }
    throw not(field, "a text", value);
  }

  private static int integer(@Nullable Object value, String field) {
    long number = number(value, field);
    if (number == (int) number) {
      return (int) number;
    }
    throw not(field, "an integer", value);
  }

  private static long number(@Nullable Object value, String field) {
    if (value instanceof Long || value instanceof Integer) {
      return ((Number) value).longValue();
    }
    throw not(field, "a number", value);
  }

  private static ProtocolException not(String field, String expected, @Nullable Object value) {
    return protocol(field + " is not " + expected + (value == null ? " but missing" : " but " + shortened(value.toString())));
  }

  /** The answer is not as the protocol has it. */
  public static ProtocolException protocol(String what) {
    return new ProtocolException(
        ErrorInfo.of("an answer that GoQueue does not give: " + what, "Check that a GoQueue server is there, and its version").maybeApplied(true));
  }

  /** Not more of a text than a person reads. */
  public static String shortened(String text) {
    String stripped = text.strip();
    return stripped.length() > 200 ? stripped.substring(0, 200) + "…" : stripped;
  }
}
