package dev.tributary.testkit.server.goqueue.internal.shipped;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.stream.Message;
import dev.tributary.testkit.server.goqueue.internal.store.Reads;
import dev.tributary.testkit.server.goqueue.internal.store.Topic;
import dev.tributary.testkit.server.goqueue.internal.store.Topics;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Reading as public servers do it: again and again the first message of the highest priority that is left, from the place just behind the
 * one before. So a message that has one of a higher priority behind it is not read at all. Nor are messages whose time has not come.
 */
public final class ShippedReads extends Reads {
  private final ShippedDelays delays;

  public ShippedReads(Topics topics, ShippedDelays delays) {
    super(topics);
    this.delays = delays;
  }

  @Override
  public CompletableFuture<List<Message<byte[]>>> read(Topic topic, int partition, long offset, int limit, Deadline deadline) {
    return Steps.then(
        all(topic, partition, offset, Integer.MAX_VALUE, deadline),
        messages ->
            Steps.map(
                delays.settled(topic.name()),
                settled -> byPriority(messages.stream().filter(message -> !delays.hides(topic.name(), message.offset())).toList(), limit)));
  }

  private static List<Message<byte[]>> byPriority(List<Message<byte[]>> messages, int limit) {
    // What is read is what no later message outranks: seen from the end, whatever is at least as high as all that follow.
    List<Message<byte[]>> read = new ArrayList<>();
    int highest = Integer.MIN_VALUE;
    for (int i = messages.size() - 1; i >= 0; i--) {
      if (messages.get(i).priority() >= highest) {
        highest = messages.get(i).priority();
        read.add(messages.get(i));
      }
    }
    Collections.reverse(read);
    return read.subList(0, Math.min(limit, read.size()));
  }
}
