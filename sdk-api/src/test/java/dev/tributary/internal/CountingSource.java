package dev.tributary.internal;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.StreamSource;
import dev.tributary.stream.StartAt;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongFunction;

/** Delivers items, numbered from 0, as they are asked for, on a thread of its own, and ends after so many. */
public final class CountingSource<T> implements StreamSource {
  private final SourceObserver<T> observer;
  private final LongFunction<T> item;
  private final long elements;
  private final Executor thread;
  private long demand;
  private long next;
  private boolean ended;

  /** On an executor that runs one task at a time. */
  public CountingSource(SourceObserver<T> observer, LongFunction<T> item, long elements, Executor thread) {
    this.observer = observer;
    this.item = item;
    this.elements = elements;
    this.thread = thread;
    if (elements == 0) {
      thread.execute(this::end);
    }
  }

  @Override
  public void request(long n) {
    thread.execute(
        () -> {
          demand += n;
          while (demand > 0 && next < elements && !ended) {
            demand--;
            observer.onItem(item.apply(next++));
          }
          if (next == elements) {
            end();
          }
        });
  }

  private void end() {
    if (!ended) {
      ended = true;
      observer.onEnd(null);
    }
  }

  @Override
  public CompletableFuture<Void> close() {
    return CompletableFuture.runAsync(this::end, thread);
  }

  @Override
  public CompletableFuture<Map<Integer, Long>> seek(Map<Integer, StartAt> places, Deadline deadline) {
    throw new AssertionError(places);
  }

  @Override
  public void pause(Set<Integer> partitions) {
    throw new AssertionError(partitions);
  }

  @Override
  public void resume(Set<Integer> partitions) {
    throw new AssertionError(partitions);
  }

  @Override
  public CompletableFuture<Void> commit(Map<Integer, Long> nextOffsets, Deadline deadline) {
    throw new AssertionError(nextOffsets);
  }
}
