package dev.tributary.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tributary.Outcome;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.OverloadedException;
import dev.tributary.error.SchemaRejectedException;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.Client;
import dev.tributary.internal.ManualTime;
import dev.tributary.internal.ScriptedTransport;
import dev.tributary.spi.Steps;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventPublisher;
import dev.tributary.stream.Position;
import dev.tributary.stream.PublisherOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BatchingPublisherTest {
  private final ScriptedTransport transport = new ScriptedTransport();
  private final ManualTime time = new ManualTime();
  private final Client client =
      new Client(
          transport,
          ClientConfig.builder("scripted").time(time).callbackExecutor(ClientConfig.INLINE).timeout(Duration.ofSeconds(1)).build());

  private EventPublisher<byte[]> publisher(PublisherOptions options) {
    return client.stream("s").publisher(options);
  }

  private List<CompletableFuture<Position>> publish(EventPublisher<byte[]> publisher, int from, int to) {
    List<CompletableFuture<Position>> published = new ArrayList<>();
    for (int i = from; i < to; i++) {
      published.add(publisher.publish(new byte[] {(byte) i}));
    }
    return published;
  }

  private List<Integer> batch(int call) {
    return transport.call(call).<List<Event<byte[]>>>aboutAs().stream().map(event -> (int) event.value()[0]).toList();
  }

  private static TributaryException failureOf(CompletableFuture<?> call) {
    assertThat(call).isCompletedExceptionally();
    return (TributaryException) Steps.unwrap(catchThrowable(call::join));
  }

  @Test
  void theFirstGoesAtOnceAndTheOthersTogetherWhenItIsBack() {
    EventPublisher<byte[]> publisher = publisher(PublisherOptions.DEFAULT);
    List<CompletableFuture<Position>> published = publish(publisher, 0, 5);
    assertThat(transport.calls).hasSize(1);
    assertThat(batch(0)).containsExactly(0);
    transport.call(0).succeed(ScriptedTransport.stored(100, 1));
    assertThat(published.get(0)).isCompletedWithValue(new Position(0, 100));
    assertThat(published.get(1)).isNotDone();
    assertThat(batch(1)).containsExactly(1, 2, 3, 4);
    transport.call(1).succeed(ScriptedTransport.stored(101, 4));
    assertThat(published.stream().map(CompletableFuture::join).map(Position::offset)).containsExactly(100L, 101L, 102L, 103L, 104L);
    assertThat(transport.calls).hasSize(2);
  }

  @Test
  void batchesAreBoundedByCountAndByBytes() {
    EventPublisher<byte[]> publisher = publisher(PublisherOptions.builder().maxBatchEvents(3).maxBatchBytes(10).build());
    publish(publisher, 0, 8);
    transport.call(0).succeed(ScriptedTransport.stored(0, 1));
    assertThat(batch(1)).containsExactly(1, 2, 3);
    transport.call(1).succeed(ScriptedTransport.stored(1, 3));
    assertThat(batch(2)).containsExactly(4, 5, 6);
    publisher.publish(new byte[8]);
    publisher.publish(new byte[3]);
    transport.call(2).succeed(ScriptedTransport.stored(4, 3));
    assertThat(transport.call(3).<List<?>>aboutAs()).hasSize(2);
    transport.call(3).succeed(ScriptedTransport.stored(7, 2));
    assertThat(transport.call(4).<List<?>>aboutAs()).hasSize(1);
  }

  @Test
  void lingerWaitsForCompanyUnlessTheBatchIsFullOrFlushed() {
    EventPublisher<byte[]> publisher = publisher(PublisherOptions.builder().linger(Duration.ofMillis(20)).maxBatchEvents(3).build());
    publish(publisher, 0, 2);
    assertThat(transport.calls).isEmpty();
    time.advance(Duration.ofMillis(19));
    assertThat(transport.calls).isEmpty();
    time.advance(Duration.ofMillis(1));
    assertThat(batch(0)).containsExactly(0, 1);
    transport.call(0).succeed(ScriptedTransport.stored(0, 2));

    publish(publisher, 2, 5);
    assertThat(batch(1)).containsExactly(2, 3, 4);
    transport.call(1).succeed(ScriptedTransport.stored(2, 3));

    publish(publisher, 5, 6);
    CompletableFuture<Void> flushed = publisher.flush();
    assertThat(batch(2)).containsExactly(5);
    assertThat(flushed).isNotDone();
    transport.call(2).succeed(ScriptedTransport.stored(5, 1));
    assertThat(flushed).isCompleted();

    publish(publisher, 6, 7);
    assertThat(transport.calls).hasSize(3);
    time.advance(Duration.ofMillis(20));
    assertThat(batch(3)).containsExactly(6);
  }

  @Test
  void flushWaitsForWhatWasAcceptedBeforeItOnly() {
    EventPublisher<byte[]> publisher = publisher(PublisherOptions.builder().maxBatchEvents(2).maxBatchBytes(1000).build());
    assertThat(publisher.flush()).isCompleted();
    publish(publisher, 0, 3);
    CompletableFuture<Void> flushed = publisher.flush();
    publish(publisher, 3, 5);
    transport.call(0).succeed(ScriptedTransport.stored(0, 1));
    assertThat(flushed).isNotDone();
    transport.call(1).succeed(ScriptedTransport.stored(1, 2));
    assertThat(flushed).isCompleted();
  }

  @Test
  void beyondItsLimitsItRefusesAtOnceAndTellsWhenThereIsRoom() {
    EventPublisher<byte[]> publisher = publisher(PublisherOptions.builder().maxInFlightEvents(2).maxInFlightBytes(10).build());
    assertThat(publisher.ready()).isCompleted();
    publish(publisher, 0, 2);
    TributaryException refused = failureOf(publisher.publish(new byte[1]));
    assertThat(refused).isInstanceOf(OverloadedException.class);
    assertThat(refused.hint()).contains("ready()");
    CompletableFuture<Void> ready = publisher.ready();
    assertThat(ready).isNotDone();
    transport.call(0).succeed(ScriptedTransport.stored(0, 1));
    assertThat(ready).isCompleted();

    transport.call(1).succeed(ScriptedTransport.stored(1, 1));
    // What is said to have room is accepted whatever its size; after it, there is none.
    publisher.publish(new byte[9]);
    assertThat(publisher.ready()).isCompleted();
    CompletableFuture<Position> huge = publisher.publish(new byte[100]);
    assertThat(publisher.ready()).isNotDone();
    transport.call(2).succeed(ScriptedTransport.stored(2, 1));
    assertThat(failureOf(publisher.publish(new byte[1]))).isInstanceOf(OverloadedException.class);
    transport.call(3).succeed(ScriptedTransport.stored(3, 1));
    assertThat(huge).isCompleted();
    assertThat(publisher.ready()).isCompleted();
  }

  @Test
  void eachEventFailsForItself() {
    EventPublisher<byte[]> publisher = publisher(PublisherOptions.linger(Duration.ofMillis(1)));
    List<CompletableFuture<Position>> published = publish(publisher, 0, 3);
    time.advance(Duration.ofMillis(1));
    TributaryException why = new SchemaRejectedException(ErrorInfo.of("no", ""));
    transport.call(0).succeed(List.of(Outcome.of(new Position(0, 0)), Outcome.failed(why), Outcome.of(new Position(0, 1))));
    assertThat(published.get(0)).isCompleted();
    assertThat(failureOf(published.get(1))).isInstanceOf(SchemaRejectedException.class);
    assertThat(published.get(2)).isCompletedWithValue(new Position(0, 1));
  }

  @Test
  void aBatchThatFailsFailsItsEventsAndTheNextOneGoesOn() {
    EventPublisher<byte[]> publisher = publisher(PublisherOptions.DEFAULT);
    List<CompletableFuture<Position>> published = publish(publisher, 0, 2);
    transport.call(0).fail(new ConnectionFailedException(ErrorInfo.of("cut", "").maybeApplied(true)));
    assertThat(failureOf(published.get(0)).maybeApplied()).isTrue();
    transport.call(1).succeed(ScriptedTransport.stored(1, 1));
    assertThat(published.get(1)).isCompleted();
  }

  @Test
  void theDeadlineOfAnEventCountsFromItsPublish() {
    EventPublisher<byte[]> publisher = publisher(PublisherOptions.DEFAULT);
    CompletableFuture<Position> first = publisher.publish(new byte[] {0});
    time.advance(Duration.ofMillis(600));
    CompletableFuture<Position> second = publisher.publish(new byte[] {1});
    assertThat(time.waiting()).isEqualTo(1);
    time.advance(Duration.ofMillis(400));
    assertThat(failureOf(first)).isInstanceOf(DeadlineExceededException.class);
    assertThat(transport.call(0).answer()).isCancelled();
    assertThat(batch(1)).containsExactly(1);
    time.advance(Duration.ofMillis(599));
    assertThat(second).isNotDone();
    time.advance(Duration.ofMillis(1));
    assertThat(failureOf(second)).isInstanceOf(DeadlineExceededException.class);
  }

  @Test
  void cancelWithdrawsWhatIsNotInABatchYet() {
    EventPublisher<byte[]> publisher = publisher(PublisherOptions.DEFAULT);
    List<CompletableFuture<Position>> published = publish(publisher, 0, 3);
    assertThat(published.get(0).cancel(true)).isFalse();
    assertThat(published.get(1).cancel(true)).isTrue();
    transport.call(0).succeed(ScriptedTransport.stored(0, 1));
    assertThat(batch(1)).containsExactly(2);
    CompletableFuture<Void> flushed = publisher.flush();
    transport.call(1).succeed(ScriptedTransport.stored(1, 1));
    assertThat(flushed).isCompleted();
    assertThat(published.get(0)).isCompletedWithValue(new Position(0, 0));

    List<CompletableFuture<Position>> all = publish(publisher, 3, 5);
    all.get(1).cancel(true);
    transport.call(2).succeed(ScriptedTransport.stored(2, 1));
    assertThat(publisher.flush()).isCompleted();
    assertThat(transport.calls).hasSize(3);
  }

  @Test
  void closingSendsWhatWaitsAndAcceptsNothingMore() {
    EventPublisher<byte[]> publisher = publisher(PublisherOptions.linger(Duration.ofHours(1)));
    List<CompletableFuture<Position>> published = publish(publisher, 0, 2);
    CompletableFuture<Void> closed = publisher.closeAsync();
    assertThat(publisher.closeAsync()).isNotSameAs(closed).isNotDone();
    assertThat(failureOf(publisher.publish(new byte[1]))).isInstanceOf(ClientClosedException.class);
    assertThat(closed).isNotDone();
    transport.call(0).succeed(ScriptedTransport.stored(0, 2));
    assertThat(closed).isCompleted();
    assertThat(published).allMatch(CompletableFuture::isDone);
  }

  @Test
  void closingTheClientFlushesToo() {
    EventPublisher<byte[]> publisher = publisher(PublisherOptions.linger(Duration.ofHours(1)));
    List<CompletableFuture<Position>> published = publish(publisher, 0, 2);
    CompletableFuture<Void> closed = client.closeAsync();
    assertThat(closed).isNotDone();
    transport.call(0).succeed(ScriptedTransport.stored(0, 2));
    assertThat(closed).isCompleted();
    assertThat(published.get(1)).isCompletedWithValue(new Position(0, 1));
    assertThat(catchThrowable(() -> client.stream("s").publisher())).isInstanceOf(ClientClosedException.class);
  }

  @Test
  void manyThreadsKeepTheOrderOfEachAndLoseNothing() throws Exception {
    List<Integer> stored = new ArrayList<>();
    AtomicInteger together = new AtomicInteger();
    transport.onPublish =
        events -> {
          assertThat(together.incrementAndGet()).isEqualTo(1);
          List<Outcome<Position>> outcomes = ScriptedTransport.stored(stored.size(), events.size());
          events.forEach(event -> stored.add(ByteBuffer.wrap(event.value()).getInt()));
          together.decrementAndGet();
          return outcomes;
        };
    int threads = 4;
    int each = 5000;
    Client concurrent = new Client(transport, ClientConfig.builder("scripted").build());
    ExecutorService users = Executors.newFixedThreadPool(threads);
    CountDownLatch done = new CountDownLatch(threads * each);
    try (EventPublisher<byte[]> publisher = concurrent.stream("s").publisher(PublisherOptions.builder().maxInFlightEvents(500).build())) {
      for (int t = 0; t < threads; t++) {
        int thread = t;
        users.execute(
            () -> {
              for (int i = 0; i < each; ) {
                CompletableFuture<Position> published =
                    publisher.publish(ByteBuffer.allocate(4).putInt(thread * each + i).array());
                if (published.isCompletedExceptionally()) {
                  publisher.ready().join();
                } else {
                  published.thenRun(done::countDown);
                  i++;
                }
              }
            });
      }
      assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      users.shutdown();
      concurrent.close();
    }
    assertThat(stored).hasSize(threads * each).doesNotHaveDuplicates();
    for (int t = 0; t < threads; t++) {
      int thread = t;
      assertThat(stored.stream().filter(n -> n / each == thread)).isSorted();
    }
    assertThat(transport.calls.size()).isLessThan(threads * each);
  }
}
