package dev.tributary.testkit.server.flowmesh;

import dev.tributary.admin.ResourceKind;
import dev.tributary.spi.Steps;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import dev.tributary.testkit.server.internal.http.WireJson;
import dev.tributary.vertx.internal.flowmesh.proto.EnqueueRequest;
import dev.tributary.vertx.internal.flowmesh.proto.GetQueueStatsRequest;
import dev.tributary.vertx.internal.flowmesh.proto.GetRetryPolicyRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ListDLQJobsRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ReceiveRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ReserveRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ResourcePath;
import dev.tributary.vertx.internal.flowmesh.proto.RetryPolicy;
import dev.tributary.vertx.internal.flowmesh.proto.SetRetryPolicyRequest;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/** The routes of queues. Those to settle a job or to replay a dead letter enqueue one, as they do in the public server. */
final class HttpQueues {
  private static final String QUEUE = "/api/v1/queues/{tenant}/{namespace}/{name}";
  private static final int MAX_LISTING = 100;

  private final QueueRpcs queues;

  HttpQueues(QueueRpcs queues) {
    this.queues = queues;
  }

  void on(HttpRoutes routes) {
    routes
        .on("POST", QUEUE + "/jobs", this::enqueue)
        .on("POST", QUEUE + "/jobs/{id}/ack", this::enqueue)
        .on("POST", QUEUE + "/jobs/{id}/nack", this::enqueue)
        .on("POST", QUEUE + "/dlq/jobs/{id}/replay", this::enqueue)
        .on("POST", QUEUE + "/reserve", this::reserve)
        .on("POST", QUEUE + "/receive", this::receive)
        .on("GET", QUEUE + "/stats", this::stats)
        .on("PUT", QUEUE + "/retry-policy", this::setPolicy)
        .on("GET", QUEUE + "/retry-policy", this::policy)
        .on("GET", QUEUE + "/dlq/jobs", this::deadLetters);
  }

  private CompletableFuture<HttpReply> enqueue(HttpCall call) {
    JsonObject body = call.body();
    EnqueueRequest request =
        EnqueueRequest.newBuilder()
            .setResourcePath(path(call))
            .setPayload(HttpCall.bytes(body, "payload"))
            .setDelaySeconds(HttpCall.number(body, "delay_seconds", 0))
            .putAllHeaders(HttpFields.headers(body))
            .build();
    return Steps.map(
        queues.enqueue(request, call.deadline()),
        stored -> HttpReply.json(HttpAnswers.success("job enqueued").put("job_id", stored.getJobId()).put("seq", stored.getSeq())));
  }

  private CompletableFuture<HttpReply> reserve(HttpCall call) {
    JsonObject body = call.optionalBody();
    ReserveRequest request =
        ReserveRequest.newBuilder()
            .setResourcePath(path(call))
            .setVisibilityTimeoutSeconds(visibility(call, body))
            .setLongPollTimeoutSeconds(longPoll(call, body))
            .build();
    return leased(
        queues.reserve(request, call.deadline()),
        reserved ->
            HttpAnswers.success(reserved.hasJob() ? "job reserved" : "no job")
                .put("job", reserved.hasJob() ? WireJson.of(reserved.getJob()) : null),
        reserved -> queues.giveBack(request, reserved));
  }

  private CompletableFuture<HttpReply> receive(HttpCall call) {
    JsonObject body = call.optionalBody();
    ReceiveRequest request =
        ReceiveRequest.newBuilder()
            .setResourcePath(path(call))
            .setMaxJobs(HttpCall.small("max_jobs", call.query("max_jobs", HttpCall.number(body, "max_jobs", 0))))
            .setVisibilityTimeoutSeconds(visibility(call, body))
            .setLongPollTimeoutSeconds(longPoll(call, body))
            .build();
    return leased(
        queues.receive(request, call.deadline()),
        received -> HttpAnswers.success("jobs received").put("jobs", WireJson.array(received.getJobsList())),
        received -> queues.giveBack(request, received));
  }

  /** What the client does not hear of is given back. */
  private static <A> CompletableFuture<HttpReply> leased(
      CompletableFuture<A> answer, Function<A, JsonObject> body, Consumer<A> giveBack) {
    CompletableFuture<HttpReply> reply =
        Steps.map(answer, leased -> HttpReply.json(body.apply(leased)).orElse(() -> giveBack.accept(leased)));
    reply.whenComplete(
        (written, error) -> {
          if (reply.isCancelled()) {
            answer.thenAccept(giveBack);
          }
        });
    return reply;
  }

  private static long visibility(HttpCall call, JsonObject body) {
    return call.query("visibility_timeout", HttpCall.number(body, "visibility_timeout_seconds", 0));
  }

  private static long longPoll(HttpCall call, JsonObject body) {
    return call.query("long_poll_timeout", HttpCall.number(body, "long_poll_timeout_seconds", 0));
  }

  private CompletableFuture<HttpReply> stats(HttpCall call) {
    return Steps.map(
        queues.getQueueStats(GetQueueStatsRequest.newBuilder().setResourcePath(path(call)).build(), call.deadline()),
        answer -> HttpReply.json(HttpAnswers.success("stats").put("stats", WireJson.of(answer.getStats()))));
  }

  private CompletableFuture<HttpReply> setPolicy(HttpCall call) {
    JsonObject body = call.body();
    if (!(body.getValue("backoff_multiplier", 0) instanceof Number multiplier)) {
      throw Rejection.invalid("backoff_multiplier must be a number");
    }
    RetryPolicy policy =
        RetryPolicy.newBuilder()
            .setMaxAttempts(HttpCall.small("max_attempts", HttpCall.number(body, "max_attempts", 0)))
            .setInitialBackoffSeconds(HttpCall.number(body, "initial_backoff_seconds", 0))
            .setMaxBackoffSeconds(HttpCall.number(body, "max_backoff_seconds", 0))
            .setBackoffMultiplier(multiplier.doubleValue())
            .setBackoffStrategy(HttpCall.text(body, "backoff_strategy"))
            .build();
    return Steps.map(
        queues.setRetryPolicy(
            SetRetryPolicyRequest.newBuilder().setResourcePath(path(call)).setPolicy(policy).build(), call.deadline()),
        done -> HttpReply.json(HttpAnswers.ok()));
  }

  private CompletableFuture<HttpReply> policy(HttpCall call) {
    return Steps.map(
        queues.getRetryPolicy(GetRetryPolicyRequest.newBuilder().setResourcePath(path(call)).build(), call.deadline()),
        answer -> HttpReply.json(HttpAnswers.ok().put("policy", WireJson.of(answer.getPolicy()))));
  }

  private CompletableFuture<HttpReply> deadLetters(HttpCall call) {
    long max = call.query("max_jobs", MAX_LISTING);
    ListDLQJobsRequest request =
        ListDLQJobsRequest.newBuilder()
            .setResourcePath(path(call))
            .setMaxJobs(max <= 0 ? MAX_LISTING : (int) Math.min(max, MAX_LISTING))
            .build();
    return Steps.map(
        queues.listDlqJobs(request, call.deadline()),
        listed -> HttpReply.json(HttpAnswers.ok().put("jobs", WireJson.array(listed.getJobsList()))));
  }

  private static ResourcePath path(HttpCall call) {
    return HttpFields.resource(call, ResourceKind.QUEUE);
  }
}
