package dev.tributary.testkit;

import dev.tributary.Admin;
import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.Health;
import dev.tributary.JobQueue;
import dev.tributary.KeyValueStore;
import dev.tributary.Schemas;
import dev.tributary.Transaction;
import dev.tributary.TransactionOptions;
import dev.tributary.Tributary;
import dev.tributary.access.Access;
import dev.tributary.cluster.Cluster;
import dev.tributary.codec.Codec;
import dev.tributary.config.ClientConfig;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.spi.Deadline;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.StreamSelection;
import dev.tributary.stream.StreamsConsumer;
import dev.tributary.testkit.fault.FaultPlan;
import dev.tributary.trace.Traces;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A client for unit tests: the real client, over a {@link MemoryEngine} of its own, on {@link VirtualTime}, with a journal of what it
 * called and a plan of what is to fail. Nothing is mocked, so that a test sees what production would do.
 *
 * <p>Everything happens on the thread that causes it: a call's future is complete when the call returns, unless it waits for time or
 * for somebody else; what waits for time happens in {@code time().advance(…)}, or in {@link #await}. So a test needs no sleeps, and must
 * not wait by {@code join()} for what needs time: a thread that does is told so in the log, after five seconds.
 *
 * <pre>{@code
 * try (FakeTributary tributary = FakeTributary.create()) {
 *   tributary.faults().failNext("enqueue", new OverloadedException(ErrorInfo.of("full", "")));
 *   CompletableFuture<?> order = new Orders(tributary).place(42);   // the code to test
 *   tributary.time().advance(Duration.ofSeconds(1));                // the client tries again
 *   assertThat(order).isCompleted();
 *   assertThat(tributary.journal().count("enqueue")).isEqualTo(2);
 * }
 * }</pre>
 */
public final class FakeTributary implements Tributary {
  /** The most time that is let pass for what is waited for. */
  private static final Duration DRAIN = Duration.ofDays(1);

  private static final long PATIENCE_SECONDS = 10;
  private static final long SEED = 1;

  private final VirtualTime time = new VirtualTime();
  private final Standstill standstill = Standstill.watch(time);
  private final Journal journal = new Journal();
  private final FaultPlan faults = new FaultPlan(time);
  private final MemoryEngine engine;
  private final Tributary client;

  private FakeTributary(UnaryOperator<MemoryEngine.Builder> engineOptions, UnaryOperator<ClientConfig.Builder> clientOptions) {
    engine = engineOptions.apply(MemoryEngine.builder().seed(SEED)).time(time).build();
    ClientConfig config =
        clientOptions.apply(ClientConfig.builder("memory").callbackExecutor(ClientConfig.INLINE)).time(time).build();
    client = Tributary.over(new WatchedTransport(engine.connect(config.credentials()), time, journal, faults), config);
  }

  /** A fake with the defaults of engine and client. */
  public static FakeTributary create() {
    return create(UnaryOperator.identity(), UnaryOperator.identity());
  }

  /** A fake with options for the engine and the client; its time is always its own. */
  public static FakeTributary create(
      UnaryOperator<MemoryEngine.Builder> engineOptions, UnaryOperator<ClientConfig.Builder> clientOptions) {
    return new FakeTributary(engineOptions, clientOptions);
  }

  /** The time of client and engine. */
  public VirtualTime time() {
    return time;
  }

  /** The backend. Connect to it to be somebody else. */
  public MemoryEngine engine() {
    return engine;
  }

  /** What the client called, tries included. */
  public Journal journal() {
    return journal;
  }

  /** What is to fail. */
  public FaultPlan faults() {
    return faults;
  }

  /**
   * What this gives in the end, for tests that wait as production code would: {@code fake.await(queue.reserve(patiently))}. Time is moved
   * from one timer to the next, on this thread, until it is done; at most by a day. What waits for a thread and not for time is waited
   * for too.
   *
   * <p>A {@code join()} or {@code get()} in its place waits for ever if what it waits for needs time to pass: nobody else moves it.
   *
   * @throws java.util.concurrent.CompletionException if it fails, as {@code join()} does
   * @throws IllegalStateException if it is not done by then, which says why; or if called by a timer's task
   */
  public <T> T await(CompletionStage<T> stage) {
    return await(stage, DRAIN);
  }

  /** The same, with another bound of the time that may pass. */
  public <T> T await(CompletionStage<T> stage, Duration most) {
    CompletableFuture<T> future = stage.toCompletableFuture();
    long end = Deadline.after(time, most).remainingNanos() + time.nanos();
    while (!future.isDone() && time.nanos() < end && time.advanceToNext()) {
      // What is due runs in advanceToNext.
    }
    try {
      // Done by now, unless it waits for a thread.
      return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException stuck) {
      throw new IllegalStateException(
          "not done after "
              + most
              + " of virtual time and "
              + PATIENCE_SECONDS
              + " s of real time: it waits for a handler that does not end, for somebody else's call, or for nothing",
          stuck);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting", interrupted);
    } catch (ExecutionException failed) {
      throw new CompletionException(failed.getCause());
    }
  }

  /** Empties the engine, the journal and the plan. Time goes on from where it is; what reads or waits ends with an error. */
  public void reset() {
    faults.clear();
    engine.clear();
    journal.clear();
  }

  @Override
  public EventStream<byte[]> stream(String name) {
    return client.stream(name);
  }

  @Override
  public <T> EventStream<T> stream(String name, Codec<T> codec) {
    return client.stream(name, codec);
  }

  @Override
  public <T> StreamsConsumer<T> consumer(StreamSelection streams, Codec<T> codec, ConsumerOptions options) {
    return client.consumer(streams, codec, options);
  }

  @Override
  public JobQueue<byte[]> queue(String name) {
    return client.queue(name);
  }

  @Override
  public <T> JobQueue<T> queue(String name, Codec<T> codec) {
    return client.queue(name, codec);
  }

  @Override
  public KeyValueStore<byte[]> keyValue(String name) {
    return client.keyValue(name);
  }

  @Override
  public <T> KeyValueStore<T> keyValue(String name, Codec<T> codec) {
    return client.keyValue(name, codec);
  }

  @Override
  public Traces traces() {
    return client.traces();
  }

  @Override
  public Schemas schemas() {
    return client.schemas();
  }

  @Override
  public Access access() {
    return client.access();
  }

  @Override
  public Cluster cluster() {
    return client.cluster();
  }

  @Override
  public Admin admin() {
    return client.admin();
  }

  @Override
  public Health health() {
    return client.health();
  }

  @Override
  public CompletableFuture<Transaction> transaction(TransactionOptions options) {
    return client.transaction(options);
  }

  @Override
  public <R> CompletableFuture<R> inTransaction(
      TransactionOptions options, Function<? super Transaction, ? extends CompletionStage<R>> work) {
    return client.inTransaction(options, work);
  }

  @Override
  public Set<Capability> capabilities() {
    return client.capabilities();
  }

  @Override
  public ClientConfig config() {
    return client.config();
  }

  @Override
  public CompletableFuture<Void> closeAsync(Duration within) {
    return client.closeAsync(within).whenComplete((closed, error) -> end());
  }

  private void end() {
    engine.close();
    standstill.close();
  }

  /** Closes, and lets this much time pass for what drains. */
  @Override
  public void close(Duration within) {
    try {
      await(closeAsync(within));
    } catch (CompletionException failed) {
      throw failed.getCause() instanceof RuntimeException why ? why : failed;
    }
  }
}
