package dev.tributary.internal;

import dev.tributary.config.ClientConfig;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.TributaryException;
import dev.tributary.observe.Instrumentation;
import dev.tributary.observe.Observation;
import dev.tributary.observe.Operation;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.TimeSource;
import dev.tributary.spi.Transport;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes every call of the client: one deadline from the user's call on, retries within it where they are safe, completion on the
 * callback executor, instrumentation.
 */
public final class Calls {
  final Transport transport;
  final ClientConfig config;
  final TimeSource time;
  final Executor callbacks;
  final Deadlines deadlines;
  private final Open open = new Open();
  private volatile boolean closed;

  Calls(Transport transport, ClientConfig config, Executor callbacks) {
    this.transport = transport;
    this.config = config;
    this.time = config.time();
    this.callbacks = callbacks;
    this.deadlines = new Deadlines(time);
  }

  /** Whether a call may be made again after it may have been applied. */
  public enum Repeat {
    /** Reads, puts, acks, commits, and whatever carries a deduplication id. */
    SAFE,
    /** Only when nothing can have been applied. */
    UNLESS_APPLIED
  }

  /** The backend. */
  public Transport transport() {
    return transport;
  }

  /** The configuration. */
  public ClientConfig config() {
    return config;
  }

  /** The clock. */
  public TimeSource time() {
    return time;
  }

  /** Where user code runs. */
  public Executor callbacks() {
    return callbacks;
  }

  /** What must be closed before the transport. */
  public Open open() {
    return open;
  }

  /** From now on every call fails with {@code ClientClosedException}. */
  void close() {
    closed = true;
  }

  /** A call whose result needs no conversion. */
  public <R> CompletableFuture<R> call(
      String operation, @Nullable Object resource, Repeat repeat, Function<Deadline, CompletableFuture<R>> attempt) {
    return call(operation, resource, repeat, Observation.NONE, Duration.ZERO, attempt, Function.identity());
  }

  /** A call whose result is converted, on the callback executor. */
  public <S, R> CompletableFuture<R> call(
      String operation,
      @Nullable Object resource,
      Repeat repeat,
      Function<Deadline, CompletableFuture<S>> attempt,
      Function<? super S, ? extends R> convert) {
    return call(operation, resource, repeat, Observation.NONE, Duration.ZERO, attempt, convert);
  }

  /**
   * A call.
   *
   * @param resource what it is about, for errors; its {@code toString} is only asked when one is made
   * @param observation ended when the call completes
   * @param extra time the backend may take on purpose, a long poll for instance; added to the deadline
   * @param attempt one try; may be called again as {@code repeat} allows
   * @param convert runs on the callback executor; what it throws fails the call
   */
  public <S, R> CompletableFuture<R> call(
      String operation,
      @Nullable Object resource,
      Repeat repeat,
      Observation observation,
      Duration extra,
      Function<Deadline, CompletableFuture<S>> attempt,
      Function<? super S, ? extends R> convert) {
    Call<S, R> call = new Call<>(this, operation, resource, repeat, observation, attempt, convert);
    if (closed) {
      call.fail(closedError());
      return call;
    }
    Duration timeout = extra.isZero() ? config.timeout() : config.timeout().plus(extra);
    call.begin(Deadline.after(time, timeout));
    return call;
  }

  /** What a call fails with after close. */
  public TributaryException closedError() {
    return new ClientClosedException(ErrorInfo.of("the client is closed", "Make a new one with Tributary.connect"));
  }

  /** Starts watching an operation; free if nobody watches. */
  public Observation observe(
      Operation.Kind kind,
      String operation,
      @Nullable Object destination,
      @Nullable String group,
      int partition,
      int messages,
      long bytes,
      @Nullable String messageId,
      List<Map<String, String>> linked) {
    Instrumentation instrumentation = config.instrumentation();
    if (instrumentation == Instrumentation.NONE) {
      return Observation.NONE;
    }
    String server = config.endpoints().isEmpty() ? null : config.endpoints().get(0).toString();
    return instrumentation.start(
        new Operation(
            kind,
            operation,
            transport.backend(),
            destination == null ? null : destination.toString(),
            group,
            partition,
            messages,
            bytes,
            messageId,
            linked,
            server));
  }

  /** Runs on the callback executor; on this thread if that takes no more work. */
  public void callback(Runnable task) {
    try {
      callbacks.execute(task);
    } catch (RejectedExecutionException full) {
      task.run();
    }
  }

  /** The pause before the next try: a random part of the ceiling, but at least what the backend asked for. */
  Duration pause(int failedTries, TributaryException error) {
    Duration ceiling = config.retry().ceiling(failedTries);
    Duration random = Duration.ofNanos(ThreadLocalRandom.current().nextLong(ceiling.toNanos() + 1));
    Duration asked = error.retryAfter().orElse(Duration.ZERO);
    return random.compareTo(asked) > 0 ? random : asked.plus(random);
  }
}
