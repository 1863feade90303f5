package dev.tributary.engine;

import dev.tributary.Outcome;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.ResourceName;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.PeekedJob;
import dev.tributary.queue.QueueStats;
import dev.tributary.spi.DeadLetterTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.PushQueueTransport;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.Source;
import dev.tributary.spi.SourceObserver;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** One client's calls on queues, or on some of their partitions. */
final class QueueCalls implements PushQueueTransport {
  private final MemoryEngine engine;
  private final Connection connection;
  private final Scope scope;

  QueueCalls(MemoryEngine engine, Connection connection, Scope scope) {
    this.engine = engine;
    this.connection = connection;
    this.scope = scope;
  }

  @Override
  public QueueCalls ofPartitions(Set<Integer> partitions) {
    if (partitions.isEmpty()) {
      throw InvalidRequestException.of("no partitions", "Name at least one");
    }
    return new QueueCalls(engine, connection, new Scope(Set.copyOf(partitions)));
  }

  private QueueState use(ResourceName queue) {
    QueueState state = engine.queues().use(queue);
    state.partitions().require(scope);
    return state;
  }

  @Override
  public CompletableFuture<List<Outcome<EnqueueResult>>> enqueue(
      ResourceName queue, List<NewJob<byte[]>> jobs, boolean atomic, Deadline deadline) {
    return connection.writing(queue).call(() -> engine.queues().use(queue).enqueue(jobs, atomic));
  }

  @Override
  public CompletableFuture<List<LeasedJob>> receive(
      ResourceName queue, int max, Duration lease, Duration wait, Deadline deadline) {
    return connection.reading(queue).await(() -> WaitingReceive.of(connection, use(queue).shelf(scope, max, lease), max > 0 ? wait : Duration.ZERO));
  }

  @Override
  public CompletableFuture<List<Outcome<Settlement.Result>>> settle(
      ResourceName queue, List<Settlement> settlements, Deadline deadline) {
    return connection.reading(queue).call(() -> engine.queues().use(queue).settle(settlements));
  }

  @Override
  public CompletableFuture<List<PeekedJob<byte[]>>> peek(ResourceName queue, int max, Deadline deadline) {
    return connection.reading(queue).call(() -> use(queue).peek(scope, max));
  }

  @Override
  public CompletableFuture<QueueStats> stats(ResourceName queue, Deadline deadline) {
    return connection.reading(queue).call(() -> use(queue).stats(scope));
  }

  @Override
  public CompletableFuture<RedeliveryPolicy> redeliveryPolicy(ResourceName queue, Deadline deadline) {
    return connection.reading(queue).call(() -> engine.queues().use(queue).policy());
  }

  @Override
  public CompletableFuture<Void> setRedeliveryPolicy(ResourceName queue, RedeliveryPolicy policy, Deadline deadline) {
    return connection.administering(queue).run(() -> engine.queues().use(queue).policy(policy));
  }

  @Override
  public CompletableFuture<Void> purge(ResourceName queue, Deadline deadline) {
    return connection.administering(queue).run(() -> use(queue).purge(scope, false));
  }

  @Override
  public Source open(ResourceName queue, Duration lease, SourceObserver<LeasedJob> observer) {
    JobSource source = new JobSource(connection, scope, lease, observer);
    connection.reading(queue).open(source, () -> source.start(engine.queues().use(queue)));
    return source;
  }

  @Override
  public DeadLetterTransport deadLetters() {
    return new DeadLetterCalls(engine, connection);
  }
}
