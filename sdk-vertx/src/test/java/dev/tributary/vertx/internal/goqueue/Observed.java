package dev.tributary.vertx.internal.goqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.SubscriptionState;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.SourceObserver;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** A source's observer that keeps what it is told. */
final class Observed implements SourceObserver<Message<byte[]>> {
  final BlockingQueue<Position> places = new LinkedBlockingQueue<>();
  final BlockingQueue<SubscriptionState> states = new LinkedBlockingQueue<>();
  final BlockingQueue<Set<Integer>> assigned = new LinkedBlockingQueue<>();
  final BlockingQueue<Set<Integer>> revoked = new LinkedBlockingQueue<>();
  final BlockingQueue<Set<Integer>> revoking = new LinkedBlockingQueue<>();
  final CompletableFuture<@Nullable TributaryException> end = new CompletableFuture<>();

  /** Completes when what is revoked may go. */
  volatile CompletableFuture<Void> finished = CompletableFuture.completedFuture(null);
  volatile long room = Long.MAX_VALUE;

  @Override
  public long room() {
    return room;
  }

  @Override
  public CompletableFuture<Void> onRevoking(Set<Integer> partitions) {
    revoking.add(partitions);
    return finished;
  }

  @Override
  public void onItem(Message<byte[]> item) {
    places.add(item.position());
  }

  @Override
  public void onState(SubscriptionState state) {
    states.add(state);
  }

  @Override
  public void onAssigned(Set<Integer> partitions) {
    assigned.add(partitions);
  }

  @Override
  public void onRevoked(Set<Integer> partitions) {
    revoked.add(partitions);
  }

  @Override
  public void onEnd(@Nullable TributaryException error) {
    assertThat(end.complete(error)).isTrue();
  }
}
