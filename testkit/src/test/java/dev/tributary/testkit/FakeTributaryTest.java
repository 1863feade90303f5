package dev.tributary.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.EventStream;
import dev.tributary.JobQueue;
import dev.tributary.KeyValueStore;
import dev.tributary.ResourceName;
import dev.tributary.Transaction;
import dev.tributary.admin.ResourceKind;
import dev.tributary.codec.Codecs;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.OverloadedException;
import dev.tributary.error.TributaryException;
import dev.tributary.queue.Job;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.QueueStats;
import dev.tributary.queue.ReserveOptions;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.Message;
import dev.tributary.stream.StartAt;
import dev.tributary.testkit.fault.FaultPlan;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FakeTributaryTest {
  private final FakeTributary fake = FakeTributary.create();
  private final EventStream<String> stream = fake.stream("s", Codecs.text());
  private final JobQueue<String> queue = fake.queue("q", Codecs.text());
  private final KeyValueStore<String> store = fake.keyValue("kv", Codecs.text());

  @AfterEach
  void close() {
    fake.close();
  }

  private static ConnectionFailedException broken() {
    return new ConnectionFailedException(ErrorInfo.of("planned", ""));
  }

  private static TributaryException error(CompletableFuture<?> future) {
    assertThat(future).isCompletedExceptionally();
    try {
      future.join();
      throw new AssertionError("did not fail");
    } catch (CompletionException failed) {
      return (TributaryException) java.util.Objects.requireNonNull(failed.getCause());
    }
  }

  @Test
  void everyCallIsDoneWhenItReturns() {
    assertThat(stream.publish("a")).isDone();
    assertThat(stream.read(0, 0, 10)).isCompletedWithValueMatching(read -> read.get(0).value().equals("a"));
    assertThat(queue.enqueue("j")).isDone();
    assertThat(queue.reserve()).isCompletedWithValueMatching(job -> job.orElseThrow().value().equals("j"));
    assertThat(store.put("k", "v")).isDone();
    assertThat(store.get("k")).isCompletedWithValueMatching(value -> value.orElseThrow().equals("v"));
  }

  @Test
  void theJournalKnowsEveryCall() {
    stream.publish("a").join();
    stream.publish("b").join();
    queue.enqueue("j").join();
    queue.reserve().join().orElseThrow().ack().join();
    assertThat(fake.journal().calls()).extracting(CallRecord::operation).containsExactly("publish", "publish", "enqueue", "receive", "ack");
    assertThat(fake.journal().count("publish")).isEqualTo(2);
    assertThat(fake.journal().count("read")).isZero();
    CallRecord last = fake.journal().last("publish").orElseThrow();
    assertThat(last.resource()).isEqualTo(new ResourceName("default", "default", "s"));
    assertThat(last.at()).isEqualTo(fake.time().now());
    List<?> published = last.argument(List.class).orElseThrow();
    assertThat(published).hasSize(1);
    assertThat(published.get(0)).isInstanceOf(Event.class);
    assertThat(fake.journal().calls("receive")).hasSize(1);
    assertThat(fake.journal().last("purge")).isEmpty();
    fake.journal().clear();
    assertThat(fake.journal().calls()).isEmpty();
    assertThat(fake.journal().count("publish")).isZero();
  }

  @Test
  void theJournalTellsRolesApart() {
    queue.deadLetters().list(10).join();
    Transaction tx = fake.transaction().join();
    tx.commit().join();
    fake.schemas().subjects().join();
    fake.health().ready().join();
    assertThat(fake.journal().calls())
        .extracting(CallRecord::operation)
        .containsExactly("deadLetters.list", "begin", "transaction.commit", "schemas.subjects", "health.ready");
  }

  @Test
  void callsOnSomePartitionsAreCallsLikeOthers() {
    JobQueue<String> part = queue.partitions(Set.of(0));
    fake.faults().failNext("stats", broken());
    CompletableFuture<QueueStats> stats = part.stats();
    assertThat(stats).isNotDone();
    fake.time().advance(Duration.ofSeconds(1));
    assertThat(stats).isCompleted();
    part.reserve().join();
    assertThat(fake.journal().calls()).extracting(CallRecord::operation).containsExactly("stats", "stats", "receive");
    assertThat(fake.journal().last("receive").orElseThrow().resource()).isEqualTo(queue.name());
    part.worker(WorkerOptions.concurrency(1), job -> CompletableFuture.completedFuture(null)).closeAsync().join();
    assertThat(fake.journal().count("open")).isEqualTo(1);
  }

  @Test
  void aPlannedFailureIsMetByOneTry() {
    fake.faults().failNext("publish", broken());
    CompletableFuture<?> published = stream.publish("a");
    assertThat(published).isNotDone();
    fake.time().advance(Duration.ofSeconds(1));
    assertThat(published).isCompleted();
    assertThat(fake.journal().count("publish")).isEqualTo(2);
    assertThat(stream.read(0, 0, 10).join()).hasSize(1);
  }

  @Test
  void failuresAreMetInTheirOrder() {
    fake.faults().failNext("publish", 2, FakeTributaryTest::broken).failNext(FaultPlan.ANY, broken());
    CompletableFuture<?> published = stream.publish("a");
    fake.time().advance(Duration.ofSeconds(10));
    assertThat(published).isCompleted();
    assertThat(fake.journal().count("publish")).isEqualTo(4);
    assertThat(fake.faults().pending()).isZero();
  }

  @Test
  void aLostAnswerMayHaveBeenApplied() {
    fake.faults().dropNextAnswer("publish");
    TributaryException lost = error(stream.publish("a"));
    assertThat(lost).isInstanceOf(ConnectionFailedException.class);
    assertThat(lost.maybeApplied()).isTrue();
    assertThat(stream.read(0, 0, 10).join()).hasSize(1);

    fake.faults().dropNextAnswer("publish");
    CompletableFuture<?> safe = stream.publish(Event.builder("b").deduplicationId("id").build());
    fake.time().advance(Duration.ofSeconds(1));
    assertThat(safe).isCompleted();
    assertThat(stream.read(0, 0, 10).join()).extracting(Message::value).containsExactly("a", "b");
  }

  @Test
  void aDelayedCallComesLate() {
    fake.faults().delayNext("get", Duration.ofSeconds(10));
    store.put("k", "old").join();
    CompletableFuture<Optional<String>> late = store.get("k");
    store.put("k", "new").join();
    assertThat(late).isNotDone();
    fake.time().advance(Duration.ofSeconds(10));
    assertThat(late.join()).contains("new");
  }

  @Test
  void everyCallIsDelayedUntilThatEnds() {
    Duration second = Duration.ofSeconds(1);
    fake.faults().delayEvery(FaultPlan.ANY, second).delayEvery("get", second.multipliedBy(3));
    CompletableFuture<OptionalLong> put = store.put("k", "v");
    CompletableFuture<Optional<String>> got = store.get("k");
    fake.time().advance(second);
    assertThat(put).isDone();
    assertThat(got).isNotDone();
    fake.time().advance(second.multipliedBy(2));
    assertThat(got.join()).contains("v");

    fake.faults().delayEvery("get", Duration.ZERO);
    assertThat(store.get("k")).isDone();
    fake.faults().clear();
    assertThat(store.put("k", "w")).isDone();
    assertThatThrownBy(() -> fake.faults().delayEvery("get", second.negated())).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aDelayedCallMeetsWhatIsPlannedForIt() {
    fake.faults().delayEvery("get", Duration.ofSeconds(1)).failNext("get", new OverloadedException(ErrorInfo.of("full", "")));
    CompletableFuture<Optional<String>> got = store.get("k");
    fake.time().advance(Duration.ofMillis(999));
    assertThat(fake.journal().count("get")).isEqualTo(1);
    fake.time().advance(Duration.ofSeconds(5));
    assertThat(got.join()).isEmpty();
    assertThat(fake.journal().count("get")).as("and the one that was tried again").isEqualTo(2);
  }

  @Test
  void aSubscriptionFailsThoughCallsAreDelayed() {
    fake.faults().delayEvery(FaultPlan.ANY, Duration.ofSeconds(1)).failNext("subscribe", broken());
    assertThat(fake.faults().nextError("subscribe")).isInstanceOf(ConnectionFailedException.class);
    assertThat(fake.faults().nextError("subscribe")).isNull();
  }

  @Test
  void aCallDelayedBeyondItsDeadlineTimesOutAndIsNotMade() {
    fake.faults().delayNext("publish", Duration.ofSeconds(40));
    CompletableFuture<?> published = stream.publish("a");
    fake.time().advance(Duration.ofSeconds(30));
    assertThat(error(published)).isInstanceOf(DeadlineExceededException.class);
    fake.time().advance(Duration.ofSeconds(30));
    assertThat(stream.read(0, 0, 10).join()).isEmpty();
  }

  @Test
  void chanceIsTheSameInEveryRun() {
    assertThat(unlucky()).isEqualTo(unlucky()).isBetween(20, 80);
    assertThatThrownBy(() -> fake.faults().failRandomly("get", 2, 1, FakeTributaryTest::broken))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static int unlucky() {
    try (FakeTributary other = FakeTributary.create()) {
      other.faults().failRandomly("get", 0.5, 42, () -> new OverloadedException(ErrorInfo.of("planned", "")));
      KeyValueStore<String> kv = other.keyValue("kv", Codecs.text());
      int failed = 0;
      for (int i = 0; i < 100; i++) {
        int before = other.journal().count("get");
        CompletableFuture<?> got = kv.get("k");
        failed += got.isDone() ? 0 : 1;
        while (!got.isDone()) {
          other.time().advanceToNext();
        }
        assertThat(other.journal().count("get")).isGreaterThan(before);
      }
      return failed;
    }
  }

  @Test
  void whatFailsByChanceIsTriedAgain() {
    fake.faults().failRandomly("put", 1, 7);
    CompletableFuture<OptionalLong> put = store.put("k", "v");
    fake.time().advance(Duration.ofSeconds(30));
    assertThat(error(put)).isInstanceOf(ConnectionFailedException.class);
    assertThat(fake.journal().count("put")).isGreaterThan(2);
  }

  @Test
  void whatNeedsTimeCanBeAwaited() {
    long before = fake.time().nanos();
    assertThat(fake.await(queue.reserve(ReserveOptions.maxWait(Duration.ofMinutes(5))))).isEmpty();
    assertThat(Duration.ofNanos(fake.time().nanos() - before)).isEqualTo(Duration.ofMinutes(5));
    fake.faults().failNext("put", broken());
    fake.await(store.put("k", "v"));
    assertThat(fake.journal().count("put")).isEqualTo(2);
    assertThat(fake.await(store.get("k"))).hasValue("v");
    assertThatThrownBy(() -> fake.await(CompletableFuture.failedFuture(broken())))
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(ConnectionFailedException.class);
  }

  @Test
  void aSubscriptionCanFailToOpen() {
    stream.publish("a").join();
    OverloadedException refused = new OverloadedException(ErrorInfo.of("planned", ""));
    fake.faults().failNext("subscribe", refused);
    EventConsumer<String> consumer = stream.consumer(ConsumerOptions.builder().start(StartAt.earliest()).build());
    CompletableFuture<List<Message<String>>> polled = consumer.poll(1, Duration.ofSeconds(1));
    fake.time().advance(Duration.ofSeconds(1));
    assertThat(error(polled)).isInstanceOf(OverloadedException.class).hasMessageContaining("planned");
    consumer.close();
  }

  @Test
  void commitsOfAConsumerAreInTheJournal() {
    stream.publish("a").join();
    EventConsumer<String> consumer = stream.consumer(ConsumerOptions.builder().group("g").manualCommit().build());
    assertThat(consumer.poll(10, Duration.ofSeconds(1)).join()).hasSize(1);
    consumer.commit().join();
    assertThat(fake.journal().last("commit").orElseThrow().resource()).isEqualTo(stream.name());
    assertThat(stream.committed("g", 0).join()).hasValue(1);
    consumer.close();
  }

  @Test
  void aCancelledWaitIsCancelledAtTheBackend() {
    CompletableFuture<Optional<Job<String>>> waiting = queue.reserve(ReserveOptions.maxWait(Duration.ofSeconds(20)));
    assertThat(waiting).isNotDone();
    waiting.cancel(true);
    queue.enqueue("j").join();
    assertThat(queue.stats().join().inFlight()).isZero();
  }

  @Test
  void aWorkerFailsUntilTheJobIsADeadLetterInNoTime() {
    queue.worker(WorkerOptions.concurrency(1), job -> CompletableFuture.failedFuture(new IOException("down")));
    queue.enqueue("welcome 42").join();
    fake.time().advance(Duration.ofMinutes(5));
    assertThat(queue.deadLetters().list(10).join()).singleElement().satisfies(letter -> {
      assertThat(letter.value()).isEqualTo("welcome 42");
      assertThat(letter.attempts()).hasValue(3);
    });
  }

  @Test
  void resetEmptiesEverything() {
    stream.publish("a").join();
    queue.enqueue(NewJob.builder("j").delay(Duration.ofHours(1)).build()).join();
    store.put("k", "v").join();
    fake.faults().failNext("publish", broken());
    fake.reset();
    assertThat(fake.journal().calls()).isEmpty();
    assertThat(fake.faults().pending()).isZero();
    assertThat(fake.admin().list(ResourceKind.STREAM).join()).isEmpty();
    assertThat(stream.publish("b").join().offset()).isZero();
    assertThat(queue.stats().join().pending()).isZero();
    assertThat(store.exists("k").join()).isFalse();
  }

  @Test
  void closedMeansClosed() {
    fake.close();
    assertThat(error(stream.publish("a"))).isInstanceOf(ClientClosedException.class);
  }

  @Test
  void closeLetsTimePassForWhatDrains() {
    CompletableFuture<Void> handled = new CompletableFuture<>();
    queue.worker(WorkerOptions.concurrency(1), job -> handled);
    queue.enqueue("j").join();
    fake.time().schedule(Duration.ofSeconds(5), () -> handled.complete(null));
    fake.close();
    assertThat(handled).isCompleted();
    assertThat(fake.journal().count("ack")).isEqualTo(1);
  }
}
