package dev.tributary.testkit.server.flowmesh;

import com.google.protobuf.ByteString;
import dev.tributary.ResourceName;
import dev.tributary.admin.ResourceKind;
import dev.tributary.error.LeaseLostException;
import dev.tributary.queue.DeadLetter;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.QueueStats;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.Steps;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.internal.grpc.Handover;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.testkit.server.internal.grpc.Untried;
import dev.tributary.vertx.internal.flowmesh.proto.ACKRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ACKResponse;
import dev.tributary.vertx.internal.flowmesh.proto.EnqueueRequest;
import dev.tributary.vertx.internal.flowmesh.proto.EnqueueResponse;
import dev.tributary.vertx.internal.flowmesh.proto.GetQueueStatsRequest;
import dev.tributary.vertx.internal.flowmesh.proto.GetQueueStatsResponse;
import dev.tributary.vertx.internal.flowmesh.proto.GetRetryPolicyRequest;
import dev.tributary.vertx.internal.flowmesh.proto.GetRetryPolicyResponse;
import dev.tributary.vertx.internal.flowmesh.proto.Job;
import dev.tributary.vertx.internal.flowmesh.proto.ListDLQJobsRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ListDLQJobsResponse;
import dev.tributary.vertx.internal.flowmesh.proto.NACKRequest;
import dev.tributary.vertx.internal.flowmesh.proto.NACKResponse;
import dev.tributary.vertx.internal.flowmesh.proto.ReceiveRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ReceiveResponse;
import dev.tributary.vertx.internal.flowmesh.proto.ReplayDLQJobRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ReplayDLQJobResponse;
import dev.tributary.vertx.internal.flowmesh.proto.ReserveRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ReserveResponse;
import dev.tributary.vertx.internal.flowmesh.proto.SetRetryPolicyRequest;
import dev.tributary.vertx.internal.flowmesh.proto.SetRetryPolicyResponse;
import dev.tributary.vertx.internal.flowmesh.proto.Status;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** QueueService. */
final class QueueRpcs {
  private static final System.Logger LOG = System.getLogger("dev.tributary.testkit.server.flowmesh");
  private static final Duration DEFAULT_VISIBILITY = Duration.ofSeconds(30);
  private static final long MAX_VISIBILITY_SECONDS = 43_200;
  private static final Duration MAX_LONG_POLL = Duration.ofSeconds(20);
  private static final int MAX_JOBS = 100;
  private static final Duration GIVE_BACK_TIMEOUT = Duration.ofSeconds(30);
  private static final int DEFAULT_LISTING = 100;
  private static final int MAX_LISTING = 1000;

  private final Catalog catalog;
  private final ServerOptions options;
  private final Leases leases;
  private final RetryPolicies policies = new RetryPolicies();

  QueueRpcs(Catalog catalog, ServerOptions options) {
    this.catalog = catalog;
    this.options = options;
    this.leases = new Leases(options.time());
  }

  CompletableFuture<EnqueueResponse> enqueue(EnqueueRequest request, Deadline deadline) {
    Catalog.present(request.hasResourcePath());
    if (request.getPayload().isEmpty()) {
      throw Rejection.invalid("payload is required");
    }
    if (request.getDelaySeconds() < 0) {
      throw Rejection.invalid("delay_seconds must not be negative");
    }
    ResourceName queue = Catalog.name(request.getResourcePath(), ResourceKind.QUEUE);
    NewJob<byte[]> job =
        NewJob.builder(request.getPayload().toByteArray())
            .headers(DeadLetterNames.fromWire(request.getHeadersMap()))
            .delay(bounded(request.getDelaySeconds(), catalog.transport().limits().maxDelay()))
            .build();
    return Steps.map(
        enqueue(queue, job, deadline),
        result ->
            EnqueueResponse.newBuilder()
                .setStatus(Wire.OK)
                .setJobId(result.id())
                .setSeq(result.sequence().orElse(0))
                .build());
  }

  private CompletableFuture<EnqueueResult> enqueue(ResourceName queue, NewJob<byte[]> job, Deadline deadline) {
    CompletableFuture<EnqueueResult> write =
        Steps.map(
            use(queue, deadline, () -> catalog.queues().enqueue(queue, List.of(job), false, deadline)),
            results -> results.get(0).orThrow());
    return Catalog.write(write, () -> exists(queue, deadline));
  }

  /** Does not wait, whatever is asked for: that is Receive's. */
  CompletableFuture<ReserveResponse> reserve(ReserveRequest request, Deadline deadline) {
    Catalog.present(request.hasResourcePath());
    Duration lease = visibility(request.getVisibilityTimeoutSeconds());
    ResourceName queue = Catalog.name(request.getResourcePath(), ResourceKind.QUEUE);
    Handover handover = new Handover(jobs -> giveBack(queue, jobs));
    return revocable(
        handover,
        Steps.map(
            lease(queue, 1, lease, Duration.ZERO, deadline, handover),
            jobs -> {
              ReserveResponse.Builder reserved = ReserveResponse.newBuilder().setStatus(Wire.OK);
              if (!jobs.isEmpty()) {
                reserved.setJob(job(queue, jobs.get(0)));
              } else if (options.quirks().contains(Quirk.RESERVE_ON_EMPTY_FAILS)) {
                throw new Rejection(GrpcStatus.UNAVAILABLE, "no job to reserve");
              }
              return reserved.build();
            }));
  }

  CompletableFuture<ReceiveResponse> receive(ReceiveRequest request, Deadline deadline) {
    Catalog.present(request.hasResourcePath());
    Duration lease = visibility(request.getVisibilityTimeoutSeconds());
    ResourceName queue = Catalog.name(request.getResourcePath(), ResourceKind.QUEUE);
    int max = Math.max(1, Math.min(request.getMaxJobs(), MAX_JOBS));
    Duration wait = longPoll(request.getLongPollTimeoutSeconds());
    Handover handover = new Handover(jobs -> giveBack(queue, jobs));
    CompletableFuture<List<LeasedJob>> received =
        Steps.then(
            lease(queue, max, lease, Duration.ZERO, deadline, handover),
            jobs ->
                jobs.isEmpty() && !wait.isZero()
                    ? poll(queue, max, lease, wait, deadline, handover)
                    : CompletableFuture.completedFuture(jobs));
    return revocable(
        handover,
        Steps.map(
            received,
            jobs -> {
              ReceiveResponse.Builder answer = ReceiveResponse.newBuilder().setStatus(Wire.OK);
              jobs.forEach(job -> answer.addJobs(job(queue, job)));
              return answer.build();
            }));
  }

  private CompletableFuture<List<LeasedJob>> poll(
      ResourceName queue, int max, Duration lease, Duration wait, Deadline deadline, Handover handover) {
    return Steps.map(
        lease(queue, max, lease, wait, deadline, handover),
        jobs -> {
          if (!jobs.isEmpty() && options.quirks().contains(Quirk.LONG_POLL_FAILS)) {
            throw Rejection.notFound("job not found");
          }
          return jobs;
        });
  }

  private CompletableFuture<List<LeasedJob>> lease(
      ResourceName queue, int max, Duration lease, Duration wait, Deadline deadline, Handover handover) {
    return use(
        queue,
        deadline,
        () -> {
          CompletableFuture<List<LeasedJob>> received = catalog.queues().receive(queue, max, lease, wait, deadline);
          return Steps.map(
              received,
              jobs -> {
                leases.add(queue, jobs);
                handover.leased(jobs);
                return jobs;
              });
        });
  }

  private static <A> CompletableFuture<A> revocable(Handover handover, CompletableFuture<A> answer) {
    answer.whenComplete(
        (given, error) -> {
          if (answer.isCancelled()) {
            handover.cancel();
          }
        });
    return answer;
  }

  /** The client never heard of this job: it is ready again at once. */
  void giveBack(ReserveRequest request, ReserveResponse unheard) {
    if (unheard.hasJob()) {
      giveBack(Catalog.name(request.getResourcePath(), ResourceKind.QUEUE), Stream.of(unheard.getJob().getId()));
    }
  }

  /** The client never heard of these jobs: they are ready again at once. */
  void giveBack(ReceiveRequest request, ReceiveResponse unheard) {
    giveBack(Catalog.name(request.getResourcePath(), ResourceKind.QUEUE), unheard.getJobsList().stream().map(Job::getId));
  }

  private void giveBack(ResourceName queue, Stream<String> ids) {
    giveBack(queue, ids.map(id -> leases.get(queue, id)).filter(Objects::nonNull).toList());
  }

  /** Nobody heard of them, so they were not delivered; if it fails, their leases run out. */
  private void giveBack(ResourceName queue, List<LeasedJob> jobs) {
    if (jobs.isEmpty()) {
      return;
    }
    jobs.forEach(job -> leases.remove(queue, job));
    List<Settlement> untried = jobs.stream().map(job -> Untried.of(job, catalog.transport())).toList();
    catalog
        .queues()
        .settle(queue, untried, Deadline.after(options.time(), GIVE_BACK_TIMEOUT))
        .whenComplete(
            (settled, error) -> {
              if (error != null) {
                LOG.log(System.Logger.Level.DEBUG, () -> "could not give back " + jobs.size() + " jobs of " + queue, error);
              }
            });
  }

  CompletableFuture<ACKResponse> ack(ACKRequest request, Deadline deadline) {
    Catalog.present(request.hasResourcePath());
    ResourceName queue = settled(request.getJobId(), () -> Catalog.name(request.getResourcePath(), ResourceKind.QUEUE));
    ACKResponse done = ACKResponse.newBuilder().setStatus(Wire.OK).build();
    LeasedJob job = leases.get(queue, request.getJobId());
    if (job == null) {
      return Steps.map(exists(queue, deadline), there -> done);
    }
    return Steps.recover(
        Steps.map(settle(queue, new Settlement(Settlement.Kind.ACK, job, null, null), deadline), result -> done),
        LeaseLostException.class,
        lost -> CompletableFuture.completedFuture(done));
  }

  CompletableFuture<NACKResponse> nack(NACKRequest request, Deadline deadline) {
    return giveBack(
        request,
        deadline,
        (queue, job) ->
            new Settlement(
                Settlement.Kind.NACK,
                job,
                request.getDelaySeconds() > 0
                    ? bounded(request.getDelaySeconds(), catalog.transport().limits().maxDelay())
                    : policies.backoff(queue, job.attempt()),
                null));
  }

  /** A NACK of a job that nobody began. */
  CompletableFuture<NACKResponse> release(NACKRequest request, Deadline deadline) {
    return giveBack(request, deadline, (queue, job) -> Untried.of(job, catalog.transport()));
  }

  private CompletableFuture<NACKResponse> giveBack(
      NACKRequest request, Deadline deadline, BiFunction<ResourceName, LeasedJob, Settlement> how) {
    Catalog.present(request.hasResourcePath());
    ResourceName queue = settled(request.getJobId(), () -> Catalog.name(request.getResourcePath(), ResourceKind.QUEUE));
    LeasedJob job = leases.get(queue, request.getJobId());
    if (job == null) {
      return Steps.map(
          exists(queue, deadline),
          there -> {
            throw Rejection.notFound("job not found: " + request.getJobId());
          });
    }
    return Steps.translate(
        Steps.map(
            settle(queue, how.apply(queue, job), deadline),
            result -> {
              if (result.deadLettered()) {
                throw new Rejection(GrpcStatus.FAILED_PRECONDITION, "max attempts exceeded, job moved to the dead letter queue");
              }
              return NACKResponse.newBuilder().setStatus(Wire.OK).build();
            }),
        LeaseLostException.class,
        error -> Rejection.notFound("job is not in flight: " + job.id()));
  }

  private CompletableFuture<Settlement.Result> settle(ResourceName queue, Settlement settlement, Deadline deadline) {
    return Steps.map(
        catalog.queues().settle(queue, List.of(settlement), deadline),
        outcomes -> {
          if (outcomes.get(0).succeeded() || outcomes.get(0).error() instanceof LeaseLostException) {
            leases.remove(queue, settlement.job());
          }
          return outcomes.get(0).orThrow();
        });
  }

  private static ResourceName settled(String jobId, Supplier<ResourceName> queue) {
    if (jobId.isEmpty()) {
      throw Rejection.invalid("job_id is required");
    }
    return queue.get();
  }

  /** Fails NOT_FOUND if there is no such queue. */
  private CompletableFuture<QueueStats> exists(ResourceName queue, Deadline deadline) {
    return use(queue, deadline, () -> catalog.queues().stats(queue, deadline));
  }

  CompletableFuture<GetQueueStatsResponse> getQueueStats(GetQueueStatsRequest request, Deadline deadline) {
    Catalog.present(request.hasResourcePath());
    ResourceName queue = Catalog.name(request.getResourcePath(), ResourceKind.QUEUE);
    return Steps.map(
        exists(queue, deadline),
        stats ->
            GetQueueStatsResponse.newBuilder()
                .setStatus(Wire.OK)
                .setStats(
                    dev.tributary.vertx.internal.flowmesh.proto.QueueStats.newBuilder()
                        .setTotalJobs(stats.enqueued().orElse(0))
                        .setPendingJobs(stats.pending())
                        .setInFlightJobs(stats.inFlight())
                        .setOldestJobAgeSeconds(stats.oldest() == null ? 0 : stats.oldest().toSeconds()))
                .build());
  }

  CompletableFuture<SetRetryPolicyResponse> setRetryPolicy(SetRetryPolicyRequest request, Deadline deadline) {
    Catalog.present(request.hasResourcePath());
    if (!request.hasPolicy()) {
      throw Rejection.invalid("policy is required");
    }
    RetryPolicies.check(request.getPolicy());
    ResourceName queue = Catalog.name(request.getResourcePath());
    return Steps.map(
        use(
            queue,
            deadline,
            () -> catalog.queues().setRedeliveryPolicy(queue, RetryPolicies.meaning(request.getPolicy()), deadline)),
        set -> {
          policies.set(queue, request.getPolicy());
          return SetRetryPolicyResponse.newBuilder().setStatus(Status.getDefaultInstance()).build();
        });
  }

  CompletableFuture<GetRetryPolicyResponse> getRetryPolicy(GetRetryPolicyRequest request, Deadline deadline) {
    Catalog.present(request.hasResourcePath());
    ResourceName queue = Catalog.name(request.getResourcePath());
    return Steps.map(
        use(queue, deadline, () -> catalog.queues().redeliveryPolicy(queue, deadline)),
        policy ->
            GetRetryPolicyResponse.newBuilder()
                .setStatus(Status.getDefaultInstance())
                .setPolicy(policies.wire(queue, policy))
                .build());
  }

  CompletableFuture<ListDLQJobsResponse> listDlqJobs(ListDLQJobsRequest request, Deadline deadline) {
    Catalog.present(request.hasResourcePath());
    ResourceName queue = Catalog.name(request.getResourcePath());
    int max = request.getMaxJobs() <= 0 ? DEFAULT_LISTING : Math.min(request.getMaxJobs(), MAX_LISTING);
    return Steps.map(
        StreamRpcs.oddly(letters(queue, max, deadline)),
        letters -> {
          ListDLQJobsResponse.Builder listed = ListDLQJobsResponse.newBuilder().setStatus(Status.getDefaultInstance());
          for (DeadLetter<byte[]> letter : letters) {
            listed.addJobs(
                Job.newBuilder()
                    .setId(letter.id())
                    .setSeq(listed.getJobsCount())
                    .setPayload(ByteString.copyFrom(letter.value()))
                    .setCreatedAt(letter.failedAt() == null ? 0 : letter.failedAt().getEpochSecond()));
          }
          return listed.build();
        });
  }

  private CompletableFuture<List<DeadLetter<byte[]>>> letters(ResourceName queue, int max, Deadline deadline) {
    return Steps.then(
        use(queue, deadline, () -> catalog.queues().deadLetters().list(queue, max, deadline)),
        listed -> Steps.map(catalog.makeDeadLetters(queue, deadline), made -> listed));
  }

  /** As the public server does it: the payload becomes a new job, without its headers, and the dead letter stays. */
  CompletableFuture<ReplayDLQJobResponse> replayDlqJob(ReplayDLQJobRequest request, Deadline deadline) {
    Catalog.present(request.hasResourcePath());
    ResourceName queue = settled(request.getJobId(), () -> Catalog.name(request.getResourcePath()));
    return Steps.then(
        letters(queue, Integer.MAX_VALUE, deadline),
        letters -> {
          DeadLetter<byte[]> letter =
              letters.stream()
                  .filter(one -> one.id().equals(request.getJobId()))
                  .findFirst()
                  .orElseThrow(() -> Rejection.notFound("job not found: " + request.getJobId()));
          return Steps.map(
              enqueue(queue, NewJob.of(letter.value()), deadline),
              result ->
                  ReplayDLQJobResponse.newBuilder()
                      .setStatus(Status.getDefaultInstance())
                      .setJobId(result.id())
                      .setSeq(result.sequence().orElse(0))
                      .build());
        });
  }

  private <T> CompletableFuture<T> use(ResourceName queue, Deadline deadline, Supplier<CompletableFuture<T>> operation) {
    return catalog.use(ResourceKind.QUEUE, queue, deadline, operation);
  }

  private static Duration visibility(long seconds) {
    if (seconds > MAX_VISIBILITY_SECONDS) {
      throw Rejection.invalid("visibility_timeout_seconds must be at most " + MAX_VISIBILITY_SECONDS);
    }
    return seconds <= 0 ? DEFAULT_VISIBILITY : Duration.ofSeconds(seconds);
  }

  private Duration longPoll(long seconds) {
    Duration wait = seconds <= 0 ? Duration.ZERO : bounded(seconds, MAX_LONG_POLL);
    Duration most = catalog.transport().limits().maxWait();
    return wait.compareTo(most) < 0 ? wait : most;
  }

  private static Duration bounded(long seconds, Duration most) {
    return seconds >= most.getSeconds() ? most : Duration.ofSeconds(seconds);
  }

  private static Job job(ResourceName queue, LeasedJob job) {
    return Job.newBuilder()
        .setId(job.id())
        .setResourcePath(Catalog.path(ResourceKind.QUEUE, queue))
        .setSeq(job.sequence().orElse(0))
        .setPayload(ByteString.copyFrom(job.value()))
        .putAllHeaders(DeadLetterNames.toWire(job.headers()))
        .setCreatedAt(Wire.nanos(job.enqueuedAt()))
        .setVisibleAt(Wire.nanos(job.enqueuedAt()))
        .setReserveUntil(Wire.nanos(job.leaseDeadline() == null ? null : job.leaseDeadline().instant()))
        .setAttempts(Wire.attempts(job.attempt()))
        .build();
  }
}
