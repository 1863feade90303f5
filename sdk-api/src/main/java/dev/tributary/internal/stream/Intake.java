package dev.tributary.internal.stream;

import dev.tributary.SubscriptionState;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.StateListener;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.StreamSource;
import dev.tributary.stream.Message;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The consumer's end of its source: takes what that says, and asks for more. */
final class Intake<T> implements SourceObserver<Message<byte[]>> {
  private final StreamConsumer<T> consumer;
  private final Lanes<T> lanes;
  final StateListener state;
  final CompletableFuture<Void> firstAssignment = new CompletableFuture<>();
  final StreamSource source;

  Intake(
      StreamConsumer<T> consumer,
      Consumer<SubscriptionState> onState,
      Function<SourceObserver<Message<byte[]>>, StreamSource> open) {
    this.consumer = consumer;
    this.lanes = consumer.lanes;
    this.state = new StateListener(consumer.calls, onState);
    this.source = open.apply(this);
  }

  @Override
  public void onItem(Message<byte[]> message) {
    Lane<T> lane = lanes.arrive(message);
    if (lane == null) {
      replenish();
    } else {
      consumer.wake(lane);
    }
  }

  @Override
  public void onAssigned(Set<Integer> partitions) {
    partitions.forEach(lanes::lane);
    firstAssignment.complete(null);
  }

  @Override
  public void onRevoked(Set<Integer> partitions) {
    lanes.revoke(partitions);
    replenish();
  }

  @Override
  public void onState(SubscriptionState now) {
    state.change(now);
  }

  @Override
  public void onEnd(@Nullable TributaryException error) {
    TributaryException why = error == null ? consumer.closedError() : consumer.located("consume", error);
    lanes.end(why);
    state.change(SubscriptionState.CLOSED);
    consumer.dispatch.fail(why);
    consumer.polling.serve();
  }

  /** Asks for as much as fits. */
  void replenish() {
    int more = lanes.claimDemand();
    if (more > 0) {
      source.request(more);
    }
  }
}
