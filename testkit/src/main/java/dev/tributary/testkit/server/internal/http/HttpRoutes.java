package dev.tributary.testkit.server.internal.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The table of routes. A pattern is a path with {@code {variables}} for whole segments; {@code *} at its end stands for any
 * further segments, or none. The first that matches serves.
 */
public final class HttpRoutes {
  /** Every method. */
  public static final String ANY = "";

  private final List<Route> routes = new ArrayList<>();
  private final boolean emptyVariables;

  /** Without a route. A variable may stand for nothing: whatever serves the route says so. */
  public HttpRoutes() {
    this(true);
  }

  private HttpRoutes(boolean emptyVariables) {
    this.emptyVariables = emptyVariables;
  }

  /** Without a route. A path with nothing in the place of a variable does not match. */
  public static HttpRoutes withWholeVariables() {
    return new HttpRoutes(false);
  }

  /** What serves a request: throws or fails with what the client is told. */
  public interface Operation {
    /** Begins to; cancelling the future ends it. */
    CompletableFuture<HttpReply> answer(HttpCall call);
  }

  private record Route(String method, List<String> pattern, boolean emptyVariables, Operation operation) {
    boolean takes(String asked) {
      return method.isEmpty() || method.equals(asked);
    }

    @Nullable Map<String, String> match(List<String> path) {
      Map<String, String> variables = new HashMap<>();
      for (int i = 0; i < pattern.size(); i++) {
        String part = pattern.get(i);
        if (part.equals("*")) {
          return variables;
        } else if (i >= path.size()) {
          return null;
        } else if (part.startsWith("{") && (emptyVariables || !path.get(i).isEmpty())) {
          variables.put(part.substring(1, part.length() - 1), path.get(i));
        } else if (!part.equals(path.get(i))) {
          return null;
        }
      }
      return path.size() == pattern.size() ? variables : null;
    }
  }

  /** One more route, after those that are there. */
  public HttpRoutes on(String method, String pattern, Operation operation) {
    routes.add(new Route(method, segments(pattern), emptyVariables, operation));
    return this;
  }

  /** The same for a path that may have a slash at its end. */
  public HttpRoutes onRoot(String method, String pattern, Operation operation) {
    return on(method, pattern, operation).on(method, pattern + "/", operation);
  }

  /**
   * What serves a call.
   *
   * @param name its route, as it was added: {@code GET /topics/{topic}}
   * @param call the call, with what stands for the variables
   * @param operation what is to answer it
   */
  public record Found(String name, HttpCall call, Operation operation) {
    /** Begins to answer. */
    public CompletableFuture<HttpReply> answer() {
      return operation.answer(call);
    }
  }

  /** The first route that matches, if any. */
  public Optional<Found> find(HttpCall call) {
    List<String> path = segments(call.path());
    for (Route route : routes) {
      Map<String, String> variables = route.takes(call.method()) ? route.match(path) : null;
      if (variables != null) {
        String name = route.method() + " " + String.join("/", route.pattern());
        return Optional.of(new Found(name, call.with(variables), route.operation()));
      }
    }
    return Optional.empty();
  }

  /** The methods for which there is a route for this path. */
  public Set<String> methods(String path) {
    List<String> segments = segments(path);
    return routes.stream().filter(route -> route.match(segments) != null).map(Route::method).collect(Collectors.toSet());
  }

  /** Answers a call by the first route that matches; without one, with status 404. */
  public CompletableFuture<HttpReply> answer(HttpCall call) {
    return find(call).map(Found::answer).orElseGet(() -> CompletableFuture.completedFuture(HttpReply.NOT_FOUND));
  }

  private static List<String> segments(String path) {
    return List.of(path.split("/", -1));
  }
}
