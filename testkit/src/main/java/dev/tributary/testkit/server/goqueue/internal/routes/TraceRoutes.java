package dev.tributary.testkit.server.goqueue.internal.routes;

import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import dev.tributary.vertx.internal.goqueue.wire.GoTime;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What became of messages. */
public final class TraceRoutes {
  private static final int DEFAULT_LIMIT = 100;
  private static final int MAX_LIMIT = 1000;
  private static final int ANY = -1;
  private static final Pattern ID = Pattern.compile("[0-9a-fA-F]{32}");

  private final Traces traces;

  public TraceRoutes(Traces traces) {
    this.traces = traces;
  }

  public void on(HttpRoutes routes) {
    routes
        .on("GET", "/traces", this::list)
        .on("GET", "/traces/search", this::search)
        .on("GET", "/traces/stats", this::stats)
        .on("GET", "/traces/{id}", this::get);
  }

  private CompletableFuture<HttpReply> list(HttpCall call) {
    return JsonReply.now(found(trace -> true, limit(call)));
  }

  private CompletableFuture<HttpReply> search(HttpCall call) {
    String topic = text(call, "topic");
    int partition = number(call, "partition", ANY);
    String group = text(call, "consumer_group");
    Instant start = time(call, "start");
    Instant end = time(call, "end");
    String status = text(call, "status");
    int limit = limit(call);
    Predicate<Traces.Trace> wanted =
        trace ->
            (topic.isEmpty() || topic.equals(trace.place().topic()))
                && (partition == ANY || partition == trace.place().partition())
                && (group.isEmpty() || trace.spans().stream().anyMatch(span -> group.equals(span.reader().group())))
                && (status.isEmpty() || status.equals(trace.status()))
                && (start == null || end == null || !trace.start().isBefore(start) && !trace.start().isAfter(end));
    JsonObject query =
        new JsonObject()
            .put("topic", topic)
            .put("partition", partition)
            .put("consumer_group", group)
            .put("start", GoTime.nanos(start == null ? GoTime.ZERO : start))
            .put("end", GoTime.nanos(end == null ? GoTime.ZERO : end))
            .put("status", status)
            .put("limit", limit);
    return JsonReply.now(found(wanted, limit).put("query", query));
  }

  private JsonObject found(Predicate<Traces.Trace> wanted, int limit) {
    JsonArray found = new JsonArray();
    Stream<Traces.Trace> all = traces.all().stream().filter(wanted).limit(limit);
    all.forEach(trace -> found.add(summary(trace).put("span_count", trace.spans().size())));
    return new JsonObject().put("traces", found).put("total", found.size());
  }

  private CompletableFuture<HttpReply> get(HttpCall call) {
    String id = call.variable("id");
    if (!ID.matcher(id).matches()) {
      throw Refusal.badRequest("invalid trace ID format");
    }
    Traces.Trace trace = traces.find(id.toLowerCase(Locale.ROOT)).orElseThrow(() -> Refusal.notFound("trace not found"));
    JsonArray spans = new JsonArray();
    trace.spans().forEach(span -> spans.add(json(span)));
    return JsonReply.now(summary(trace).put("spans", spans));
  }

  private CompletableFuture<HttpReply> stats(HttpCall call) {
    return JsonReply.now(
        new JsonObject()
            .put("enabled", true)
            .put("spans_in_buffer", traces.size())
            .put("buffer_capacity", Traces.CAPACITY)
            .put("traces_indexed", traces.count())
            .put("sampling_rate", 1)
            .put("exporters_enabled", new JsonArray()));
  }

  private static JsonObject summary(Traces.Trace trace) {
    return new JsonObject()
        .put("trace_id", trace.id())
        .put("topic", trace.place().topic())
        .put("partition", trace.place().partition())
        .put("offset", trace.place().offset())
        .put("start_time", GoTime.nanos(trace.start()))
        .put("end_time", GoTime.nanos(trace.end()))
        .put("duration_ms", Duration.between(trace.start(), trace.end()).toMillis())
        .put("status", trace.status());
  }

  private static JsonObject json(Traces.Span span) {
    JsonObject json =
        new JsonObject()
            .put("span_id", span.id())
            .put("event_type", span.step().text())
            .put("timestamp", GoTime.nanos(span.at()))
            .put("topic", span.place().topic())
            .put("partition", span.place().partition())
            .put("offset", span.place().offset());
    if (span.parent() != null) {
      json.put("parent_span_id", span.parent());
    }
    putUnlessEmpty(json, "consumer_group", span.reader().group());
    putUnlessEmpty(json, "consumer_id", span.reader().member());
    if (!span.took().isZero()) {
      json.put("duration_ns", span.took().toNanos());
    }
    putUnlessEmpty(json, "error", span.error());
    return json;
  }

  private static void putUnlessEmpty(JsonObject json, String key, String value) {
    if (!value.isEmpty()) {
      json.put(key, value);
    }
  }

  private static String text(HttpCall call, String name) {
    String value = call.query(name);
    return value == null ? "" : value;
  }

  /** A number that makes no sense is as good as none. */
  private static int number(HttpCall call, String name, int missing) {
    String value = call.query(name);
    try {
      return value == null ? missing : Integer.parseInt(value);
    } catch (NumberFormatException senseless) {
      return missing;
    }
  }

  private static int limit(HttpCall call) {
    int limit = number(call, "limit", DEFAULT_LIMIT);
    return limit >= 1 && limit <= MAX_LIMIT ? limit : DEFAULT_LIMIT;
  }

  /** A time that makes no sense is as good as none. */
  private static @Nullable Instant time(HttpCall call, String name) {
    String value = call.query(name);
    try {
      return value == null ? null : GoTime.parse(value).toInstant();
    } catch (DateTimeException senseless) {
      return null;
    }
  }
}
