package dev.tributary.vertx.internal.flowmesh;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.TributaryException;
import dev.tributary.queue.DeadLetter;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.RedeliveryPolicy;
import dev.tributary.spi.DeadLetterTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Settlement;
import dev.tributary.vertx.internal.flowmesh.proto.FlowMeshMethods;
import dev.tributary.vertx.internal.flowmesh.proto.ListDLQJobsRequest;
import dev.tributary.vertx.internal.net.Gather;
import dev.tributary.vertx.internal.net.GrpcCaller;
import dev.tributary.vertx.internal.net.Steps;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
      new RedeliveryPolicy(0, Duration.ofSeconds(1), Duration.ofSeconds(1), 1.0, RedeliveryPolicy.Strategy.FIXED);

  private final FlowMeshQueues queues;
  private final GrpcCaller caller;

  FlowMeshDeadLetters(FlowMeshQueues queues, GrpcCaller caller) {
    this.queues = queues;
    this.caller = caller;
  }

  @Override
  public CompletableFuture<List<DeadLetter<byte[]>>> list(ResourceName queue, int max, Deadline deadline) {
    ListDLQJobsRequest request =
        ListDLQJobsRequest.newBuilder()
            .setResourcePath(Mapping.queue(queue))
            .setMaxJobs(Math.max(1, Math.min(max, MAX_LISTED)))
            .build();
    return caller.call(
        FlowMeshMethods.LIST_DLQ_JOBS, request, deadline, answer -> answer.getJobsList().stream().map(Mapping::deadLetter).toList());
  }

  @Override
  public CompletableFuture<EnqueueResult> replay(ResourceName queue, String id, Deadline deadline) {
    ResourceName dead = FlowMeshQueues.deadLettersOf(queue);
    List<LeasedJob> others = new ArrayList<>();
    return Steps.then(
        ready(queue, dead, deadline),
        ready -> {
          // Begins with one and doubles: the oldest, which is replayed most, disturbs no other.
          CompletableFuture<LeasedJob> search = find(dead, id, 1, others, deadline);
          // Also after a failure or a cancellation: leases of the public server do not end by themselves.
          search.whenComplete((found, error) -> giveBack(dead, others));
          return Steps.then(
              search, found -> move(queue, dead, found, deadline), moved -> {});
        });
  }

  /** Listing makes the queue of the dead letters, and fails if there is no queue. */
  private CompletableFuture<Void> ready(ResourceName queue, ResourceName dead, Deadline deadline) {
    return Steps.then(list(queue, 1, deadline), listed -> queues.setRedeliveryPolicy(dead, KEPT, deadline));
  }

  private CompletableFuture<LeasedJob> find(ResourceName dead, String id, int step, List<LeasedJob> others, Deadline deadline) {
    return Steps.then(
        some(dead, step, deadline),
        jobs -> {
          LeasedJob found = null;
          for (LeasedJob job : jobs) {
            if (job.id().equals(id)) {
              found = job;
            } else {
              others.add(job);
            }
          }
          if (found != null) {
            return CompletableFuture.completedFuture(found);
          }
          if (jobs.isEmpty() || others.size() >= SEARCHED) {
            return CompletableFuture.failedFuture(
                new NotFoundException(
                    ErrorInfo.of("no dead letter " + id + " among " + others.size(), "List them again; somebody may have replayed it")));
          }
          return find(dead, id, Math.min(MAX_LEASED, step * 2), others, deadline);
        });
  }

  /** A queue of dead letters that never had one is not found. */
  private CompletableFuture<List<LeasedJob>> some(ResourceName dead, int max, Deadline deadline) {
    return Steps.recover(
        queues.leaseKnown(dead, max, LEASE, deadline),
        error -> error instanceof NotFoundException ? CompletableFuture.completedFuture(List.of()) : CompletableFuture.failedFuture(error));
  }

  private CompletableFuture<EnqueueResult> move(ResourceName queue, ResourceName dead, LeasedJob letter, Deadline deadline) {
    CompletableFuture<EnqueueResult> enqueue = queues.enqueue(queue, letter.value(), Mapping.alive(letter.headers()), null, deadline);
    enqueue.whenComplete(
        (stored, error) -> {
          if (error != null) {
            giveBack(dead, List.of(letter));
          }
        });
    return Steps.then(enqueue, stored -> Steps.map(queues.ackDone(dead, letter.id(), deadline), acked -> stored));
  }

  private void giveBack(ResourceName dead, List<LeasedJob> jobs) {
    for (LeasedJob job : jobs) {
      caller.within(LEASE, deadline -> queues.nack(dead, job.id(), null, deadline));
    }
  }

  @Override
  public CompletableFuture<Void> purge(ResourceName queue, Deadline deadline) {
    ResourceName dead = FlowMeshQueues.deadLettersOf(queue);
    return Steps.then(ready(queue, dead, deadline), ready -> drop(dead, deadline));
  }

  private CompletableFuture<Void> drop(ResourceName dead, Deadline deadline) {
    return Steps.then(
        some(dead, MAX_LEASED, deadline),
        jobs -> {
          if (jobs.isEmpty()) {
            return CompletableFuture.completedFuture(null);
          }
          List<Settlement> acks = jobs.stream().map(job -> new Settlement(Settlement.Kind.ACK, job, null, null)).toList();
          CompletableFuture<List<Outcome<Settlement.Result>>> dropped = queues.settle(dead, acks, deadline);
          return Steps.then(
              dropped,
              outcomes -> {
                TributaryException failed = outcomes.stream().map(Outcome::error).filter(e -> e != null).findFirst().orElse(null);
                return failed == null ? drop(dead, deadline) : CompletableFuture.failedFuture(failed);
              });
        });
  }
}
