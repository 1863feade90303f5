package dev.tributary.internal.queue;

import static dev.tributary.internal.queue.EnqueueTest.broken;
import static dev.tributary.internal.queue.EnqueueTest.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.Capability;
import dev.tributary.Outcome;
import dev.tributary.SubscriptionState;
import dev.tributary.Tributary;
import dev.tributary.codec.Codec;
import dev.tributary.codec.Codecs;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.NotFoundException;
import dev.tributary.internal.FakeTransport;
import dev.tributary.observe.Observation;
import dev.tributary.observe.Operation;
import dev.tributary.queue.Job;
import dev.tributary.queue.JobHandler;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Settlement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class WorkerTest {
  private final FakeTransport transport = new FakeTransport();
  private final FakeQueue backend = new FakeQueue(transport);
  private final Map<String, CompletableFuture<Object>> running = new LinkedHashMap<>();
  private final List<Job<String>> jobs = new ArrayList<>();
  private final List<SubscriptionState> states = new ArrayList<>();

  private Worker start(WorkerOptions options, JobHandler<String> handler) {
    return transport.client().queue("q", Codecs.text()).worker(options, handler);
  }

  private Worker start(WorkerOptions options) {
    return start(options, this::hold);
  }

  /** A handler that runs until the test ends it. */
  private CompletableFuture<Object> hold(Job<String> job) {
    CompletableFuture<Object> handled = new CompletableFuture<>();
    running.put(job.id(), handled);
    jobs.add(job);
    return handled;
  }

  private static WorkerOptions.Builder options(int concurrency) {
    return WorkerOptions.builder().concurrency(concurrency);
  }

  private void advance(Duration by) {
    transport.time.advance(by);
  }

  private static LeaseLostException lost() {
    return new LeaseLostException(ErrorInfo.of("not yours", ""));
  }

  @Test
  void acksWhatSucceeds() {
    backend.add(10);
    Worker worker = start(options(3).build(), job -> CompletableFuture.completedFuture(null));
    assertThat(backend.ids(Settlement.Kind.ACK)).hasSize(10).doesNotHaveDuplicates();
    assertThat(worker.stats()).isEqualTo(new Worker.Stats(0, 10, 0, 0, 0, 0, 0));
    assertThat(worker.state()).isEqualTo(SubscriptionState.LIVE);
  }

  @Test
  void neverLeasesMoreThanItsConcurrency() {
    backend.add(100);
    Worker worker = start(options(4).build());
    assertThat(running).hasSize(4);
    assertThat(worker.stats().running()).isEqualTo(4);
    running.get("job-0").complete(null);
    running.get("job-2").complete(null);
    assertThat(running).hasSize(6);
    assertThat(backend.mostLeased).isEqualTo(4);
    assertThat(backend.receives.get(0).max()).isEqualTo(4);
  }

  @Test
  void aSlotIsFreeOnlyWhenTheSettlementIsConfirmed() {
    backend.add(2);
    CompletableFuture<List<Outcome<Settlement.Result>>> ack = new CompletableFuture<>();
    backend.nextSettles.add(settlements -> ack);
    start(options(1).build());
    running.get("job-0").complete(null);
    assertThat(running).hasSize(1);
    ack.complete(backend.done(backend.settles.get(0)));
    assertThat(running).hasSize(2);
  }

  @Test
  void freeSlotsAreFilledTogether() {
    backend.add(8);
    CompletableFuture<List<Outcome<Settlement.Result>>> first = new CompletableFuture<>();
    backend.nextSettles.add(settlements -> first);
    start(options(8).build());
    running.values().forEach(handled -> handled.complete(null));
    CompletableFuture<List<dev.tributary.spi.LeasedJob>> poll = new CompletableFuture<>();
    backend.nextReceives.add(() -> poll);
    first.complete(backend.done(backend.settles.get(0)));
    poll.complete(List.of());
    advance(Duration.ofSeconds(1));
    assertThat(backend.receives.get(backend.receives.size() - 1).max()).isEqualTo(8);
  }

  @Test
  void nacksWhatFailsByThePolicy() {
    backend.add(3);
    Worker worker =
        start(
            options(3).build(),
            job ->
                switch (job.value()) {
                  case "job-0" -> throw new IllegalStateException("thrown");
                  case "job-1" -> CompletableFuture.failedFuture(new IllegalStateException("failed"));
                  default -> null;
                });
    List<Settlement> nacks = backend.settled(Settlement.Kind.NACK);
    assertThat(nacks).extracting(Settlement::duration).containsOnlyNulls().hasSize(3);
    assertThat(nacks.get(0).reason()).contains("thrown");
    assertThat(nacks.get(1).reason()).contains("failed");
    assertThat(nacks.get(2).reason()).contains("returned null");
    assertThat(worker.stats().nacked()).isEqualTo(3);
  }

  @Test
  void nacksByTheWorkersBackoffWithinBounds() {
    backend.add(4);
    start(
        options(4)
            .backoff(
                (attempt, failure) ->
                    switch (failure.getMessage()) {
                      case "job-0" -> Duration.ofSeconds(attempt * 7L);
                      case "job-1" -> Duration.ofDays(1);
                      case "job-2" -> Duration.ofSeconds(-1);
                      default -> throw new IllegalStateException("no backoff");
                    })
            .build(),
        job -> CompletableFuture.failedFuture(new IllegalStateException(job.value())));
    assertThat(backend.settled(Settlement.Kind.NACK))
        .extracting(Settlement::duration)
        .containsExactly(Duration.ofSeconds(7), Duration.ofHours(1), Duration.ZERO, null);
  }

  @Test
  void aLongReasonIsCut() {
    backend.add(1);
    start(options(1).build(), job -> CompletableFuture.failedFuture(new IllegalStateException("x".repeat(100_000))));
    assertThat(backend.settled(Settlement.Kind.NACK).get(0).reason()).hasSize(1_000);
  }

  @Test
  void aHandlerThatSettlesHasTheLastWord() {
    backend.add(3);
    Worker worker =
        start(
            options(3).build(),
            job ->
                switch (job.value()) {
                  case "job-0" -> job.reject("never").thenApply(done -> null);
                  case "job-1" -> {
                    job.ack();
                    yield CompletableFuture.failedFuture(new IllegalStateException("too late"));
                  }
                  default -> {
                    job.nack(Duration.ofSeconds(9));
                    yield CompletableFuture.completedFuture(null);
                  }
                });
    assertThat(backend.settles).hasSize(3);
    assertThat(worker.stats()).isEqualTo(new Worker.Stats(0, 1, 1, 1, 0, 1, 1));
  }

  @Test
  void aSettlementOfTheHandlerThatFailedIsNoSettlement() {
    backend.add(1);
    backend.nextSettles.add(settlements -> CompletableFuture.failedFuture(broken(true)));
    Worker worker = start(options(1).build(), job -> job.nack(Duration.ofSeconds(9)));
    assertThat(backend.settles).hasSize(2);
    assertThat(worker.stats().nacked()).isEqualTo(1);
  }

  @Test
  void aLostLeaseIsCountedAndTheWorkerGoesOn() {
    backend.add(2);
    backend.nextSettles.add(settlements -> CompletableFuture.completedFuture(List.of(Outcome.failed(lost()))));
    Worker worker = start(options(1).build(), job -> CompletableFuture.completedFuture(null));
    assertThat(worker.stats()).isEqualTo(new Worker.Stats(0, 1, 0, 0, 1, 0, 0));
  }

  @Test
  void aSettlementThatFailsForGoodFreesItsSlot() {
    backend.add(2);
    backend.nextSettles.add(settlements -> CompletableFuture.failedFuture(new NotFoundException(ErrorInfo.of("gone", ""))));
    Worker worker = start(options(1).build(), job -> CompletableFuture.completedFuture(null));
    assertThat(worker.stats()).isEqualTo(new Worker.Stats(0, 1, 0, 0, 0, 0, 0));
  }

  @Test
  void renewsAThirdOfTheLeaseBeforeItsEndUntilSettled() {
    backend.add(1);
    start(options(1).lease(Duration.ofSeconds(30)).build());
    advance(Duration.ofSeconds(19));
    assertThat(backend.settles).isEmpty();
    advance(Duration.ofSeconds(1));
    assertThat(backend.settled(Settlement.Kind.EXTEND)).extracting(Settlement::duration).containsExactly(Duration.ofSeconds(30));
    advance(Duration.ofSeconds(40));
    assertThat(backend.settled(Settlement.Kind.EXTEND)).hasSize(3);
    running.get("job-0").complete(null);
    advance(Duration.ofMinutes(10));
    assertThat(backend.settled(Settlement.Kind.EXTEND)).hasSize(3);
  }

  @Test
  void renewsJobsTogether() {
    backend.add(50);
    start(options(50).lease(Duration.ofSeconds(30)).build());
    int timers = transport.time.waiting();
    assertThat(timers).as("one for renewal, not one for each job").isLessThan(5);
    advance(Duration.ofSeconds(20));
    assertThat(backend.settles.stream().flatMap(List::stream)).hasSize(50);
  }

  @Test
  void aTimerIsNotSetAnewForEveryJobThatIsSettled() {
    Duration lease = Duration.ofMinutes(30);
    start(options(10).lease(lease).build());
    for (int i = 0; i < 10; i++) {
      backend.add(1);
      advance(Duration.ofSeconds(1));
    }
    for (int i = 0; i < 9; i++) {
      running.get("job-" + i).complete(null);
    }
    assertThat(transport.time.delays()).as("other timers are shorter").filteredOn(delay -> delay.toMinutes() > 10).hasSize(1);

    advance(lease);
    assertThat(backend.settled(Settlement.Kind.EXTEND)).as("the last one is renewed all the same").hasSize(1);
  }

  @Test
  void renewalEndsAtItsCap() {
    backend.add(1);
    start(options(1).lease(Duration.ofSeconds(30)).renewal(Duration.ofSeconds(75)).build());
    advance(Duration.ofMinutes(10));
    // At 20 s to 50 s, at 40 s to 70 s, at 60 s to the cap of 75 s.
    assertThat(backend.settled(Settlement.Kind.EXTEND))
        .extracting(Settlement::duration)
        .containsExactly(Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofSeconds(15));
    assertThat(running).as("it keeps its slot").hasSize(1);
  }

  @Test
  void extensionsThatAreNumberedAreTwiceAsLongEachTime() {
    transport.limits = FakeTransport.extensions(4);
    backend.add(1);
    start(options(1).lease(Duration.ofSeconds(30)).build());
    advance(Duration.ofHours(1));
    assertThat(backend.settled(Settlement.Kind.EXTEND))
        .extracting(s -> s.duration().toSeconds())
        .containsExactly(30L, 60L, 120L, 240L);
    running.get("job-0").complete(null);
    assertThat(backend.ids(Settlement.Kind.ACK)).as("the lease was not given up").containsExactly("job-0");
  }

  @Test
  void anExtensionThatFellShortIsFollowedByTheNextInTime() {
    transport.limits = FakeTransport.extensions(4);
    backend.add(1);
    backend.nextSettles.add(
        settlements ->
            CompletableFuture.completedFuture(
                List.of(Outcome.of(new Settlement.Result(false, Deadline.after(transport.time, Duration.ofSeconds(15)))))));
    start(options(1).lease(Duration.ofSeconds(30)).build());
    advance(Duration.ofSeconds(20));
    assertThat(backend.settled(Settlement.Kind.EXTEND)).hasSize(1);
    advance(Duration.ofSeconds(5));
    assertThat(backend.settled(Settlement.Kind.EXTEND)).as("a third of a lease before its end at 35 s").hasSize(2);
  }

  @Test
  void aRefusedExtensionIsNoLostLeaseWhereExtensionsAreCounted() {
    transport.limits = FakeTransport.extensions(4);
    backend.add(1);
    backend.nextSettles.add(
        settlements -> CompletableFuture.completedFuture(List.of(Outcome.failed(new LeaseLostException(ErrorInfo.of("no more", ""))))));
    Worker worker = start(options(1).lease(Duration.ofSeconds(30)).build());
    advance(Duration.ofSeconds(25));
    running.get("job-0").complete(null);
    assertThat(backend.ids(Settlement.Kind.ACK)).containsExactly("job-0");
    assertThat(worker.stats()).isEqualTo(new Worker.Stats(0, 1, 0, 0, 0, 0, 0));
  }

  @Test
  void doesNotRenewIfNotWantedOrNotPossible() {
    backend.add(1);
    start(options(1).withoutRenewal().build());
    transport.capabilities.remove(Capability.LEASE_EXTENSION);
    backend.add(1);
    start(options(1).build());
    advance(Duration.ofMinutes(10));
    assertThat(backend.settles).isEmpty();
  }

  @Test
  void aRenewalThatFailsIsTriedAgainWhileThereIsALease() {
    transport.limits = FakeTransport.limits(10, Duration.ZERO);
    backend.add(1);
    for (int i = 0; i < 5; i++) {
      backend.nextSettles.add(settlements -> CompletableFuture.failedFuture(new NotFoundException(ErrorInfo.of("?", ""))));
    }
    start(options(1).lease(Duration.ofSeconds(30)).build());
    advance(Duration.ofSeconds(29));
    assertThat(backend.settled(Settlement.Kind.EXTEND)).hasSize(4);
    advance(Duration.ofMinutes(5));
    assertThat(backend.settled(Settlement.Kind.EXTEND)).hasSize(4);
  }

  @Test
  void aLeaseLostInRenewalIsCountedOnceAndNotSettled() {
    backend.add(1);
    backend.nextSettles.add(settlements -> CompletableFuture.completedFuture(List.of(Outcome.failed(lost()))));
    Worker worker = start(options(1).build());
    advance(Duration.ofSeconds(20));
    assertThat(worker.stats().leasesLost()).isEqualTo(1);
    running.get("job-0").complete(null);
    assertThat(worker.stats()).isEqualTo(new Worker.Stats(0, 0, 0, 0, 1, 0, 0));
    assertThat(backend.settles).hasSize(1);
    advance(Duration.ofMinutes(5));
    assertThat(backend.settles).hasSize(1);
  }

  @Test
  void closingWaitsForRunningHandlers() {
    backend.add(2);
    Worker worker = start(options(1).onState(states::add).build());
    CompletableFuture<Void> closed = worker.closeAsync();
    advance(Duration.ofSeconds(5));
    assertThat(closed).isNotDone();
    running.get("job-0").complete(null);
    assertThat(closed).isCompleted();
    assertThat(worker.ended()).isCompleted();
    assertThat(backend.ids(Settlement.Kind.ACK)).containsExactly("job-0");
    assertThat(running).as("takes no more").hasSize(1);
    assertThat(states).containsExactly(SubscriptionState.LIVE, SubscriptionState.CLOSED);
    assertThat(worker.closeAsync()).isCompleted();
  }

  @Test
  void whatStillRunsAfterTheDrainTimeoutIsReleased() {
    backend.add(2);
    Worker worker = start(options(2).drainTimeout(Duration.ofSeconds(5)).build());
    CompletableFuture<Void> closed = worker.closeAsync();
    advance(Duration.ofSeconds(5));
    assertThat(closed).isCompleted();
    assertThat(backend.ids(Settlement.Kind.RELEASE)).containsExactlyInAnyOrder("job-0", "job-1");
    assertThat(worker.stats().nacked()).isZero();
    running.get("job-0").complete(null);
    assertThat(backend.settles.stream().flatMap(List::stream)).hasSize(2);
  }

  @Test
  void closingWithoutATaskEndsAtOnce() {
    Worker worker = start(options(2).build());
    assertThat(worker.closeAsync()).isCompleted();
    int asked = backend.receives.size();
    advance(Duration.ofMinutes(1));
    assertThat(backend.receives).hasSize(asked);
  }

  @Test
  void jobsThatWereNotBegunAreGivenBackOnClose() {
    backend.add(2);
    ArrayDeque<Runnable> executor = new ArrayDeque<>();
    Worker worker = start(options(2).executor(executor::add).build());
    CompletableFuture<Void> closed = worker.closeAsync();
    executor.forEach(Runnable::run);
    assertThat(closed).isCompleted();
    assertThat(running).isEmpty();
    assertThat(backend.ids(Settlement.Kind.RELEASE)).containsExactlyInAnyOrder("job-0", "job-1");
  }

  @Test
  void anExecutorThatRefusesIsNoAttempt() {
    backend.add(1);
    start(
        options(1)
            .executor(
                task -> {
                  throw new RejectedExecutionException("full");
                })
            .build());
    assertThat(backend.settled(Settlement.Kind.RELEASE)).hasSize(1);
  }

  @Test
  void closingTheClientDrainsTheWorker() {
    backend.add(1);
    Tributary client = transport.client();
    Worker worker = client.queue("q", Codecs.text()).worker(options(1).build(), this::hold);
    CompletableFuture<Void> closed = client.closeAsync();
    assertThat(closed).isNotDone();
    assertThat(transport.closed).isFalse();
    running.get("job-0").complete(null);
    assertThat(closed).isCompleted();
    assertThat(transport.closed).isTrue();
    assertThat(worker.state()).isEqualTo(SubscriptionState.CLOSED);
    assertThatThrownBy(() -> client.queue("q").worker(options(1).build(), job -> null)).isInstanceOf(ClientClosedException.class);
  }

  @Test
  void passingFaultsAreWaitedOut() {
    for (int i = 0; i < 3; i++) {
      backend.nextReceives.add(() -> CompletableFuture.failedFuture(broken(true)));
    }
    Worker worker = start(options(1).onState(states::add).build());
    assertThat(worker.state()).isEqualTo(SubscriptionState.RECONNECTING);
    backend.add(1);
    advance(Duration.ofSeconds(10));
    assertThat(running).hasSize(1);
    assertThat(states).containsExactly(SubscriptionState.RECONNECTING, SubscriptionState.LIVE);
  }

  @Test
  void otherFaultsEndIt() {
    backend.add(1);
    Worker worker = start(options(2).build());
    backend.nextReceives.add(() -> CompletableFuture.failedFuture(new NotFoundException(ErrorInfo.of("no such queue", ""))));
    advance(Duration.ofSeconds(5));
    assertThat(worker.ended()).as("there is a handler yet").isNotDone();
    running.get("job-0").complete(null);
    assertThat(failure(worker.ended())).isInstanceOf(NotFoundException.class);
    assertThat(worker.state()).isEqualTo(SubscriptionState.CLOSED);
    assertThat(worker.closeAsync()).isCompleted();
    assertThat(backend.ids(Settlement.Kind.ACK)).containsExactly("job-0");
  }

  @Test
  void jobsThatArriveWhileItClosesAreGivenBack() {
    CompletableFuture<List<dev.tributary.spi.LeasedJob>> poll =
        new CompletableFuture<>() {
          @Override
          public boolean cancel(boolean mayInterrupt) {
            return false;
          }
        };
    backend.nextReceives.add(() -> poll);
    Worker worker = start(options(1).build());
    worker.closeAsync();
    poll.complete(List.of(backend.job("late")));
    assertThat(backend.ids(Settlement.Kind.RELEASE)).containsExactly("late");
    assertThat(running).isEmpty();
  }

  @Test
  void whatCannotBeDecodedBecomesADeadLetter() {
    backend.add(2);
    Codec<String> picky =
        new Codec<>() {
          @Override
          public byte[] encode(String value) {
            return value.getBytes(java.nio.charset.StandardCharsets.UTF_8);
          }

          @Override
          public String decode(byte[] bytes) {
            String text = new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
            if (text.equals("job-0")) {
              throw new IllegalStateException("not for me");
            }
            return text;
          }
        };
    Worker worker = transport.client().queue("q", picky).worker(options(1).build(), job -> CompletableFuture.completedFuture(null));
    assertThat(backend.settled(Settlement.Kind.REJECT)).extracting(Settlement::reason).singleElement().asString().contains("not for me");
    assertThat(worker.stats()).isEqualTo(new Worker.Stats(0, 1, 0, 1, 0, 0, 1));
  }

  @Test
  void wrongOptionsAreRefused() {
    assertThatThrownBy(() -> start(options(1).lease(Duration.ofHours(2)).build())).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> start(null)).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> start(options(1).build(), null)).isInstanceOf(InvalidRequestException.class);
    assertThat(backend.untouched()).isTrue();
  }

  @Test
  void operationsAreObserved() {
    backend.add(1);
    List<Operation> seen = new ArrayList<>();
    List<String> scope = new ArrayList<>();
    Tributary client =
        transport.client(
            transport
                .config()
                .instrumentation(
                    operation -> {
                      seen.add(operation);
                      return new Observation() {
                        @Override
                        public void end(Throwable error) {
                          scope.add("end " + operation.name());
                        }

                        @Override
                        public Scope makeCurrent() {
                          scope.add("in " + operation.name());
                          return () -> scope.add("out " + operation.name());
                        }
                      };
                    })
                .build());
    client
        .queue("q", Codecs.text())
        .worker(
            options(1).build(),
            job -> {
              scope.add("handler");
              return CompletableFuture.completedFuture(null);
            });
    assertThat(seen)
        .extracting(Operation::kind)
        .containsExactly(Operation.Kind.RECEIVE, Operation.Kind.PROCESS, Operation.Kind.SETTLE);
    assertThat(seen).allMatch(operation -> "job-0".equals(operation.messageId()) && operation.linked().size() == 1);
    assertThat(scope).containsSubsequence("end receive", "in process", "handler", "out process");
    assertThat(scope).contains("end process", "end ack");
  }

  @RepeatedTest(20)
  void onManyThreadsEveryJobIsHandledOnceAndTheBoundHolds() throws Exception {
    int count = 500;
    backend.add(count);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      Tributary client = transport.client(transport.config().callbackExecutor(threads).build());
      Set<String> handled = ConcurrentHashMap.newKeySet();
      AtomicInteger inside = new AtomicInteger();
      AtomicInteger most = new AtomicInteger();
      CountDownLatch all = new CountDownLatch(count);
      Worker worker =
          client
              .queue("q", Codecs.text())
              .worker(
                  options(3).build(),
                  job -> {
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    handled.add(job.id());
                    return CompletableFuture.runAsync(
                        () -> {
                          inside.decrementAndGet();
                          all.countDown();
                        },
                        threads);
                  });
      assertThat(all.await(20, TimeUnit.SECONDS)).isTrue();
      worker.close();
      assertThat(handled).hasSize(count);
      assertThat(most.get()).isLessThanOrEqualTo(3);
      assertThat(backend.mostLeased).isLessThanOrEqualTo(3);
      assertThat(backend.ids(Settlement.Kind.ACK)).hasSize(count).doesNotHaveDuplicates();
      assertThat(worker.stats()).isEqualTo(new Worker.Stats(0, count, 0, 0, 0, 0, 0));
    } finally {
      threads.shutdown();
    }
  }
}
