package dev.tributary.testkit.server.goqueue;

/** A request that a route does not serve, and what its client is told. */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;

  Refusal(int status, String text) {
    super(text, null, false, false);
    this.status = status;
  }

  static Refusal badRequest(String text) {
    return new Refusal(400, text);
  }

  static Refusal notFound(String text) {
    return new Refusal(404, text);
  }

  static Refusal conflict(String text) {
    return new Refusal(409, text);
  }

  static Refusal internal(String text) {
    return new Refusal(500, text);
  }

  int status() {
    return status;
  }

  String text() {
    return String.valueOf(getMessage());
  }
}
