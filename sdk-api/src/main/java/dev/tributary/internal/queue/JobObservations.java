package dev.tributary.internal.queue;

import dev.tributary.Capability;
import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.Calls;
import dev.tributary.observe.Observation;
import dev.tributary.observe.Operation;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.ProducerSequence;
import dev.tributary.spi.LeasedJob;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Tells who watches what happens to the jobs of one queue. Free if nobody does. */
final class JobObservations {
  private final Calls calls;
  private final ResourceName queue;

  JobObservations(Calls calls, ResourceName queue) {
    this.calls = calls;
    this.queue = queue;
  }

  /** These are on their way to the backend. */
  Observation enqueuing(List<NewJob<byte[]>> jobs) {
    if (!calls.watched()) {
      return Observation.NONE;
    }
    long bytes = 0;
    String producer = producer(jobs.get(0).producerSequence());
    for (NewJob<byte[]> job : jobs) {
      bytes += job.value().length;
      if (!Objects.equals(producer, producer(job.producerSequence()))) {
        producer = null;
      }
    }
    return calls.observe(Operation.Kind.SEND, "enqueue", queue, null, -1, jobs.size(), bytes, null, producer, null, List.of());
  }

  /** Makes the result of one job's enqueueing, and says what it is. */
  Function<List<Outcome<EnqueueResult>>, EnqueueResult> stored(Observation enqueuing) {
    if (enqueuing == Observation.NONE) {
      return outcomes -> outcomes.get(0).orThrow();
    }
    return outcomes -> {
      EnqueueResult result = outcomes.get(0).orThrow();
      int partition = partition(result.partition());
      enqueuing.stored(result.id(), partition < 0 ? OptionalInt.empty() : OptionalInt.of(partition));
      return result;
    };
  }

  /** The application has this one. */
  void handedOver(Delivery<?> job) {
    if (calls.watched()) {
      handedOver(List.of(job));
    }
  }

  /** The application has these. */
  void handedOver(List<? extends Delivery<?>> jobs) {
    if (!calls.watched() || jobs.isEmpty()) {
      return;
    }
    long now = calls.time().nanos();
    long bytes = 0;
    for (Delivery<?> job : jobs) {
      job.handedOver(now);
      bytes += job.leased().value().length;
    }
    List<Map<String, String>> headers = jobs.stream().<Map<String, String>>map(Delivery::headers).toList();
    LeasedJob only = jobs.size() == 1 ? jobs.get(0).leased() : null;
    calls
        .observe(
            Operation.Kind.RECEIVE,
            "receive",
            queue,
            null,
            only == null ? -1 : partition(only.partition()),
            jobs.size(),
            bytes,
            only == null ? null : only.id(),
            only == null ? null : producer(only.producer()),
            null,
            headers)
        .end(null);
  }

  /** Asking for jobs failed. Cancelling the call or closing the client is no failure. */
  void notReceived(Throwable error) {
    if (error instanceof TributaryException && !(error instanceof ClientClosedException)) {
      calls.observe(Operation.Kind.RECEIVE, "receive", queue, null, -1, 0, -1, null, List.of()).end(error);
    }
  }

  /** The worker's handler has this one. */
  Observation processing(LeasedJob job) {
    return about(Operation.Kind.PROCESS, "process", job, job.value().length, null);
  }

  /**
   * A verb on a job.
   *
   * @param since when the job was handed over; null if it was not or the verb does not settle it
   */
  Observation settling(String verb, LeasedJob job, @Nullable Long since) {
    Duration held = since == null ? null : Duration.ofNanos(calls.time().nanos() - since);
    return about(Operation.Kind.SETTLE, verb, job, -1, held);
  }

  private Observation about(Operation.Kind kind, String operation, LeasedJob job, long bytes, @Nullable Duration held) {
    if (!calls.watched()) {
      return Observation.NONE;
    }
    return calls.observe(
        kind,
        operation,
        queue,
        null,
        partition(job.partition()),
        1,
        bytes,
        job.id(),
        producer(job.producer()),
        held,
        List.of(job.headers()));
  }

  /** -1 where a queue has no partitions. */
  private int partition(int number) {
    return calls.checks().has(Capability.JOB_PARTITIONS) ? number : -1;
  }

  private static @Nullable String producer(@Nullable ProducerSequence number) {
    return number == null ? null : number.producer();
  }
}
