package dev.tributary.testkit.server.goqueue.internal.routes;

import dev.tributary.error.NotFoundException;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.stream.DelayedEvent;
import dev.tributary.testkit.server.goqueue.internal.store.Delays;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import dev.tributary.testkit.server.goqueue.internal.store.Topics;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import dev.tributary.vertx.internal.goqueue.wire.GoDuration;
import dev.tributary.vertx.internal.goqueue.wire.GoTime;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The routes of messages that are not due yet. */
public final class DelayedRoutes {
  private static final long TICK_MILLIS = 10;
  private static final String MISSING = "delayed message not found";

  private final Topics topics;
  private final Delays delays;
  private final TimeSource time;
  private final boolean silent;
  private final Instant began;

  /** {@code silent} never says how long a message still waits, as public servers do. */
  public DelayedRoutes(Topics topics, Delays delays, TimeSource time, boolean silent) {
    this.silent = silent;
    this.topics = topics;
    this.delays = delays;
    this.time = time;
    this.began = time.now();
  }

  public void on(HttpRoutes routes) {
    routes
        .onRoot("GET", "/topics/{topic}/delayed", this::list)
        .on("GET", "/topics/{topic}/delayed/{offset}", this::get)
        .on("DELETE", "/topics/{topic}/delayed/{partition}/{offset}", this::cancel)
        .on("GET", "/delay/stats", this::stats);
  }

  private CompletableFuture<HttpReply> list(HttpCall call) {
    String name = call.variable("topic");
    int limit = query(call, "limit", 1, 100);
    int skip = query(call, "skip", 0, 0);
    int wanted = (int) Math.min(Integer.MAX_VALUE, (long) limit + skip);
    return Steps.map(
        Steps.otherwise(
            topics.with(name, Topics.NOT_FOUND, call.deadline(), topic -> delays.list(topic, wanted, call.deadline())),
            error ->
                error instanceof Refusal missing && missing.status() == 404
                    ? CompletableFuture.completedFuture(List.of())
                    : CompletableFuture.failedFuture(error)),
        all -> {
          JsonArray messages = new JsonArray();
          all.stream().skip(skip).forEach(event -> messages.add(json(name, event)));
          return JsonReply.ok(
              new JsonObject()
                  .put("topic", name)
                  .put("messages", messages)
                  .put("count", messages.size())
                  .put("limit", limit)
                  .put("skip", skip));
        });
  }

  /** A whole number of the query; whatever else is there is taken for the default. */
  private static int query(HttpCall call, String name, int least, int missing) {
    try {
      String text = call.query(name);
      int number = text == null ? missing : Integer.parseInt(text);
      return number < least ? missing : number;
    } catch (NumberFormatException other) {
      return missing;
    }
  }

  private CompletableFuture<HttpReply> get(HttpCall call) {
    String name = call.variable("topic");
    long offset = number(call, "offset", Long.MAX_VALUE);
    return Steps.map(
        topics.with(name, MISSING, call.deadline(), topic -> delays.find(topic, offset, call.deadline())),
        found -> JsonReply.ok(json(name, found.orElseThrow(() -> Refusal.notFound(MISSING)))));
  }

  private CompletableFuture<HttpReply> cancel(HttpCall call) {
    String name = call.variable("topic");
    int partition = (int) number(call, "partition", Integer.MAX_VALUE);
    long offset = number(call, "offset", Long.MAX_VALUE);
    String missing = MISSING + " or already delivered";
    return Steps.map(
        topics.with(
            name,
            missing,
            call.deadline(),
            topic ->
                Steps.translate(
                    delays.cancel(topic, partition, offset, call.deadline()), NotFoundException.class, error -> Refusal.notFound(missing))),
        done ->
            JsonReply.ok(
                new JsonObject().put("canceled", true).put("topic", name).put("partition", partition).put("offset", offset)));
  }

  private static long number(HttpCall call, String name, long most) {
    try {
      long number = Long.parseLong(call.variable(name));
      if (number >= 0 && number <= most) {
        return number;
      }
    } catch (NumberFormatException other) {
      // Said below.
    }
    throw Refusal.badRequest("invalid " + name);
  }

  private JsonObject json(String topic, DelayedEvent event) {
    Duration remaining = silent ? Duration.ZERO : Duration.between(time.now(), event.dueAt());
    return new JsonObject()
        .put("topic", topic)
        .put("partition", event.position().partition())
        .put("offset", event.position().offset())
        .put("deliver_at", GoTime.seconds(event.dueAt()))
        .put("time_remaining", GoDuration.format(remaining))
        .put("state", "pending");
  }

  private CompletableFuture<HttpReply> stats(HttpCall call) {
    Delays.Counts counts = delays.counts();
    JsonObject byTopic = new JsonObject();
    counts.pending().forEach(byTopic::put);
    return JsonReply.now(
        new JsonObject()
            .put("total_scheduled", counts.scheduled())
            .put("total_delivered", counts.delivered())
            .put("total_canceled", counts.cancelled())
            .put("total_pending", counts.allPending())
            .put("by_topic", byTopic)
            .put(
                "timer_wheel",
                new JsonObject()
                    .put("total_scheduled", counts.scheduled())
                    .put("total_expired", counts.delivered())
                    .put("total_canceled", counts.cancelled())
                    .put("current_active", counts.allPending())
                    .put("current_tick", Duration.between(began, time.now()).toMillis() / TICK_MILLIS)));
  }
}
