package dev.tributary.vertx.internal.flowmesh;

import dev.tributary.Outcome;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.ResourceName;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.TributaryException;
import dev.tributary.queue.DeadLetter;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.spi.DeadLetterTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.flowmesh.proto.FlowMeshMethods;
import dev.tributary.vertx.internal.flowmesh.proto.ListDLQJobsRequest;
import dev.tributary.vertx.internal.net.grpc.GrpcCaller;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Dead letters of FlowMesh's queues: jobs of the queue {@code <name>-dlq}. The server's own replay drops the headers and leaves the dead
 * letter where it is, so a replay here is a move: lease it there, enqueue it with its headers, ack it there.
 */
final class FlowMeshDeadLetters implements DeadLetterTransport {
  /** More than that stalls the server. */
  private static final int MAX_LISTED = 1_000;

  private static final int MAX_LEASED = 100;

  /** How many dead letters are looked through for one. */
  private static final int SEARCHED = 10_000;

  private static final Duration LEASE = Duration.ofMinutes(1);

  /** Dead letters that are looked at do not become dead letters of dead letters. */
  private static final RedeliveryPolicy KEPT =
      RedeliveryPolicy.builder().maxAttempts(0).fixedBackoff(Duration.ofSeconds(1)).build();

  private final FlowMeshQueues queues;
  private final Leases leases;
  private final GrpcCaller caller;

  FlowMeshDeadLetters(FlowMeshQueues queues, Leases leases, GrpcCaller caller) {
    this.queues = queues;
    this.leases = leases;
    this.caller = caller;
  }

  @Override
  public CompletableFuture<List<DeadLetter<byte[]>>> list(ResourceName queue, int max, Deadline deadline) {
    ListDLQJobsRequest request =
        ListDLQJobsRequest.newBuilder()
            .setResourcePath(FlowMeshMapping.queue(queue))
            .setMaxJobs(Math.max(1, Math.min(max, MAX_LISTED)))
            .build();
    return caller.call(
        FlowMeshMethods.LIST_DLQ_JOBS, request, deadline, answer -> answer.getJobsList().stream().map(FlowMeshMapping::deadLetter).toList());
  }

  @Override
  public CompletableFuture<EnqueueResult> replay(ResourceName queue, String id, Deadline deadline) {
    Held held = new Held(FlowMeshQueues.deadLettersOf(queue));
    CompletableFuture<EnqueueResult> replayed =
        Steps.then(
            ready(queue, held.dead, deadline),
            // Begins with one and doubles: the oldest, which is replayed most, disturbs no other.
            ready -> Steps.then(find(held, id, 1, deadline), found -> move(queue, held, found, deadline)));
    replayed.whenComplete((moved, error) -> held.end());
    return replayed;
  }

  /** Dead letters that are leased to be looked at. All go back in the end, however that comes: leases of the public server do not end. */
  private final class Held {
    private final ResourceName dead;
    private final Map<String, LeasedJob> jobs = new HashMap<>();
    private int seen;
    private boolean over;

    Held(ResourceName dead) {
      this.dead = dead;
    }

    /** Some more of them. */
    CompletableFuture<List<LeasedJob>> some(int max, Deadline deadline) {
      CompletableFuture<List<LeasedJob>> call = queues.leaseKnown(dead, max, LEASE, deadline);
      call.whenComplete(
          (leased, error) -> {
            if (leased != null) {
              add(leased);
            }
          });
      return Steps.recover(
          call,
          NotFoundException.class,
          // A queue of dead letters that never had one is not found.
          empty -> CompletableFuture.completedFuture(List.of()));
    }

    private void add(List<LeasedJob> leased) {
      synchronized (this) {
        seen += leased.size();
        if (!over) {
          leased.forEach(job -> jobs.put(job.id(), job));
          return;
        }
      }
      leases.giveBack(dead, leased);
    }

    synchronized int seen() {
      return seen;
    }

    /** It is gone from there. */
    synchronized void settled(LeasedJob job) {
      jobs.remove(job.id());
    }

    void end() {
      List<LeasedJob> back;
      synchronized (this) {
        over = true;
        back = List.copyOf(jobs.values());
        jobs.clear();
      }
      leases.giveBack(dead, back);
    }
  }

  /** Listing makes the queue of the dead letters, and fails if there is no queue. */
  private CompletableFuture<Void> ready(ResourceName queue, ResourceName dead, Deadline deadline) {
    return Steps.then(list(queue, 1, deadline), listed -> queues.setRedeliveryPolicy(dead, KEPT, deadline));
  }

  private CompletableFuture<LeasedJob> find(Held held, String id, int step, Deadline deadline) {
    return Steps.then(
        held.some(step, deadline),
        jobs -> {
          for (LeasedJob job : jobs) {
            if (job.id().equals(id)) {
              return CompletableFuture.completedFuture(job);
            }
          }
          if (jobs.isEmpty() || held.seen() >= SEARCHED) {
            throw new NotFoundException(
                ErrorInfo.of("no dead letter " + id + " among " + held.seen(), "List them again; somebody may have replayed it"));
          }
          return find(held, id, Math.min(MAX_LEASED, step * 2), deadline);
        });
  }

  private CompletableFuture<EnqueueResult> move(ResourceName queue, Held held, LeasedJob letter, Deadline deadline) {
    return Steps.then(
        queues.enqueue(queue, letter.value(), FlowMeshMapping.alive(letter.headers()), null, deadline),
        stored ->
            Steps.translate(
                Steps.map(
                    leases.ack(held.dead, letter, deadline),
                    acked -> {
                      held.settled(letter);
                      return stored;
                    }),
                // It is back in its queue, whatever became of the dead letter.
                TributaryException::orMaybeApplied));
  }

  @Override
  public CompletableFuture<Void> purge(ResourceName queue, Deadline deadline) {
    Held held = new Held(FlowMeshQueues.deadLettersOf(queue));
    CompletableFuture<Void> purged = Steps.then(ready(queue, held.dead, deadline), ready -> drop(held, deadline));
    purged.whenComplete((dropped, error) -> held.end());
    return purged;
  }

  private CompletableFuture<Void> drop(Held held, Deadline deadline) {
    return Steps.then(
        held.some(MAX_LEASED, deadline),
        jobs ->
            jobs.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : Steps.then(
                    Steps.each(jobs, job -> drop(held, job, deadline)),
                    outcomes -> {
                      TributaryException failed =
                          outcomes.stream()
                              .map(Outcome::error)
                              // One that was not dropped in time comes once more.
                              .filter(error -> error != null && !(error instanceof LeaseLostException))
                              .findFirst()
                              .orElse(null);
                      if (failed != null) {
                        throw failed;
                      }
                      return drop(held, deadline);
                    }));
  }

  private CompletableFuture<Boolean> drop(Held held, LeasedJob job, Deadline deadline) {
    return Steps.map(
        leases.ack(held.dead, job, deadline),
        acked -> {
          held.settled(job);
          return true;
        });
  }
}
