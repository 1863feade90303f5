package dev.tributary.testkit.server.goqueue;

import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The keys that let clients in; everybody is, if the server was given none. Thread-safe. */
final class ApiKeys {
  private static final String BEARER = "Bearer ";

  private final Set<String> roots;

  ApiKeys(Set<String> roots) {
    this.roots = roots;
  }

  /** Whether keys are asked for. */
  boolean asked() {
    return !roots.isEmpty();
  }

  /** Why a request is not let in, or null if it is. */
  @Nullable String refuse(HttpServerRequest request) {
    if (!asked()) {
      return null;
    }
    String key = given(request);
    return key == null ? "no API key provided" : isRoot(key) ? null : "invalid API key";
  }

  /** Whether a key is one of those that the server was given. */
  private boolean isRoot(String key) {
    byte[] given = key.getBytes(StandardCharsets.UTF_8);
    return roots.stream().anyMatch(root -> MessageDigest.isEqual(given, root.getBytes(StandardCharsets.UTF_8)));
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
