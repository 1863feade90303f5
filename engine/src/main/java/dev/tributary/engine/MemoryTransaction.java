package dev.tributary.engine;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.TransactionTransport;
import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A transaction: what it was given, in order, until the commit stores all of it at one moment. Partitions and ids are known before,
 * offsets and sequences are not; delays and ttls begin with the commit. What a deduplication window knows by then is not stored again.
 */
final class MemoryTransaction implements TransactionTransport.Session {
  private final MemoryEngine engine;
  private final Connection connection;
  private final String id;
  private final @Nullable String producer;
  private final List<PendingEvent> events = new ArrayList<>();
  private final List<PendingJob> jobs = new ArrayList<>();
  private Schedule.@Nullable Entry timeout;
  private @Nullable String over;
  private boolean committed;

  MemoryTransaction(MemoryEngine engine, Connection connection, String id, @Nullable String producer) {
    this.engine = engine;
    this.connection = connection;
    this.id = id;
    this.producer = producer;
  }

  /** Begins; inside. */
  void begin(Duration length) {
    if (producer != null) {
      MemoryTransaction before = engine.producers().put(producer, this);
      if (before != null) {
        before.finish("is over: another transaction of the producer \"" + producer + "\" began");
      }
    }
    connection.attach(this, closed -> finish("is over: its client was closed"));
    timeout = engine.gate().schedule().at(engine.gate().clock().in(length), () -> finish("is over: it took more than " + length));
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public CompletableFuture<List<Outcome<Optional<Position>>>> publish(ResourceName stream, List<Event<byte[]>> batch, Deadline deadline) {
    return connection.writing(stream).call(
        () -> {
          requireOpen();
          StreamLog log = engine.streams().use(stream);
          log.checkSchema(batch);
          return batch.stream().map(event -> publish(stream, log, event)).toList();
        });
  }

  private Outcome<Optional<Position>> publish(ResourceName stream, StreamLog log, Event<byte[]> event) {
    Outcome<Integer> partition = log.admit(event);
    if (partition.error() != null) {
      return Outcome.failed(partition.error());
    }
    events.add(new PendingEvent(stream, event.withValue(event.value().clone()), partition.orThrow()));
    return Outcome.of(Optional.empty());
  }

  @Override
  public CompletableFuture<List<Outcome<EnqueueResult>>> enqueue(
      ResourceName queue, List<NewJob<byte[]>> batch, Deadline deadline) {
    return connection.writing(queue).call(
        () -> {
          requireOpen();
          QueueState state = engine.queues().use(queue);
          state.checkSchema(batch);
          return batch.stream().map(job -> enqueue(queue, state, job)).toList();
        });
  }

  private Outcome<EnqueueResult> enqueue(ResourceName queue, QueueState state, NewJob<byte[]> job) {
    EnqueueResult duplicate = state.known().duplicate(job);
    if (duplicate != null) {
      return Outcome.of(duplicate);
    }
    ConflictException refusal = state.known().refusal(job);
    if (refusal != null) {
      return Outcome.failed(refusal);
    }
    PendingJob pending =
        new PendingJob(queue, job.withValue(job.value().clone()), engine.ids().next(), state.partitions().choose(job.partitionKey()));
    jobs.add(pending);
    return Outcome.of(new EnqueueResult(pending.id, OptionalLong.empty(), false, pending.partition));
  }

  @Override
  public CompletableFuture<Void> commit(Deadline deadline) {
    return connection.known().run(
        () -> {
          requireOpen();
          try {
            // All that can fail, before anything is stored.
            events.forEach(event -> engine.streams().use(event.stream).partition(event.partition));
            Map<ResourceName, List<PendingJob>> byQueue = jobs.stream().collect(Collectors.groupingBy(PendingJob::queue));
            byQueue.forEach((queue, pending) -> requireStorable(engine.queues().use(queue), pending));
            events.forEach(event -> engine.streams().use(event.stream).store(event.event, event.partition));
            jobs.forEach(job -> engine.queues().use(job.queue).store(job.job, job.id, job.partition));
            byQueue.keySet().forEach(queue -> engine.queues().use(queue).serve());
            committed = true;
          } finally {
            finish(committed ? "was committed" : "was aborted: it could not be committed");
          }
        });
  }

  private static void requireStorable(QueueState queue, List<PendingJob> pending) {
    pending.forEach(job -> queue.partitions().require(job.partition));
    queue.known().requireCurrent(pending.stream().map(PendingJob::job).toList());
  }

  @Override
  public CompletableFuture<Void> abort(Deadline deadline) {
    return connection.known().run(
        () -> {
          if (committed) {
            requireOpen();
          }
          finish("was aborted");
        });
  }

  /** The engine is emptied; inside. */
  void abandon() {
    finish("is over: everything was deleted");
  }

  private void requireOpen() {
    if (over != null) {
      throw new ConflictException(ErrorInfo.of("the transaction " + id + " " + over, "Begin a new one"));
    }
  }

  private void finish(String how) {
    if (over != null) {
      return;
    }
    over = how;
    events.clear();
    jobs.clear();
    if (timeout != null) {
      timeout.cancel();
    }
    connection.detach(this);
    if (producer != null) {
      engine.producers().remove(producer, this);
    }
  }

  private record PendingEvent(ResourceName stream, Event<byte[]> event, int partition) {}

  private record PendingJob(ResourceName queue, NewJob<byte[]> job, String id, int partition) {}
}
