package dev.tributary.vertx.internal.goqueue;

import dev.tributary.error.NotFoundException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.vertx.internal.net.Steps;
import java.util.concurrent.CompletableFuture;

/** Reads partitions by offset: no group, no lease, nothing on the server changes. Thread-safe. */
final class Reading {
  private final Api api;
  private final Topics topics;

  Reading(Api api, Topics topics) {
    this.api = api;
    this.topics = topics;
  }

  /** Up to so many messages of a partition from this offset on; fewer if they are larger than this client takes at a time. */
  CompletableFuture<Page> page(String topic, int partition, long offset, int max, Deadline deadline) {
    int limit = Math.max(1, Math.min(max, GoQueueDriver.PAGE));
    String path = Topics.path(topic) + "/partitions/" + partition + "/messages?offset=" + offset + "&limit=" + limit;
    return Steps.recover(
        Steps.map(api.getRaw(path, deadline), answer -> Page.of(partition, offset, answer)),
        error -> again(topic, partition, offset, limit, deadline, error));
  }

  private CompletableFuture<Page> again(String topic, int partition, long offset, int limit, Deadline deadline, TributaryException error) {
    if (error instanceof PayloadTooLargeException && limit > 1) {
      return page(topic, partition, offset, limit / 2, deadline);
    }
    if (error instanceof NotFoundException) {
      topics.forget(topic);
    }
    return CompletableFuture.failedFuture(error);
  }
}
