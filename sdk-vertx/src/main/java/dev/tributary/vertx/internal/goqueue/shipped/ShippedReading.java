package dev.tributary.vertx.internal.goqueue.shipped;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.goqueue.client.Api;
import dev.tributary.vertx.internal.goqueue.client.Reading;
import dev.tributary.vertx.internal.goqueue.client.Topics;
import dev.tributary.vertx.internal.goqueue.wire.Sizes;
import dev.tributary.vertx.internal.source.Page;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Reads on where the published server does not look: behind places that show nothing there may be more, of which it says nothing. */
final class ShippedReading extends Reading {
  /** So many places for each message that is asked for, and no more, it looks at. */
  private static final int LOOKED_AT = 10;

  private final Api api;
  private final Topics topics;

  ShippedReading(Api api, Topics topics) {
    super(api, topics);
    this.api = api;
    this.topics = topics;
  }

  @Override
  public CompletableFuture<Page> page(String topic, int partition, long offset, int max, Deadline deadline) {
    return Steps.then(
        super.page(topic, partition, offset, max, deadline),
        page ->
            page.last()
                ? Steps.then(
                    Dialect.of(api, deadline),
                    dialect ->
                        dialect == Dialect.DECLARED
                            ? CompletableFuture.completedFuture(page)
                            : Steps.then(
                                topics.ask(topic, deadline),
                                details -> beyond(topic, partition, offset, max, page, details.of(partition).next(), deadline)))
                : CompletableFuture.completedFuture(page));
  }

  private CompletableFuture<Page> beyond(String topic, int partition, long offset, int max, Page empty, long end, Deadline deadline) {
    return end <= offset
        ? CompletableFuture.completedFuture(empty)
        : Steps.map(
            super.page(topic, partition, offset, Sizes.PAGE, deadline),
            wide ->
                wide.messages().isEmpty()
                    ? new Page(List.of(), Math.min(end, offset + LOOKED_AT * Sizes.PAGE), false)
                    : first(Math.max(1, max), wide));
  }

  /** No more than the first of its messages. */
  private static Page first(int max, Page page) {
    return page.messages().size() <= max
        ? page
        : new Page(page.messages().subList(0, max), page.messages().get(max - 1).offset() + 1, false);
  }
}
