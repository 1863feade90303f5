package dev.tributary.vertx.internal.goqueue.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tributary.stream.Message;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a partition holds from an offset on.
 *
 * @param messages in order, from that offset on
 * @param next where to read on: behind the last message, and behind what will never be one
 */
public record Page(List<Message<byte[]>> messages, long next) {
  /** Reads one that was asked for from this offset on. */
  public static Page of(int partition, long from, Buffer answer) {
    Reader reader = new Reader(partition, from);
    JsonPull.elements(answer, "messages", reader::message, reader::field);
    return new Page(reader.messages, Math.max(reader.behind, reader.next));
  }

  /** Nothing, up to there. */
  public static Page empty(long next) {
    return new Page(List.of(), next);
  }

  /** No more than the first of its messages. */
  public Page first(int max) {
    return messages.size() <= max ? this : new Page(messages.subList(0, max), messages.get(max - 1).offset() + 1);
  }

  /** How many bytes its values have. */
  public long bytes() {
    long bytes = 0;
    for (Message<byte[]> message : messages) {
      bytes += message.value().length;
    }
    return bytes;
  }

  private static final class Reader {
    final int partition;
    final List<Message<byte[]>> messages = new ArrayList<>();
    long behind;
    long next;

    Reader(int partition, long from) {
      this.partition = partition;
      this.behind = from;
      this.next = from;
    }

    void field(String name, JsonParser json) throws IOException {
      if (name.equals("next_offset")) {
        next = JsonPull.number(json, name);
      } else {
        json.skipChildren();
      }
    }

    void message(JsonParser json) throws IOException {
      long offset = -1;
      String key = null;
      String value = null;
      Instant timestamp = null;
      int priority = 0;
      for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
        boolean absent = json.nextToken() == JsonToken.VALUE_NULL;
        switch (field) {
          case "offset" -> offset = JsonPull.number(json, field);
          case "key" -> key = absent ? null : keyOf(JsonPull.text(json, field));
          case "value" -> value = JsonPull.text(json, field);
          case "timestamp" -> timestamp = absent ? null : time(JsonPull.text(json, field));
          case "priority" -> priority = absent ? 0 : priority(JsonPull.text(json, field));
          default -> json.skipChildren();
        }
      }
      if (value == null) {
        throw Answer.protocol("a message without a value");
      }
      if (offset < behind || offset == Long.MAX_VALUE) {
        throw Answer.protocol("a message at offset " + offset + " of partition " + partition + ", where " + behind + " or more was due");
      }
      behind = offset + 1;
      Envelope content = Envelope.decode(value);
      messages.add(new Message<>(content.value(), key, content.headers(), partition, offset, timestamp, priority));
    }

    private static @Nullable String keyOf(String key) {
      return key.isEmpty() ? null : key;
    }

    private static Instant time(String text) {
      try {
        return GoTime.parse(text).toInstant();
      } catch (DateTimeException unreadable) {
        throw Answer.protocol("a time that is none: " + text);
      }
    }

    private static int priority(String name) {
      return Priorities.parse(name).orElseThrow(() -> Answer.protocol("a priority that is none: " + name));
    }
  }
}
