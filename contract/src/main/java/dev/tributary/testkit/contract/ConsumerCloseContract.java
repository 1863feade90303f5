package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.tributary.EventStream;
import dev.tributary.SubscriptionState;
import dev.tributary.error.CloseTimeoutException;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.EventPublisher;
import dev.tributary.stream.Position;
import dev.tributary.testkit.VirtualTime;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Closing waits for nothing without a bound, and for itself not at all; nor does a flush. */
public abstract class ConsumerCloseContract extends StreamTopic {
  private EventConsumer<String> consumer(EventStream<String> stream) {
    return stream.consumer(ConsumerOptions.builder().group("g").autoCommit(Duration.ofMinutes(1)).build());
  }

  @Test
  void aHandlerThatNeverEndsIsLeftAlone() {
    EventStream<String> stream = filled(3);
    EventConsumer<String> consumer = consumer(stream);
    CompletableFuture<Void> reached = new CompletableFuture<>();
    CompletableFuture<Void> run =
        consumer.forEach(
            message -> {
              if (message.offset() == 0) {
                return CompletableFuture.completedFuture(null);
              }
              reached.complete(null);
              return new CompletableFuture<>();
            });
    await(reached);
    CloseTimeoutException late = failure(CloseTimeoutException.class, consumer.closeAsync(Duration.ofSeconds(2)));
    assertThat(late.unfinished()).singleElement().asString().contains("offset 1");
    await(run);
    assertThat(consumer.state()).isEqualTo(SubscriptionState.CLOSED);
    assertThat(get(stream.committed("g", 0))).hasValue(1);
  }

  @Test
  void aHandlerMayStopAtItsMessage() {
    EventStream<String> stream = filled(5);
    EventConsumer<String> consumer = consumer(stream);
    CompletableFuture<Void> run =
        consumer.forEach(message -> message.offset() == 2 ? consumer.closeAsync() : CompletableFuture.completedFuture(null));
    await(run);
    await("the close", () -> consumer.state() == SubscriptionState.CLOSED);
    assertThat(get(stream.committed("g", 0))).isEqualTo(OptionalLong.of(3));
  }

  @Test
  void aHandlerMayWaitForTheCloseOfItsConsumer() {
    assumeFalse(
        backend().time() instanceof VirtualTime, "the thread that moves the time of this backend would wait for what needs time to pass");
    EventStream<String> stream = filled(5);
    EventConsumer<String> consumer = consumer(stream);
    CountDownLatch closed = new CountDownLatch(1);
    consumer.forEach(
        message -> {
          consumer.close();
          closed.countDown();
          return CompletableFuture.completedFuture(null);
        });
    await("the close", () -> closed.getCount() == 0);
    assertThat(get(stream.committed("g", 0)).orElse(0)).isZero();
  }

  @Test
  void aCallbackOfAnEventMayFlushAndClose() {
    EventPublisher<String> publisher = stream().publisher();
    CompletableFuture<Void> done = publisher.publish("one").thenCompose(stored -> publisher.flush()).thenCompose(flushed -> publisher.closeAsync());
    await(done);
  }

  @Test
  void aFlushIsDoneAfterTheFuturesOfItsEvents() {
    EventPublisher<String> publisher = stream().publisher();
    for (int i = 0; i < 50; i++) {
      CompletableFuture<Position> one = publisher.publish("one");
      CompletableFuture<Position> two = publisher.publish("two");
      CompletableFuture<Boolean> both = publisher.flush().thenApply(flushed -> one.isDone() && two.isDone());
      assertThat(await(both)).isTrue();
    }
    await(publisher.closeAsync());
  }
}
