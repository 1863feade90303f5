package dev.tributary.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.RedeliveryPolicy;
import dev.tributary.admin.ResourceKind;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.NotFoundException;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.QueueStats;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.Source;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class QueuesTest extends EngineFixture {
  private final Recorder<LeasedJob> seen = new Recorder<>(job -> text(job.value()) + "#" + job.attempt());

  private QueueStats stats() {
    return now(queues().stats(name("q"), deadline));
  }

  private Source open() {
    return queues().open(name("q"), MINUTE, seen);
  }

  @Test
  void bestFirst() {
    enqueue("q", "normal1");
    enqueue("q", NewJob.builder(bytes("low")).priority(-5).build());
    enqueue("q", NewJob.builder(bytes("high")).priority(9).build());
    enqueue("q", NewJob.builder(bytes("delayed")).delay(Duration.ofSeconds(1)).build());
    enqueue("q", "normal2");
    seconds(1);
    enqueue("q", "normal3");
    assertThat(values(take("q", 10))).containsExactly("high", "normal1", "normal2", "delayed", "normal3", "low");
  }

  @Test
  void idsAndSequences() {
    EnqueueResult first = enqueue("q", "a");
    EnqueueResult second = enqueue("q", "b");
    assertThat(first.id()).matches("[0-9a-f]{32}").isNotEqualTo(second.id());
    assertThat(first.sequence()).hasValue(0);
    assertThat(second.sequence()).hasValue(1);
    assertThat(first.duplicate()).isFalse();
  }

  @Test
  void aDelayedJobIsInvisibleUntilItsTime() {
    enqueue("q", NewJob.builder(bytes("a")).delay(Duration.ofSeconds(5)).build());
    time.advance(Duration.ofSeconds(5).minusNanos(1));
    assertThat(take("q", 1)).isEmpty();
    time.advance(Duration.ofNanos(1));
    assertThat(values(take("q", 1))).containsExactly("a");
  }

  @Test
  void aDuplicateIsNotStoredWithinTheWindow() {
    NewJob<byte[]> job = NewJob.builder(bytes("a")).deduplicationId("id").build();
    EnqueueResult first = enqueue("q", job);
    EnqueueResult again = enqueue("q", job);
    assertThat(again).isEqualTo(new EnqueueResult(first.id(), first.sequence(), true));
    assertThat(now(queues().enqueue(name("q"), List.of(job, job), true, deadline))).allMatch(o -> o.orThrow().duplicate());
    ack("q", takeOne("q"));
    time.advance(Duration.ofDays(1).minusNanos(1));
    assertThat(enqueue("q", job).duplicate()).isTrue();
    time.advance(Duration.ofNanos(1));
    assertThat(enqueue("q", job).duplicate()).isFalse();
    assertThat(stats().enqueued()).hasValue(2);
  }

  @Test
  void aJobIsWithOneConsumerUntilItsLeaseEnds() {
    enqueue("q", "a");
    LeasedJob first = takeOne("q");
    assertThat(first.attempt()).isEqualTo(1);
    assertThat(first.leaseDeadline().instant()).isEqualTo(time.now().plus(MINUTE));
    assertThat(take("q", 1)).isEmpty();
    time.advance(MINUTE.minusNanos(1));
    assertThat(stats().inFlight()).isEqualTo(1);
    time.advance(Duration.ofNanos(1));
    assertThat(stats().inFlight()).isZero();
    assertThat(take("q", 1)).as("backs off for 1 s").isEmpty();
    seconds(1);
    LeasedJob second = takeOne("q");
    assertThat(second.attempt()).isEqualTo(2);
    assertThat(second.id()).isEqualTo(first.id());
    assertThat(ack("q", first).error()).isInstanceOf(LeaseLostException.class);
    assertThat(ack("q", second).succeeded()).isTrue();
  }

  @Test
  void settlingTwiceIsALostLease() {
    enqueue("q", "a");
    LeasedJob job = takeOne("q");
    ack("q", job).orThrow();
    for (Settlement.Kind kind : Settlement.Kind.values()) {
      assertThat(settle("q", kind, job, MINUTE, null).error()).isInstanceOf(LeaseLostException.class);
    }
  }

  @Test
  void withoutAReceiptASettlementCountsForWhoeverHasIt() {
    enqueue("q", "a");
    LeasedJob job = takeOne("q");
    LeasedJob bare =
        new LeasedJob(job.id(), "", job.value(), job.headers(), 1, 0, null, null, job.sequence());
    ack("q", bare).orThrow();
    assertThat(ack("q", bare).error()).isInstanceOf(LeaseLostException.class);
  }

  @Test
  void extendSetsANewDeadlineFromNow() {
    enqueue("q", "a");
    LeasedJob job = takeOne("q");
    seconds(59);
    Settlement.Result extended = settle("q", Settlement.Kind.EXTEND, job, Duration.ofSeconds(10), null).orThrow();
    assertThat(extended.leaseDeadline().instant()).isEqualTo(time.now().plusSeconds(10));
    seconds(9);
    assertThat(stats().inFlight()).isEqualTo(1);
    seconds(1);
    assertThat(stats().inFlight()).isZero();
    assertThat(settle("q", Settlement.Kind.EXTEND, job, MINUTE, null).error()).isInstanceOf(LeaseLostException.class);
    seconds(1);
    LeasedJob again = takeOne("q");
    assertThat(settle("q", Settlement.Kind.EXTEND, again, null, null).error()).isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void nackBacksOffByThePolicyUnlessToldOtherwise() {
    now(queues().setRedeliveryPolicy(name("q"), RedeliveryPolicy.maxAttempts(0), deadline));
    enqueue("q", "a");
    for (int wait : new int[] {1, 2, 4, 8}) {
      assertThat(nack("q", takeOne("q")).orThrow().deadLettered()).isFalse();
      millis(wait * 1000L - 1);
      assertThat(take("q", 1)).isEmpty();
      millis(1);
    }
    settle("q", Settlement.Kind.NACK, takeOne("q"), Duration.ofSeconds(30), null).orThrow();
    seconds(29);
    assertThat(take("q", 1)).isEmpty();
    seconds(1);
    settle("q", Settlement.Kind.NACK, takeOne("q"), Duration.ZERO, null).orThrow();
    assertThat(takeOne("q").attempt()).isEqualTo(7);
  }

  @Test
  void aJobsTtlEndsItUnlessItIsLeased() {
    NewJob<byte[]> job = NewJob.builder(bytes("a")).ttl(Duration.ofSeconds(10)).build();
    enqueue("q", job);
    seconds(10);
    assertThat(stats().pending()).isZero();
    enqueue("q", job);
    LeasedJob leased = takeOne("q");
    seconds(10);
    assertThat(ack("q", leased).succeeded()).isTrue();
    enqueue("q", job);
    LeasedJob failing = takeOne("q");
    seconds(10);
    nack("q", failing).orThrow();
    assertThat(stats().pending()).isZero();
    assertThat(stats().inFlight()).isZero();
    assertThat(time.pendingTimers()).isZero();
  }

  @Test
  void waitsForAJob() {
    CompletableFuture<List<LeasedJob>> waiting = waitFor("q", 5, Duration.ofSeconds(20));
    seconds(19);
    assertThat(waiting).isNotDone();
    now(queues().enqueue(name("q"), List.of(NewJob.of(bytes("a")), NewJob.of(bytes("b"))), false, deadline));
    assertThat(values(now(waiting))).containsExactly("a", "b");
    CompletableFuture<List<LeasedJob>> inVain = waitFor("q", 5, Duration.ofSeconds(20));
    seconds(20);
    assertThat(now(inVain)).isEmpty();
  }

  @Test
  void waitersTakeTurns() {
    CompletableFuture<List<LeasedJob>> first = waitFor("q", 1, MINUTE);
    CompletableFuture<List<LeasedJob>> second = waitFor("q", 1, MINUTE);
    enqueue("q", "a");
    assertThat(values(now(first))).containsExactly("a");
    assertThat(second).isNotDone();
    CompletableFuture<List<LeasedJob>> third = waitFor("q", 1, MINUTE);
    enqueue("q", "b");
    assertThat(values(now(second))).containsExactly("b");
    assertThat(third).isNotDone();
    enqueue("q", NewJob.builder(bytes("c")).delay(Duration.ofSeconds(1)).build());
    seconds(1);
    assertThat(values(now(third))).containsExactly("c");
  }

  @Test
  void aCancelledWaitTakesNothing() {
    CompletableFuture<List<LeasedJob>> gone = waitFor("q", 1, MINUTE);
    CompletableFuture<List<LeasedJob>> next = waitFor("q", 1, MINUTE);
    gone.cancel(true);
    enqueue("q", "a");
    assertThat(now(next).get(0).attempt()).isEqualTo(1);
    next.cancel(true);
    seconds(60);
    assertThat(stats().inFlight()).isZero();
  }

  @Test
  void aWaitCancelledAfterItsLeaseGivesItBack() {
    CompletableFuture<List<LeasedJob>> first = waitFor("q", 1, MINUTE);
    CompletableFuture<List<LeasedJob>> second = waitFor("q", 1, MINUTE);
    // Both get a job in one step; whoever is told first cancels the other before it is told.
    first.thenRun(() -> second.cancel(true));
    now(queues().enqueue(name("q"), List.of(NewJob.of(bytes("a")), NewJob.of(bytes("b"))), false, deadline));
    assertThat(second).isCancelled();
    assertThat(takeOne("q").attempt()).isEqualTo(1);
  }

  @Test
  void aPushSourceLeasesOneJobForEachUnitOfDemand() {
    for (int i = 0; i < 5; i++) {
      enqueue("q", "j" + i);
    }
    Source source = open();
    assertThat(stats().inFlight()).isZero();
    source.request(2);
    assertThat(seen.news()).containsExactly("LIVE", "j0#1", "j1#1");
    assertThat(stats().inFlight()).isEqualTo(2);
    source.request(10);
    assertThat(seen.news()).containsExactly("j2#1", "j3#1", "j4#1");
    enqueue("q", "j5");
    assertThat(seen.news()).containsExactly("j5#1");
    now(source.close());
    assertThat(seen.news()).containsExactly("end");
    enqueue("q", "j6");
    assertThat(seen.news()).isEmpty();
  }

  @Test
  void sourcesAndWaitersTakeTurns() {
    Recorder<LeasedJob> other = new Recorder<>(job -> text(job.value()));
    Source one = open();
    Source two = queues().open(name("q"), MINUTE, other);
    one.request(Long.MAX_VALUE);
    two.request(Long.MAX_VALUE);
    CompletableFuture<List<LeasedJob>> waiting = waitFor("q", 1, MINUTE);
    List<NewJob<byte[]>> jobs = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      jobs.add(NewJob.of(bytes("j" + i)));
    }
    now(queues().enqueue(name("q"), jobs, false, deadline));
    assertThat(values(now(waiting))).containsExactly("j2");
    assertThat(seen.items).extracting(job -> text(job.value())).containsExactly("j0", "j3", "j5");
    assertThat(other.items).extracting(job -> text(job.value())).containsExactly("j1", "j4");
  }

  @Test
  void aSourceClosedInTheMiddleGivesBackWhatItDidNotDeliver() {
    for (int i = 0; i < 3; i++) {
      enqueue("q", "j" + i);
    }
    Source[] source = new Source[1];
    Recorder<LeasedJob> recorder =
        new Recorder<>(
            job -> {
              source[0].close();
              return text(job.value());
            });
    source[0] = queues().open(name("q"), MINUTE, recorder);
    source[0].request(3);
    assertThat(recorder.news()).containsExactly("LIVE", "j0", "end");
    assertThat(take("q", 9)).extracting(LeasedJob::attempt).containsExactly(1, 1);
  }

  @Test
  void aSourceDeliversNoJobWhoseLeaseEndedBeforeItsTurn() {
    for (String value : List.of("a", "b", "c")) {
      enqueue("q", value);
    }
    Recorder<LeasedJob> slow =
        new Recorder<>(
            job -> {
              if (text(job.value()).equals("a") && job.attempt() == 1) {
                seconds(60);
              }
              return text(job.value()) + "#" + job.attempt();
            });
    Source source = queues().open(name("q"), MINUTE, slow);
    source.request(2);
    assertThat(slow.news()).as("b came back while a was handled").containsExactly("LIVE", "a#1", "c#1");
    assertThat(stats().inFlight()).isEqualTo(1);
    source.request(5);
    millis(999);
    assertThat(slow.news()).isEmpty();
    millis(1);
    assertThat(slow.news()).containsExactly("a#2", "b#2");
  }

  @Test
  void peekShowsReadyThenDelayedThenLeased() {
    enqueue("q", "leased");
    take("q", 1);
    enqueue("q", NewJob.builder(bytes("delayed")).delay(MINUTE).build());
    enqueue("q", "ready");
    enqueue("q", NewJob.builder(bytes("best")).priority(1).build());
    var peeked = now(queues().peek(name("q"), 10, deadline));
    assertThat(peeked).extracting(job -> text(job.value())).containsExactly("best", "ready", "delayed", "leased");
    assertThat(peeked).extracting(job -> job.leased()).containsExactly(false, false, false, true);
    assertThat(peeked).extracting(job -> job.attempts()).containsExactly(0, 0, 0, 1);
    assertThat(now(queues().peek(name("q"), 1, deadline))).hasSize(1);
  }

  @Test
  void statsAndPurge() {
    enqueue("q", "a");
    seconds(3);
    enqueue("q", NewJob.builder(bytes("b")).delay(MINUTE).build());
    enqueue("q", "c");
    ack("q", takeOne("q"));
    LeasedJob leased = takeOne("q");
    seconds(2);
    QueueStats stats = stats();
    assertThat(stats.pending()).isEqualTo(1);
    assertThat(stats.inFlight()).isEqualTo(1);
    assertThat(stats.enqueued()).hasValue(3);
    assertThat(stats.completed()).hasValue(1);
    assertThat(stats.deadLettered()).hasValue(0);
    assertThat(stats.oldest()).isEqualTo(Duration.ofSeconds(2));
    now(queues().purge(name("q"), deadline));
    assertThat(stats().pending()).isZero();
    assertThat(stats().oldest()).isNull();
    assertThat(ack("q", leased).succeeded()).isTrue();
    assertThat(time.pendingTimers()).isZero();
  }

  @Test
  void deletingTheQueueEndsWhoWaits() {
    CompletableFuture<List<LeasedJob>> waiting = waitFor("q", 1, MINUTE);
    open();
    now(transport.admin().orElseThrow().delete(ResourceKind.QUEUE, name("q"), deadline));
    assertThat(error(waiting)).isInstanceOf(NotFoundException.class);
    assertThat(seen.news()).containsExactly("LIVE", "end NotFoundException");
  }

  @Test
  void closingTheTransportEndsItsWaitsAndKeepsItsLeases() {
    enqueue("q", "a");
    take("q", 1);
    CompletableFuture<List<LeasedJob>> waiting = waitFor("q", 1, MINUTE);
    open();
    now(transport.close());
    assertThat(error(waiting)).isInstanceOf(ClientClosedException.class);
    assertThat(seen.news()).containsExactly("LIVE", "end ClientClosedException");
    MemoryTransport other = engine.connect();
    assertThat(now(other.queues().orElseThrow().stats(name("q"), deadline)).inFlight()).isEqualTo(1);
    seconds(61);
    assertThat(now(other.queues().orElseThrow().receive(name("q"), 1, MINUTE, Duration.ZERO, deadline))).hasSize(1);
    assertThat(error(transport.queues().orElseThrow().stats(name("q"), deadline))).isInstanceOf(ClientClosedException.class);
  }
}
