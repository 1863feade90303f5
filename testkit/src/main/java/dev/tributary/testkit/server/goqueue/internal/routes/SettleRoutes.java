package dev.tributary.testkit.server.goqueue.internal.routes;

import dev.tributary.spi.Steps;
import dev.tributary.testkit.server.goqueue.internal.delivery.Deliveries;
import dev.tributary.testkit.server.goqueue.internal.store.GroupPartition;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import dev.tributary.vertx.internal.goqueue.wire.DeadLetterRecord;
import dev.tributary.vertx.internal.goqueue.wire.GoDuration;
import dev.tributary.vertx.internal.goqueue.wire.GoTime;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.concurrent.CompletableFuture;
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
    String receipt = required(JsonRequest.of(call, Messages.Ack.class).receiptHandle());
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

  private static String required(String receipt) {
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
    return Steps.otherwise(
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
    Messages.Nack nack = JsonRequest.of(call, Messages.Nack.class);
    String receipt = required(nack.receiptHandle());
    String reason = orNull(nack.reason());
    String delay = consumption.shipped() ? null : orNull(nack.delay());
    Duration rest = delay == null ? null : delay(delay);
    // As declared, a member may say that it did not begin: that is no attempt.
    boolean untried = !consumption.shipped() && Boolean.TRUE.equals(nack.release());
    return Steps.map(
        failing(
            "nack",
            () ->
                untried
                    ? deliveries.release(receipt, call.deadline())
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

  private static @Nullable String orNull(@Nullable String text) {
    return text == null || text.isEmpty() ? null : text;
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
    Messages.Reject reject = JsonRequest.of(call, Messages.Reject.class);
    String receipt = required(reject.receiptHandle());
    String reason = reject.reason();
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
    Messages.Extend extend = JsonRequest.of(call, Messages.Extend.class);
    int seconds = JsonRequest.int32("extension_seconds", extend.extensionSeconds());
    String receipt = required(extend.receiptHandle());
    if (seconds <= 0) {
      throw Refusal.badRequest("extension_seconds must be positive");
    }
    return Steps.map(
        deliveries.extend(receipt, Duration.ofSeconds(seconds), call.deadline()),
        until ->
            JsonReply.ok(new JsonObject().put("success", true).put("new_deadline", GoTime.seconds(until)).put("extended_by", seconds)));
  }

  private CompletableFuture<HttpReply> stats(HttpCall call) {
    return Steps.map(deliveries.stats(call.deadline()), stats -> JsonReply.ok(json(stats)));
  }

  private static JsonObject json(Deliveries.Stats stats) {
    return new JsonObject()
        .put(
            "ack_manager",
            new JsonObject()
                .put("total_acks", stats.acks())
                .put("total_nacks", stats.nacks())
                .put("total_rejects", stats.rejects())
                .put("total_expired", stats.expired())
                .put("total_retries", stats.retries())
                .put("total_dlq", stats.deadLetters())
                .put("current_queued", stats.queued()))
        .put(
            "visibility_tracker",
            new JsonObject()
                .put("total_tracked", stats.deliveries())
                .put("current_in_flight", stats.inFlight())
                .put("total_expired", stats.expired())
                .put("total_acked", stats.acks())
                .put("total_extended", stats.extensions()))
        .put(
            "dlq",
            new JsonObject()
                .put("total_routed", stats.deadLetters())
                .put("routes_by_reason", new JsonObject(new LinkedHashMap<>(stats.byReason())))
                .put("routes_by_topic", new JsonObject(new LinkedHashMap<>(stats.byTopic())))
                .put("create_errors", stats.createErrors())
                .put("publish_errors", stats.publishErrors()));
  }
}
