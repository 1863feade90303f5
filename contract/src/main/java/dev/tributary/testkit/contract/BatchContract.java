package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.EventStream;
import dev.tributary.Tributary;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.OverloadedException;
import dev.tributary.stream.EventPublisher;
import dev.tributary.stream.Position;
import dev.tributary.stream.PublisherOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a publisher that batches does: order, flushing, lingering, closing and what may be in flight. */
public abstract class BatchContract extends StreamTopic {
  @Test
  void aBatchingPublisherKeepsTheOrder() {
    EventStream<String> stream = stream();
    try (EventPublisher<String> publisher = stream.publisher(PublisherOptions.builder().maxBatchEvents(7).build())) {
      List<CompletableFuture<Position>> placed = numbered("e", 0, 200).stream().map(publisher::publish).toList();
      get(publisher.flush());
      assertThat(placed).allMatch(CompletableFuture::isDone);
      assertThat(placed.stream().map(Contract::get).toList()).isSortedAccordingTo(StreamTopic::byOffset).doesNotHaveDuplicates();
    }
    assertThat(readAll(stream, 200)).isEqualTo(numbered("e", 0, 200));
  }

  @Test
  void flushDoesNotWaitForTheLinger() {
    EventStream<String> stream = stream();
    EventPublisher<String> publisher = stream.publisher(PublisherOptions.linger(Duration.ofDays(1)));
    CompletableFuture<Position> placed = publisher.publish("e");
    get(publisher.flush());
    assertThat(placed).isCompletedWithValue(new Position(0, 0));
  }

  @Test
  void theLingerEnds() {
    EventStream<String> stream = stream();
    EventPublisher<String> publisher = stream.publisher(PublisherOptions.linger(Duration.ofMillis(300)));
    CompletableFuture<Position> placed = publisher.publish("e");
    pass(Duration.ofMillis(300));
    assertThat(await(placed)).isEqualTo(new Position(0, 0));
  }

  @Test
  void closingSendsWhatWaits() {
    EventStream<String> stream = stream();
    EventPublisher<String> publisher = stream.publisher(PublisherOptions.linger(Duration.ofDays(1)));
    List<CompletableFuture<Position>> placed = numbered("e", 0, 50).stream().map(publisher::publish).toList();
    get(publisher.closeAsync());
    assertThat(placed).allMatch(CompletableFuture::isDone);
    assertThat(readAll(stream, 50)).isEqualTo(numbered("e", 0, 50));
    failure(ClientClosedException.class, publisher.publish("late"));
  }

  @Test
  void closingTheClientSendsWhatWaits() {
    EventStream<String> stream = stream();
    Tributary other = connect();
    EventPublisher<String> publisher = through(other, stream).publisher(PublisherOptions.linger(Duration.ofDays(1)));
    CompletableFuture<Position> placed = publisher.publish("e");
    await(other.closeAsync());
    assertThat(placed).isCompletedWithValue(new Position(0, 0));
    assertThat(values(get(stream.read(0, 0, 2)))).containsExactly("e");
  }

  @Test
  void tooManyInFlightAreRefusedUntilThereIsRoom() {
    EventStream<String> stream = stream();
    PublisherOptions options = PublisherOptions.builder().maxInFlightEvents(3).linger(Duration.ofDays(1)).build();
    EventPublisher<String> publisher = stream.publisher(options);
    numbered("e", 0, 3).forEach(publisher::publish);
    failure(OverloadedException.class, publisher.publish("too many"));
    CompletableFuture<Void> ready = publisher.ready();
    assertThat(ready).isNotDone();
    get(publisher.flush());
    get(ready);
    CompletableFuture<Position> next = publisher.publish("e-3");
    get(publisher.flush());
    assertThat(get(next)).isEqualTo(new Position(0, 3));
  }

  @Test
  void tooManyBytesInFlightAreRefused() {
    EventStream<String> stream = stream();
    PublisherOptions options = PublisherOptions.builder().maxInFlightBytes(100).linger(Duration.ofDays(1)).build();
    EventPublisher<String> publisher = stream.publisher(options);
    CompletableFuture<Position> placed = publisher.publish("x".repeat(100));
    failure(OverloadedException.class, publisher.publish("x"));
    get(publisher.flush());
    assertThat(placed).isCompletedWithValue(new Position(0, 0));
  }
}
