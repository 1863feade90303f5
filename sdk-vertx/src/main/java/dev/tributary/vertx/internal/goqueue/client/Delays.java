package dev.tributary.vertx.internal.goqueue.client;

import dev.tributary.ResourceName;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.DelayedEventTransport;
import dev.tributary.spi.Steps;
import dev.tributary.stream.DelayedEvent;
import dev.tributary.stream.Position;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Events of GoQueue that wait for their time. The server lists them in no order, so all are asked for, as far as that is sensible. */
public class Delays implements DelayedEventTransport {
  /** As many as are looked through at a time. */
  public static final int LOOKED_THROUGH = 100_000;

  private final Api api;
  private final Topics topics;

  public Delays(Api api, Topics topics) {
    this.api = api;
    this.topics = topics;
  }

  @Override
  public CompletableFuture<List<DelayedEvent>> list(ResourceName stream, int max, Deadline deadline) {
    String topic = topics.of(stream);
    return Steps.then(
        // An unknown topic has an empty list there.
        topics.partitions(topic, deadline),
        exists ->
            Steps.map(
                all(topic, deadline),
                pending -> pending.stream().sorted(Comparator.comparing(DelayedEvent::dueAt)).limit(max).toList()));
  }

  /** All that wait in a topic, in no order. */
  public CompletableFuture<List<DelayedEvent>> all(String topic, Deadline deadline) {
    return Steps.map(
        api.get(path(topic) + "?limit=" + LOOKED_THROUGH, Messages.Delayed.class, deadline),
        answer -> answer.messages().stream().map(each -> new DelayedEvent(new Position(each.partition(), each.offset()), each.deliverAt())).toList());
  }

  @Override
  public CompletableFuture<Optional<DelayedEvent>> find(ResourceName stream, Position position, Deadline deadline) {
    String topic = topics.of(stream);
    return Steps.then(
        topics.partition(topic, position.partition(), deadline),
        known -> find(topic, position, deadline));
  }

  /** One event can be asked for by its offset alone, which may be that of another partition's: so all are. */
  protected final CompletableFuture<Optional<DelayedEvent>> find(String topic, Position position, Deadline deadline) {
    return Steps.map(all(topic, deadline), pending -> pending.stream().filter(event -> event.position().equals(position)).findFirst());
  }

  /** How readers of a topic come back to what is shown where they have been. */
  public CompletableFuture<Gaps.Factory> gaps(Deadline deadline) {
    return CompletableFuture.completedFuture((partition, loop, reader) -> Gaps.NONE);
  }

  /** How far may be committed where this is asked for: all that was read is past. */
  public CompletableFuture<Long> committable(String topic, Position next, Deadline deadline) {
    return CompletableFuture.completedFuture(next.offset());
  }

  @Override
  public CompletableFuture<Void> cancel(ResourceName stream, Position position, Deadline deadline) {
    String topic = topics.of(stream);
    return Steps.then(
        topics.partition(topic, position.partition(), deadline),
        known -> cancel(topic, position, deadline));
  }

  protected CompletableFuture<Void> cancel(String topic, Position position, Deadline deadline) {
    return Steps.translate(
        api.delete(path(topic) + "/" + position.partition() + "/" + position.offset(), deadline),
        NotFoundException.class,
        error -> none(position, error));
  }

  protected static NotFoundException none(Position position, @Nullable TributaryException cause) {
    return new NotFoundException(ErrorInfo.of("no event waits at " + position, "It is due, was cancelled, or never was delayed").causedBy(cause));
  }

  private static String path(String topic) {
    return Topics.path(topic) + "/delayed";
  }
}
