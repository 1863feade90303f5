package dev.tributary.internal.queue;

import dev.tributary.Outcome;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.ResourceName;
import dev.tributary.internal.FakeTransport;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.PeekedJob;
import dev.tributary.queue.QueueStats;
import dev.tributary.spi.DeadLetterTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.QueueTransport;
import dev.tributary.spi.Settlement;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/** One queue with ready jobs, and a record of what was asked of it. What comes next can be scripted. */
class FakeQueue implements QueueTransport {
  record Receive(int max, Duration lease, Duration waited, CompletableFuture<List<LeasedJob>> answer) {}

  final List<List<NewJob<byte[]>>> enqueues = new ArrayList<>();
  final List<Receive> receives = new ArrayList<>();
  final List<List<Settlement>> settles = new ArrayList<>();
  final ArrayDeque<LeasedJob> ready = new ArrayDeque<>();
  /** Answers of the next receives, before the ready jobs. */
  final ArrayDeque<Supplier<CompletableFuture<List<LeasedJob>>>> nextReceives = new ArrayDeque<>();
  /** Answers of the next enqueues. */
  final ArrayDeque<Function<List<NewJob<byte[]>>, CompletableFuture<List<Outcome<EnqueueResult>>>>> nextEnqueues = new ArrayDeque<>();
  /** Answers of the next settles. */
  final ArrayDeque<Function<List<Settlement>, CompletableFuture<List<Outcome<Settlement.Result>>>>> nextSettles = new ArrayDeque<>();
  boolean leasesEnd = true;
  int others;
  int leased;
  int mostLeased;
  private int count;

  private final FakeTransport transport;

  FakeQueue(FakeTransport transport) {
    this.transport = transport;
    transport.queues = this;
  }

  synchronized void add(int jobs) {
    for (int i = 0; i < jobs; i++) {
      ready.add(job("job-" + count++));
    }
  }

  LeasedJob job(String id) {
    return new LeasedJob(
        id, "r-" + id, id.getBytes(StandardCharsets.UTF_8), Map.of(), 1, 0, null, Deadline.after(transport.time, Duration.ZERO), OptionalLong.empty());
  }

  /** A job with a lease that began now. */
  LeasedJob leased(String id, Duration lease) {
    return job(id).withLeaseDeadline(Deadline.after(transport.time, lease));
  }

  /** The settlements of one kind, in order. */
  synchronized List<Settlement> settled(Settlement.Kind kind) {
    return settles.stream().flatMap(List::stream).filter(s -> s.kind() == kind).toList();
  }

  synchronized List<String> ids(Settlement.Kind kind) {
    return settled(kind).stream().map(s -> s.job().id()).toList();
  }

  @Override
  public CompletableFuture<List<Outcome<EnqueueResult>>> enqueue(
      ResourceName queue, List<NewJob<byte[]>> jobs, boolean atomic, Deadline deadline) {
    Function<List<NewJob<byte[]>>, CompletableFuture<List<Outcome<EnqueueResult>>>> next;
    synchronized (this) {
      enqueues.add(jobs);
      next = nextEnqueues.poll();
    }
    return next == null ? CompletableFuture.completedFuture(stored(jobs)) : next.apply(jobs);
  }

  static List<Outcome<EnqueueResult>> stored(List<NewJob<byte[]>> jobs) {
    return jobs.stream()
        .map(job -> Outcome.of(new EnqueueResult(new String(job.value(), StandardCharsets.UTF_8), OptionalLong.empty(), false)))
        .toList();
  }

  @Override
  public CompletableFuture<List<LeasedJob>> receive(ResourceName queue, int max, Duration lease, Duration wait, Deadline deadline) {
    CompletableFuture<List<LeasedJob>> answer;
    synchronized (this) {
      Supplier<CompletableFuture<List<LeasedJob>>> next = nextReceives.poll();
      if (next != null) {
        answer = next.get();
      } else {
        List<LeasedJob> jobs = new ArrayList<>();
        Deadline end = leasesEnd ? Deadline.after(transport.time, lease) : null;
        while (jobs.size() < max && !ready.isEmpty()) {
          LeasedJob job = ready.poll();
          jobs.add(
              new LeasedJob(
                  job.id(), job.receipt(), job.value(), job.headers(), job.attempt(), 0, null, end, OptionalLong.empty()));
        }
        leased += jobs.size();
        mostLeased = Math.max(mostLeased, leased);
        if (jobs.isEmpty() && !wait.isZero()) {
          answer = new CompletableFuture<>();
          transport.time.schedule(wait, () -> answer.complete(List.of()));
        } else {
          answer = CompletableFuture.completedFuture(jobs);
        }
      }
      receives.add(new Receive(max, lease, wait, answer));
    }
    return answer;
  }

  @Override
  public CompletableFuture<List<Outcome<Settlement.Result>>> settle(
      ResourceName queue, List<Settlement> settlements, Deadline deadline) {
    Function<List<Settlement>, CompletableFuture<List<Outcome<Settlement.Result>>>> next;
    synchronized (this) {
      settles.add(settlements);
      next = nextSettles.poll();
      leased -= (int) settlements.stream().filter(s -> s.kind() != Settlement.Kind.EXTEND).count();
    }
    return next == null ? CompletableFuture.completedFuture(done(settlements)) : next.apply(settlements);
  }

  List<Outcome<Settlement.Result>> done(List<Settlement> settlements) {
    return settlements.stream()
        .map(
            s ->
                Outcome.of(
                    s.kind() == Settlement.Kind.EXTEND
                        ? new Settlement.Result(false, Deadline.after(transport.time, s.duration()))
                        : Settlement.Result.DONE))
        .toList();
  }

  private <R> CompletableFuture<R> other(R answer) {
    others++;
    return CompletableFuture.completedFuture(answer);
  }

  @Override
  public CompletableFuture<List<PeekedJob<byte[]>>> peek(ResourceName queue, int max, Deadline deadline) {
    return other(ready.stream().limit(max).map(j -> new PeekedJob<>(j.id(), j.value(), j.headers(), 0, OptionalInt.empty(), 0, null, false, null, 0, null)).toList());
  }

  @Override
  public CompletableFuture<QueueStats> stats(ResourceName queue, Deadline deadline) {
    return other(new QueueStats(ready.size(), leased, OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), null));
  }

  @Override
  public CompletableFuture<RedeliveryPolicy> redeliveryPolicy(ResourceName queue, Deadline deadline) {
    return other(RedeliveryPolicy.DEFAULT);
  }

  @Override
  public CompletableFuture<Void> setRedeliveryPolicy(ResourceName queue, RedeliveryPolicy policy, Deadline deadline) {
    return other(null);
  }

  @Override
  public CompletableFuture<Void> purge(ResourceName queue, Deadline deadline) {
    return other(null);
  }

  @Override
  public DeadLetterTransport deadLetters() {
    throw new AssertionError("not in these tests");
  }

  /** Nothing was asked of the backend at all. */
  boolean untouched() {
    return enqueues.isEmpty() && receives.isEmpty() && settles.isEmpty() && others == 0;
  }
}
