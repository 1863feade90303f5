package dev.tributary.testkit.server.goqueue.internal.store;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Calls that are made one after the other: each begins when the one before it has ended. One that is cancelled while it waits never begins. One that
 * has begun goes on though nobody waits for it, so that what it changes is known afterwards; at its deadline it is cancelled.
 * Thread-safe.
 */
public final class SerialCalls {
  private final TimeSource time;
  private final Queue<Pending<?>> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger signals = new AtomicInteger();
  private volatile boolean busy;

  public SerialCalls(TimeSource time) {
    this.time = time;
  }

  /** Makes the call when those before it have ended. */
  public <T> CompletableFuture<T> make(Deadline deadline, Supplier<CompletableFuture<T>> operation) {
    Pending<T> pending = new Pending<>(deadline, operation);
    waiting.add(pending);
    proceed();
    return pending.result;
  }

  /** As often as it is called, but one after the other, and not deeper the more wait. */
  private void proceed() {
    if (signals.getAndIncrement() == 0) {
      do {
        Pending<?> next = busy ? null : waiting.poll();
        if (next != null) {
          busy = true;
          next.begin();
        }
      } while (signals.decrementAndGet() != 0);
    }
  }

  private final class Pending<T> {
    private final Deadline deadline;
    private final Supplier<CompletableFuture<T>> operation;
    private final CompletableFuture<T> result = new CompletableFuture<>();

    Pending(Deadline deadline, Supplier<CompletableFuture<T>> operation) {
      this.deadline = deadline;
      this.operation = operation;
    }

    void begin() {
      CompletableFuture<T> running;
      try {
        running = result.isDone() ? result : operation.get();
      } catch (RuntimeException refused) {
        running = CompletableFuture.failedFuture(refused);
      }
      CompletableFuture<T> begun = running;
      TimeSource.Timer late = deadline.whenPassed(() -> begun.cancel(true));
      begun.whenComplete(
          (value, error) -> {
            late.cancel();
            if (error == null) {
              result.complete(value);
            } else {
              result.completeExceptionally(Steps.unwrap(error));
            }
            busy = false;
            proceed();
          });
    }
  }
}
