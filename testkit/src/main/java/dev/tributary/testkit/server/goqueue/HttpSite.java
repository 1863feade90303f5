package dev.tributary.testkit.server.goqueue;

import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.TimeoutException;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.internal.grpc.Steps;
import dev.tributary.testkit.server.internal.http.BadRequest;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpFront;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What holds for every request: who may ask, under which versions of which paths, and how errors are told. */
final class HttpSite implements HttpFront.Site {
  private static final int MAX_BODY_BYTES = 1 << 20;
  private static final String VERSION = "/v1";

  /** Whoever looks after a server asks these without a key, and as often as they like. */
  private static final Set<String> OPEN = Set.of("/health", "/healthz", "/readyz", "/livez", "/metrics", "/version");

  private static final Map<String, String> ANY_ORIGIN = Map.of("access-control-allow-origin", "*", "vary", "Origin");

  private static final Map<String, String> ANY_REQUEST =
      Map.of(
          "access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS",
          "access-control-allow-headers", "Accept, Authorization, Content-Type, X-API-Key, X-Request-ID",
          "access-control-max-age", "300");

  private final HttpRoutes system;
  private final HttpRoutes api;
  private final ApiKeys keys;
  private final boolean hangsUp;

  /** {@code system} is served at the root only, {@code api} there and under each version. */
  HttpSite(HttpRoutes system, HttpRoutes api, ApiKeys keys, ServerOptions options) {
    this.system = system;
    this.api = api;
    this.keys = keys;
    this.hangsUp = options.quirks().contains(Quirk.SHIPPED_GOQUEUE);
  }

  @Override
  public int maxBodyBytes() {
    return MAX_BODY_BYTES;
  }

  @Override
  public String path(HttpServerRequest request) {
    return RawPath.matched(String.valueOf(request.path()));
  }

  @Override
  public CompletableFuture<HttpReply> answer(HttpCall call) {
    if (preflight(call)) {
      return CompletableFuture.completedFuture(HttpReply.empty(200).with(ANY_ORIGIN).with(ANY_REQUEST));
    }
    if (!OPEN.contains(call.path())) {
      String refused = keys.refuse(call.request());
      if (refused != null) {
        return CompletableFuture.completedFuture(toAnyOrigin(call.request(), HttpReply.text(401, refused)));
      }
    }
    return Steps.map(route(call), reply -> toAnyOrigin(call.request(), reply));
  }

  private CompletableFuture<HttpReply> route(HttpCall call) {
    boolean versioned = call.path().startsWith(VERSION + "/");
    HttpCall asked = versioned ? call.at(call.path().substring(VERSION.length())) : call;
    Optional<HttpRoutes.Found> found = versioned ? Optional.empty() : system.find(asked);
    return found
        .or(() -> api.find(asked))
        .map(HttpRoutes.Found::answer)
        .orElseGet(
            () -> {
              boolean known = api.knows(asked.path()) || !versioned && system.knows(asked.path());
              return CompletableFuture.completedFuture(known ? HttpReply.empty(405) : HttpReply.NOT_FOUND);
            });
  }

  private static boolean preflight(HttpCall call) {
    return call.method().equals("OPTIONS")
        && call.request().getHeader("origin") != null
        && call.request().getHeader("access-control-request-method") != null;
  }

  private static HttpReply toAnyOrigin(HttpServerRequest request, HttpReply reply) {
    return request.getHeader("origin") == null ? reply : reply.with(ANY_ORIGIN);
  }

  @Override
  public HttpReply refuse(HttpServerRequest request, Throwable error) {
    return toAnyOrigin(request, refusal(String.valueOf(request.path()), error));
  }

  private HttpReply refusal(String path, Throwable error) {
    if (error instanceof Refusal refusal) {
      return JsonReply.error(refusal.status(), refusal.text());
    } else if (error instanceof MalformedBody malformed) {
      return JsonReply.error(400, malformed.text(withoutVersion(path)));
    } else if (error instanceof BadRequest wrong) {
      return wrong.status() == 413
          ? JsonReply.error(400, new MalformedBody("http: request body too large").text(withoutVersion(path)))
          : HttpReply.text(400, "400 Bad Request");
    } else if (error instanceof TimeoutException late) {
      return hangsUp ? HttpReply.HANG_UP : JsonReply.error(503, message(late)).with(Map.of("retry-after", "1"));
    }
    return JsonReply.error(error instanceof InvalidRequestException ? 400 : 500, message(error));
  }

  private static String message(Throwable error) {
    @Nullable String message = error.getMessage();
    return message == null ? "internal error" : message;
  }

  private static String withoutVersion(String path) {
    return path.startsWith(VERSION + "/") ? path.substring(VERSION.length()) : path;
  }
}
