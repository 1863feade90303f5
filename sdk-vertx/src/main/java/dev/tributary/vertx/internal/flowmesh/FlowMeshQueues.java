package dev.tributary.vertx.internal.flowmesh;

import dev.tributary.Outcome;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.ResourceName;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.TributaryException;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.QueueStats;
import dev.tributary.spi.DeadLetterHeaders;
import dev.tributary.spi.DeadLetterTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.QueueTransport;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.flowmesh.proto.FlowMeshMethods;
import dev.tributary.vertx.internal.flowmesh.proto.GetQueueStatsRequest;
import dev.tributary.vertx.internal.flowmesh.proto.GetRetryPolicyRequest;
import dev.tributary.vertx.internal.flowmesh.proto.Job;
import dev.tributary.vertx.internal.flowmesh.proto.ReceiveRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ReceiveResponse;
import dev.tributary.vertx.internal.flowmesh.proto.SetRetryPolicyRequest;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.grpc.GrpcCaller;
import dev.tributary.vertx.internal.net.grpc.Unclaimed;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Queues of FlowMesh. */
final class FlowMeshQueues implements QueueTransport {
  private static final Logger LOG = System.getLogger("dev.tributary.flowmesh");
  private static final int PRIMED = 10_000;

  /** How much longer than its caller waits a call that may take jobs goes on. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** How long a close waits for such calls. */
  private static final Duration GRACE = Duration.ofSeconds(2);

  private final GrpcCaller caller;
  private final Network network;
  private final Leases leases;
  private final FlowMeshDeadLetters deadLetters;
  private final Set<CompletableFuture<Void>> taking = ConcurrentHashMap.newKeySet();

  /** Queues whose policy the server has looked up, and in which generation of connections. */
  private final Map<ResourceName, Integer> primed = new ConcurrentHashMap<>();

  FlowMeshQueues(GrpcCaller caller, Network network) {
    this.caller = caller;
    this.network = network;
    this.leases = new Leases(caller, network);
    this.deadLetters = new FlowMeshDeadLetters(this, leases, caller);
  }

  @Override
  public CompletableFuture<List<Outcome<EnqueueResult>>> enqueue(
      ResourceName queue, List<NewJob<byte[]>> jobs, boolean atomic, Deadline deadline) {
    if (jobs.size() == 1) {
      NewJob<byte[]> job = jobs.get(0);
      return caller.call(
          FlowMeshMethods.ENQUEUE,
          FlowMeshMapping.enqueue(queue, job.value(), job.headers(), job.delay()),
          deadline,
          answer -> List.of(Outcome.of(result(answer.getJobId(), answer.getSeq()))));
    }
    // The wire has no batch.
    return Steps.inOrder(jobs, job -> enqueue(queue, job.value(), job.headers(), job.delay(), deadline));
  }

  CompletableFuture<EnqueueResult> enqueue(
      ResourceName queue, byte[] value, Map<String, String> headers, @Nullable Duration delay, Deadline deadline) {
    return caller.call(
        FlowMeshMethods.ENQUEUE, FlowMeshMapping.enqueue(queue, value, headers, delay), deadline, answer -> result(answer.getJobId(), answer.getSeq()));
  }

  private static EnqueueResult result(String id, long sequence) {
    return new EnqueueResult(id, OptionalLong.of(sequence), false);
  }

  @Override
  public CompletableFuture<List<LeasedJob>> receive(ResourceName queue, int max, Duration lease, Duration wait, Deadline deadline) {
    Integer generation = primed.get(queue);
    return generation != null && generation == caller.generation()
        ? lease(queue, max, lease, deadline)
        : Steps.then(prime(queue, deadline), known -> lease(queue, max, lease, deadline), jobs -> leases.giveBack(queue, jobs));
  }

  /** After a restart the server applies its default policy until somebody asks for the queue's own. */
  private CompletableFuture<RedeliveryPolicy> prime(ResourceName queue, Deadline deadline) {
    return Steps.map(
        redeliveryPolicy(queue, deadline),
        policy -> {
          if (primed.size() >= PRIMED) {
            primed.clear();
          }
          primed.put(queue, caller.generation());
          return policy;
        });
  }

  private CompletableFuture<List<LeasedJob>> lease(ResourceName queue, int max, Duration lease, Deadline deadline) {
    CompletableFuture<List<LeasedJob>> call = leaseKnown(queue, max, lease, deadline);
    return Steps.recover(call, error -> emptyIfKnown(queue, error, deadline, List.of()), jobs -> leases.giveBack(queue, jobs));
  }

  /** Never with Reserve, which crashes the server on an empty queue, and never with a long poll, which loses jobs. */
  CompletableFuture<List<LeasedJob>> leaseKnown(ResourceName queue, int max, Duration lease, Deadline deadline) {
    long seconds = FlowMeshMapping.seconds(lease);
    ReceiveRequest request =
        ReceiveRequest.newBuilder()
            .setResourcePath(FlowMeshMapping.queue(queue))
            .setMaxJobs(max)
            .setVisibilityTimeoutSeconds(seconds)
            .build();
    // By our clock, and from before the server's begins: never later than the lease really ends.
    Deadline until = Deadline.after(network.time(), Duration.ofSeconds(seconds));
    // A server that gave up when the caller does would lose what it leased just then: it is let answer, and that is given back.
    return caller.call(
        FlowMeshMethods.RECEIVE, request, deadline.plus(PATIENCE), answer -> jobs(queue, max, answer, until), new Taking(queue));
  }

  /** A call that may take jobs, until its end. */
  private final class Taking implements Unclaimed<List<LeasedJob>> {
    private final ResourceName queue;
    private final CompletableFuture<Void> over = new CompletableFuture<>();

    Taking(ResourceName queue) {
      this.queue = queue;
      taking.add(over);
    }

    @Override
    public void accept(List<LeasedJob> jobs) {
      leases.giveBack(queue, jobs);
    }

    @Override
    public void over() {
      taking.remove(over);
      over.complete(null);
    }
  }

  private List<LeasedJob> jobs(ResourceName queue, int max, ReceiveResponse answer, Deadline until) {
    List<LeasedJob> jobs = new ArrayList<>(Math.min(max, answer.getJobsCount()));
    for (Job wire : answer.getJobsList()) {
      LeasedJob job = FlowMeshMapping.job(wire, until);
      if (job.id().isEmpty()) {
        LOG.log(Level.WARNING, "a job of " + queue + " came without an id, so that nothing can become of it");
      } else if (wire.getPayload().isEmpty()) {
        // The server could not read its own log: no job has an empty payload.
        leases.giveBackUnusable(queue, job);
      } else if (jobs.size() == max) {
        leases.giveBack(queue, List.of(job));
      } else {
        jobs.add(job);
      }
    }
    return jobs;
  }

  /** Completes when no call can take jobs any more and what came is given back, or after a while. */
  CompletableFuture<Void> quiet() {
    CompletableFuture<Void> quiet =
        CompletableFuture.allOf(taking.toArray(CompletableFuture[]::new)).thenCompose(over -> leases.givenBack());
    CompletableFuture<Void> done = new CompletableFuture<>();
    TimeSource.Timer enough = network.time().schedule(GRACE, () -> done.complete(null));
    quiet.whenComplete(
        (nothing, error) -> {
          enough.cancel();
          done.complete(null);
        });
    return done;
  }

  /** A queue that nothing was ever put into is not found by most calls, although it exists. */
  private <T> CompletableFuture<T> emptyIfKnown(ResourceName queue, TributaryException error, Deadline deadline, T empty) {
    if (!(error instanceof NotFoundException)) {
      throw error;
    }
    return Steps.map(redeliveryPolicy(queue, deadline), exists -> empty);
  }

  @Override
  public CompletableFuture<List<Outcome<Settlement.Result>>> settle(
      ResourceName queue, List<Settlement> settlements, Deadline deadline) {
    return Steps.each(settlements, settlement -> leases.settle(queue, settlement, deadline));
  }

  static ResourceName deadLettersOf(ResourceName queue) {
    return queue.withName(queue.name() + DeadLetterHeaders.QUEUE_SUFFIX);
  }

  @Override
  public CompletableFuture<QueueStats> stats(ResourceName queue, Deadline deadline) {
    GetQueueStatsRequest request = GetQueueStatsRequest.newBuilder().setResourcePath(FlowMeshMapping.queue(queue)).build();
    CompletableFuture<QueueStats> call =
        caller.call(FlowMeshMethods.GET_QUEUE_STATS, request, deadline, answer -> FlowMeshMapping.stats(answer.getStats()));
    QueueStats empty = new QueueStats(0, 0, OptionalLong.of(0), OptionalLong.empty(), OptionalLong.empty(), null);
    return Steps.recover(call, error -> emptyIfKnown(queue, error, deadline, empty));
  }

  @Override
  public CompletableFuture<RedeliveryPolicy> redeliveryPolicy(ResourceName queue, Deadline deadline) {
    GetRetryPolicyRequest request = GetRetryPolicyRequest.newBuilder().setResourcePath(FlowMeshMapping.queue(queue)).build();
    return caller.call(FlowMeshMethods.GET_RETRY_POLICY, request, deadline, answer -> FlowMeshMapping.policy(answer.getPolicy()));
  }

  @Override
  public CompletableFuture<Void> setRedeliveryPolicy(ResourceName queue, RedeliveryPolicy policy, Deadline deadline) {
    SetRetryPolicyRequest request =
        SetRetryPolicyRequest.newBuilder().setResourcePath(FlowMeshMapping.queue(queue)).setPolicy(FlowMeshMapping.policy(policy)).build();
    return caller.call(FlowMeshMethods.SET_RETRY_POLICY, request, deadline, set -> null);
  }

  @Override
  public DeadLetterTransport deadLetters() {
    return deadLetters;
  }
}
