package dev.tributary.replay;

import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A server-side replay session: the backend walks a range of the stream and moves the sandbox group along. It sends no messages;
 * read them as a member of that group.
 */
public interface Replay {
  /** The backend's id of the session. */
  String id();

  /** How it stands now. */
  CompletableFuture<State> state();

  /** Begins walking, or goes on after a pause. */
  CompletableFuture<Void> start();

  /** Stops walking for now. */
  CompletableFuture<Void> pause();

  /** Goes on after {@link #pause()}. */
  CompletableFuture<Void> resume();

  /** Stops for good; again on a stopped session is no error. */
  CompletableFuture<Void> stop();

  /** Removes the session, stopping it first if it runs. */
  CompletableFuture<Void> delete();

  /** What a session can be. */
  enum Status {
    /** Made, not started. */
    CREATED,
    /** Walking. */
    ACTIVE,
    /** Paused. */
    PAUSED,
    /** Stopped for good. */
    STOPPED,
    /** Reached its end. */
    COMPLETED,
    /** Gave up. */
    FAILED
  }

  /**
   * A session at one moment.
   *
   * @param id the backend's id
   * @param group the sandbox group
   * @param status what it is doing
   * @param nextOffset the next offset to replay
   * @param replayed how many messages it has passed
   * @param errors how many messages it could not read
   * @param createdAt when it was made
   * @param completedAt when it reached its end, or null
   */
  record State(
      String id,
      String group,
      Status status,
      long nextOffset,
      long replayed,
      long errors,
      Instant createdAt,
      @Nullable Instant completedAt) {}
}
