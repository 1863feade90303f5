package dev.tributary.internal;

import dev.tributary.BlockingHandler;
import dev.tributary.Capability;
import dev.tributary.Outcome;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Credentials;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.OverloadedException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.internal.queue.Handover;
import dev.tributary.internal.queue.Numbering;
import dev.tributary.internal.stream.Uncommitted;
import dev.tributary.observe.Instrumentation;
import dev.tributary.observe.Observation;
import dev.tributary.observe.Operation;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.TimeSource;
import dev.tributary.spi.Transport;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
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
  final Deadlines deadlines;
  final InFlight inFlight;
  private final Callbacks callbacks;
  private final Checks checks;
  private final Open open = new Open();
  private final Buffer buffer;
  private final @Nullable Numbering numbering;
  private final Handover handover;
  private final Uncommitted uncommitted;
  private final Calls users;
  private final Calls steps;
  private volatile boolean closed;

  Calls(Transport transport, ClientConfig config) {
    this.transport = transport;
    this.config = config;
    this.time = config.time();
    this.callbacks = new Callbacks(config);
    this.deadlines = new Deadlines(time);
    this.inFlight = new InFlight(config);
    this.buffer = new Buffer(config.bufferBytes());
    this.checks = new Checks(transport);
    this.numbering = checks.has(Capability.PRODUCER_SEQUENCES) ? Numbering.of(config) : null;
    this.handover = new Handover(this);
    this.uncommitted = new Uncommitted(config.time());
    this.users = this;
    this.steps = new Calls(this);
  }

  /** The steps of these. */
  private Calls(Calls users) {
    this.transport = users.transport;
    this.config = users.config;
    this.time = users.time;
    this.callbacks = users.callbacks;
    this.deadlines = users.deadlines;
    this.inFlight = users.inFlight;
    this.buffer = users.buffer;
    this.checks = users.checks;
    this.numbering = users.numbering;
    this.handover = users.handover;
    this.uncommitted = users.uncommitted;
    this.users = users;
    this.steps = this;
  }

  /**
   * The same client for what the SDK does by itself: settling, renewing, committing, sending the next batch. Its futures complete on the thread
   * that has the answer, so that no step waits for a thread that code of a user may hold; what is made of the answer must be short and none of
   * a user. Its calls are never refused because others are under way.
   */
  public Calls steps() {
    return steps;
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

  /** Between those who take jobs, for backends that cannot take a job back as if it had not been delivered. */
  public Handover handover() {
    return handover;
  }

  /** The groups that are read and for which nobody commits. */
  public Uncommitted uncommitted() {
    return uncommitted;
  }

  /** Where handlers run, which may block: on threads of the client's own, as many as are submitted at a time. */
  public Executor handlers() {
    return callbacks.handlers();
  }

  /** A handler that blocks as one that says when it is done. */
  public static <I> Function<I, CompletionStage<?>> blocking(BlockingHandler<? super I> handler) {
    return item -> {
      try {
        handler.handle(item);
        return CompletableFuture.completedFuture(null);
      } catch (Throwable failure) {
        if (failure instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
        return CompletableFuture.failedFuture(failure);
      }
    };
  }

  /** What was received and waits for users. */
  public Buffer buffer() {
    return buffer;
  }

  /** What must be closed before the transport. */
  public Open open() {
    return users.open;
  }

  /** From now on every call fails with {@code ClientClosedException}; completes when those that were made before are over. */
  CompletableFuture<Void> refuse() {
    closed = true;
    return inFlight.idle();
  }

  /** Fails the calls that are not over. */
  void abandon() {
    for (Deadlines.Expiring waiting : deadlines.waiting()) {
      if (waiting instanceof Call<?, ?> call) {
        call.fail(closedError());
      }
    }
  }

  /** What the calls that are not over are about. */
  List<String> underWay() {
    return deadlines.waiting().stream().map(Object::toString).toList();
  }

  /** Whether nothing may be sent any more. */
  boolean isClosed() {
    return users.closed;
  }

  /** Ends the timers; lets callbacks that wait run, and their threads end then. */
  void end() {
    uncommitted.close();
    deadlines.close();
    callbacks.close();
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
    return begin(deadline, 0, new Call<>(this, operation, resource, repeat, observation, attempt, answer -> null, convert));
  }

  /**
   * A call that holds a payload.
   *
   * @param bytes the payload's
   * @see #call
   */
  public <S, R> CompletableFuture<R> call(
      String operation,
      @Nullable Object resource,
      Repeat repeat,
      Observation observation,
      long bytes,
      Function<Deadline, CompletableFuture<S>> attempt,
      Function<? super S, ? extends R> convert) {
    return begin(deadline(), bytes, new Call<>(this, operation, resource, repeat, observation, attempt, answer -> null, convert));
  }

  /**
   * A call about a batch. An answer that refuses every item counts as a failed try, so that it is tried again where that is safe
   * and promising; else it is an answer like others.
   *
   * @param bytes those of the items
   * @see #call
   */
  public <S, R> CompletableFuture<R> batch(
      String operation,
      @Nullable Object resource,
      Repeat repeat,
      Observation observation,
      Deadline deadline,
      long bytes,
      int items,
      Function<Deadline, CompletableFuture<List<Outcome<S>>>> attempt,
      Function<? super List<Outcome<S>>, ? extends R> convert) {
    return begin(
        deadline, bytes, new Call<>(this, operation, resource, repeat, observation, attempt, answer -> refusal(items, answer), convert));
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
      long bytes,
      Function<Deadline, CompletableFuture<List<Outcome<R>>>> attempt) {
    return begin(
        deadline(),
        bytes,
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

  private <S, R> CompletableFuture<R> begin(Deadline deadline, long bytes, Call<S, R> call) {
    if (isClosed()) {
      call.fail(closedError());
      return call;
    }
    long weight = InFlight.weight(bytes);
    OverloadedException refusal = null;
    if (this == steps) {
      inFlight.enter(weight);
    } else {
      refusal = inFlight.tryEnter(weight);
    }
    if (refusal == null) {
      call.begin(deadline, weight);
    } else {
      call.fail(refusal);
    }
    return call;
  }

  /** Why all items failed, if they did and each may be tried again. */
  static <S> @Nullable TributaryException refusal(int items, List<Outcome<S>> answer) {
    if (answer.size() != items) {
      throw new ProtocolViolationException(
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

  /** Starts watching an operation; free if nobody watches. A partition or a number of bytes below 0 is not known. */
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
    return GuardedObservation.start(
        config.instrumentation(),
            new Operation(
                kind,
                operation,
                transport.backend(),
                destination == null ? null : destination.toString(),
                group,
                partition < 0 ? OptionalInt.empty() : OptionalInt.of(partition),
                messages,
                bytes < 0 ? OptionalLong.empty() : OptionalLong.of(bytes),
                messageId,
                producer,
                held,
                linked,
                server));
  }

  /** Runs on the callback executor; on a thread of the client's own if that takes no more work. */
  public void callback(Runnable task) {
    callbacks.execute(task);
  }

  /** Completes a call: a user's on the callback executor, one of the SDK's own here. */
  void complete(Call<?, ?> call) {
    if (this == steps) {
      call.run();
    } else {
      callbacks.execute(call);
    }
  }

  /** Whether what lives long may go on after this error: the next try may end better, if only because other credentials come. */
  public boolean passes(TributaryException error) {
    return error.retryable() || error instanceof UnauthenticatedException && !(config.credentials() instanceof Credentials.Fixed);
  }

  /** The pause before the next try: a random part of the ceiling, but at least what the backend asked for. */
  public Duration pause(int failedTries, TributaryException error) {
    Duration ceiling = config.retry().ceiling(failedTries);
    long random = ThreadLocalRandom.current().nextLong(Deadline.nanos(ceiling) + 1);
    long asked = Deadline.nanos(error.retryAfter().orElse(Duration.ZERO));
    return Duration.ofNanos(random > asked ? random : asked + random);
  }
}
