package dev.tributary;

import java.util.concurrent.CompletableFuture;

/** Whether the backend is well. */
public interface Health {
  /** Whether it answers; false also when it cannot be reached within the deadline. */
  CompletableFuture<Boolean> live();

  /** Whether it takes work; false also when it cannot be reached within the deadline. */
  CompletableFuture<Boolean> ready();

  /**
   * Whether it takes work, and what its parts are like where it says so. When it cannot be reached within the deadline it is not ready,
   * and the check {@code connection} says why.
   */
  CompletableFuture<HealthReport> report();
}
