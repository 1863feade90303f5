package dev.tributary.testkit.server.goqueue.internal.routes;

import dev.tributary.testkit.server.goqueue.internal.delivery.Deliveries;
import dev.tributary.testkit.server.goqueue.internal.store.GroupPartition;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import dev.tributary.testkit.server.goqueue.internal.store.ReliabilityStats;
import dev.tributary.testkit.server.internal.grpc.Steps;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import dev.tributary.vertx.internal.goqueue.wire.DeadLetterRecord;
import dev.tributary.vertx.internal.goqueue.wire.GoDuration;
import dev.tributary.vertx.internal.goqueue.wire.GoTime;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The routes by which members say what becomes of the messages that they have. */
public final class SettleRoutes {
  private final Consumption consumption;
  private final Deliveries deliveries;
  private final Traces traces;

  public SettleRoutes(Consumption consumption, Traces traces) {
    this.consumption = consumption;
    this.deliveries = consumption.deliveries();
    this.traces = traces;
  }

  public void on(HttpRoutes routes) {
    routes
        .on("POST", "/messages/ack", this::ack)
        .on("POST", "/messages/nack", this::nack)
        .on("POST", "/messages/reject", this::reject)
        .on("POST", "/messages/visibility", this::visibility)
        .on("GET", "/reliability/stats", this::stats);
  }

  private CompletableFuture<HttpReply> ack(HttpCall call) {
    String receipt = receipt(JsonBody.of(call));
    return Steps.map(
        failing("ack", () -> deliveries.ack(receipt, call.deadline())),
        acked -> {
          trace(Traces.Step.ACKED, acked.message(), null);
          return JsonReply.ok(
              succeeded(new JsonObject(), acked.message())
                  .put("committed_offset", acked.committed())
                  .put("offset_advanced", acked.advanced())
                  .put("in_flight_count", acked.inFlight()));
        });
  }

  private static String receipt(JsonBody body) {
    String receipt = body.text("receipt_handle");
    if (receipt.isEmpty()) {
      throw Refusal.badRequest("receipt_handle is required");
    }
    return receipt;
  }

  /** What went wrong is told as what did not work and why. */
  private static <T> CompletableFuture<T> failing(String what, Supplier<CompletableFuture<T>> operation) {
    CompletableFuture<T> done;
    try {
      done = operation.get();
    } catch (Refusal refusal) {
      done = CompletableFuture.failedFuture(refusal);
    }
    return Steps.recover(
        done, error -> CompletableFuture.failedFuture(Refusal.internal(what + " failed: " + error.getMessage())));
  }

  private static JsonObject succeeded(JsonObject begun, Deliveries.Settled message) {
    return new JsonObject()
        .put("success", true)
        .mergeIn(begun)
        .put("topic", message.place().topic())
        .put("partition", message.place().partition())
        .put("offset", message.offset());
  }

  private void trace(Traces.Step step, Deliveries.Settled message, @Nullable String reason) {
    GroupPartition place = message.place();
    traces.record(
        step,
        new Traces.Place(place.topic(), place.partition(), message.offset()),
        new Traces.Reader(place.group(), message.member()),
        reason == null ? "" : reason);
  }

  private CompletableFuture<HttpReply> nack(HttpCall call) {
    JsonBody body = JsonBody.of(call);
    String text = body.text("reason");
    String delay = consumption.shipped() ? "" : body.text("delay");
    String receipt = receipt(body);
    String reason = text.isEmpty() ? null : text;
    Duration rest = delay.isEmpty() ? null : delay(delay);
    // As declared, a member may say that it did not begin: that is no attempt.
    boolean untried = !consumption.shipped() && body.flag("release");
    return Steps.map(
        failing(
            "nack",
            () ->
                untried
                    ? CompletableFuture.completedFuture(deliveries.release(receipt))
                    : deliveries.nack(receipt, reason, rest, call.deadline())),
        nacked -> {
          trace(Traces.Step.NACKED, nacked.message(), reason);
          JsonObject answer =
              succeeded(new JsonObject().put("action", nacked.dead() ? "dlq" : "requeued"), nacked.message())
                  .put("delivery_count", nacked.delivery())
                  .put("next_visible_at", GoTime.seconds(nacked.visibleAt()));
          if (nacked.dead()) {
            answer.put("dlq_topic", DeadLetterRecord.topicOf(nacked.message().place().topic()));
          }
          return JsonReply.ok(answer);
        });
  }

  private static Duration delay(String text) {
    try {
      Duration delay = GoDuration.parse(text);
      if (!delay.isNegative()) {
        return delay;
      }
    } catch (DateTimeParseException other) {
      // Said below.
    }
    throw Refusal.badRequest("invalid delay format (use Go duration like 30s)");
  }

  private CompletableFuture<HttpReply> reject(HttpCall call) {
    JsonBody body = JsonBody.of(call);
    String reason = body.text("reason");
    String receipt = receipt(body);
    if (reason.isEmpty()) {
      throw Refusal.badRequest("reason is required for reject");
    }
    return Steps.map(
        failing("reject", () -> deliveries.reject(receipt, reason, call.deadline())),
        rejected -> {
          trace(Traces.Step.REJECTED, rejected, reason);
          return JsonReply.ok(
              succeeded(new JsonObject().put("action", "rejected"), rejected)
                  .put("dlq_topic", DeadLetterRecord.topicOf(rejected.place().topic()))
                  .put("reason", reason));
        });
  }

  private CompletableFuture<HttpReply> visibility(HttpCall call) {
    JsonBody body = JsonBody.of(call);
    int seconds = body.int32("extension_seconds");
    String receipt = receipt(body);
    if (seconds <= 0) {
      throw Refusal.badRequest("extension_seconds must be positive");
    }
    Instant until = deliveries.extend(receipt, Duration.ofSeconds(seconds));
    return JsonReply.now(
        new JsonObject().put("success", true).put("new_deadline", GoTime.seconds(until)).put("extended_by", seconds));
  }

  private CompletableFuture<HttpReply> stats(HttpCall call) {
    ReliabilityStats stats = consumption.stats();
    return JsonReply.now(
        new JsonObject()
            .put(
                "ack_manager",
                new JsonObject()
                    .put("total_acks", stats.acks.sum())
                    .put("total_nacks", stats.nacks.sum())
                    .put("total_rejects", stats.rejects.sum())
                    .put("total_expired", stats.expired.sum())
                    .put("total_retries", stats.retries.sum())
                    .put("total_dlq", stats.deadLetters.sum())
                    .put("current_queued", deliveries.queued()))
            .put(
                "visibility_tracker",
                new JsonObject()
                    .put("total_tracked", stats.deliveries.sum())
                    .put("current_in_flight", deliveries.inFlight())
                    .put("total_expired", stats.expired.sum())
                    .put("total_acked", stats.acks.sum())
                    .put("total_extended", stats.extensions.sum()))
            .put(
                "dlq",
                new JsonObject()
                    .put("total_routed", stats.deadLetters.sum())
                    .put("routes_by_reason", counts(stats.byReason()))
                    .put("routes_by_topic", counts(stats.byTopic()))
                    .put("create_errors", stats.createErrors.sum())
                    .put("publish_errors", stats.publishErrors.sum())));
  }

  private static JsonObject counts(Map<String, LongAdder> counts) {
    JsonObject json = new JsonObject();
    counts.forEach((name, count) -> json.put(name, count.sum()));
    return json;
  }
}
