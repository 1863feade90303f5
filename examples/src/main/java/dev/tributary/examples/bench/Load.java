package dev.tributary.examples.bench;

import java.util.Arrays;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** Keeps a fixed number of operations in flight for a while, and measures them. */
final class Load {
  private static final int SAMPLES = 1 << 20;

  private final Supplier<? extends CompletionStage<?>> operation;
  private final int unitsPerCall;
  private final long endNanos;
  private final AtomicLong callsLeft;
  private final AtomicLong units = new AtomicLong();
  private volatile boolean exhausted;
  private final AtomicInteger samples = new AtomicInteger();
  private final long[] latencies = new long[SAMPLES];
  private final CountDownLatch finished;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  private Load(Supplier<? extends CompletionStage<?>> operation, int unitsPerCall, int inFlight, long calls, long nanos) {
    this.operation = operation;
    this.unitsPerCall = unitsPerCall;
    this.callsLeft = new AtomicLong(calls);
    this.finished = new CountDownLatch(inFlight);
    this.endNanos = System.nanoTime() + nanos;
  }

  /** Runs calls that count for {@code unitsPerCall} operations each, at most {@code calls} of them. */
  static Measure run(
      Supplier<? extends CompletionStage<?>> operation, int unitsPerCall, int inFlight, long calls, double seconds) {
    Load load = new Load(operation, unitsPerCall, inFlight, calls, (long) (seconds * 1e9));
    Spending before = Spending.soFar();
    long begun = System.nanoTime();
    for (int i = 0; i < inFlight; i++) {
      load.next(true);
    }
    try {
      load.finished.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    long nanos = System.nanoTime() - begun;
    if (load.failure.get() != null) {
      throw new IllegalStateException("the operation failed", load.failure.get());
    }
    return load.measure(nanos, Spending.soFar().since(before));
  }

  /** @param first made however late it is, that there is something to measure */
  private void next(boolean first) {
    boolean must = first;
    // A loop, so that calls that complete at once do not deepen the stack.
    while (true) {
      long begun = System.nanoTime();
      boolean late = begun >= endNanos && !must;
      must = false;
      if (late || exhausted || failure.get() != null || callsLeft.getAndDecrement() <= 0) {
        finished.countDown();
        return;
      }
      Completion completion = new Completion(begun);
      operation.get().whenComplete(completion::done);
      if (!completion.returned()) {
        return;
      }
    }
  }

  /** A call that completes with a number says how many operations it was; zero says that there is no more to do. */
  private void record(long begun, Object value, Throwable error) {
    if (error != null) {
      failure.compareAndSet(null, error);
      return;
    }
    if (value instanceof Integer count) {
      exhausted |= count == 0;
      units.addAndGet(count);
    } else {
      units.addAndGet(unitsPerCall);
    }
    int index = samples.getAndIncrement();
    latencies[index & (SAMPLES - 1)] = System.nanoTime() - begun;
  }

  private Measure measure(long nanos, Spending spent) {
    int count = Math.min(samples.get(), SAMPLES);
    long[] sorted = Arrays.copyOf(latencies, count);
    Arrays.sort(sorted);
    long done = units.get();
    return new Measure(
        done * 1e9 / nanos,
        percentile(sorted, 0.50),
        percentile(sorted, 0.99),
        spent.cpuNanos() / 1e3 / Math.max(1, done),
        (double) spent.bytes() / Math.max(1, done));
  }

  private static double percentile(long[] sorted, double part) {
    return sorted.length == 0 ? 0 : sorted[(int) Math.min(sorted.length - 1, Math.floor(sorted.length * part))] / 1e3;
  }

  /** Tells a call that completed while it was being started from one that completes later. */
  private final class Completion {
    private final long begun;
    private final AtomicInteger state = new AtomicInteger();

    Completion(long begun) {
      this.begun = begun;
    }

    void done(Object value, Throwable error) {
      record(begun, value, error);
      if (!state.compareAndSet(0, 1)) {
        next(false);
      }
    }

    boolean returned() {
      return !state.compareAndSet(0, 2);
    }
  }
}
