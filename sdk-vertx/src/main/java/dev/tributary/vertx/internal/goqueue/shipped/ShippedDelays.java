package dev.tributary.vertx.internal.goqueue.shipped;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.stream.Position;
import dev.tributary.vertx.internal.goqueue.client.Api;
import dev.tributary.vertx.internal.goqueue.client.Delays;
import dev.tributary.vertx.internal.goqueue.client.Gaps;
import dev.tributary.vertx.internal.goqueue.client.Topics;
import java.util.concurrent.CompletableFuture;

/** The published server shows a delayed event in its old place when it is due, and delivers one that is cancelled. */
final class ShippedDelays extends Delays {
  private final Api api;
  private final TimeSource time;

  ShippedDelays(Api api, Topics topics, TimeSource time) {
    super(api, topics);
    this.api = api;
    this.time = time;
  }

  @Override
  public CompletableFuture<Gaps.Factory> gaps(Deadline deadline) {
    return Steps.then(
        Dialect.of(api, deadline),
        dialect ->
            dialect == Dialect.DECLARED
                ? super.gaps(deadline)
                : CompletableFuture.completedFuture((partition, loop, reader) -> new LateEvents(partition, time, loop, reader)));
  }

  @Override
  public CompletableFuture<Long> committable(String topic, Position next, Deadline deadline) {
    return Steps.then(
        Dialect.of(api, deadline),
        dialect ->
            dialect == Dialect.DECLARED
                ? super.committable(topic, next, deadline)
                : Steps.map(
                    all(topic, deadline),
                    pending ->
                        pending.stream()
                            .filter(event -> event.position().partition() == next.partition())
                            .mapToLong(event -> event.position().offset())
                            .reduce(next.offset(), Math::min)));
  }

  @Override
  protected CompletableFuture<Void> cancel(String topic, Position position, Deadline deadline) {
    return Steps.then(
        Dialect.of(api, deadline),
        dialect -> dialect == Dialect.DECLARED ? super.cancel(topic, position, deadline) : refuse(topic, position, deadline));
  }

  private CompletableFuture<Void> refuse(String topic, Position position, Deadline deadline) {
    return Steps.map(
        find(topic, position, deadline),
        waiting -> {
          throw waiting.isEmpty()
              ? none(position, null)
              : new UnsupportedFeatureException(
                  ErrorInfo.of("this server delivers a delayed event that is cancelled, at once", "Let it come, and drop it then"));
        });
  }
}
