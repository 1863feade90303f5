package dev.tributary.vertx.internal.flowmesh;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.PeekedJob;
import dev.tributary.queue.QueueStats;
import dev.tributary.queue.RedeliveryPolicy;
import dev.tributary.spi.DeadLetterHeaders;
import dev.tributary.spi.DeadLetterTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.QueueTransport;
import dev.tributary.spi.Settlement;
import dev.tributary.vertx.internal.flowmesh.proto.ACKRequest;
import dev.tributary.vertx.internal.flowmesh.proto.EnqueueRequest;
import dev.tributary.vertx.internal.flowmesh.proto.FlowMeshMethods;
import dev.tributary.vertx.internal.flowmesh.proto.GetQueueStatsRequest;
import dev.tributary.vertx.internal.flowmesh.proto.GetRetryPolicyRequest;
import dev.tributary.vertx.internal.flowmesh.proto.Job;
import dev.tributary.vertx.internal.flowmesh.proto.ListDLQJobsRequest;
import dev.tributary.vertx.internal.flowmesh.proto.NACKRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ReceiveRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ReceiveResponse;
import dev.tributary.vertx.internal.flowmesh.proto.SetRetryPolicyRequest;
import dev.tributary.vertx.internal.net.Gather;
import dev.tributary.vertx.internal.net.GrpcCaller;
import dev.tributary.vertx.internal.net.InOrder;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.Steps;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Queues of FlowMesh. */
final class FlowMeshQueues implements QueueTransport {
  private static final int PRIMED = 10_000;

  private final GrpcCaller caller;
  private final Network network;
  private final FlowMeshDeadLetters deadLetters;

  /** Queues whose policy the server has looked up, and in which generation of connections. */
  private final Map<ResourceName, Integer> primed = new ConcurrentHashMap<>();

  FlowMeshQueues(GrpcCaller caller, Network network) {
    this.caller = caller;
    this.network = network;
    this.deadLetters = new FlowMeshDeadLetters(this, caller);
  }

  @Override
  public CompletableFuture<List<Outcome<EnqueueResult>>> enqueue(
      ResourceName queue, List<NewJob<byte[]>> jobs, boolean atomic, Deadline deadline) {
    if (atomic) {
      return CompletableFuture.failedFuture(unsupported("atomic batches", "Enqueue the jobs without"));
    }
    if (jobs.size() == 1) {
      NewJob<byte[]> job = jobs.get(0);
      return caller.call(
          FlowMeshMethods.ENQUEUE,
          request(queue, job.value(), job.headers(), job.delay()),
          deadline,
          answer -> List.of(Outcome.of(result(answer.getJobId(), answer.getSeq()))));
    }
    // The wire has no batch.
    return InOrder.of(jobs, job -> enqueue(queue, job.value(), job.headers(), job.delay(), deadline));
  }

  CompletableFuture<EnqueueResult> enqueue(
      ResourceName queue, byte[] value, Map<String, String> headers, @Nullable Duration delay, Deadline deadline) {
    return caller.call(
        FlowMeshMethods.ENQUEUE, request(queue, value, headers, delay), deadline, answer -> result(answer.getJobId(), answer.getSeq()));
  }

  private static EnqueueResult result(String id, long sequence) {
    return new EnqueueResult(id, OptionalLong.of(sequence), false);
  }

  private static EnqueueRequest request(ResourceName queue, byte[] value, Map<String, String> headers, @Nullable Duration delay) {
    return EnqueueRequest.newBuilder()
        .setResourcePath(Mapping.queue(queue))
        .setPayload(Mapping.bytes(value))
        .putAllHeaders(headers)
        .setDelaySeconds(Mapping.seconds(delay))
        .build();
  }

  @Override
  public CompletableFuture<List<LeasedJob>> receive(ResourceName queue, int max, Duration lease, Duration wait, Deadline deadline) {
    Integer generation = primed.get(queue);
    return generation != null && generation == caller.generation()
        ? lease(queue, max, lease, deadline)
        : Steps.then(prime(queue, deadline), known -> lease(queue, max, lease, deadline), jobs -> giveBack(queue, jobs));
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
    return Steps.recover(call, error -> emptyIfKnown(queue, error, deadline, List.of()), jobs -> giveBack(queue, jobs));
  }

  /** Never with Reserve, which crashes the server on an empty queue, and never with a long poll, which loses jobs. */
  CompletableFuture<List<LeasedJob>> leaseKnown(ResourceName queue, int max, Duration lease, Deadline deadline) {
    ReceiveRequest request =
        ReceiveRequest.newBuilder()
            .setResourcePath(Mapping.queue(queue))
            .setMaxJobs(max)
            .setVisibilityTimeoutSeconds(Mapping.seconds(lease))
            .build();
    // By our clock, and from before the server's begins: never later than the lease really ends.
    Deadline until = Deadline.after(network.time(), Duration.ofSeconds(Mapping.seconds(lease)));
    return caller.call(
        FlowMeshMethods.RECEIVE, request, deadline, answer -> jobs(queue, answer, until), jobs -> giveBack(queue, jobs));
  }

  private List<LeasedJob> jobs(ResourceName queue, ReceiveResponse answer, Deadline until) {
    List<LeasedJob> jobs = new ArrayList<>(answer.getJobsCount());
    for (Job job : answer.getJobsList()) {
      if (job.getPayload().isEmpty()) {
        // The server could not read its own log: no job has an empty payload.
        nackWithin(queue, job.getId());
      } else {
        jobs.add(Mapping.job(job, until));
      }
    }
    return jobs;
  }

  private void giveBack(ResourceName queue, List<LeasedJob> jobs) {
    jobs.forEach(job -> nackWithin(queue, job.id()));
  }

  /** Whatever comes of it: the lease ends by itself where leases end. */
  private void nackWithin(ResourceName queue, String job) {
    caller.callWithin(FlowMeshMethods.NACK, nack(queue, job, null), network.config().timeout());
  }

  /** A queue that nothing was ever put into is not found by most calls, although it exists. */
  private <T> CompletableFuture<T> emptyIfKnown(ResourceName queue, TributaryException error, Deadline deadline, T empty) {
    return error instanceof NotFoundException
        ? Steps.map(redeliveryPolicy(queue, deadline), exists -> empty)
        : CompletableFuture.failedFuture(error);
  }

  @Override
  public CompletableFuture<List<Outcome<Settlement.Result>>> settle(
      ResourceName queue, List<Settlement> settlements, Deadline deadline) {
    return Gather.of(settlements.stream().map(settlement -> settle(queue, settlement, deadline)).toList());
  }

  private CompletableFuture<Settlement.Result> settle(ResourceName queue, Settlement settlement, Deadline deadline) {
    LeasedJob job = settlement.job();
    Deadline until = job.leaseDeadline();
    boolean late = until != null && until.expired();
    CompletableFuture<Settlement.Result> call =
        switch (settlement.kind()) {
          case ACK -> ack(queue, job.id(), deadline);
          case NACK -> nack(queue, job.id(), settlement.duration(), deadline);
          case RELEASE -> nack(queue, job.id(), Duration.ZERO, deadline);
          case REJECT -> late ? ack(queue, job.id(), deadline) : reject(queue, job, settlement.reason(), deadline);
          case EXTEND -> CompletableFuture.failedFuture(unsupported("lease extension", "Ask for a lease that is long enough"));
        };
    return late && settlement.kind() != Settlement.Kind.EXTEND ? Steps.then(call, sent -> lost(job)) : call;
  }

  /** The server says yes to any ack, so only our clock tells. */
  private static CompletableFuture<Settlement.Result> lost(LeasedJob job) {
    return CompletableFuture.failedFuture(
        new LeaseLostException(
            ErrorInfo.of("the lease of job " + job.id() + " ended at " + job.leaseDeadline(), "Ask for a longer lease, or work faster")));
  }

  private CompletableFuture<Settlement.Result> ack(ResourceName queue, String job, Deadline deadline) {
    ACKRequest request = ACKRequest.newBuilder().setResourcePath(Mapping.queue(queue)).setJobId(job).build();
    return caller.call(FlowMeshMethods.ACK, request, deadline, acked -> Settlement.Result.DONE);
  }

  CompletableFuture<Settlement.Result> nack(ResourceName queue, String job, @Nullable Duration delay, Deadline deadline) {
    CompletableFuture<Settlement.Result> call =
        caller.call(FlowMeshMethods.NACK, nack(queue, job, delay), deadline, nacked -> Settlement.Result.DONE);
    return Steps.recover(
        call,
        error -> {
          if (error instanceof ConflictException) {
            // Its last attempt: the move to the dead letters is told as an error.
            return CompletableFuture.completedFuture(new Settlement.Result(true, null));
          }
          return CompletableFuture.failedFuture(
              error instanceof NotFoundException
                  ? new LeaseLostException(
                      ErrorInfo.of("job " + job + " is not leased any more", "Ask for a longer lease, or work faster").causedBy(error))
                  : error);
        });
  }

  /** A delay of 0 means the policy's backoff there, so that the shortest delay is a second. */
  private static NACKRequest nack(ResourceName queue, String job, @Nullable Duration delay) {
    return NACKRequest.newBuilder()
        .setResourcePath(Mapping.queue(queue))
        .setJobId(job)
        .setDelaySeconds(delay == null ? 0 : Math.max(1, Mapping.seconds(delay)))
        .build();
  }

  /** The wire has no word for it: a copy goes to the dead letters, where it has the headers that the server would give it, then an ack. */
  private CompletableFuture<Settlement.Result> reject(ResourceName queue, LeasedJob job, @Nullable String reason, Deadline deadline) {
    // Listing makes the queue of the dead letters.
    ListDLQJobsRequest listing = ListDLQJobsRequest.newBuilder().setResourcePath(Mapping.queue(queue)).setMaxJobs(1).build();
    Map<String, String> headers = Mapping.dead(queue, job, network.time().now(), reason);
    return Steps.then(
        caller.call(FlowMeshMethods.LIST_DLQ_JOBS, listing, deadline),
        listed ->
            Steps.then(
                enqueue(deadLettersOf(queue), job.value(), headers, null, deadline),
                stored -> Steps.map(ack(queue, job.id(), deadline), acked -> new Settlement.Result(true, null))));
  }

  static ResourceName deadLettersOf(ResourceName queue) {
    return queue.withName(queue.name() + DeadLetterHeaders.QUEUE_SUFFIX);
  }

  CompletableFuture<Void> ackDone(ResourceName queue, String job, Deadline deadline) {
    return Steps.map(ack(queue, job, deadline), acked -> null);
  }

  @Override
  public CompletableFuture<List<PeekedJob<byte[]>>> peek(ResourceName queue, int max, Deadline deadline) {
    return CompletableFuture.failedFuture(unsupported("peeking", "Receive and nack"));
  }

  @Override
  public CompletableFuture<QueueStats> stats(ResourceName queue, Deadline deadline) {
    GetQueueStatsRequest request = GetQueueStatsRequest.newBuilder().setResourcePath(Mapping.queue(queue)).build();
    CompletableFuture<QueueStats> call =
        caller.call(FlowMeshMethods.GET_QUEUE_STATS, request, deadline, answer -> Mapping.stats(answer.getStats()));
    QueueStats empty = new QueueStats(0, 0, OptionalLong.of(0), OptionalLong.empty(), OptionalLong.empty(), null);
    return Steps.recover(call, error -> emptyIfKnown(queue, error, deadline, empty));
  }

  @Override
  public CompletableFuture<RedeliveryPolicy> redeliveryPolicy(ResourceName queue, Deadline deadline) {
    GetRetryPolicyRequest request = GetRetryPolicyRequest.newBuilder().setResourcePath(Mapping.queue(queue)).build();
    return caller.call(FlowMeshMethods.GET_RETRY_POLICY, request, deadline, answer -> Mapping.policy(answer.getPolicy()));
  }

  @Override
  public CompletableFuture<Void> setRedeliveryPolicy(ResourceName queue, RedeliveryPolicy policy, Deadline deadline) {
    SetRetryPolicyRequest request =
        SetRetryPolicyRequest.newBuilder().setResourcePath(Mapping.queue(queue)).setPolicy(Mapping.policy(policy)).build();
    return caller.call(FlowMeshMethods.SET_RETRY_POLICY, request, deadline, set -> null);
  }

  @Override
  public CompletableFuture<Void> purge(ResourceName queue, Deadline deadline) {
    return CompletableFuture.failedFuture(unsupported("purging of queues", "Receive and ack"));
  }

  @Override
  public DeadLetterTransport deadLetters() {
    return deadLetters;
  }

  private static UnsupportedFeatureException unsupported(String what, String instead) {
    return new UnsupportedFeatureException(ErrorInfo.of("FlowMesh has no " + what, instead));
  }
}
