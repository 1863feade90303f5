package dev.tributary.queue;

import java.util.concurrent.CompletionStage;

/**
 * Handles one job. When the stage completes the job is acked, when it fails (or this throws) the job is nacked; a handler that
 * settles the job itself has the last word.
 */
@FunctionalInterface
public interface JobHandler<T> {
  /** Called on the worker's executor; at most {@code concurrency} calls at a time are unfinished. */
  CompletionStage<?> handle(Job<T> job) throws Exception;
}
