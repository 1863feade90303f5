package dev.tributary;

/**
 * Handles one job or one message by the time it returns, as JDBC, mail and HTTP clients are used that block. What it throws is its failure. For a
 * handler that says later when it is done there are {@link JobQueue#worker} and {@code forEach}.
 *
 * @param <I> what it is given
 */
@FunctionalInterface
public interface BlockingHandler<I> {
  /**
   * Called on a thread that it may block, a virtual one from Java 24 on; with {@link dev.tributary.config.ClientConfig#INLINE} where callbacks are, which
   * it must not block.
   */
  void handle(I item) throws Exception;
}
