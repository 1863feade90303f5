package dev.tributary.testkit.server.goqueue.internal.routes;

/** A body that is not the JSON a route asks for. Which words tell of it depends on the route. */
public final class MalformedBody extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public MalformedBody(String detail) {
    super(detail, null, false, false);
  }

  /** What the client of this path is told. */
  public String text(String path) {
    String detail = String.valueOf(getMessage());
    if (path.startsWith("/messages/")) {
      return "invalid request body";
    }
    return (path.startsWith("/admin/") ? "invalid request body: " : "invalid JSON: ") + detail;
  }
}
