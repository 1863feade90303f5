package dev.tributary.testkit.server.flowmesh;

import com.google.protobuf.ByteString;
import dev.tributary.admin.ResourceKind;
import dev.tributary.spi.Deadline;
import dev.tributary.vertx.internal.flowmesh.proto.ResourcePath;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One request to a route, complete with its body. What it lacks or has wrong is a {@link Rejection}. */
record HttpCall(HttpServerRequest request, Map<String, String> variables, Buffer content, Deadline deadline) {
  String variable(String name) {
    String value = variables.get(name);
    if (value == null || value.isBlank()) {
      throw Rejection.invalid(name + " is required in the path");
    }
    return value;
  }

  /** The resource of the path's {@code {tenant}/{namespace}/{name}}. */
  ResourcePath resource(ResourceKind kind) {
    return path(variables.get("tenant"), variables.get("namespace"), variables.get("name"), kind);
  }

  static ResourcePath path(@Nullable String tenant, @Nullable String namespace, @Nullable String name, ResourceKind kind) {
    return ResourcePath.newBuilder()
        .setTenant(tenant == null ? "" : tenant)
        .setNamespace(namespace == null ? "" : namespace)
        .setResourceType(Catalog.type(kind))
        .setName(name == null ? "" : name)
        .build();
  }

  @Nullable String query(String name) {
    String value = request.getParam(name);
    return value == null || value.isEmpty() ? null : value;
  }

  /** A whole number of the query, or this one if it has none. */
  long query(String name, long missing) {
    String value = query(name);
    try {
      return value == null ? missing : Long.parseLong(value);
    } catch (NumberFormatException other) {
      throw Rejection.invalid(name + " must be a whole number");
    }
  }

  int partition() {
    return small("partition", query("partition", 0));
  }

  /** The body, which must be a JSON object. */
  JsonObject body() {
    try {
      return new JsonObject(content);
    } catch (DecodeException | ClassCastException other) {
      throw Rejection.invalid("the body must be a JSON object");
    }
  }

  /** The body of a route that does without: one whose length was not declared is not looked at. */
  JsonObject optionalBody() {
    String length = request.getHeader("content-length");
    return length == null || length.equals("0") ? new JsonObject() : body();
  }

  static int small(String name, long value) {
    if (value != (int) value) {
      throw Rejection.invalid(name + " is too large");
    }
    return (int) value;
  }

  static long number(JsonObject json, String key, long missing) {
    Object value = json.getValue(key);
    if (value == null) {
      return missing;
    } else if (value instanceof Integer || value instanceof Long) {
      return ((Number) value).longValue();
    }
    throw Rejection.invalid(key + " must be a whole number");
  }

  static String text(JsonObject json, String key) {
    Object value = json.getValue(key);
    if (value == null) {
      return "";
    } else if (value instanceof String text) {
      return text;
    }
    throw Rejection.invalid(key + " must be a string");
  }

  /** Bytes, which JSON has in base64. */
  static ByteString bytes(JsonObject json, String key) {
    try {
      return ByteString.copyFrom(Base64.getDecoder().decode(text(json, key)));
    } catch (IllegalArgumentException other) {
      throw Rejection.invalid(key + " must be base64");
    }
  }

  static Map<String, String> headers(JsonObject json) {
    Object value = json.getValue("headers");
    if (value == null) {
      return Map.of();
    } else if (!(value instanceof JsonObject headers)) {
      throw Rejection.invalid("headers must be an object");
    } else {
      Map<String, String> read = new LinkedHashMap<>();
      headers.fieldNames().forEach(name -> read.put(name, text(headers, name)));
      return read;
    }
  }
}
