package dev.tributary.testkit.server.internal.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The table of routes. A pattern is a path with {@code {variables}} for whole segments; {@code *} at its end stands for any
 * further segments, or none. The first that matches serves.
 */
public final class HttpRoutes {
  /** Every method. */
  public static final String ANY = "";

  private final List<Route> routes = new ArrayList<>();

  /** What serves a request: throws or fails with what the client is told. */
  public interface Operation {
    /** Begins to; cancelling the future ends it. */
    CompletableFuture<HttpReply> answer(HttpCall call);
  }

  private record Route(String method, List<String> pattern, Operation operation) {
    @Nullable Map<String, String> match(String asked, List<String> path) {
      if (!method.isEmpty() && !method.equals(asked)) {
        return null;
      }
      Map<String, String> variables = new HashMap<>();
      for (int i = 0; i < pattern.size(); i++) {
        String part = pattern.get(i);
        if (part.equals("*")) {
          return variables;
        } else if (i >= path.size()) {
          return null;
        } else if (part.startsWith("{")) {
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
    routes.add(new Route(method, segments(pattern), operation));
    return this;
  }

  /** Answers a call by the first route that matches; without one, with status 404. */
  public CompletableFuture<HttpReply> answer(HttpCall call) {
    List<String> path = segments(call.path());
    for (Route route : routes) {
      Map<String, String> variables = route.match(call.method(), path);
      if (variables != null) {
        return route.operation().answer(call.with(variables));
      }
    }
    return CompletableFuture.completedFuture(HttpReply.text(404, "404 page not found"));
  }

  private static List<String> segments(String path) {
    return List.of(path.split("/", -1));
  }
}
