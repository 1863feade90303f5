package dev.tributary.testkit.server.goqueue.internal.routes;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.HealthTransport;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.goqueue.internal.store.TopicDetails;
import dev.tributary.testkit.server.goqueue.internal.store.Topics;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import dev.tributary.testkit.server.internal.http.MetricsText;
import dev.tributary.testkit.server.internal.http.RequestCounts;
import dev.tributary.vertx.internal.goqueue.wire.GoDuration;
import dev.tributary.vertx.internal.goqueue.wire.GoTime;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** How the server is, which one it is, and what it has done. */
public final class SystemRoutes {
  /** Tells clients that this server keeps its promises. */
  private static final String VERSION = "tributary " + TopicDetails.NODE;

  /** What public servers say that somebody built for themselves. */
  private static final String SHIPPED_VERSION = "dev";

  private final HealthTransport health;
  private final TopicDetails details;
  private final RequestCounts requests;
  private final TimeSource time;
  private final String version;
  private final long began;

  public SystemRoutes(HealthTransport health, TopicDetails details, RequestCounts requests, TimeSource time, boolean asShipped) {
    this.health = health;
    this.details = details;
    this.requests = requests;
    this.time = time;
    this.version = asShipped ? SHIPPED_VERSION : VERSION;
    this.began = time.nanos();
  }

  public void on(HttpRoutes routes) {
    routes
        .on("GET", "/health", call -> JsonReply.now(new JsonObject().put("status", "ok").put("timestamp", now())))
        .on("GET", "/healthz", this::live)
        .on("GET", "/livez", this::live)
        .on("GET", "/readyz", this::ready)
        .on("GET", "/version", call -> version())
        .on("GET", "/stats", this::stats)
        .on("GET", "/metrics", this::metrics);
  }

  private String now() {
    return GoTime.nanos(time.now());
  }

  private String uptime() {
    return GoDuration.format(Duration.ofNanos(time.nanos() - began));
  }

  private CompletableFuture<HttpReply> live(HttpCall call) {
    return Steps.map(
        well(health.live(call.deadline())), alive -> alive ? JsonReply.ok(pass()) : failed("broker does not answer"));
  }

  private CompletableFuture<HttpReply> ready(HttpCall call) {
    boolean verbose = "true".equals(call.query("verbose"));
    long asked = time.nanos();
    return Steps.then(
        well(health.ready(call.deadline())),
        ready -> {
          if (!ready) {
            return CompletableFuture.completedFuture(failed("broker is not ready"));
          }
          return verbose ? verbose(pass(), asked, call.deadline()) : JsonReply.now(pass());
        });
  }

  /** Who cannot be asked is not well. */
  private static CompletableFuture<Boolean> well(CompletableFuture<Boolean> answer) {
    return Steps.otherwise(answer, unreachable -> CompletableFuture.completedFuture(false));
  }

  private JsonObject pass() {
    return new JsonObject().put("status", "pass").put("timestamp", now()).put("uptime", uptime());
  }

  private HttpReply failed(String message) {
    return JsonReply.of(503, new JsonObject().put("status", "fail").put("timestamp", now()).put("message", message));
  }

  private CompletableFuture<HttpReply> verbose(JsonObject pass, long asked, Deadline deadline) {
    String broker = GoDuration.format(Duration.ofNanos(time.nanos() - asked));
    long listed = time.nanos();
    return Steps.map(
        details.all(deadline),
        all -> {
          String storage = GoDuration.format(Duration.ofNanos(time.nanos() - listed));
          return JsonReply.ok(
              pass.put(
                      "checks",
                      new JsonObject().put("broker", check("broker is ready", broker)).put("storage", check("storage answers", storage)))
                  .put(
                      "broker",
                      new JsonObject().put("node_id", TopicDetails.NODE).put("topic_count", all.size()).put("total_size", bytes(all))));
        });
  }

  private static JsonObject check(String message, String latency) {
    return new JsonObject().put("status", "pass").put("message", message).put("latency", latency);
  }

  private static long bytes(List<TopicDetails.Details> all) {
    return all.stream().mapToLong(TopicDetails.Details::bytes).sum();
  }

  private CompletableFuture<HttpReply> version() {
    return JsonReply.now(
        new JsonObject().put("version", version).put("git_commit", "unknown").put("build_time", "unknown").put("go_version", "unknown"));
  }

  private CompletableFuture<HttpReply> stats(HttpCall call) {
    return Steps.map(
        details.all(call.deadline()),
        all -> {
          JsonObject topics = new JsonObject();
          all.forEach(
              one ->
                  topics.put(
                      one.topic().name(),
                      new JsonObject()
                          .put("Name", one.topic().name())
                          .put("Partitions", one.topic().partitions())
                          .put("TotalMessages", one.messages())
                          .put("TotalSize", one.bytes())));
          return JsonReply.ok(
              new JsonObject()
                  .put("node_id", TopicDetails.NODE)
                  .put("uptime", uptime())
                  .put("topics", all.size())
                  .put("total_size_bytes", bytes(all))
                  .put("topic_stats", topics));
        });
  }

  private CompletableFuture<HttpReply> metrics(HttpCall call) {
    return Steps.map(
        details.all(call.deadline()),
        all -> {
          MetricsText text = new MetricsText();
          requests.write(text, "goqueue_http_requests_total");
          text.gauge("goqueue_topics", "Topics there are.").sample("goqueue_topics", "", all.size());
          text.gauge("goqueue_topic_messages", "Messages there are, by topic.");
          all.forEach(one -> text.sample("goqueue_topic_messages", label(one), one.messages()));
          text.gauge("goqueue_topic_bytes", "What they take, by topic.");
          all.forEach(one -> text.sample("goqueue_topic_bytes", label(one), one.bytes()));
          return HttpReply.of(200, "text/plain; version=0.0.4; charset=utf-8", text.toString());
        });
  }

  /** Names of topics have nothing that would have to be escaped. */
  private static String label(TopicDetails.Details one) {
    return "topic=\"" + one.topic().name() + '"';
  }
}
