package dev.tributary.queue;

import dev.tributary.AsyncCloseable;
import dev.tributary.SubscriptionState;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Takes jobs and hands them to a handler until it is closed. Runs from the moment it is made. Faults that may pass are waited out;
 * others end it.
 *
 * <p>A handler that never finishes keeps its place among those that run side by side, and its lease is renewed up to the cap; then
 * another consumer gets the job.
 *
 * <p>It keeps no process alive: a {@code main} that has nothing else to do waits for {@link #ended()}.
 */
public interface Worker extends AsyncCloseable {
  /** Where the worker stands. */
  SubscriptionState state();

  /** What it has done so far. */
  Stats stats();

  /** Completes when the worker has ended: normally after a close, with the error if it could not go on. */
  CompletableFuture<Void> ended();

  /**
   * Takes no more jobs, waits for running handlers (up to the drain timeout, then gives their jobs back), settles, and ends.
   *
   * @return completes when it has ended; fails with {@code CloseTimeoutException}, which names the jobs, if settlements were not answered in time
   */
  @Override
  CompletableFuture<Void> closeAsync(Duration within);

  /**
   * Counts since the worker was made.
   *
   * @param running handlers that have not finished
   * @param acked jobs confirmed done
   * @param nacked jobs given back
   * @param rejected jobs made dead letters, by the handler or because they could not be decoded
   * @param leasesLost jobs whose lease was gone when they were settled or renewed
   * @param failed how often the handler failed
   * @param deadLettered jobs that became dead letters, as far as the backend says so: those rejected, and those nacked once too often
   */
  record Stats(int running, long acked, long nacked, long rejected, long leasesLost, long failed, long deadLettered) {}
}
