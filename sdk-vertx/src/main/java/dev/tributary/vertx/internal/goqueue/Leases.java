package dev.tributary.vertx.internal.goqueue;

import dev.tributary.error.LeaseLostException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.goqueue.wire.GoDuration;
import dev.tributary.vertx.internal.net.Steps;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What is said to the server about leased jobs: the verbs of receipts. Thread-safe. */
final class Leases {
  /** How long a job is leased that was polled, unless something else is said; and how often it is delivered at most. */
  static final Duration POLLED = Duration.ofSeconds(30);

  static final int MAX_ATTEMPTS = 3;

  private static final String NO_REASON = "rejected by the consumer";

  /** Of so many settlements it is remembered that no answer came. */
  private static final int REMEMBERED = 10_000;

  private final Api api;
  private final TimeSource time;
  private final Set<String> unanswered =
      Collections.synchronizedSet(
          Collections.newSetFromMap(
              new LinkedHashMap<>() {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                  return size() > REMEMBERED;
                }
              }));

  Leases(Api api, TimeSource time) {
    this.api = api;
    this.time = time;
  }

  CompletableFuture<Settlement.Result> ack(LeasedJob job, Deadline deadline) {
    return settle("/messages/ack", about(job), Settlement.Result.DONE, acked -> Settlement.Result.DONE, deadline);
  }

  /** Null for the server's delay. */
  CompletableFuture<Settlement.Result> nack(LeasedJob job, @Nullable Duration delay, @Nullable String reason, Deadline deadline) {
    JsonObject request = about(job);
    if (delay != null) {
      request.put("delay", GoDuration.format(delay));
    }
    if (reason != null) {
      request.put("reason", reason);
    }
    return settle(
        "/messages/nack",
        request,
        new Settlement.Result(job.attempt() >= job.maxAttempts(), null),
        answer -> new Settlement.Result(answer.text("action").equals("dlq"), null),
        deadline);
  }

  CompletableFuture<Settlement.Result> reject(LeasedJob job, @Nullable String reason, Deadline deadline) {
    JsonObject request = about(job).put("reason", reason == null || reason.isEmpty() ? NO_REASON : reason);
    Settlement.Result rejected = new Settlement.Result(true, null);
    return settle("/messages/reject", request, rejected, answer -> rejected, deadline);
  }

  /** From now on, in whole seconds. */
  CompletableFuture<Settlement.Result> extend(LeasedJob job, Duration length, Deadline deadline) {
    long seconds = seconds(length);
    // By our clock, from before the server's begins: never later than the lease really ends.
    Deadline end = Deadline.after(time, Duration.ofSeconds(seconds));
    return Steps.map(
        api.post("/messages/visibility", about(job).put("extension_seconds", seconds), deadline), extended -> new Settlement.Result(false, end));
  }

  /** Rounded up, and never to 0. */
  static long seconds(Duration length) {
    return Math.max(1, length.getNano() == 0 ? length.getSeconds() : length.getSeconds() + 1);
  }

  private static JsonObject about(LeasedJob job) {
    return new JsonObject().put("receipt_handle", job.receipt());
  }

  /** One that is made again because no answer came is done if the server knows the receipt no longer: it was done the first time. */
  private CompletableFuture<Settlement.Result> settle(
      String path, JsonObject request, Settlement.Result done, Function<Answer, Settlement.Result> result, Deadline deadline) {
    String what = path + request.getString("receipt_handle");
    boolean again = !unanswered.add(what);
    CompletableFuture<Settlement.Result> call =
        Steps.map(
            api.post(path, request, deadline),
            answer -> {
              unanswered.remove(what);
              return result.apply(answer);
            });
    return Steps.recover(
        call,
        error -> {
          if (error instanceof LeaseLostException) {
            unanswered.remove(what);
            if (again) {
              return CompletableFuture.completedFuture(done);
            }
          } else if (!again && !error.maybeApplied()) {
            unanswered.remove(what);
          }
          return CompletableFuture.failedFuture(error);
        });
  }
}
