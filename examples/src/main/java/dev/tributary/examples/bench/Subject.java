package dev.tributary.examples.bench;

import java.util.concurrent.CompletionStage;

/** One way to call the server; all of them make the same calls with the same payload. */
interface Subject extends AutoCloseable {
  /** Events of one call of {@link #publishBatch}, messages of one call of {@link #read}, jobs of one of {@link #receiveAndAck}. */
  int BATCH = 100;

  /** Its column in the table. */
  String name();

  CompletionStage<?> publishOne();

  /** {@link #BATCH} events, each confirmed. */
  CompletionStage<?> publishBatch();

  /** {@link #BATCH} messages from the beginning of the stream. */
  CompletionStage<?> read();

  /** All of these messages through one subscription from the beginning. */
  CompletionStage<?> subscribe(int messages);

  CompletionStage<?> enqueue();

  /** Up to {@link #BATCH} jobs, each acked; completes with their number. */
  CompletionStage<Integer> receiveAndAck();

  CompletionStage<?> put();

  CompletionStage<?> get();

  @Override
  void close();
}
