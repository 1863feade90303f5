package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.JobQueue;
import dev.tributary.KeyValueStore;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.Tributary;
import dev.tributary.admin.QueueConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.TributaryException;
import dev.tributary.queue.Job;
import dev.tributary.queue.NewJob;
import dev.tributary.stream.Event;
import dev.tributary.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.opentest4j.TestAbortedException;

/** What all suites share: the backend, a client of it, fresh resources, and waiting that never sleeps. */
@Timeout(120)
public abstract class Contract {
  /** Real time after which something that must happen has not happened: generous, because machines are busy. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Virtual time moves on at ten times the speed of real time while a test waits: no lease ends by a slow machine. */
  private static final Duration WAITING_STEP = Duration.ofMillis(10);

  /** Bytes that the codec of the suites cannot decode. */
  static final byte[] NOT_TEXT = {'b', 'a', 'd', (byte) 0xff};

  /** Goes on where no run before has been: a backend may keep what is left. */
  private static final AtomicLong NAMES = new AtomicLong(System.currentTimeMillis());

  private final List<Tributary> clients = new ArrayList<>();
  private Backend backend;
  private Tributary client;

  /** For suites. */
  protected Contract() {}

  /** Opens the backend under test; called before each test, which closes it. */
  protected abstract Backend open();

  @BeforeEach
  final void openBackend() {
    backend = open();
    client = connect();
  }

  @AfterEach
  final void closeBackend() {
    try {
      // Where time is virtual it passes faster than it does for a busy machine, which must not lack the time to close.
      Duration within = backend.time() instanceof VirtualTime ? Duration.ofMinutes(5) : Duration.ofSeconds(10);
      clients.forEach(each -> await(each.closeAsync(within)));
    } finally {
      backend.close();
    }
  }

  final Backend backend() {
    return backend;
  }

  /** The client that every test begins with. */
  final Tributary client() {
    return client;
  }

  final Tributary connect() {
    return connect(config -> config);
  }

  final Tributary connect(UnaryOperator<ClientConfig.Builder> changes) {
    Tributary made = backend.connect(changes);
    clients.add(made);
    return made;
  }

  /** Skips the case, visibly, if the backend lacks one of these. */
  final void requires(Capability... needed) {
    for (Capability capability : needed) {
      assumeTrue(client.capabilities().contains(capability), () -> backend.name() + " lacks " + capability);
    }
  }

  /** Skips the case if things come into being by being used. */
  final void requiresThatThingsMustBeCreated() {
    assumeFalse(backend.createsOnFirstUse(), () -> backend.name() + " creates what is used");
  }

  final boolean has(Capability capability) {
    return client.capabilities().contains(capability);
  }

  /** The result of something that needs no time to pass. */
  static <R> R get(CompletionStage<R> stage) {
    try {
      return stage.toCompletableFuture().get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException failed) {
      throw rethrow(failed.getCause());
    } catch (TimeoutException late) {
      throw new AssertionError("not completed after " + PATIENCE, late);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", interrupted);
    }
  }

  /** The result of something that needs time to pass. */
  final <R> R await(CompletionStage<R> stage) {
    CompletableFuture<R> future = stage.toCompletableFuture();
    await("completion", future::isDone);
    return get(future);
  }

  /** Lets time pass until this holds. */
  final void await(String what, BooleanSupplier holds) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError(what + ": not within " + PATIENCE);
      }
      if (backend.time() instanceof VirtualTime virtual) {
        virtual.advance(WAITING_STEP);
      }
      LockSupport.parkNanos(1_000_000);
      if (Thread.interrupted()) {
        throw new AssertionError("interrupted while waiting for " + what);
      }
    }
  }

  /**
   * Lets time pass in which the leases of these jobs are renewed. Where time is virtual it stands still until each renewal has its answer, which
   * comes over a real socket: a slow machine must not lose a lease.
   */
  final void passRenewing(Duration lease, Duration total, Collection<? extends Job<?>> jobs) {
    long end = backend.time().nanos() + total.toNanos();
    if (!(backend.time() instanceof VirtualTime virtual)) {
      await("the time of renewals", () -> backend.time().nanos() - end >= 0);
      return;
    }
    while (backend.time().nanos() - end < 0) {
      virtual.advance(lease.dividedBy(6));
      long patience = System.nanoTime() + PATIENCE.toNanos();
      // Each is renewed when a third of the lease is left.
      while (jobs.stream().anyMatch(job -> job.leaseEndsWithin(lease.dividedBy(3)))) {
        if (System.nanoTime() - patience > 0) {
          throw new AssertionError("the leases were not renewed within " + PATIENCE);
        }
        // Runs a timer that was set for a moment which has come meanwhile.
        virtual.advance(Duration.ZERO);
        LockSupport.parkNanos(1_000_000);
      }
    }
  }

  /** Lets this much time pass. */
  final void pass(Duration duration) {
    backend.advance(duration);
  }

  /** The error that this fails with: of this type, with a hint and the place it happened. */
  final <E extends TributaryException> E failure(Class<E> type, CompletionStage<?> stage) {
    try {
      Object result = await(stage);
      throw new AssertionError("expected " + type.getSimpleName() + " but it gave " + result);
    } catch (TributaryException error) {
      return checked(type, error);
    }
  }

  /** The error, after checking that it is of this type and says what it must. */
  static <E extends TributaryException> E checked(Class<E> type, @Nullable Throwable error) {
    assertThat(error).isInstanceOf(type);
    E known = type.cast(error);
    assertThat(known.hint()).as("hint of %s", known).isNotBlank();
    assertThat(known.operation()).as("operation of %s", known).isNotBlank();
    return known;
  }

  static RuntimeException rethrow(Throwable error) {
    if (error instanceof Error fatal) {
      throw fatal;
    }
    if (error instanceof TestAbortedException aborted) {
      throw aborted;
    }
    return error instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(error);
  }

  /** A name nobody has used. */
  static String fresh(String what) {
    return what + "-" + NAMES.incrementAndGet();
  }

  final EventStream<String> stream() {
    return stream(1);
  }

  final EventStream<String> stream(int partitions) {
    requires(Capability.STREAMS);
    String name = fresh("stream");
    backend.createStream(name, partitions);
    return client.stream(name, Codecs.text());
  }

  /** A queue whose jobs are redelivered a second after they failed, up to three times. */
  final JobQueue<String> queue() {
    return queue(RedeliveryPolicy.fixedBackoff(Duration.ofSeconds(1)));
  }

  final JobQueue<String> queue(RedeliveryPolicy policy) {
    return queue(QueueConfig.builder().redelivery(policy).build());
  }

  final JobQueue<String> queue(QueueConfig config) {
    requires(Capability.QUEUES);
    String name = fresh("queue");
    backend.createQueue(name, config);
    return client.queue(name, Codecs.text());
  }

  final KeyValueStore<String> store() {
    requires(Capability.KEY_VALUE);
    String name = fresh("store");
    backend.createKeyValue(name);
    return client.keyValue(name, Codecs.text());
  }

  /** The same stream through another client. */
  static EventStream<String> through(Tributary other, EventStream<?> stream) {
    return other.stream(stream.name().toString(), Codecs.text());
  }

  /** The same queue through another client. */
  static JobQueue<String> through(Tributary other, JobQueue<?> queue) {
    return other.queue(queue.name().toString(), Codecs.text());
  }

  /** {@code prefix-0}, {@code prefix-1} and so on. */
  static List<String> numbered(String prefix, int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> prefix + "-" + i).toList();
  }

  static List<Event<String>> events(List<String> values) {
    return values.stream().map(Event::of).toList();
  }

  static List<NewJob<String>> jobs(List<String> values) {
    return values.stream().map(NewJob::of).toList();
  }
}
