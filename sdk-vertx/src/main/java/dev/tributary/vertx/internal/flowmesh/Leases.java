package dev.tributary.vertx.internal.flowmesh;

import dev.tributary.ResourceName;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.internal.driver.LeaseGuard;
import dev.tributary.spi.DeadLetterHeaders;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.flowmesh.proto.ACKRequest;
import dev.tributary.vertx.internal.flowmesh.proto.EnqueueRequest;
import dev.tributary.vertx.internal.flowmesh.proto.FlowMeshMethods;
import dev.tributary.vertx.internal.flowmesh.proto.ListDLQJobsRequest;
import dev.tributary.vertx.internal.flowmesh.proto.NACKRequest;
import dev.tributary.vertx.internal.flowmesh.proto.NACKResponse;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.grpc.GrpcCaller;
import dev.tributary.vertx.internal.net.grpc.Rpc;
import java.lang.System.Logger.Level;
import java.lang.System.Logger;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What becomes of leased jobs. The wire settles a job by its id, whoever has it, and says yes to any ack. */
final class Leases {
  private static final Logger LOG = System.getLogger("dev.tributary.flowmesh");

  /** A job that nobody began with: a server that does not know this counts an attempt. */
  private static final Rpc<NACKRequest, NACKResponse> RELEASE = FlowMeshMethods.NACK.with("tributary-release", "1");

  private final GrpcCaller caller;
  private final TimeSource time;
  private final Duration timeout;
  private final Set<CompletableFuture<?>> givingBack = ConcurrentHashMap.newKeySet();

  Leases(GrpcCaller caller, Network network) {
    this.caller = caller;
    this.time = network.time();
    this.timeout = network.config().timeout();
  }

  CompletableFuture<Settlement.Result> settle(ResourceName queue, Settlement settlement, Deadline deadline) {
    LeasedJob job = settlement.job();
    return switch (settlement.kind()) {
      case ACK -> ack(queue, job, deadline);
      case NACK -> nack(FlowMeshMethods.NACK, queue, job, settlement.duration(), deadline);
      case RELEASE -> release(queue, job, deadline);
      case REJECT -> reject(queue, job, settlement.reason(), deadline);
      case EXTEND -> throw new UnsupportedFeatureException(
          ErrorInfo.of("FlowMesh has no lease extension", "Ask for a lease that is long enough"));
    };
  }

  CompletableFuture<Settlement.Result> ack(ResourceName queue, LeasedJob job, Deadline deadline) {
    ACKRequest request = ACKRequest.newBuilder().setResourcePath(FlowMeshMapping.queue(queue)).setJobId(job.id()).build();
    return LeaseGuard.whileOurs(job, deadline, until -> caller.call(FlowMeshMethods.ACK, request, until, acked -> Settlement.Result.DONE));
  }

  private CompletableFuture<Settlement.Result> release(ResourceName queue, LeasedJob job, Deadline deadline) {
    return nack(RELEASE, queue, job, Duration.ZERO, deadline);
  }

  private CompletableFuture<Settlement.Result> nack(
      Rpc<NACKRequest, NACKResponse> rpc, ResourceName queue, LeasedJob job, @Nullable Duration delay, Deadline deadline) {
    NACKRequest request =
        NACKRequest.newBuilder()
            .setResourcePath(FlowMeshMapping.queue(queue))
            .setJobId(job.id())
            // No delay means the policy's backoff there, so that the shortest is a second.
            .setDelaySeconds(delay == null ? 0 : Math.max(1, FlowMeshMapping.seconds(delay)))
            .build();
    return LeaseGuard.whileOurs(
        job,
        deadline,
        until ->
            Steps.recover(
                caller.call(rpc, request, until, nacked -> Settlement.Result.DONE),
                error -> {
                  if (error instanceof ConflictException) {
                    // Its last attempt: the move to the dead letters is told as an error.
                    return CompletableFuture.completedFuture(new Settlement.Result(true, null));
                  }
                  throw error instanceof NotFoundException
                      ? new LeaseLostException(
                          ErrorInfo.of("job " + job.id() + " is not leased any more", "Ask for a longer lease, or work faster").causedBy(error))
                      : error;
                }));
  }

  /** The wire has no word for it: a copy goes to the dead letters, where it has the headers that the server would give it, then an ack. */
  private CompletableFuture<Settlement.Result> reject(ResourceName queue, LeasedJob job, @Nullable String reason, Deadline deadline) {
    if (queue.name().endsWith(DeadLetterHeaders.QUEUE_SUFFIX)) {
      // A dead letter already: it stays one, where it is.
      return Steps.map(nack(FlowMeshMethods.NACK, queue, job, null, deadline), kept -> new Settlement.Result(true, null));
    }
    // Listing makes the queue of the dead letters.
    ListDLQJobsRequest listing = ListDLQJobsRequest.newBuilder().setResourcePath(FlowMeshMapping.queue(queue)).setMaxJobs(1).build();
    EnqueueRequest copy =
        FlowMeshMapping.enqueue(FlowMeshQueues.deadLettersOf(queue), job.value(), FlowMeshMapping.dead(queue, job, time.now(), reason), null);
    return Steps.then(
        LeaseGuard.whileOurs(
            job,
            deadline,
            until ->
                Steps.then(caller.call(FlowMeshMethods.LIST_DLQ_JOBS, listing, until), listed -> caller.call(FlowMeshMethods.ENQUEUE, copy, until))),
        stored ->
            Steps.translate(
                Steps.map(ack(queue, job, deadline), acked -> new Settlement.Result(true, null)),
                // The copy is there.
                TributaryException::orMaybeApplied));
  }

  /** Gives back jobs that nobody began with, whatever comes of it. */
  void giveBack(ResourceName queue, Collection<LeasedJob> jobs) {
    jobs.forEach(job -> giveBack(queue, job, release -> release(queue, job, release)));
  }

  /** Gives back a job that cannot be used as it came: that was an attempt. */
  void giveBackUnusable(ResourceName queue, LeasedJob job) {
    giveBack(queue, job, nack -> nack(FlowMeshMethods.NACK, queue, job, null, nack));
  }

  private void giveBack(ResourceName queue, LeasedJob job, Function<Deadline, CompletableFuture<Settlement.Result>> how) {
    CompletableFuture<Settlement.Result> call = caller.within(timeout, how);
    givingBack.add(call);
    call.whenComplete(
        (done, error) -> {
          givingBack.remove(call);
          if (error != null) {
            LOG.log(Level.DEBUG, "job " + job.id() + " of " + queue + " comes back only when its lease ends", error);
          }
        });
  }

  /** Completes when nothing is being given back any more. */
  CompletableFuture<Void> givenBack() {
    return CompletableFuture.allOf(givingBack.toArray(CompletableFuture[]::new)).handle((done, error) -> null);
  }
}
