package dev.tributary.testkit.server.goqueue;

import dev.tributary.error.AlreadyExistsException;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.OverloadedException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.SchemaRejectedException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.spi.Steps;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.testkit.server.ServerFaults;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.goqueue.internal.routes.ApiKeys;
import dev.tributary.testkit.server.goqueue.internal.routes.GroupRoutes;
import dev.tributary.testkit.server.goqueue.internal.routes.JsonReply;
import dev.tributary.testkit.server.goqueue.internal.routes.MalformedBody;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import dev.tributary.testkit.server.internal.http.BadRequest;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpFront;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import dev.tributary.testkit.server.internal.http.PlannedFaults;
import dev.tributary.testkit.server.internal.http.RequestCounts;
import dev.tributary.testkit.server.internal.http.TokenBucket;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What holds for every request: who may ask, under which versions of which paths, and how errors are told. */
final class HttpSite implements HttpFront.Site {
  private static final int MAX_BODY_BYTES = 1 << 20;
  private static final int PER_SECOND = 1000;
  private static final String VERSION = "/v1";

  /** Whoever looks after a server asks these without a key, and as often as they like. */
  private static final Set<String> OPEN = Set.of("/health", "/healthz", "/readyz", "/livez", "/metrics", "/version");

  private static final Map<String, String> ANY_ORIGIN = Map.of("access-control-allow-origin", "*", "vary", "Origin");

  private static final Map<String, String> ANY_REQUEST =
      Map.of(
          "access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS",
          "access-control-allow-headers", "Accept, Authorization, Content-Type, X-API-Key, X-Request-ID",
          "access-control-max-age", "300");

  private static final Map<String, String> AGAIN = Map.of("retry-after", "1");

  private static final Map<String, String> SLOWER =
      Map.of("retry-after", "1", "x-ratelimit-limit", Integer.toString(PER_SECOND), "x-ratelimit-remaining", "0");

  private final HttpRoutes system;
  private final HttpRoutes api;
  private final ApiKeys keys;
  private final RequestCounts requests;
  private final PlannedFaults faults;
  private final @Nullable TokenBucket limit;
  private final boolean hangsUp;

  /** {@code system} is served at the root only, {@code api} there and under each version. */
  HttpSite(HttpRoutes system, HttpRoutes api, ApiKeys keys, RequestCounts requests, ServerOptions options, ServerFaults faults) {
    this.system = system;
    this.api = api;
    this.keys = keys;
    this.requests = requests;
    this.faults = new PlannedFaults(faults, options.time(), fault -> new Refusal(fault.status(), fault.message()));
    this.limit = options.rateLimited() ? new TokenBucket(options.time(), PER_SECOND, PER_SECOND, Duration.ofSeconds(1)) : null;
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

  /** Public servers end long polls before their time. */
  @Override
  public Duration timeout(HttpServerRequest request) {
    boolean poll = !hangsUp && String.valueOf(request.path()).endsWith("/poll");
    return poll ? HttpFront.TIMEOUT.plus(GroupRoutes.LONGEST_POLL) : HttpFront.TIMEOUT;
  }

  @Override
  public CompletableFuture<HttpReply> answer(HttpCall call) {
    if (preflight(call)) {
      return CompletableFuture.completedFuture(HttpReply.empty(200).with(ANY_ORIGIN).with(ANY_REQUEST));
    }
    HttpReply refused = OPEN.contains(call.path()) ? null : refuse(call.request());
    return refused != null
        ? CompletableFuture.completedFuture(toAnyOrigin(call.request(), refused))
        : Steps.map(route(call), reply -> toAnyOrigin(call.request(), reply));
  }

  private @Nullable HttpReply refuse(HttpServerRequest request) {
    if (limit != null && !limit.take()) {
      return HttpReply.text(429, "rate limit exceeded").with(SLOWER);
    }
    String refused = keys.refuse(request);
    return refused == null ? null : HttpReply.text(401, refused);
  }

  private CompletableFuture<HttpReply> route(HttpCall call) {
    boolean versioned = call.path().startsWith(VERSION + "/");
    HttpCall asked = versioned ? call.at(call.path().substring(VERSION.length())) : call;
    Optional<HttpRoutes.Found> found = versioned ? Optional.empty() : system.find(asked);
    return found
        .or(() -> api.find(asked))
        .map(route -> faults.begin(route.name(), route::answer))
        .orElseGet(
            () -> {
              Set<String> allowed = new TreeSet<>(api.methods(asked.path()));
              if (!versioned) {
                allowed.addAll(system.methods(asked.path()));
              }
              return CompletableFuture.completedFuture(
                  allowed.isEmpty() ? HttpReply.NOT_FOUND : HttpReply.empty(405).with(Map.of("allow", String.join(", ", allowed))));
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

  @Override
  public void answered(HttpServerRequest request, int status) {
    requests.answered(request.method().name(), status);
  }

  private HttpReply refusal(String path, Throwable error) {
    if (error instanceof Refusal refusal) {
      return refusal.status() == 0 ? HttpReply.HANG_UP : JsonReply.error(refusal.status(), refusal.text());
    } else if (error instanceof MalformedBody malformed) {
      return JsonReply.error(400, malformed.text(withoutVersion(path)));
    } else if (error instanceof BadRequest wrong) {
      return wrong.status() == 413
          ? JsonReply.error(400, new MalformedBody("http: request body too large").text(withoutVersion(path)))
          : HttpReply.text(400, "400 Bad Request");
    } else if (error instanceof DeadlineExceededException late) {
      return hangsUp ? HttpReply.HANG_UP : JsonReply.error(503, message(late)).with(AGAIN);
    }
    return error instanceof ConnectionFailedException || error instanceof OverloadedException
        ? JsonReply.error(503, message(error)).with(AGAIN)
        : JsonReply.error(status(error), message(error));
  }

  /** What is wrong with what a route asked of the transport. */
  private static int status(Throwable error) {
    if (error instanceof InvalidRequestException || error instanceof PayloadTooLargeException) {
      return 400;
    } else if (error instanceof NotFoundException) {
      return 404;
    } else if (error instanceof AlreadyExistsException || error instanceof ConflictException) {
      return 409;
    } else if (error instanceof SchemaRejectedException) {
      return 422;
    }
    return error instanceof UnsupportedFeatureException ? 501 : 500;
  }

  private static String message(Throwable error) {
    @Nullable String message = error.getMessage();
    return message == null ? "internal error" : message;
  }

  private static String withoutVersion(String path) {
    return path.startsWith(VERSION + "/") ? path.substring(VERSION.length()) : path;
  }
}
