package dev.tributary.vertx.internal.flowmesh;

import dev.tributary.ResourceName;
import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.net.http.HttpCaller;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What FlowMesh lists, over HTTP. It creates and deletes nothing. */
final class FlowMeshAdmin implements AdminTransport {
  private final HttpCaller http;

  FlowMeshAdmin(HttpCaller http) {
    this.http = http;
  }

  @Override
  public CompletableFuture<List<ResourceInfo>> list(ResourceKind kind, Deadline deadline) {
    String collection =
        switch (kind) {
          case STREAM -> "streams";
          case QUEUE -> "queues";
          case KEY_VALUE -> "kv";
        };
    String field = kind == ResourceKind.KEY_VALUE ? "stores" : collection;
    return Steps.map(http.get("/api/v1/" + collection + "/", deadline), answer -> resources(kind, answer.getJsonArray(field)));
  }

  private static List<ResourceInfo> resources(ResourceKind kind, @Nullable JsonArray listed) {
    return listed == null
        ? List.of()
        : listed.stream()
            .map(JsonObject.class::cast)
            .map(resource -> resource(kind, resource))
            .filter(Objects::nonNull)
            .sorted(Comparator.comparing(info -> info.name().toString()))
            .toList();
  }

  /** Null for a name that this SDK cannot say: with a slash, for instance. */
  private static @Nullable ResourceInfo resource(ResourceKind kind, JsonObject listed) {
    try {
      return new ResourceInfo(
          kind,
          new ResourceName(listed.getString("tenant", ""), listed.getString("namespace", ""), listed.getString("name", "")),
          // Whatever number is stored, one is used.
          1,
          time(listed.getString("created_at")));
    } catch (InvalidRequestException unspeakable) {
      return null;
    }
  }

  private static @Nullable Instant time(@Nullable String rfc3339) {
    try {
      return rfc3339 == null ? null : OffsetDateTime.parse(rfc3339).toInstant();
    } catch (DateTimeParseException unreadable) {
      return null;
    }
  }

  /** A name as part of a URL path. */
  static String path(ResourceName name) {
    return encode(name.tenant()) + "/" + encode(name.namespace()) + "/" + encode(name.name());
  }

  private static String encode(String part) {
    return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
