package dev.tributary.testkit.server.flowmesh;

import dev.tributary.admin.ResourceKind;
import dev.tributary.testkit.server.internal.http.BadRequest;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.vertx.internal.flowmesh.proto.ResourcePath;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What requests to many routes have. */
final class HttpFields {
  private HttpFields() {}

  /** The resource of the path's {@code {tenant}/{namespace}/{name}}. */
  static ResourcePath resource(HttpCall call, ResourceKind kind) {
    return resource(call.variables().get("tenant"), call.variables().get("namespace"), call.variables().get("name"), kind);
  }

  static ResourcePath resource(@Nullable String tenant, @Nullable String namespace, @Nullable String name, ResourceKind kind) {
    return ResourcePath.newBuilder()
        .setTenant(tenant == null ? "" : tenant)
        .setNamespace(namespace == null ? "" : namespace)
        .setResourceType(Catalog.type(kind))
        .setName(name == null ? "" : name)
        .build();
  }

  static int partition(HttpCall call) {
    return HttpCall.small("partition", call.query("partition", 0));
  }

  static Map<String, String> headers(JsonObject json) {
    Object value = json.getValue("headers");
    if (value == null) {
      return Map.of();
    } else if (!(value instanceof JsonObject headers)) {
      throw BadRequest.of("headers", "must be an object");
    } else {
      Map<String, String> read = new LinkedHashMap<>();
      headers.fieldNames().forEach(name -> read.put(name, HttpCall.text(headers, name)));
      return read;
    }
  }
}
