package dev.tributary;

import java.util.concurrent.CompletableFuture;

/** Whether the backend is well. */
public interface Health {
  /** Whether it answers; false also when it cannot be reached within the deadline. */
  CompletableFuture<Boolean> live();

  /** Whether it takes work; false also when it cannot be reached within the deadline. */
  CompletableFuture<Boolean> ready();
}
