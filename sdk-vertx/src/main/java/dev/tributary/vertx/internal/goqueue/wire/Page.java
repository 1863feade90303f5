package dev.tributary.vertx.internal.goqueue.wire;

import dev.tributary.stream.Message;
import java.util.ArrayList;
import java.util.List;

/**
 * What a partition holds from an offset on.
 *
 * @param messages in order, from that offset on
 * @param next where to read on: behind the last message, and behind what will never be one
 */
public record Page(List<Message<byte[]>> messages, long next) {
  /** What was answered where a partition was asked for from this offset on. */
  public static Page of(int partition, long from, Messages.Read answer) {
    long behind = from;
    List<Message<byte[]>> messages = new ArrayList<>(answer.messages().size());
    for (Messages.ReadMessage message : answer.messages()) {
      long offset = message.offset();
      if (offset < behind || offset == Long.MAX_VALUE) {
        throw BadAnswer.of("a message at offset " + offset + " of partition " + partition + ", where " + behind + " or more was due");
      }
      behind = offset + 1;
      Envelope content = Envelope.decode(message.value());
      messages.add(
          new Message<>(
              content.value(),
              message.key().isEmpty() ? null : message.key(),
              content.headers(),
              partition,
              offset,
              message.timestamp(),
              priority(message.priority())));
    }
    return new Page(messages, Math.max(behind, answer.nextOffset()));
  }

  private static int priority(String name) {
    return Priorities.parse(name).orElseThrow(() -> BadAnswer.of("a priority that is none: " + BadAnswer.shortened(name)));
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
}
