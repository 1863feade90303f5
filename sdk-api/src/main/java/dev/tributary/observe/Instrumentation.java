package dev.tributary.observe;

/**
 * Is told of every operation and connection of a client; makes spans and metrics of it. Thread-safe, must not block or throw.
 *
 * <p>The default is {@link #NONE}. An implementation on the OpenTelemetry API is {@code dev.tributary.opentelemetry}.
 */
public interface Instrumentation {
  /** Watches nothing and costs nothing. */
  Instrumentation NONE = operation -> Observation.NONE;

  /** An operation begins. Called on the thread of the user's call, or for received messages where they are handed over. */
  Observation start(Operation operation);

  /**
   * A connection to a backend was made; one that could not be made is not told of. Called on an event loop.
   *
   * @param backend the backend's name
   * @param server where it leads, as {@code host:port}
   * @return run exactly once, on an event loop, when the connection has ended, whoever ended it
   */
  default Runnable connected(String backend, String server) {
    return () -> {};
  }
}
