package dev.tributary.observe;

import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** An operation that is being watched. */
public interface Observation {
  /** Watches nothing. */
  Observation NONE = error -> {};

  /** Headers to add to every message of a {@code SEND}, so that whoever receives it can link to this operation. */
  default Map<String, String> headers() {
    return Map.of();
  }

  /** Makes this operation the current one of this thread until the scope is closed: around the handler of a {@code PROCESS}. */
  default Scope makeCurrent() {
    return () -> {};
  }

  /**
   * What the backend says of the only message of a {@code SEND} when it has stored it. Called at most once, before the end.
   *
   * @param messageId the id it gave the message
   * @param partition where it is; empty if the backend does not say
   */
  default void stored(String messageId, OptionalInt partition) {}

  /** It is over; {@code error} is null if it succeeded. Called exactly once. */
  void end(@Nullable Throwable error);

  /** See {@link Observation#makeCurrent()}. */
  interface Scope extends AutoCloseable {
    @Override
    void close();
  }
}
