package dev.tributary.internal;

import dev.tributary.Capability;
import dev.tributary.Outcome;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.ProtocolException;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.queue.Numbering;
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
import java.util.function.Supplier;
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
  private final Checks checks;
  private final Open open = new Open();
  private final @Nullable Numbering numbering;
  private volatile boolean closed;

  Calls(Transport transport, ClientConfig config, Executor callbacks) {
    this.transport = transport;
    this.config = config;
    this.time = config.time();
    this.callbacks = callbacks;
    this.deadlines = new Deadlines(time);
    this.checks = new Checks(transport);
    this.numbering = checks.has(Capability.PRODUCER_SEQUENCES) ? Numbering.of(config) : null;
  }

  /** Whether a call may be made again after it may have been applied. */
  public enum Repeat {
    /** Reads, puts, acks, commits, and whatever carries a deduplication id. */
    SAFE,
    /** Only when nothing can have been applied. */
    UNLESS_APPLIED,
    /** Not at all: the caller repeats by itself, or wants to know how things are now. */
    NEVER
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

  /** What is checked before a call. */
  public Checks checks() {
    return checks;
  }

  /** What numbers enqueued jobs; null if the backend keeps no numbers or the application switched that off. */
  public @Nullable Numbering numbering() {
    return numbering;
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

  /** The end of a call that is made now. */
  public Deadline deadline() {
    return Deadline.after(time, config.timeout());
  }

  /**
   * The end of a call that is made now.
   *
   * @param extra time the backend may take on purpose, a long poll for instance
   */
  public Deadline deadline(Duration extra) {
    Duration total;
    try {
      total = config.timeout().plus(extra);
    } catch (ArithmeticException endless) {
      total = extra;
    }
    return Deadline.after(time, total);
  }

  /** Makes a call whose arguments are checked first: what a check throws becomes a failed future. */
  public <R> CompletableFuture<R> checked(String operation, @Nullable Object resource, Supplier<CompletableFuture<R>> call) {
    try {
      return call.get();
    } catch (TributaryException refused) {
      return CompletableFuture.failedFuture(
          refused.at(transport.backend(), operation, resource == null ? null : resource.toString()));
    }
  }

  /** A call whose result needs no conversion. */
  public <R> CompletableFuture<R> call(
      String operation, @Nullable Object resource, Repeat repeat, Function<Deadline, CompletableFuture<R>> attempt) {
    return call(operation, resource, repeat, Observation.NONE, deadline(), attempt, Function.identity());
  }

  /** A call whose result is converted, on the callback executor. */
  public <S, R> CompletableFuture<R> call(
      String operation,
      @Nullable Object resource,
      Repeat repeat,
      Function<Deadline, CompletableFuture<S>> attempt,
      Function<? super S, ? extends R> convert) {
    return call(operation, resource, repeat, Observation.NONE, deadline(), attempt, convert);
  }

  /**
   * A call.
   *
   * @param resource what it is about, for errors; its {@code toString} is only asked when one is made
   * @param observation ended when the call completes
   * @param deadline when it fails at the latest
   * @param attempt one try; may be called again as {@code repeat} allows
   * @param convert runs on the callback executor; what it throws fails the call
   */
  public <S, R> CompletableFuture<R> call(
      String operation,
      @Nullable Object resource,
      Repeat repeat,
      Observation observation,
      Deadline deadline,
      Function<Deadline, CompletableFuture<S>> attempt,
      Function<? super S, ? extends R> convert) {
    return begin(deadline, new Call<>(this, operation, resource, repeat, observation, attempt, answer -> null, convert));
  }

  /**
   * A call about a batch. An answer that refuses every item counts as a failed try, so that it is tried again where that is safe
   * and promising; else it is an answer like others.
   *
   * @see #call
   */
  public <S, R> CompletableFuture<R> batch(
      String operation,
      @Nullable Object resource,
      Repeat repeat,
      Observation observation,
      Deadline deadline,
      int items,
      Function<Deadline, CompletableFuture<List<Outcome<S>>>> attempt,
      Function<? super List<Outcome<S>>, ? extends R> convert) {
    return begin(
        deadline, new Call<>(this, operation, resource, repeat, observation, attempt, answer -> refusal(items, answer), convert));
  }

  /**
   * A call about one item, made as a batch of one.
   *
   * @see #call
   */
  public <R> CompletableFuture<R> single(
      String operation,
      @Nullable Object resource,
      Repeat repeat,
      Observation observation,
      Function<Deadline, CompletableFuture<List<Outcome<R>>>> attempt) {
    return begin(
        deadline(),
        new Call<>(
            this,
            operation,
            resource,
            repeat,
            observation,
            attempt,
            answer -> refusal(1, answer),
            answer -> answer.get(0).orThrow()));
  }

  private <S, R> CompletableFuture<R> begin(Deadline deadline, Call<S, R> call) {
    if (closed) {
      call.fail(closedError());
    } else {
      call.begin(deadline);
    }
    return call;
  }

  /** Why all items failed, if they did and each may be tried again. */
  static <S> @Nullable TributaryException refusal(int items, List<Outcome<S>> answer) {
    if (answer.size() != items) {
      throw new ProtocolException(
          ErrorInfo.of("the backend answered " + answer.size() + " outcomes for " + items + " items", "This is a defect of the backend")
              .maybeApplied(true));
    }
    TributaryException why = null;
    for (Outcome<S> outcome : answer) {
      TributaryException error = outcome.error();
      if (error == null || !error.retryable()) {
        return null;
      }
      if (why == null || error.maybeApplied()) {
        why = error;
      }
    }
    return why;
  }

  /** What a call fails with after close. */
  public TributaryException closedError() {
    return new ClientClosedException(ErrorInfo.of("the client is closed", "Make a new one with Tributary.connect"));
  }

  /** Whether anybody watches. */
  public boolean watched() {
    return config.instrumentation() != Instrumentation.NONE;
  }

  /** Starts watching an operation that is not about jobs; free if nobody watches. */
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
    return observe(kind, operation, destination, group, partition, messages, bytes, messageId, null, null, linked);
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
      @Nullable String producer,
      @Nullable Duration held,
      List<Map<String, String>> linked) {
    if (!watched()) {
      return Observation.NONE;
    }
    String server = config.endpoints().isEmpty() ? null : config.endpoints().get(0).toString();
    return config
        .instrumentation()
        .start(
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
                producer,
                held,
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
  public Duration pause(int failedTries, TributaryException error) {
    Duration ceiling = config.retry().ceiling(failedTries);
    Duration random = Duration.ofNanos(ThreadLocalRandom.current().nextLong(ceiling.toNanos() + 1));
    Duration asked = error.retryAfter().orElse(Duration.ZERO);
    return random.compareTo(asked) > 0 ? random : asked.plus(random);
  }
}
