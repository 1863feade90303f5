package dev.tributary.testkit.server.flowmesh;

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
final class HttpRoutes {
  static final String ANY = "";

  private final List<Route> routes = new ArrayList<>();

  /** What serves a request: throws or fails with what the client is told. */
  interface Operation {
    CompletableFuture<HttpReply> answer(HttpCall call);
  }

  /** A route that serves a request, with the values of its variables. */
  record Match(Operation operation, Map<String, String> variables) {}

  private record Route(String method, List<String> pattern, Operation operation) {
    @Nullable Match match(String asked, List<String> path) {
      if (!method.isEmpty() && !method.equals(asked)) {
        return null;
      }
      Map<String, String> variables = new HashMap<>();
      for (int i = 0; i < pattern.size(); i++) {
        String part = pattern.get(i);
        if (part.equals("*")) {
          return new Match(operation, variables);
        } else if (i >= path.size()) {
          return null;
        } else if (part.startsWith("{")) {
          variables.put(part.substring(1, part.length() - 1), path.get(i));
        } else if (!part.equals(path.get(i))) {
          return null;
        }
      }
      return path.size() == pattern.size() ? new Match(operation, variables) : null;
    }
  }

  HttpRoutes on(String method, String pattern, Operation operation) {
    routes.add(new Route(method, segments(pattern), operation));
    return this;
  }

  /** What serves this decoded path, or null. */
  @Nullable Match find(String method, String path) {
    List<String> segments = segments(path);
    for (Route route : routes) {
      Match match = route.match(method, segments);
      if (match != null) {
        return match;
      }
    }
    return null;
  }

  private static List<String> segments(String path) {
    return List.of(path.split("/", -1));
  }
}
