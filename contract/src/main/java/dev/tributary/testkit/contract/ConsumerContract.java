package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.SubscriptionState;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.StartAt;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What one consumer does: polling, committing, seeking and pausing. */
public abstract class ConsumerContract extends StreamTopic {
  @Test
  void pollHandsOutInOrderAndCommitsWhatItHandedOut() {
    EventStream<String> stream = filled(10);
    EventConsumer<String> consumer = stream.consumer(ConsumerOptions.builder().group("g").manualCommit().build());
    assertThat(values(poll(consumer, 4))).isEqualTo(numbered("e", 0, 4));
    await(consumer.commit());
    assertThat(get(stream.committed("g", 0))).hasValue(4);
    await(consumer.closeAsync());
    EventConsumer<String> next = stream.consumer(ConsumerOptions.builder().group("g").manualCommit().build());
    assertThat(values(poll(next, 6))).isEqualTo(numbered("e", 4, 10));
  }

  @Test
  void pollGivesNothingWhenNothingCame() {
    EventConsumer<String> consumer = stream().consumer(ConsumerOptions.builder().start(StartAt.earliest()).build());
    assertThat(await(consumer.poll(10, Duration.ofMillis(200)))).isEmpty();
  }

  @Test
  void pollGetsWhatArrivesWhileItWaits() {
    EventStream<String> stream = stream();
    EventConsumer<String> consumer = stream.consumer(ConsumerOptions.builder().start(StartAt.earliest()).build());
    CompletableFuture<List<Message<String>>> poll = consumer.poll(10, Duration.ofMinutes(5));
    get(stream.publish("e"));
    assertThat(values(await(poll))).containsExactly("e");
  }

  @Test
  void onePollAtATime() {
    EventStream<String> stream = stream();
    EventConsumer<String> consumer = stream.consumer(ConsumerOptions.builder().start(StartAt.earliest()).build());
    CompletableFuture<List<Message<String>>> first = consumer.poll(1, Duration.ofMinutes(5));
    failure(InvalidRequestException.class, consumer.poll(1, Duration.ofMinutes(5)));
    get(stream.publish("e"));
    assertThat(values(await(first))).containsExactly("e");
  }

  @Test
  void aCancelledPollTakesNothing() {
    EventStream<String> stream = stream();
    EventConsumer<String> consumer = stream.consumer(ConsumerOptions.builder().start(StartAt.earliest()).build());
    consumer.poll(1, Duration.ofMinutes(5)).cancel(true);
    get(stream.publish("e"));
    assertThat(values(poll(consumer, 1))).containsExactly("e");
  }

  @Test
  void whatThePollBeforeHandedOutIsCommittedByItself() {
    EventStream<String> stream = filled(10);
    EventConsumer<String> consumer =
        stream.consumer(ConsumerOptions.builder().group("g").autoCommit(Duration.ofSeconds(1)).build());
    poll(consumer, 4);
    pass(Duration.ofSeconds(2));
    assertThat(get(stream.committed("g", 0)).orElse(0)).isLessThan(4);
    await(consumer.poll(2, Duration.ofSeconds(1)));
    await("the commit", () -> get(stream.committed("g", 0)).equals(OptionalLong.of(4)));
  }

  @Test
  void forEachCommitsUpToTheFirstMessageThatIsNotDone() {
    EventStream<String> stream = filled(6);
    EventConsumer<String> consumer =
        stream.consumer(ConsumerOptions.builder().group("g").autoCommit(Duration.ofSeconds(1)).build());
    CompletableFuture<Void> done = new CompletableFuture<>();
    List<String> seen = new CopyOnWriteArrayList<>();
    consumer.forEach(
        message -> {
          seen.add(message.value());
          return message.offset() == 3 ? done : CompletableFuture.completedFuture(null);
        });
    await("the commit", () -> get(stream.committed("g", 0)).equals(OptionalLong.of(3)));
    assertThat(seen).isEqualTo(numbered("e", 0, 4));
    done.complete(null);
    await("the last commit", () -> get(stream.committed("g", 0)).equals(OptionalLong.of(6)));
    assertThat(seen).isEqualTo(numbered("e", 0, 6));
  }

  @Test
  void forEachEndsWithWhatTheHandlerFailedWithAndLeavesTheMessageUncommitted() {
    EventStream<String> stream = filled(6);
    EventConsumer<String> consumer =
        stream.consumer(ConsumerOptions.builder().group("g").autoCommit(Duration.ofSeconds(1)).build());
    List<String> seen = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> ended =
        consumer.forEach(
            message -> {
              seen.add(message.value());
              if (message.offset() == 3) {
                throw new IllegalStateException("cannot handle " + message.value());
              }
              return CompletableFuture.completedFuture(null);
            });
    assertThatThrownBy(() -> await(ended)).hasStackTraceContaining("cannot handle e-3");
    await(consumer.closeAsync());
    assertThat(seen).isEqualTo(numbered("e", 0, 4));
    assertThat(get(stream.committed("g", 0))).hasValue(3);
  }

  @Test
  void aHandlerThatBlocksIsDoneWithAMessageWhenItReturns() {
    EventStream<String> stream = filled(6);
    EventConsumer<String> consumer =
        stream.consumer(ConsumerOptions.builder().group("g").autoCommit(Duration.ofSeconds(1)).build());
    List<String> seen = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> ended =
        consumer.process(
            message -> {
              seen.add(message.value());
              if (message.offset() == 3) {
                throw new IOException("cannot handle " + message.value());
              }
            });
    assertThatThrownBy(() -> await(ended)).hasStackTraceContaining("cannot handle e-3");
    await(consumer.closeAsync());
    assertThat(seen).isEqualTo(numbered("e", 0, 4));
    assertThat(get(stream.committed("g", 0))).hasValue(3);
  }

  @Test
  void forEachGivesAMessageAgainAsOftenAsItsHandlerMayFail() {
    EventStream<String> stream = filled(3);
    EventConsumer<String> consumer =
        stream.consumer(
            ConsumerOptions.builder()
                .group("g")
                .autoCommit(Duration.ofSeconds(1))
                .redelivery(RedeliveryPolicy.builder().maxAttempts(0).fixedBackoff(Duration.ofSeconds(1)).build())
                .build());
    List<String> seen = new CopyOnWriteArrayList<>();
    consumer.forEach(
        message -> {
          seen.add(message.value());
          if (message.offset() == 1 && seen.size() < 5) {
            throw new IllegalStateException("not yet");
          }
          return CompletableFuture.completedFuture(null);
        });
    await("the commit", () -> get(stream.committed("g", 0)).equals(OptionalLong.of(3)));
    assertThat(seen).containsExactly("e-0", "e-1", "e-1", "e-1", "e-1", "e-2");
  }

  @Test
  void forEachEndsWhenTheConsumerIsClosed() {
    EventStream<String> stream = filled(3);
    EventConsumer<String> consumer = stream.consumer("g");
    Set<String> seen = ConcurrentHashMap.newKeySet();
    CompletableFuture<Void> ended =
        consumer.forEach(
            message -> {
              seen.add(message.value());
              return CompletableFuture.completedFuture(null);
            });
    await("three messages", () -> seen.size() == 3);
    await(consumer.closeAsync());
    await(ended);
    assertThat(get(stream.committed("g", 0))).hasValue(3);
    assertThat(consumer.state()).isEqualTo(SubscriptionState.CLOSED);
  }

  @Test
  void explicitOffsetsAreCommittedAsTheyAre() {
    EventStream<String> stream = filled(10);
    EventConsumer<String> consumer = stream.consumer(ConsumerOptions.builder().group("g").manualCommit().build());
    poll(consumer, 8);
    await(consumer.commit(Map.of(0, 5L)));
    assertThat(get(stream.committed("g", 0))).hasValue(5);
    await(consumer.commit(Map.of(0, 2L)));
    assertThat(get(stream.committed("g", 0))).hasValue(2);
  }

  @Test
  void seekingContinuesThere() {
    EventStream<String> stream = filled(10);
    EventConsumer<String> consumer = stream.consumer(ConsumerOptions.builder().start(StartAt.earliest()).build());
    poll(consumer, 3);
    await(consumer.seek(new Position(0, 7)));
    assertThat(values(poll(consumer, 3))).isEqualTo(numbered("e", 7, 10));
    assertThat(consumer.position(0)).hasValue(10);
    await(consumer.seekToBeginning());
    assertThat(values(poll(consumer, 2))).isEqualTo(numbered("e", 0, 2));
    assertThat(consumer.position(0)).hasValue(2);
    await(consumer.seekToEnd());
    get(stream.publish("new"));
    assertThat(values(poll(consumer, 1))).containsExactly("new");
  }

  @Test
  void seekingToATimeContinuesWithWhatWasStoredThenOrLater() {
    requires(Capability.START_AT_TIME);
    EventStream<String> stream = filled(3);
    pass(Duration.ofSeconds(2));
    Instant then = backend().time().now();
    pass(Duration.ofSeconds(1));
    get(stream.publishAll(events(numbered("e", 3, 5))));
    EventConsumer<String> consumer = stream.consumer(ConsumerOptions.builder().start(StartAt.earliest()).build());
    poll(consumer, 1);
    await(consumer.seekToTimestamp(then));
    assertThat(values(poll(consumer, 2))).isEqualTo(numbered("e", 3, 5));
  }

  @Test
  void aPausedPartitionHandsOutNothing() {
    EventStream<String> stream = filled(4);
    EventConsumer<String> consumer = stream.consumer(ConsumerOptions.builder().start(StartAt.earliest()).build());
    poll(consumer, 2);
    assertThat(consumer.assignment()).containsExactly(0);
    consumer.pause(Set.of(0));
    assertThat(await(consumer.poll(10, Duration.ofMillis(300)))).isEmpty();
    consumer.resume(Set.of(0));
    assertThat(values(poll(consumer, 2))).isEqualTo(numbered("e", 2, 4));
  }

  @Test
  void aClosedConsumerRefusesToPoll() {
    EventConsumer<String> consumer = filled(1).consumer(ConsumerOptions.builder().start(StartAt.earliest()).build());
    await(consumer.closeAsync());
    failure(ClientClosedException.class, consumer.poll(1, Duration.ZERO));
  }

  @Test
  void withoutBalancingEveryMemberSeesEverything() {
    if (has(Capability.GROUP_BALANCING)) {
      abort(backend().name() + " balances");
    }
    EventStream<String> stream = filled(10);
    // Not where the group is: one member may have committed before the other begins.
    ConsumerOptions options = ConsumerOptions.builder().group("g").start(StartAt.earliest()).build();
    EventConsumer<String> one = stream.consumer(options);
    EventConsumer<String> two = through(connect(), stream).consumer(options);
    assertThat(values(poll(one, 10))).isEqualTo(numbered("e", 0, 10));
    assertThat(values(poll(two, 10))).isEqualTo(numbered("e", 0, 10));
  }

  /** Exactly this many messages, in as many polls as it takes. */
}
