package dev.tributary.vertx.internal.goqueue.client;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Settlement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** How the jobs of one queue are taken from a server and settled there. Thread-safe. */
public interface Deliveries {
  /** What a server hands out of one partition at most. */
  int MOST = 1_000;

  /** The longest that one poll may stay at the server. */
  Duration longest();

  /** How long a job that a poll brought beyond what was asked for waits here for the next who wants one; zero for not at all. */
  Duration kept();

  /**
   * Up to about so many jobs: those that are ready, or else the first that are within this time. What one brings that was cancelled goes back.
   * The leases are as long as asked for if the server lets that be said.
   */
  CompletableFuture<List<LeasedJob>> poll(int most, Duration lease, Duration stay);

  CompletableFuture<Settlement.Result> settle(Settlement settlement, Deadline deadline);

  /** Whether nothing is known here that a new one would have to know. */
  boolean idle();

  /** Completes when no poll is on its way any more, and what nobody works on is given back. */
  CompletableFuture<?> close();

  /** Those of each queue. */
  interface Factory {
    /**
     * Of a topic.
     *
     * @param member as whom jobs are taken
     * @param again takes a job that comes back without a poll
     */
    Deliveries of(String topic, SharedMember member, Consumer<LeasedJob> again);
  }
}
