package dev.tributary.internal.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.Tributary;
import dev.tributary.codec.Codecs;
import dev.tributary.error.CloseTimeoutException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.NotFoundException;
import dev.tributary.internal.FakeTransport;
import dev.tributary.observe.Observation;
import dev.tributary.queue.JobHandler;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.Steps;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What users' code, transports and clocks can do to a worker, and what closing it does then. */
class WorkerFaultsTest {
  private final FakeTransport transport = new FakeTransport();
  private final FakeQueue backend = new FakeQueue(transport);

  private Worker start(WorkerOptions options, JobHandler<String> handler) {
    return transport.client().queue("q", Codecs.text()).worker(options, handler);
  }

  private static WorkerOptions.Builder options(int concurrency) {
    return WorkerOptions.builder().concurrency(concurrency);
  }

  private static CompletableFuture<Void> done() {
    return CompletableFuture.completedFuture(null);
  }

  private void advance(Duration by) {
    transport.time.advance(by);
  }

  // Executors.

  @Test
  void anExecutorThatThrowsOnceCostsNoSlot() {
    AtomicInteger calls = new AtomicInteger();
    Worker worker =
        start(
            options(2)
                .executor(
                    task -> {
                      if (calls.incrementAndGet() == 3) {
                        throw new StackOverflowError("once");
                      }
                      task.run();
                    })
                .build(),
            job -> done());
    backend.add(20);
    advance(Duration.ofMinutes(1));
    assertThat(worker.stats()).isEqualTo(new Worker.Stats(0, 19, 0, 0, 0, 0, 0));
    assertThat(backend.settled(Settlement.Kind.RELEASE)).hasSize(1);
  }

  @Test
  void noMoreIsTakenThanTheExecutorHasRoomFor() {
    backend.add(100);
    List<Runnable> room = new ArrayList<>();
    Worker worker =
        start(
            options(8)
                .executor(
                    task -> {
                      if (room.size() == 2) {
                        throw new RejectedExecutionException("full");
                      }
                      room.add(task);
                    })
                .build(),
            job -> done());
    int taken = backend.settled(Settlement.Kind.RELEASE).size();
    assertThat(taken).isEqualTo(6);
    advance(Duration.ofSeconds(60));
    assertThat(backend.settled(Settlement.Kind.RELEASE).size() - taken).as("asks less and less often").isBetween(20, 60);
    List<Runnable> first = List.copyOf(room);
    room.clear();
    first.forEach(Runnable::run);
    assertThat(worker.stats().acked()).isEqualTo(2);
    assertThat(room).hasSize(2);
    assertThat(worker.stats().running()).isEqualTo(2);
  }

  @Test
  void anExecutorThatRunsAJobAndThrowsThenHasRunIt() {
    backend.add(1);
    Worker worker =
        start(
            options(1)
                .executor(
                    task -> {
                      task.run();
                      throw new IllegalStateException("after all");
                    })
                .build(),
            job -> done());
    assertThat(worker.stats().acked()).isEqualTo(1);
    assertThat(backend.settled(Settlement.Kind.RELEASE)).isEmpty();
  }

  // Handlers and what is around them.

  @Test
  void whateverAHandlerThrowsIsAFailedAttempt() {
    backend.add(3);
    List<Throwable> thrown = List.of(new StackOverflowError(), new InterruptedException(), new Nameless());
    AtomicInteger next = new AtomicInteger();
    Worker worker =
        start(
            options(1).build(),
            job -> {
              throw sneaky(thrown.get(next.getAndIncrement()));
            });
    assertThat(Thread.interrupted()).isTrue();
    assertThat(worker.stats()).isEqualTo(new Worker.Stats(0, 0, 3, 0, 0, 3, 0));
  }

  private static final class Nameless extends RuntimeException {
    @Override
    public String toString() {
      throw new IllegalStateException("no name");
    }
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> RuntimeException sneaky(Throwable thrown) throws E {
    throw (E) thrown;
  }

  @Test
  void aBackoffMayThrowAnything() {
    backend.add(1);
    Worker worker =
        start(
            options(1)
                .backoff(
                    (attempt, failure) -> {
                      throw new StackOverflowError();
                    })
                .build(),
            job -> CompletableFuture.failedFuture(new IllegalStateException()));
    assertThat(worker.stats().nacked()).isEqualTo(1);
  }

  @Test
  void anInstrumentationMayThrowWhenAHandlerIsThrough() {
    backend.add(2);
    Tributary client =
        transport.client(
            transport
                .config()
                .instrumentation(
                    operation ->
                        new Observation() {
                          @Override
                          public void end(Throwable error) {
                            throw new IllegalStateException("end of " + operation.name());
                          }
                        })
                .build());
    Worker worker = client.queue("q", Codecs.text()).worker(options(1).build(), job -> done());
    assertThat(backend.ids(Settlement.Kind.ACK)).containsExactly("job-0", "job-1");
    assertThat(worker.stats().running()).isZero();
  }

  // Transports.

  @Test
  void aTransportThatThrowsIsWaitedOutOrEndsIt() {
    backend.nextReceives.add(
        () -> {
          throw new StackOverflowError();
        });
    Worker worker = start(options(1).build(), job -> done());
    assertThat(worker.ended()).isCompletedExceptionally();
  }

  @Test
  void aTransportThatThrowsWhileSettlingFailsThatSettlement() {
    backend.add(2);
    backend.nextSettles.add(
        settlements -> {
          throw new StackOverflowError();
        });
    Worker worker = start(options(1).build(), job -> done());
    assertThat(worker.stats()).isEqualTo(new Worker.Stats(0, 1, 0, 0, 0, 0, 0));
  }

  @Test
  void manySettlementsThatFailAtOnceAreOneWarningWithoutAStack() {
    java.util.logging.Logger logger = java.util.logging.Logger.getLogger("dev.tributary.worker");
    List<java.util.logging.LogRecord> warnings = new ArrayList<>();
    java.util.logging.Handler recorder =
        new java.util.logging.Handler() {
          @Override
          public void publish(java.util.logging.LogRecord record) {
            warnings.add(record);
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    java.util.logging.Level before = logger.getLevel();
    logger.setLevel(java.util.logging.Level.WARNING);
    logger.addHandler(recorder);
    try {
      backend.add(64);
      for (int i = 0; i < 64; i++) {
        backend.nextSettles.add(
            settlements -> CompletableFuture.failedFuture(new NotFoundException(ErrorInfo.of("gone", ""))));
      }
      start(options(64).build(), job -> done());
    } finally {
      logger.removeHandler(recorder);
      logger.setLevel(before);
    }
    assertThat(warnings).singleElement().satisfies(warning -> assertThat(warning.getThrown()).isNull());
    assertThat(warnings.get(0).getMessage()).contains("job-0", "gone");
  }

  @Test
  void aWorkerThatCouldNotStartLeavesNothingBehind() {
    FakeQueue broken = new FakePush(transport);
    assertThat(broken.untouched()).isTrue();
    Tributary client = transport.client();
    assertThatThrownBy(() -> client.queue("q", Codecs.text()).worker(options(1).build(), job -> done()))
        .hasRootCauseMessage("cannot open");
    assertThat(client.closeAsync()).isCompleted();
  }

  private static final class FakePush extends FakeQueue implements dev.tributary.spi.PushQueueTransport {
    FakePush(FakeTransport transport) {
      super(transport);
    }

    @Override
    public FakePush ofPartitions(java.util.Set<Integer> partitions) {
      return this;
    }

    @Override
    public dev.tributary.spi.Source open(
        dev.tributary.ResourceName queue, Duration lease, dev.tributary.spi.SourceObserver<LeasedJob> observer) {
      throw new IllegalStateException("cannot open");
    }
  }

  // Closing.

  @Test
  void closingHasABoundWhateverSettlementsDo() {
    backend.add(2);
    backend.nextSettles.add(settlements -> new CompletableFuture<>());
    Worker worker = start(options(2).drainTimeout(Duration.ofSeconds(1)).build(), job -> job.id().equals("job-0") ? done() : new CompletableFuture<>());
    CompletableFuture<Void> closed = worker.closeAsync(Duration.ofSeconds(3));
    advance(Duration.ofMillis(2_999));
    assertThat(closed).isNotDone();
    advance(Duration.ofMillis(1));
    CloseTimeoutException late = late(closed);
    assertThat(late.count()).isEqualTo(2);
    assertThat(late.unfinished()).allMatch(name -> name.contains("job-"));
    assertThat(worker.ended()).isCompleted();
    assertThat(worker.stats().running()).isZero();
    assertThat(late(worker.closeAsync())).isEqualTo(late);
    int before = backend.settled(Settlement.Kind.EXTEND).size();
    advance(Duration.ofHours(1));
    assertThat(backend.settled(Settlement.Kind.EXTEND)).hasSize(before);
  }

  private static CloseTimeoutException late(CompletableFuture<?> closed) {
    assertThat(closed).isCompletedExceptionally();
    Throwable error = Steps.unwrap(closed.handle((done, thrown) -> thrown).join());
    assertThat(error).isInstanceOf(CloseTimeoutException.class);
    return (CloseTimeoutException) error;
  }

  @Test
  void aShorterSecondCloseHasItsOwnBound() {
    backend.add(1);
    Worker worker = start(options(1).build(), job -> new CompletableFuture<>());
    CompletableFuture<Void> patient = worker.closeAsync(Duration.ofMinutes(5));
    advance(Duration.ofSeconds(1));
    assertThat(patient).isNotDone();
    CompletableFuture<Void> hasty = worker.closeAsync(Duration.ofSeconds(2));
    advance(Duration.ofSeconds(2));
    assertThat(hasty).isDone();
    assertThat(patient).isDone();
  }

  @Test
  void mostOfTheTimeIsForHandlersAndTheRestForGivingBack() {
    backend.add(1);
    Worker worker = start(options(1).lease(Duration.ofMinutes(10)).build(), job -> new CompletableFuture<>());
    CompletableFuture<Void> closed = worker.closeAsync(Duration.ofSeconds(100));
    advance(Duration.ofSeconds(79));
    assertThat(closed).isNotDone();
    assertThat(backend.settles).isEmpty();
    advance(Duration.ofSeconds(1));
    assertThat(closed).isCompleted();
    assertThat(backend.ids(Settlement.Kind.RELEASE)).containsExactly("job-0");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void closingFromWithinAHandlerDoesNotWaitForIt(boolean client) {
    backend.add(1);
    Tributary tributary = transport.client();
    List<Worker> worker = new ArrayList<>();
    List<CompletableFuture<Void>> closed = new ArrayList<>();
    CompletableFuture<Void> handled = new CompletableFuture<>();
    List<Runnable> executor = new ArrayList<>();
    worker.add(
        tributary
            .queue("q", Codecs.text())
            .worker(
                options(1).executor(executor::add).build(),
                job -> {
                  closed.add(client ? tributary.closeAsync() : worker.get(0).closeAsync());
                  assertThat(closed.get(0)).isCompleted();
                  return handled;
                }));
    executor.get(0).run();
    assertThat(closed).singleElement().satisfies(each -> assertThat(each).isCompleted());
    handled.complete(null);
    assertThat(backend.ids(Settlement.Kind.ACK)).hasSize(client ? 0 : 1);
  }

  @Test
  void aWorkerWhoseClientClosesEndsWell() {
    Tributary client = transport.client();
    Worker worker = client.queue("q", Codecs.text()).worker(options(3).build(), job -> done());
    assertThat(client.closeAsync()).isCompleted();
    assertThat(worker.ended()).isCompleted();
    assertThat(worker.ended().isCompletedExceptionally()).isFalse();
  }

  // Threads.

  @Test
  void handlersMayBlockAllAtOnceWithoutAnOption() throws Exception {
    backend.add(8);
    CountDownLatch all = new CountDownLatch(8);
    CountDownLatch go = new CountDownLatch(1);
    ExecutorService callbacks = Executors.newSingleThreadExecutor();
    try {
      Tributary client = transport.client(transport.config().callbackExecutor(callbacks).build());
      Worker worker =
          client
              .queue("q", Codecs.text())
              .worker(
                  options(8).lease(Duration.ofSeconds(3)).build(),
                  job -> {
                    all.countDown();
                    go.await();
                    return done();
                  });
      assertThat(all.await(20, TimeUnit.SECONDS)).isTrue();
      // A callback of the user's holds the only thread there is.
      callbacks.execute(
          () -> {
            try {
              go.await();
            } catch (InterruptedException interrupted) {
              Thread.currentThread().interrupt();
            }
          });
      advance(Duration.ofSeconds(8));
      assertThat(backend.settled(Settlement.Kind.EXTEND)).hasSizeGreaterThanOrEqualTo(24);
      go.countDown();
      worker.close();
      assertThat(worker.stats()).isEqualTo(new Worker.Stats(0, 8, 0, 0, 0, 0, 0));
    } finally {
      callbacks.shutdown();
    }
  }
}
