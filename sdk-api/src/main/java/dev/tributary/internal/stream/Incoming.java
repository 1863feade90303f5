package dev.tributary.internal.stream;

import dev.tributary.ResourceName;
import dev.tributary.error.UndecodableException;
import dev.tributary.internal.Buffer;
import dev.tributary.internal.Calls;
import dev.tributary.internal.Payloads;
import dev.tributary.observe.Operation;
import dev.tributary.stream.EventKey;
import dev.tributary.stream.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is done to messages on their way to the user. */
final class Incoming {
  private Incoming() {}

  static <T> Message<T> decode(Payloads<T> payloads, Message<byte[]> message) {
    if (payloads.raw()) {
      @SuppressWarnings("unchecked") // T is byte[]
      Message<T> same = (Message<T>) message;
      return same;
    }
    return message.withValue(payloads.decode(message.value(), message.position()));
  }

  /** What a message holds while it waits. */
  static long bytes(Message<byte[]> message) {
    EventKey key = message.key();
    return Buffer.ITEM + Payloads.held(message.value(), message.headers()) + (key == null ? 0 : key.size());
  }

  static <T> List<Message<T>> decodeAll(Payloads<T> payloads, List<Message<byte[]>> messages) {
    if (payloads.raw()) {
      @SuppressWarnings({"unchecked", "rawtypes"}) // T is byte[]
      List<Message<T>> same = (List) messages;
      return List.copyOf(same);
    }
    List<Message<T>> decoded = new ArrayList<>(messages.size());
    for (Message<byte[]> message : messages) {
      try {
        decoded.add(decode(payloads, message));
      } catch (UndecodableException why) {
        decoded.add(message.withoutValue(why));
      }
    }
    return List.copyOf(decoded);
  }

  /** Says that this was handed over. */
  static void handedOver(Calls calls, String operation, ResourceName name, @Nullable String group, Message<byte[]> message) {
    if (calls.watched()) {
      handedOver(calls, operation, name, group, message.partition(), List.of(message));
    }
  }

  /** Says that these were handed over. */
  static void handedOver(
      Calls calls, String operation, ResourceName name, @Nullable String group, int partition, List<? extends Message<?>> messages) {
    if (!calls.watched() || messages.isEmpty()) {
      return;
    }
    long bytes = 0;
    for (Message<?> message : messages) {
      if (!(message.value() instanceof byte[] raw)) {
        bytes = -1;
        break;
      }
      bytes += raw.length;
    }
    calls
        .observe(
            Operation.Kind.RECEIVE,
            operation,
            name,
            group,
            partition,
            messages.size(),
            bytes,
            null,
            linked(messages))
        .end(null);
  }

  private static List<Map<String, String>> linked(List<? extends Message<?>> messages) {
    List<Map<String, String>> linked = new ArrayList<>(messages.size());
    messages.forEach(message -> linked.add(message.headers()));
    return linked;
  }
}
