package dev.tributary.engine;

import dev.tributary.error.TributaryException;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.SourceObserver;
import java.time.Duration;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Pushes jobs: one is leased for each unit of demand. Between lease and delivery lies only the observer's work on those before. */
final class JobSource extends MemorySource<LeasedJob> implements Taker {
  private final Connection connection;
  private final Scope scope;
  private final Duration lease;
  private final ArrayDeque<LeasedJob> taken = new ArrayDeque<>();
  private @Nullable QueueState queue;

  JobSource(Connection connection, Scope scope, Duration lease, SourceObserver<LeasedJob> observer) {
    super(connection.gate(), observer);
    this.connection = connection;
    this.scope = scope;
    this.lease = lease;
  }

  /** Begins; inside. */
  void start(QueueState from) {
    from.partitions().require(scope);
    queue = from;
    from.join(this);
    live();
  }

  @Override
  void wanted() {
    if (queue != null) {
      queue.enlist(this);
    }
  }

  @Override
  public boolean ready() {
    return queue != null && queue.ready(scope);
  }

  @Override
  public boolean serve() {
    if (queue != null && demand() > taken.size()) {
      taken.addAll(queue.lease(scope, 1, lease));
      wake();
    }
    return demand() > taken.size();
  }

  @Override
  @Nullable LeasedJob take() {
    LeasedJob next = taken.poll();
    while (next != null && queue != null && !queue.holds(next)) {
      // Its lease ended before its turn came; the demand for it stands.
      queue.enlist(this);
      next = taken.poll();
    }
    return next;
  }

  @Override
  void release() {
    connection.detach(this);
    if (queue != null) {
      queue.leave(this);
      queue.giveBack(taken);
      taken.clear();
    }
  }

  @Override
  public void dismiss(TributaryException error) {
    end(error);
  }
}
