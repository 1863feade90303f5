package dev.tributary.vertx.internal.goqueue.client;

import dev.tributary.error.NotFoundException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.stream.Message;
import dev.tributary.vertx.internal.goqueue.wire.BadAnswer;
import dev.tributary.vertx.internal.goqueue.wire.Envelope;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import dev.tributary.vertx.internal.goqueue.wire.Priorities;
import dev.tributary.vertx.internal.goqueue.wire.Sizes;
import dev.tributary.vertx.internal.net.Steps;
import dev.tributary.vertx.internal.source.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Reads partitions by offset: no group, no lease, nothing on the server changes. Thread-safe. */
public final class Reading {
  /** So many places for each message that is asked for, and no more, the public server looks at. */
  private static final int LOOKED_AT = 10;

  private final Api api;
  private final Topics topics;

  public Reading(Api api, Topics topics) {
    this.api = api;
    this.topics = topics;
  }

  /** Up to so many messages of a partition from this offset on; none only if there are none. */
  public CompletableFuture<List<Message<byte[]>>> messages(String topic, int partition, long offset, int max, Deadline deadline) {
    return Steps.then(
        page(topic, partition, offset, max, deadline),
        page ->
            page.messages().isEmpty() && page.next() > offset
                ? messages(topic, partition, page.next(), max, deadline)
                : CompletableFuture.completedFuture(page.messages()));
  }

  /**
   * Up to so many messages of a partition from this offset on; fewer if they are larger than this client takes at a time. One without
   * messages is the end of the partition only if it leads no further.
   */
  public CompletableFuture<Page> page(String topic, int partition, long offset, int max, Deadline deadline) {
    int limit = Math.max(1, Math.min(max, Sizes.PAGE));
    return Steps.then(
        plain(topic, partition, offset, limit, deadline),
        page ->
            page.last()
                ? beyond(topic, partition, offset, limit, page, deadline)
                : CompletableFuture.completedFuture(page));
  }

  /** No more than the first of its messages. */
  private static Page first(int max, Page page) {
    List<Message<byte[]>> messages = page.messages();
    return messages.size() <= max ? page : new Page(messages.subList(0, max), messages.get(max - 1).offset() + 1, false);
  }

  /** The public server does not look far: behind places that show nothing there may be more, of which it says nothing. */
  private CompletableFuture<Page> beyond(String topic, int partition, long offset, int limit, Page empty, Deadline deadline) {
    return Steps.then(
        api.dialect(deadline),
        dialect ->
            dialect == Dialect.DECLARED
                ? CompletableFuture.completedFuture(empty)
                : Steps.then(
                    topics.ask(topic, deadline),
                    details -> {
                      long end = details.of(partition).next();
                      return end <= offset
                          ? CompletableFuture.completedFuture(empty)
                          : Steps.map(
                              plain(topic, partition, offset, Sizes.PAGE, deadline),
                              wide ->
                                  wide.messages().isEmpty()
                                      ? new Page(List.of(), Math.min(end, offset + LOOKED_AT * Sizes.PAGE), false)
                                      : first(limit, wide));
                    }));
  }

  private CompletableFuture<Page> plain(String topic, int partition, long offset, int limit, Deadline deadline) {
    String path = Topics.path(topic) + "/partitions/" + partition + "/messages?offset=" + offset + "&limit=" + limit;
    return Steps.recover(
        Steps.map(api.get(path, Messages.Read.class, deadline), answer -> page(partition, offset, answer)),
        error -> again(topic, partition, offset, limit, deadline, error));
  }

  private CompletableFuture<Page> again(String topic, int partition, long offset, int limit, Deadline deadline, TributaryException error) {
    if (error instanceof PayloadTooLargeException && limit > 1) {
      return plain(topic, partition, offset, limit / 2, deadline);
    }
    if (error instanceof NotFoundException) {
      topics.forget(topic);
    }
    return CompletableFuture.failedFuture(error);
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
        content.value(), message.key().isEmpty() ? null : message.key(), content.headers(), partition, message.offset(), message.timestamp(), priority);
  }
}
