package dev.tributary.testkit.server.flowmesh;

import dev.tributary.admin.ResourceKind;
import dev.tributary.spi.Steps;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import dev.tributary.vertx.internal.flowmesh.proto.DeleteRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ExistsRequest;
import dev.tributary.vertx.internal.flowmesh.proto.GetRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ListKeysRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ResourcePath;
import dev.tributary.vertx.internal.flowmesh.proto.SetRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The routes of key-value stores. A key ends at its first slash, as the path is split after it is decoded. */
final class HttpKeyValues {
  private static final String STORE = "/api/v1/kv/{tenant}/{namespace}/{name}";
  private static final String KEY = STORE + "/keys/{key}/*";
  private static final Pattern DURATION = Pattern.compile("(?:\\d+(?:\\.\\d+)?(?:ns|us|ms|s|m|h))+");
  private static final Pattern PART = Pattern.compile("(\\d+(?:\\.\\d+)?)(ns|us|ms|s|m|h)");

  private final KeyValueRpcs stores;

  HttpKeyValues(KeyValueRpcs stores) {
    this.stores = stores;
  }

  void on(HttpRoutes routes) {
    routes
        .on("PUT", KEY, this::set)
        .on("GET", KEY, this::get)
        .on("HEAD", KEY, this::exists)
        .on("DELETE", KEY, this::delete)
        .on("GET", STORE + "/keys", this::keys);
  }

  private CompletableFuture<HttpReply> set(HttpCall call) {
    JsonObject body = call.body();
    SetRequest request =
        SetRequest.newBuilder()
            .setResourcePath(path(call))
            .setKey(call.variable("key"))
            .setValue(HttpCall.bytes(body, "value"))
            .setTtlSeconds(ttl(call, body))
            .build();
    return Steps.map(stores.set(request, call.deadline()), done -> HttpReply.json(HttpAnswers.success("key set")));
  }

  /** The query's counts only if the body has none. */
  private static long ttl(HttpCall call, JsonObject body) {
    long seconds = HttpCall.number(body, "ttl_seconds", 0);
    String query = call.query("ttl");
    return seconds != 0 || query == null ? seconds : seconds(query);
  }

  /** A duration as Go writes it, {@code 1h30m} for instance, in whole seconds, rounded up. */
  private static long seconds(String duration) {
    if (!DURATION.matcher(duration).matches()) {
      throw Rejection.invalid("ttl must be a duration such as 90s or 1h30m");
    }
    BigDecimal seconds = BigDecimal.ZERO;
    for (Matcher part = PART.matcher(duration); part.find(); ) {
      String length =
          switch (part.group(2)) {
            case "ns" -> "0.000000001";
            case "us" -> "0.000001";
            case "ms" -> "0.001";
            case "m" -> "60";
            case "h" -> "3600";
            default -> "1";
          };
      seconds = seconds.add(new BigDecimal(part.group(1)).multiply(new BigDecimal(length)));
    }
    return seconds.setScale(0, RoundingMode.CEILING).min(BigDecimal.valueOf(Long.MAX_VALUE)).longValue();
  }

  private CompletableFuture<HttpReply> get(HttpCall call) {
    GetRequest request = GetRequest.newBuilder().setResourcePath(path(call)).setKey(call.variable("key")).build();
    return Steps.map(
        stores.get(request, call.deadline()),
        found ->
            HttpReply.json(
                HttpAnswers.success("key found").put("value", Base64.getEncoder().encodeToString(found.getValue().toByteArray()))));
  }

  private CompletableFuture<HttpReply> exists(HttpCall call) {
    ExistsRequest request = ExistsRequest.newBuilder().setResourcePath(path(call)).setKey(call.variable("key")).build();
    return Steps.map(
        stores.exists(request, call.deadline()),
        answer -> answer.getExists() ? HttpReply.json(HttpAnswers.success("key found")) : HttpReply.text(404, "key not found"));
  }

  private CompletableFuture<HttpReply> delete(HttpCall call) {
    DeleteRequest request = DeleteRequest.newBuilder().setResourcePath(path(call)).setKey(call.variable("key")).build();
    return Steps.map(stores.delete(request, call.deadline()), done -> HttpReply.json(HttpAnswers.success("key deleted")));
  }

  private CompletableFuture<HttpReply> keys(HttpCall call) {
    String prefix = call.query("prefix");
    ListKeysRequest request = ListKeysRequest.newBuilder().setResourcePath(path(call)).setPrefix(prefix == null ? "" : prefix).build();
    return Steps.map(
        stores.listKeys(request, call.deadline()),
        listed ->
            HttpReply.json(
                HttpAnswers.success("keys listed")
                    .put("keys", listed.getKeysCount() == 0 ? null : new JsonArray(List.copyOf(listed.getKeysList())))));
  }

  private static ResourcePath path(HttpCall call) {
    return HttpFields.resource(call, ResourceKind.KEY_VALUE);
  }
}
