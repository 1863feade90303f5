package dev.tributary.vertx.internal.goqueue.client;

import dev.tributary.error.NotFoundException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.stream.EventKey;
import dev.tributary.stream.Message;
import dev.tributary.vertx.internal.envelope.Envelope;
import dev.tributary.vertx.internal.goqueue.wire.BadAnswer;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import dev.tributary.vertx.internal.goqueue.wire.Priorities;
import dev.tributary.vertx.internal.goqueue.wire.Sizes;
import dev.tributary.vertx.internal.source.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Reads partitions by offset: no group, no lease, nothing on the server changes. Thread-safe. */
public class Reading {
  private final Api api;
  private final Topics topics;

  public Reading(Api api, Topics topics) {
    this.api = api;
    this.topics = topics;
  }

  /** Up to so many messages of a partition from this offset on; none only if there are none. */
  public CompletableFuture<Page> messages(String topic, int partition, long offset, int max, Deadline deadline) {
    return Steps.then(
        page(topic, partition, offset, max, deadline),
        page ->
            page.messages().isEmpty() && page.next() > offset
                ? messages(topic, partition, page.next(), max, deadline)
                : CompletableFuture.completedFuture(page));
  }

  /**
   * Up to so many messages of a partition from this offset on; fewer if they are larger than this client takes at a time. One without
   * messages is the end of the partition only if it leads no further.
   */
  public CompletableFuture<Page> page(String topic, int partition, long offset, int max, Deadline deadline) {
    int limit = Math.max(1, Math.min(max, Sizes.PAGE));
    String path = Topics.path(topic) + "/partitions/" + partition + "/messages?offset=" + offset + "&limit=" + limit;
    return Steps.recover(
        Steps.map(api.get(path, Messages.Read.class, deadline), answer -> page(partition, offset, answer)),
        error -> again(topic, partition, offset, limit, deadline, error));
  }

  private CompletableFuture<Page> again(String topic, int partition, long offset, int limit, Deadline deadline, TributaryException error) {
    if (error instanceof PayloadTooLargeException && limit > 1) {
      return page(topic, partition, offset, limit / 2, deadline);
    }
    if (error instanceof NotFoundException) {
      topics.forget(topic);
    }
    throw error;
  }

  /** What was answered where a partition was asked for from this offset on. */
  private static Page page(int partition, long from, Messages.Read answer) {
    long behind = from;
    List<Message<byte[]>> messages = new ArrayList<>(answer.messages().size());
    for (Messages.ReadMessage message : answer.messages()) {
      long offset = message.offset();
      if (offset < behind || offset == Long.MAX_VALUE) {
        throw BadAnswer.of("a message at offset " + offset + " of partition " + partition + ", where " + behind + " or more was due");
      }
      behind = offset + 1;
      messages.add(message(partition, message));
    }
    long next = Math.max(behind, answer.nextOffset());
    return new Page(messages, next, next == from);
  }

  private static Message<byte[]> message(int partition, Messages.ReadMessage message) {
    Envelope content = Envelope.decode(message.value());
    int priority =
        Priorities.parse(message.priority())
            .orElseThrow(() -> BadAnswer.of("a priority that is none: " + BadAnswer.shortened(message.priority())));
    return new Message<>(
        content.value(),
        message.key().isEmpty() ? null : EventKey.of(message.key()),
        content.headers(),
        partition,
        message.offset(),
        message.timestamp(),
        priority);
  }
}
