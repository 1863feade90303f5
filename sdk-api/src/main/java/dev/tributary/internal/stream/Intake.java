package dev.tributary.internal.stream;

import dev.tributary.SubscriptionState;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.Buffer;
import dev.tributary.internal.Serial;
import dev.tributary.internal.StateListener;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.StreamSource;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.Message;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The consumer's end of its source: takes what that says, and asks for more. */
final class Intake<T> implements SourceObserver<Message<byte[]>> {
  private static final System.Logger LOG = System.getLogger("dev.tributary.consumer");

  private final StreamConsumer<T> consumer;
  private final Assignment<T> assignment;
  private final Buffer.Share share;
  private final ConsumerOptions options;
  private final Serial listeners;
  /** Of what the user was told that it goes before it went. Of the source's calls. */
  private final Set<Integer> leaving = new HashSet<>();
  private volatile boolean roomReturned;
  private final AtomicInteger steering = new AtomicInteger();
  /** What the source was told to hold back. Of whoever steers. */
  private Set<Integer> heldBack = Set.of();
  final StateListener state;
  final CompletableFuture<Void> firstAssignment = new CompletableFuture<>();
  final StreamSource source;

  Intake(
      StreamConsumer<T> consumer,
      ConsumerOptions options,
      Buffer.Share share,
      Function<SourceObserver<Message<byte[]>>, StreamSource> open) {
    this.consumer = consumer;
    this.assignment = consumer.assignment;
    this.share = share;
    this.options = options;
    this.listeners = new Serial(consumer.calls);
    this.state = new StateListener(consumer.calls, options.onState());
    this.source = open.apply(this);
  }

  @Override
  public void onItem(Message<byte[]> message) {
    AssignedPartition<T> assigned = assignment.arrive(message);
    if (assigned == null) {
      replenish();
    } else {
      consumer.wake(assigned);
    }
  }

  @Override
  public void onPassed(int partition, long next) {
    assignment.pass(partition, next);
  }

  @Override
  public long room() {
    return share.room();
  }

  @Override
  public void onAssigned(Set<Integer> partitions) {
    List<AssignedPartition<T>> gained = new ArrayList<>();
    synchronized (assignment) {
      for (int partition : partitions) {
        AssignedPartition<T> assigned = assignment.partition(partition);
        assigned.seeking++;
        gained.add(assigned);
      }
    }
    // Nothing is handed out before the listener knows, which may seek.
    listeners.execute(
        () -> {
          tell(options.onAssigned(), partitions);
          synchronized (assignment) {
            gained.forEach(assigned -> assigned.seeking--);
          }
          consumer.wakeAll();
        });
    firstAssignment.complete(null);
  }

  @Override
  public CompletableFuture<Void> onRevoking(Set<Integer> partitions) {
    leaving.addAll(partitions);
    List<AssignedPartition<T>> going = assignment.leave(partitions);
    replenish();
    return new HandOver<>(consumer, going, told -> listeners.execute(() -> told.accept(() -> tell(options.onRevoked(), partitions)))).begin();
  }

  @Override
  public void onRevoked(Set<Integer> partitions) {
    Set<Integer> untold = new HashSet<>(partitions);
    untold.removeAll(leaving);
    leaving.removeAll(partitions);
    assignment.revoke(partitions);
    steer();
    replenish();
    if (!untold.isEmpty()) {
      listeners.execute(() -> tell(options.onRevoked(), untold));
    }
  }

  private void tell(Consumer<Set<Integer>> listener, Set<Integer> partitions) {
    try {
      listener.accept(partitions);
    } catch (Throwable thrown) {
      LOG.log(System.Logger.Level.ERROR, "A listener of a consumer of " + consumer.name + " threw", thrown);
    }
  }

  @Override
  public void onState(SubscriptionState now) {
    state.change(now);
  }

  @Override
  public void onEnd(@Nullable TributaryException error) {
    TributaryException why = error == null ? consumer.closedError() : consumer.located("consume", error);
    assignment.end(why);
    firstAssignment.complete(null);
    state.change(SubscriptionState.CLOSED);
    consumer.dispatch.fail(why);
    consumer.polling.serve();
  }

  /** There is room again, for bytes. */
  void roomReturned() {
    roomReturned = true;
    replenish();
  }

  /** Has the source hold back what nobody takes, and nothing else. One after another, or a pause could overtake its end. Without the lock. */
  void steer() {
    if (steering.getAndIncrement() == 0) {
      do {
        Set<Integer> held = assignment.held();
        Set<Integer> more = new HashSet<>(held);
        more.removeAll(heldBack);
        Set<Integer> free = new HashSet<>(heldBack);
        free.removeAll(held);
        heldBack = held;
        if (!more.isEmpty()) {
          source.pause(more);
        }
        if (!free.isEmpty()) {
          source.resume(free);
        }
      } while (steering.decrementAndGet() != 0);
    }
  }

  /** Asks for as much as fits. Without the lock. */
  void replenish() {
    int more = assignment.claimDemand();
    if (more > 0 || roomReturned) {
      roomReturned = false;
      source.request(more);
    }
    share.tell();
  }
}
