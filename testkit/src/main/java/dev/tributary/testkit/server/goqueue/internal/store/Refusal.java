package dev.tributary.testkit.server.goqueue.internal.store;

/** A request that a route does not serve, and what its client is told. */
public final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;

  public Refusal(int status, String text) {
    super(text, null, false, false);
    this.status = status;
  }

  public static Refusal badRequest(String text) {
    return new Refusal(400, text);
  }

  public static Refusal notFound(String text) {
    return new Refusal(404, text);
  }

  public static Refusal conflict(String text) {
    return new Refusal(409, text);
  }

  public static Refusal internal(String text) {
    return new Refusal(500, text);
  }

  public int status() {
    return status;
  }

  public String text() {
    return String.valueOf(getMessage());
  }
}
