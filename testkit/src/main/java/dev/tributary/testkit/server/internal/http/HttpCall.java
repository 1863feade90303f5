package dev.tributary.testkit.server.internal.http;

import com.google.protobuf.ByteString;
import dev.tributary.spi.Deadline;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One request, complete with its body. What it lacks or has wrong is a {@link BadRequest}.
 *
 * @param request the request
 * @param path its path, decoded
 * @param variables what stands for the variables of its route
 * @param content its body
 * @param deadline when its answer is due
 */
public record HttpCall(HttpServerRequest request, String path, Map<String, String> variables, Buffer content, Deadline deadline) {
  HttpCall with(Map<String, String> found) {
    return new HttpCall(request, path, found, content, deadline);
  }

  /** The same call of another path. */
  public HttpCall at(String other) {
    return new HttpCall(request, other, variables, content, deadline);
  }

  /** How it is asked: {@code GET} for instance. */
  public String method() {
    return request.method().name();
  }

  /** Who asks, by address. */
  public String client() {
    SocketAddress remote = request.remoteAddress();
    return remote == null ? "" : remote.hostAddress();
  }

  /** A segment of the path, which must not be blank. */
  public String variable(String name) {
    String value = variables.get(name);
    if (value == null || value.isBlank()) {
      throw BadRequest.of(name, "is required in the path");
    }
    return value;
  }

  /** A parameter of the query; null if it is not there or empty. */
  public @Nullable String query(String name) {
    String value = request.getParam(name);
    return value == null || value.isEmpty() ? null : value;
  }

  /** A whole number of the query, or this one if it has none. */
  public long query(String name, long missing) {
    String value = query(name);
    try {
      return value == null ? missing : Long.parseLong(value);
    } catch (NumberFormatException other) {
      throw BadRequest.of(name, "must be a whole number");
    }
  }

  /** The body, which must be a JSON object. */
  public JsonObject body() {
    try {
      return new JsonObject(content);
    } catch (DecodeException | ClassCastException other) {
      throw BadRequest.of("body", "must be a JSON object");
    }
  }

  /** The body of a route that does without: one whose length was not declared is not looked at. */
  public JsonObject optionalBody() {
    String length = request.getHeader("content-length");
    return length == null || length.equals("0") ? new JsonObject() : body();
  }

  /** A number that must be within these bounds. */
  public static long bounded(String name, long value, long least, long most) {
    if (value < least || value > most) {
      throw BadRequest.of(name, "must be from " + least + " to " + most);
    }
    return value;
  }

  /** A number that must fit an int. */
  public static int small(String name, long value) {
    if (value != (int) value) {
      throw BadRequest.of(name, "is too large");
    }
    return (int) value;
  }

  /** A whole number, or this one if it is not there. */
  public static long number(JsonObject json, String key, long missing) {
    Object value = json.getValue(key);
    if (value == null) {
      return missing;
    } else if (value instanceof Integer || value instanceof Long) {
      return ((Number) value).longValue();
    }
    throw BadRequest.of(key, "must be a whole number");
  }

  /** A string; empty if it is not there. */
  public static String text(JsonObject json, String key) {
    Object value = json.getValue(key);
    if (value == null) {
      return "";
    } else if (value instanceof String text) {
      return text;
    }
    throw BadRequest.of(key, "must be a string");
  }

  /** A string that must be there. */
  public static String required(JsonObject json, String key) {
    String value = text(json, key);
    if (value.isEmpty()) {
      throw BadRequest.of(key, "is required");
    }
    return value;
  }

  /** Bytes, which JSON has in base64. */
  public static ByteString bytes(JsonObject json, String key) {
    try {
      return ByteString.copyFrom(Base64.getDecoder().decode(text(json, key)));
    } catch (IllegalArgumentException other) {
      throw BadRequest.of(key, "must be base64");
    }
  }
}
