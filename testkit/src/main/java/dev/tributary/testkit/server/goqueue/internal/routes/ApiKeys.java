package dev.tributary.testkit.server.goqueue.internal.routes;

import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The keys that let clients in; everybody is, if the server was given none. */
public final class ApiKeys {
  private static final String BEARER = "Bearer ";

  private final Set<String> keys;

  public ApiKeys(Set<String> keys) {
    this.keys = keys;
  }

  /** Why a request is not let in, or null if it is. */
  public @Nullable String refuse(HttpServerRequest request) {
    if (keys.isEmpty()) {
      return null;
    }
    String key = given(request);
    if (key == null) {
      return "no API key provided";
    }
    byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
    boolean known = keys.stream().anyMatch(one -> MessageDigest.isEqual(bytes, one.getBytes(StandardCharsets.UTF_8)));
    return known ? null : "invalid API key";
  }

  /** The key of a request: the first place that has one counts. */
  private static @Nullable String given(HttpServerRequest request) {
    String authorization = request.getHeader("authorization");
    if (authorization != null && authorization.startsWith(BEARER)) {
      return authorization.substring(BEARER.length());
    }
    String header = request.getHeader("x-api-key");
    String key = header == null || header.isEmpty() ? request.getParam("api_key") : header;
    return key == null || key.isEmpty() ? null : key;
  }
}
