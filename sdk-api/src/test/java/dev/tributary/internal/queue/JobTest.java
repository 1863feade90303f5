package dev.tributary.internal.queue;

import static dev.tributary.internal.queue.EnqueueTest.broken;
import static dev.tributary.internal.queue.EnqueueTest.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.JobQueue;
import dev.tributary.Outcome;
import dev.tributary.codec.Codecs;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.internal.FakeTransport;
import dev.tributary.queue.Job;
import dev.tributary.queue.NackOutcome;
import dev.tributary.spi.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class JobTest {
  private final FakeTransport transport = new FakeTransport();
  private final FakeQueue backend = new FakeQueue(transport);

  private List<Job<String>> take(int count) {
    backend.add(count);
    JobQueue<String> queue = transport.client().queue("q", Codecs.text());
    return queue.receive(count).join();
  }

  private Job<String> take() {
    return take(1).get(0);
  }

  private static LeaseLostException lost() {
    return new LeaseLostException(ErrorInfo.of("not yours", ""));
  }

  private void nextSettle(TributaryException error) {
    backend.nextSettles.add(settlements -> CompletableFuture.completedFuture(List.of(Outcome.failed(error))));
  }

  @Test
  void everyVerbReachesTheBackendAsItIs() {
    List<Job<String>> jobs = take(4);
    jobs.get(0).ack().join();
    assertThat(jobs.get(1).nack().join()).isEqualTo(NackOutcome.REQUEUED);
    jobs.get(2).nack(Duration.ofMillis(1), "because").join();
    jobs.get(3).reject("never").join();
    assertThat(backend.settles).extracting(batch -> batch.get(0).kind()).containsExactly(
        Settlement.Kind.ACK, Settlement.Kind.NACK, Settlement.Kind.NACK, Settlement.Kind.REJECT);
    assertThat(backend.settles.get(1).get(0).duration()).as("the policy's backoff").isNull();
    assertThat(backend.settles.get(2).get(0).duration()).isEqualTo(Duration.ofSeconds(1));
    assertThat(backend.settles.get(2).get(0).reason()).isEqualTo("because");
    assertThat(backend.settles.get(3).get(0).reason()).isEqualTo("never");
  }

  @Test
  void aNackSaysIfItWasTheLastAttempt() {
    Job<String> job = take();
    backend.nextSettles.add(
        settlements -> CompletableFuture.completedFuture(List.of(Outcome.of(new Settlement.Result(true, null)))));
    assertThat(job.nack(Duration.ZERO).join()).isEqualTo(NackOutcome.DEAD_LETTERED);
  }

  @Test
  void theSameVerbAgainIsTheSameFuture() {
    Job<String> job = take();
    CompletableFuture<Void> first = job.ack();
    assertThat(job.ack()).isSameAs(first);
    assertThat(backend.settles).hasSize(1);
  }

  @Test
  void anotherVerbIsALostLease() {
    Job<String> job = take();
    job.ack().join();
    for (CompletableFuture<?> call : List.of(job.nack(), job.reject("no"), job.extend(Duration.ofSeconds(5)))) {
      assertThat(failure(call)).isInstanceOf(LeaseLostException.class);
    }
    assertThat(backend.settles).hasSize(1);
  }

  @Test
  void aLostLeaseIsFinal() {
    Job<String> job = take();
    nextSettle(lost());
    CompletableFuture<Void> ack = job.ack();
    assertThat(failure(ack)).isInstanceOf(LeaseLostException.class);
    assertThat(job.ack()).isSameAs(ack);
    assertThat(failure(job.nack())).isInstanceOf(LeaseLostException.class);
    assertThat(backend.settles).hasSize(1);
  }

  @Test
  void aSettlementThatFailedOtherwiseMayBeTriedAgain() {
    Job<String> job = take();
    backend.nextSettles.add(settlements -> CompletableFuture.failedFuture(broken(true)));
    CompletableFuture<NackOutcome> nack = job.nack();
    assertThat(failure(nack).maybeApplied()).isTrue();
    job.ack().join();
    assertThat(backend.ids(Settlement.Kind.ACK)).hasSize(1);
  }

  @Test
  void acksAreRetriedNacksOnlyIfNotApplied() {
    List<Job<String>> jobs = take(3);
    backend.nextSettles.add(settlements -> CompletableFuture.failedFuture(broken(true)));
    CompletableFuture<Void> ack = jobs.get(0).ack();
    transport.time.advance(Duration.ofSeconds(1));
    assertThat(ack).isCompleted();
    backend.nextSettles.add(settlements -> CompletableFuture.failedFuture(broken(false)));
    CompletableFuture<NackOutcome> nack = jobs.get(1).nack();
    transport.time.advance(Duration.ofSeconds(1));
    assertThat(nack).isCompleted();
  }

  @Test
  void aLostLeaseAfterAnAckThatMayHaveBeenAppliedSaysSo() {
    Job<String> job = take();
    backend.nextSettles.add(settlements -> CompletableFuture.failedFuture(broken(true)));
    nextSettle(lost());
    CompletableFuture<Void> ack = job.ack();
    transport.time.advance(Duration.ofSeconds(1));
    assertThat(failure(ack)).isInstanceOf(LeaseLostException.class);
    assertThat(failure(ack).maybeApplied()).isTrue();
  }

  @Test
  void cancellingAnAckLeavesTheJobUnsettled() {
    Job<String> job = take();
    CompletableFuture<List<Outcome<Settlement.Result>>> stuck = new CompletableFuture<>();
    backend.nextSettles.add(settlements -> stuck);
    job.ack().cancel(true);
    assertThat(stuck).isCancelled();
    job.nack().join();
  }

  @Test
  void extendingMovesTheLease() {
    Job<String> job = take();
    Instant before = job.leaseDeadline();
    Instant end = job.extend(Duration.ofMillis(59_500)).join();
    assertThat(end).isEqualTo(before.plusSeconds(30));
    assertThat(job.leaseDeadline()).isEqualTo(end);
  }

  @Test
  void aLeaseThatEndsSoonSaysSo() {
    Job<String> job = take();
    transport.time.advance(Duration.ofSeconds(20));
    assertThat(job.leaseEndsWithin(Duration.ofMillis(9_999))).isFalse();
    assertThat(job.leaseEndsWithin(Duration.ofSeconds(10))).isTrue();
    assertThat(job.leaseEndsWithin(Duration.ofSeconds(Long.MAX_VALUE))).isTrue();
    job.extend(Duration.ofMinutes(1)).join();
    assertThat(job.leaseEndsWithin(Duration.ofSeconds(59))).isFalse();
    transport.time.advance(Duration.ofMinutes(2));
    assertThat(job.leaseEndsWithin(Duration.ZERO)).as("it has ended").isTrue();
  }

  @Test
  void aLeaseThatNeverEndsDoesNotEndSoon() {
    backend.leasesEnd = false;
    assertThat(take().leaseEndsWithin(Duration.ofDays(10_000))).isFalse();
  }

  @Test
  void whatCannotBeRightIsNotSentAndLeavesTheJobUnsettled() {
    Job<String> job = take();
    for (CompletableFuture<?> call :
        List.of(
            job.nack(Duration.ofSeconds(-1)),
            job.nack(Duration.ofDays(1)),
            job.nack(null),
            job.nack(null, null),
            job.reject(null),
            job.extend(Duration.ZERO),
            job.extend(Duration.ofDays(1)))) {
      assertThat(failure(call)).isInstanceOf(InvalidRequestException.class);
    }
    assertThat(backend.settles).isEmpty();
    job.ack().join();
  }

  @Test
  void extensionAndRejectionNeedTheirCapability() {
    transport.capabilities.remove(Capability.LEASE_EXTENSION);
    transport.capabilities.remove(Capability.DEAD_LETTERS);
    Job<String> job = take();
    assertThat(failure(job.extend(Duration.ofSeconds(5)))).isInstanceOf(UnsupportedFeatureException.class);
    assertThat(failure(job.reject("no"))).isInstanceOf(UnsupportedFeatureException.class);
    assertThat(backend.settles).isEmpty();
    job.ack().join();
  }

  @Test
  void whatComesWhileACallIsUnderWayGoesOutTogether() {
    transport.limits = FakeTransport.limits(64, Duration.ZERO);
    List<Job<String>> jobs = take(100);
    CompletableFuture<List<Outcome<Settlement.Result>>> first = new CompletableFuture<>();
    backend.nextSettles.add(settlements -> first);
    List<CompletableFuture<Void>> acks = jobs.stream().map(Job::ack).toList();
    assertThat(backend.settles).hasSize(1);
    first.complete(backend.done(backend.settles.get(0)));
    assertThat(backend.settles).extracting(List::size).containsExactly(1, 64, 35);
    assertThat(acks).allMatch(CompletableFuture::isDone);
  }

  @Test
  void smallBatchesGoSideBySide() {
    transport.limits = FakeTransport.limits(1, Duration.ZERO);
    List<Job<String>> jobs = take(100);
    for (int i = 0; i < 100; i++) {
      backend.nextSettles.add(settlements -> new CompletableFuture<>());
    }
    jobs.forEach(Job::ack);
    assertThat(backend.settles).hasSize(64);
  }

  @Test
  void eachOfABatchHasItsOwnOutcomeAndDeadline() {
    List<Job<String>> jobs = take(4);
    CompletableFuture<List<Outcome<Settlement.Result>>> first = new CompletableFuture<>();
    backend.nextSettles.add(settlements -> first);
    jobs.get(0).ack();
    List<CompletableFuture<Void>> acks = jobs.subList(1, 4).stream().map(Job::ack).toList();
    acks.get(2).cancel(true);
    backend.nextSettles.add(
        settlements ->
            CompletableFuture.completedFuture(List.of(Outcome.of(Settlement.Result.DONE), Outcome.failed(lost()))));
    first.complete(backend.done(backend.settles.get(0)));
    assertThat(acks.get(0)).isCompleted();
    assertThat(failure(acks.get(1))).isInstanceOf(LeaseLostException.class);
    assertThat(backend.settles.get(1)).as("without the cancelled one").hasSize(2);
  }

  @Test
  void aCallIsCancelledOnlyWhenNobodyWaitsForItAnyMore() {
    List<Job<String>> jobs = take(3);
    CompletableFuture<List<Outcome<Settlement.Result>>> first = new CompletableFuture<>();
    CompletableFuture<List<Outcome<Settlement.Result>>> second = new CompletableFuture<>();
    backend.nextSettles.add(settlements -> first);
    backend.nextSettles.add(settlements -> second);
    jobs.get(0).ack();
    CompletableFuture<Void> one = jobs.get(1).ack();
    CompletableFuture<Void> two = jobs.get(2).ack();
    first.complete(backend.done(backend.settles.get(0)));
    one.cancel(true);
    assertThat(second).isNotDone();
    two.cancel(true);
    assertThat(second).isCancelled();
  }

  @Test
  void aTransportThatAnswersAtOnceDoesNotOverflowTheStack() {
    transport.limits = FakeTransport.limits(1, Duration.ZERO);
    List<Job<String>> jobs = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      jobs.addAll(take(100));
    }
    CompletableFuture<List<Outcome<Settlement.Result>>> first = new CompletableFuture<>();
    backend.nextSettles.add(settlements -> first);
    jobs.forEach(Job::ack);
    first.complete(backend.done(backend.settles.get(0)));
    assertThat(backend.ids(Settlement.Kind.ACK)).hasSize(10_000).doesNotHaveDuplicates();
  }

  @RepeatedTest(50)
  void ofManyVerbsAtATimeOneWins() throws Exception {
    Job<String> job = take();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    CountDownLatch go = new CountDownLatch(1);
    List<CompletableFuture<?>> calls = java.util.Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < 4; i++) {
      boolean ack = i % 2 == 0;
      threads.execute(
          () -> {
            try {
              go.await();
            } catch (InterruptedException interrupted) {
              Thread.currentThread().interrupt();
            }
            calls.add(ack ? job.ack() : job.nack());
          });
    }
    go.countDown();
    threads.shutdown();
    assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    assertThat(backend.settles).hasSize(1);
    assertThat(calls.stream().filter(CompletableFuture::isCompletedExceptionally)).hasSize(2);
  }
}
