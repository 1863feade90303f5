package dev.tributary.testkit.fault;

import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Faults of a backend, planned by a test: which call meets which. Operations are named as in the journal, see
 * {@link dev.tributary.testkit.CallRecord}; {@link #ANY} stands for all. A fault is met by one try: the client may repeat the call, as
 * it would a real one.
 *
 * <pre>{@code
 * faults.failNext("publish", new OverloadedException(ErrorInfo.of("full", "")));
 * faults.dropNextAnswer("enqueue");                 // stored, but the client cannot know
 * faults.delayNext("get", Duration.ofSeconds(40));  // longer than the client waits
 * }</pre>
 *
 * <p>Faults planned for one operation are met in the order they were planned, before those for any operation and those by chance.
 * Thread-safe.
 */
public final class FaultPlan {
  /** Every operation. */
  public static final String ANY = "*";

  private final TimeSource time;
  private final Map<String, Deque<Fault>> planned = new HashMap<>();
  private final Map<String, Delay> latencies = new HashMap<>();
  private final List<Chance> chances = new ArrayList<>();

  /** Nothing planned; delays take this time. */
  public FaultPlan(TimeSource time) {
    this.time = time;
  }

  /** The next such call fails without reaching the backend. */
  public FaultPlan failNext(String operation, TributaryException error) {
    return failNext(operation, 1, () -> error);
  }

  /** The next so many such calls fail without reaching the backend, each with an error of its own. */
  public synchronized FaultPlan failNext(String operation, int times, Supplier<? extends TributaryException> error) {
    for (int i = 0; i < times; i++) {
      plan(operation, failing(error));
    }
    return this;
  }

  /** The next such call reaches the backend only after this time. Opening a subscription is no call: it can only fail. */
  public FaultPlan delayNext(String operation, Duration delay) {
    plan(operation, new Delay(time, delay));
    return this;
  }

  /**
   * From now on every such call reaches the backend only after this time, and meets what else is planned for it then; zero ends that.
   * What is said of one operation wins over {@link #ANY}. Opening a subscription is no call: it is not delayed.
   *
   * @throws IllegalArgumentException if the time is negative
   */
  public synchronized FaultPlan delayEvery(String operation, Duration delay) {
    if (delay.isNegative()) {
      throw new IllegalArgumentException("a delay of " + delay);
    }
    latencies.put(operation, new Delay(time, delay));
    return this;
  }

  /** The next such call is carried out, but its answer is lost: it fails with a connection failure that may have been applied. */
  public FaultPlan dropNextAnswer(String operation) {
    plan(operation, DROP_ANSWER);
    return this;
  }

  /**
   * From now on such calls fail with this probability, as if the connection broke before they reached the backend; the same in every
   * run with the same seed and calls.
   *
   * @throws IllegalArgumentException if the probability is not between 0 and 1
   */
  public FaultPlan failRandomly(String operation, double probability, long seed) {
    return failRandomly(operation, probability, seed, FaultPlan::broken);
  }

  /**
   * From now on such calls fail with this probability, without reaching the backend; the same in every run with the same seed and
   * calls.
   *
   * @throws IllegalArgumentException if the probability is not between 0 and 1
   */
  public synchronized FaultPlan failRandomly(
      String operation, double probability, long seed, Supplier<? extends TributaryException> error) {
    if (!(probability >= 0 && probability <= 1)) {
      throw new IllegalArgumentException("a probability of " + probability);
    }
    chances.add(new Chance(operation, probability, new Random(seed), failing(error)));
    return this;
  }

  /** Plans nothing any more. */
  public synchronized void clear() {
    planned.clear();
    latencies.clear();
    chances.clear();
  }

  /** How many planned faults have not been met; those by chance are not counted. */
  public synchronized int pending() {
    return planned.values().stream().mapToInt(Deque::size).sum();
  }

  /** Makes a call of this operation, with the delay of all such calls and the fault that is its turn. */
  public <T> CompletableFuture<T> apply(String operation, Supplier<CompletableFuture<T>> call) {
    Fault fault = next(operation);
    return latency(operation).apply(() -> fault.apply(call));
  }

  /** The error that the next call of this operation is to fail with, for what is no call: a subscription. Null for none. */
  public @Nullable TributaryException nextError(String operation) {
    CompletableFuture<Boolean> probe = next(operation).apply(() -> CompletableFuture.completedFuture(true));
    Throwable thrown = probe.handle((fine, error) -> error).getNow(null);
    return thrown instanceof TributaryException error ? error : null;
  }

  private synchronized void plan(String operation, Fault fault) {
    planned.computeIfAbsent(operation, o -> new ArrayDeque<>()).add(fault);
  }

  private synchronized Fault next(String operation) {
    Fault fault = poll(operation);
    if (fault == null) {
      fault = poll(ANY);
    }
    for (Chance chance : chances) {
      if (fault == null && chance.meets(operation)) {
        fault = chance.fault;
      }
    }
    return fault == null ? NONE : fault;
  }

  private synchronized Fault latency(String operation) {
    Delay delay = latencies.getOrDefault(operation, latencies.get(ANY));
    return delay == null || delay.length.isZero() ? NONE : delay;
  }

  private @Nullable Fault poll(String operation) {
    Deque<Fault> faults = planned.get(operation);
    return faults == null ? null : faults.poll();
  }

  private static Fault failing(Supplier<? extends TributaryException> error) {
    return new Fault() {
      @Override
      public <T> CompletableFuture<T> apply(Supplier<CompletableFuture<T>> call) {
        return CompletableFuture.failedFuture(error.get());
      }
    };
  }

  private static final Fault NONE =
      new Fault() {
        @Override
        public <T> CompletableFuture<T> apply(Supplier<CompletableFuture<T>> call) {
          return call.get();
        }
      };

  private static final Fault DROP_ANSWER =
      new Fault() {
        @Override
        public <T> CompletableFuture<T> apply(Supplier<CompletableFuture<T>> call) {
          CompletableFuture<T> answer = call.get();
          CompletableFuture<T> result = new CompletableFuture<>();
          answer.whenComplete((lost, error) -> result.completeExceptionally(lost()));
          result.whenComplete((never, error) -> answer.cancel(true));
          return result;
        }
      };

  private static TributaryException broken() {
    return new ConnectionFailedException(ErrorInfo.of("the connection broke, as planned", "This is a fault of the test's plan"));
  }

  private static TributaryException lost() {
    return new ConnectionFailedException(
        ErrorInfo.of("the answer was lost, as planned", "This is a fault of the test's plan").maybeApplied(true));
  }

  /** What happens to a call. */
  private interface Fault {
    <T> CompletableFuture<T> apply(Supplier<CompletableFuture<T>> call);
  }

  private record Delay(TimeSource time, Duration length) implements Fault {
    @Override
    public <T> CompletableFuture<T> apply(Supplier<CompletableFuture<T>> call) {
      CompletableFuture<T> result = new CompletableFuture<>();
      TimeSource.Timer timer =
          time.schedule(
              length,
              () -> {
                CompletableFuture<T> late = call.get();
                late.whenComplete(
                    (answer, error) -> {
                      if (error == null) {
                        result.complete(answer);
                      } else {
                        result.completeExceptionally(error);
                      }
                    });
                result.whenComplete((answer, error) -> late.cancel(true));
              });
      result.whenComplete((answer, error) -> timer.cancel());
      return result;
    }
  }

  private record Chance(String operation, double probability, Random random, Fault fault) {
    boolean meets(String called) {
      return (operation.equals(ANY) || operation.equals(called)) && random.nextDouble() < probability;
    }
  }
}
