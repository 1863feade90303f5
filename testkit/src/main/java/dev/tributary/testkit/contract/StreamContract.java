package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.SubscriptionState;
import dev.tributary.Tributary;
import dev.tributary.codec.Codecs;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.OverloadedException;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.EventPublisher;
import dev.tributary.stream.GroupState;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.PublisherOptions;
import dev.tributary.stream.Replay;
import dev.tributary.stream.ReplayOptions;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What streams do. */
public abstract class StreamContract extends Contract {
  private static final Duration WAIT = Duration.ofSeconds(2);

  @BeforeEach
  final void requireStreams() {
    requires(Capability.STREAMS);
  }

  @Nested
  class Publishing {
    @Test
    void eventsAreReadInTheOrderTheyWerePublished() {
      EventStream<String> stream = stream();
      List<Position> places = new ArrayList<>();
      for (String value : numbered("e", 0, 5)) {
        places.add(get(stream.publish(value)));
      }
      List<Message<String>> read = get(stream.read(0, 0, 100));
      assertThat(values(read)).isEqualTo(numbered("e", 0, 5));
      assertThat(read).extracting(Message::position).isEqualTo(places).isSortedAccordingTo(StreamContract::byOffset);
      assertThat(places.get(0)).isEqualTo(new Position(0, 0));
    }

    @Test
    void headersComeBack() {
      requires(Capability.EVENT_HEADERS);
      EventStream<String> stream = stream();
      Map<String, String> headers = Map.of("type", "order", "empty", "", "text", "größer ≥ 5\n\t\"quoted\"");
      get(stream.publish(Event.builder("e").headers(headers).build()));
      assertThat(get(stream.read(0, 0, 1)).get(0).headers()).containsAllEntriesOf(headers);
    }

    @Test
    void anEventWithoutHeadersHasNone() {
      EventStream<String> stream = stream();
      get(stream.publish("e"));
      assertThat(get(stream.read(0, 0, 1)).get(0).headers()).isEmpty();
    }

    @Test
    void theKeyComesBack() {
      requires(Capability.EVENT_KEYS);
      EventStream<String> stream = stream();
      get(stream.publish(Event.builder("with").key("k/1 ü").build()));
      get(stream.publish("without"));
      assertThat(get(stream.read(0, 0, 2))).extracting(Message::key).containsExactly("k/1 ü", null);
    }

    @Test
    void eventsOfOneKeyStayInOrderInOnePartition() {
      requires(Capability.EVENT_KEYS);
      EventStream<String> stream = stream(4);
      List<Event<String>> events = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        events.add(Event.builder("v-" + i).key("key-" + i % 6).build());
      }
      List<Position> places = get(stream.publishAll(events));
      for (int key = 0; key < 6; key++) {
        List<Position> ofKey = new ArrayList<>();
        for (int i = key; i < 60; i += 6) {
          ofKey.add(places.get(i));
        }
        assertThat(ofKey).extracting(Position::partition).containsOnly(ofKey.get(0).partition());
        assertThat(ofKey).isSortedAccordingTo(StreamContract::byOffset);
      }
    }

    @Test
    void anEventGoesToThePartitionThatWasChosen() {
      requires(Capability.EVENT_PARTITION);
      EventStream<String> stream = stream(3);
      assertThat(get(stream.publish(Event.builder("e").partition(2).build()))).isEqualTo(new Position(2, 0));
      assertThat(values(get(stream.read(2, 0, 10)))).containsExactly("e");
      assertThat(get(stream.read(0, 0, 10))).isEmpty();
    }

    @Test
    void anyBytesComeBack() {
      EventStream<byte[]> stream = client().stream(stream().name().toString());
      byte[] all = new byte[512];
      for (int i = 0; i < all.length; i++) {
        all[i] = (byte) i;
      }
      get(stream.publish(all));
      assertThat(get(stream.read(0, 0, 1)).get(0).value()).isEqualTo(all);
    }

    @Test
    void theTimeIsKept() {
      EventStream<String> stream = stream();
      Instant before = backend().time().now();
      get(stream.publish("e"));
      Instant stored = get(stream.read(0, 0, 1)).get(0).timestamp();
      if (stored != null) {
        assertThat(stored).isBetween(before.minusSeconds(1), backend().time().now().plusSeconds(1));
      }
    }

    @Test
    void publishAllKeepsTheOrderAndSaysWhere() {
      EventStream<String> stream = stream();
      List<Position> places = get(stream.publishAll(events(numbered("e", 0, 2500))));
      assertThat(places).hasSize(2500).isSortedAccordingTo(StreamContract::byOffset).doesNotHaveDuplicates();
      assertThat(readAll(stream, 2500)).isEqualTo(numbered("e", 0, 2500));
    }

    @Test
    void publishAllSplitsWhatDoesNotFitIntoOneCall() {
      EventStream<String> stream = stream();
      List<String> values = numbered("x".repeat(200_000), 0, 45);
      assertThat(get(stream.publishAll(events(values)))).hasSize(45).isSortedAccordingTo(StreamContract::byOffset);
      assertThat(readAll(stream, 45)).isEqualTo(values);
    }

    @Test
    void aDuplicateIsStoredOnce() {
      requires(Capability.EVENT_DEDUPLICATION);
      EventStream<String> stream = stream();
      Position first = get(stream.publish(Event.builder("e").deduplicationId("d-1").build()));
      Position again = get(stream.publish(Event.builder("e").deduplicationId("d-1").build()));
      get(stream.publish(Event.builder("other").deduplicationId("d-2").build()));
      assertThat(again).isEqualTo(first);
      assertThat(values(get(stream.read(0, 0, 10)))).containsExactly("e", "other");
    }

    @Test
    void aDelayedEventIsReadableWhenItsTimeHasCome() {
      requires(Capability.EVENT_DELAY);
      EventStream<String> stream = stream();
      get(stream.publish(Event.builder("late").delay(WAIT).build()));
      Probe<Message<String>> probe = Probe.of(stream.subscribe(SubscribeOptions.from(StartAt.earliest())));
      assertThat(get(stream.read(0, 0, 10))).isEmpty();
      pass(WAIT.plusSeconds(1));
      await("the delayed event", () -> probe.count() == 1);
      assertThat(values(get(stream.read(0, 0, 10)))).containsExactly("late");
    }

    @Test
    void anExpiredEventIsNotRead() {
      requires(Capability.EVENT_TTL);
      EventStream<String> stream = stream();
      get(stream.publish(Event.builder("short").ttl(WAIT).build()));
      get(stream.publish("long"));
      assertThat(values(get(stream.read(0, 0, 10)))).containsExactly("short", "long");
      pass(WAIT.plusSeconds(1));
      assertThat(values(get(stream.read(0, 0, 10)))).containsExactly("long");
    }

    @Test
    void thePriorityComesBack() {
      requires(Capability.EVENT_PRIORITY);
      EventStream<String> stream = stream();
      get(stream.publish(Event.builder("urgent").priority(1).build()));
      assertThat(get(stream.read(0, 0, 1)).get(0).priority()).isPositive();
    }

    @Test
    void aStreamThatDoesNotExistIsNotFound() {
      requiresThatThingsMustBeCreated();
      EventStream<String> nowhere = client().stream(fresh("nowhere"), Codecs.text());
      failure(NotFoundException.class, nowhere.publish("e"));
      failure(NotFoundException.class, nowhere.read(0, 0, 1));
      failure(NotFoundException.class, nowhere.latestOffset(0));
      failure(NotFoundException.class, nowhere.commit("g", new Position(0, 1)));
      failure(NotFoundException.class, nowhere.committed("g", 0));
      failure(NotFoundException.class, nowhere.groupState("g"));
    }
  }

  @Nested
  class Batching {
    @Test
    void aBatchingPublisherKeepsTheOrder() {
      EventStream<String> stream = stream();
      try (EventPublisher<String> publisher = stream.publisher(PublisherOptions.DEFAULT.withBatch(7, 1 << 20))) {
        List<CompletableFuture<Position>> placed = numbered("e", 0, 200).stream().map(publisher::publish).toList();
        get(publisher.flush());
        assertThat(placed).allMatch(CompletableFuture::isDone);
        assertThat(placed.stream().map(Contract::get).toList()).isSortedAccordingTo(StreamContract::byOffset).doesNotHaveDuplicates();
      }
      assertThat(readAll(stream, 200)).isEqualTo(numbered("e", 0, 200));
    }

    @Test
    void flushDoesNotWaitForTheLinger() {
      EventStream<String> stream = stream();
      EventPublisher<String> publisher = stream.publisher(PublisherOptions.DEFAULT.withLinger(Duration.ofDays(1)));
      CompletableFuture<Position> placed = publisher.publish("e");
      get(publisher.flush());
      assertThat(placed).isCompletedWithValue(new Position(0, 0));
    }

    @Test
    void theLingerEnds() {
      EventStream<String> stream = stream();
      EventPublisher<String> publisher = stream.publisher(PublisherOptions.DEFAULT.withLinger(Duration.ofMillis(300)));
      CompletableFuture<Position> placed = publisher.publish("e");
      pass(Duration.ofMillis(300));
      assertThat(await(placed)).isEqualTo(new Position(0, 0));
    }

    @Test
    void closingSendsWhatWaits() {
      EventStream<String> stream = stream();
      EventPublisher<String> publisher = stream.publisher(PublisherOptions.DEFAULT.withLinger(Duration.ofDays(1)));
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
      EventPublisher<String> publisher = through(other, stream).publisher(PublisherOptions.DEFAULT.withLinger(Duration.ofDays(1)));
      CompletableFuture<Position> placed = publisher.publish("e");
      await(other.closeAsync());
      assertThat(placed).isCompletedWithValue(new Position(0, 0));
      assertThat(values(get(stream.read(0, 0, 2)))).containsExactly("e");
    }

    @Test
    void tooManyInFlightAreRefusedUntilThereIsRoom() {
      EventStream<String> stream = stream();
      PublisherOptions options = PublisherOptions.DEFAULT.withInFlight(3, 1 << 20).withLinger(Duration.ofDays(1));
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
      PublisherOptions options = PublisherOptions.DEFAULT.withInFlight(1000, 100).withLinger(Duration.ofDays(1));
      EventPublisher<String> publisher = stream.publisher(options);
      CompletableFuture<Position> placed = publisher.publish("x".repeat(100));
      failure(OverloadedException.class, publisher.publish("x"));
      get(publisher.flush());
      assertThat(placed).isCompletedWithValue(new Position(0, 0));
    }
  }

  @Nested
  class Reading {
    @Test
    void readsAtMostAsManyAsAskedForFromTheOffset() {
      EventStream<String> stream = filled(10);
      assertThat(values(get(stream.read(0, 4, 3)))).containsExactly("e-4", "e-5", "e-6");
    }

    @Test
    void readingPastTheEndGivesNothing() {
      EventStream<String> stream = filled(2);
      assertThat(get(stream.read(0, 2, 10))).isEmpty();
      assertThat(get(stream.read(0, 1000, 10))).isEmpty();
    }

    @Test
    void anEmptyStreamHasNoLatestOffset() {
      EventStream<String> stream = stream();
      assertThat(get(stream.latestOffset(0))).isEmpty();
      assertThat(get(stream.read(0, 0, 10))).isEmpty();
    }

    @Test
    void theLatestOffsetIsThatOfTheLastMessage() {
      assertThat(get(filled(3).latestOffset(0))).hasValue(2);
    }

    @Test
    void theNumberOfPartitionsIsKnown() {
      assertThat(get(stream().partitions())).isEqualTo(1);
    }
  }

  @Nested
  class Committing {
    @Test
    void aGroupThatNeverCommittedHasNoOffset() {
      assertThat(get(filled(3).committed("never", 0))).isEmpty();
    }

    @Test
    void theCommittedOffsetIsTheNextToRead() {
      EventStream<String> stream = filled(5);
      get(stream.commit("g", new Position(0, 2)));
      assertThat(get(stream.committed("g", 0))).hasValue(2);
      Probe<Message<String>> probe = Probe.of(stream.subscribe(options("g", StartAt.committed())));
      await("three messages", () -> probe.count() == 3);
      assertThat(values(probe.items())).containsExactly("e-2", "e-3", "e-4");
    }

    @Test
    void aCommitMayGoBackwardsToTheBeginning() {
      EventStream<String> stream = filled(5);
      get(stream.commit("g", new Position(0, 4)));
      get(stream.commit("g", new Position(0, 1)));
      assertThat(get(stream.committed("g", 0))).hasValue(1);
      get(stream.commit("g", new Position(0, 0)));
      Probe<Message<String>> probe = Probe.of(stream.subscribe(options("g", StartAt.committed())), 1);
      await("a message", () -> probe.count() == 1);
      assertThat(values(probe.items())).containsExactly("e-0");
    }

    @Test
    void groupsCommitForThemselves() {
      EventStream<String> stream = filled(5);
      get(stream.commit("one", new Position(0, 1)));
      get(stream.commit("two", new Position(0, 2)));
      assertThat(get(stream.committed("one", 0))).hasValue(1);
      assertThat(get(stream.committed("two", 0))).hasValue(2);
    }

    @Test
    void theStateOfAGroupSaysHowFarItIs() {
      EventStream<String> stream = filled(5);
      get(stream.commit("g", new Position(0, 2)));
      GroupState state = get(stream.groupState("g"));
      assertThat(state.group()).isEqualTo("g");
      assertThat(state.partitions())
          .containsExactly(new GroupState.PartitionState(0, OptionalLong.of(2), OptionalLong.of(4), 3));
      get(stream.commit("g", new Position(0, 5)));
      assertThat(get(stream.groupState("g")).lag()).isZero();
    }

    @Test
    void theLagOfAGroupThatNeverCommittedIsTheWholeStream() {
      assertThat(get(filled(5).groupState("never")).partitions())
          .containsExactly(new GroupState.PartitionState(0, OptionalLong.empty(), OptionalLong.of(4), 5));
    }

    @Test
    void nothingLagsInAnEmptyStream() {
      assertThat(get(stream().groupState("g")).partitions())
          .containsExactly(new GroupState.PartitionState(0, OptionalLong.empty(), OptionalLong.empty(), 0));
    }

    @Test
    void groupsThatCommittedAreListed() {
      requires(Capability.GROUP_LISTING);
      EventStream<String> stream = filled(1);
      get(stream.commit("beta", new Position(0, 1)));
      get(stream.commit("alpha", new Position(0, 1)));
      assertThat(get(stream.groups())).contains("alpha", "beta");
    }
  }

  @Nested
  class Subscribing {
    @Test
    void earliestBeginsAtTheFirstMessage() {
      EventStream<String> stream = filled(3);
      Probe<Message<String>> probe = Probe.of(stream.subscribe(SubscribeOptions.from(StartAt.earliest())));
      await("three messages", () -> probe.count() == 3);
      get(stream.publish("e-3"));
      await("the fourth message", () -> probe.count() == 4);
      assertThat(values(probe.items())).isEqualTo(numbered("e", 0, 4));
    }

    @Test
    void latestBeginsWithWhatIsPublishedFromNowOn() {
      EventStream<String> stream = filled(3);
      Probe<Message<String>> probe = live(stream, SubscribeOptions.builder().start(StartAt.latest()));
      get(stream.publish("new"));
      await("the new message", () -> probe.count() == 1);
      assertThat(values(probe.items())).containsExactly("new");
    }

    @Test
    void committedBeginsAtTheEarliestIfTheGroupNeverCommitted() {
      EventStream<String> stream = filled(2);
      Probe<Message<String>> probe = Probe.of(stream.subscribe(options("never", StartAt.committed())));
      await("two messages", () -> probe.count() == 2);
      assertThat(values(probe.items())).containsExactly("e-0", "e-1");
    }

    @Test
    void anOffsetBeginsThere() {
      EventStream<String> stream = filled(5);
      Probe<Message<String>> probe = Probe.of(stream.subscribe(SubscribeOptions.from(StartAt.offset(3))));
      await("two messages", () -> probe.count() == 2);
      assertThat(values(probe.items())).containsExactly("e-3", "e-4");
    }

    @Test
    void anOffsetAheadIsWaitedFor() {
      EventStream<String> stream = filled(2);
      Probe<Message<String>> probe = live(stream, SubscribeOptions.builder().start(StartAt.offset(4)));
      get(stream.publishAll(events(numbered("e", 2, 6))));
      await("two messages", () -> probe.count() == 2);
      assertThat(values(probe.items())).containsExactly("e-4", "e-5");
    }

    @Test
    void aTimeBeginsWithWhatWasStoredThenOrLater() {
      requires(Capability.START_AT_TIME);
      EventStream<String> stream = filled(3);
      pass(Duration.ofSeconds(2));
      Instant then = backend().time().now();
      pass(Duration.ofSeconds(1));
      get(stream.publishAll(events(numbered("e", 3, 5))));
      Probe<Message<String>> probe = Probe.of(stream.subscribe(SubscribeOptions.from(StartAt.time(then))));
      await("two messages", () -> probe.count() == 2);
      assertThat(values(probe.items())).containsExactly("e-3", "e-4");
    }

    @Test
    void aSubscriberSeesEverythingInOrderWhileItIsPublished() {
      EventStream<String> stream = filled(500);
      Probe<Message<String>> probe = Probe.of(stream.subscribe(SubscribeOptions.from(StartAt.earliest())));
      for (int batch = 500; batch < 2000; batch += 100) {
        get(stream.publishAll(events(numbered("e", batch, batch + 100))));
      }
      await("2,000 messages", () -> probe.count() == 2000);
      assertThat(offsets(probe.items())).isEqualTo(LongStream.range(0, 2000).boxed().toList());
      assertThat(values(probe.items())).isEqualTo(numbered("e", 0, 2000));
    }

    @Test
    void nothingComesBeyondTheDemand() {
      EventStream<String> stream = filled(100);
      SubscribeOptions few = SubscribeOptions.builder().start(StartAt.earliest()).prefetch(8).build();
      Probe<Message<String>> slow = Probe.of(stream.subscribe(few), 0);
      Probe<Message<String>> fast = Probe.of(stream.subscribe(few));
      await("the fast subscriber", () -> fast.count() == 100);
      assertThat(slow.count()).isZero();
      slow.request(3);
      await("three messages", () -> slow.count() == 3);
      slow.request(1);
      await("the fourth message", () -> slow.count() == 4);
      pass(Duration.ofSeconds(1));
      assertThat(values(slow.items())).isEqualTo(numbered("e", 0, 4));
      for (int i = 4; i < 100; i++) {
        slow.request(1);
      }
      await("all messages", () -> slow.count() == 100);
      assertThat(values(slow.items())).isEqualTo(numbered("e", 0, 100));
    }

    @Test
    void subscribersAreIndependent() {
      EventStream<String> stream = filled(20);
      var publisher = stream.subscribe(SubscribeOptions.from(StartAt.earliest()));
      Probe<Message<String>> one = Probe.of(publisher);
      Probe<Message<String>> two = Probe.of(publisher, 5);
      await("everything", () -> one.count() == 20 && two.count() == 5);
      two.cancel();
      get(stream.publish("e-20"));
      await("the last message", () -> one.count() == 21);
      assertThat(values(one.items())).isEqualTo(numbered("e", 0, 21));
      assertThat(values(two.items())).isEqualTo(numbered("e", 0, 5));
    }

    @Test
    void nothingComesAfterACancel() {
      EventStream<String> stream = filled(5);
      Probe<Message<String>> probe = Probe.of(stream.subscribe(SubscribeOptions.from(StartAt.earliest())));
      Probe<Message<String>> other = Probe.of(stream.subscribe(SubscribeOptions.from(StartAt.earliest())));
      await("five messages", () -> probe.count() == 5);
      probe.cancel();
      get(stream.publishAll(events(numbered("e", 5, 10))));
      await("the other subscriber", () -> other.count() == 10);
      pass(Duration.ofSeconds(1));
      assertThat(probe.count()).isEqualTo(5);
      assertThat(probe.ends()).isZero();
    }

    @Test
    void aSubscriptionOfNoStreamEndsWithAnErrorOnce() {
      requiresThatThingsMustBeCreated();
      EventStream<byte[]> nowhere = client().stream(fresh("nowhere"));
      Probe<Message<byte[]>> probe = Probe.of(nowhere.subscribe(SubscribeOptions.from(StartAt.earliest())));
      await("the end", () -> probe.ends() == 1);
      assertThat(probe.error()).isInstanceOf(NotFoundException.class);
      pass(Duration.ofSeconds(1));
      assertThat(probe.ends()).isEqualTo(1);
    }

    @Test
    void closingTheClientEndsASubscriptionOnce() {
      EventStream<String> stream = filled(2);
      Tributary other = connect();
      List<SubscriptionState> states = new CopyOnWriteArrayList<>();
      SubscribeOptions options = SubscribeOptions.builder().start(StartAt.earliest()).onState(states::add).build();
      Probe<Message<String>> probe = Probe.of(through(other, stream).subscribe(options));
      await("two messages", () -> probe.count() == 2);
      await(other.closeAsync());
      await("the end", () -> probe.ends() == 1);
      await("the last state", () -> states.contains(SubscriptionState.CLOSED));
      assertThat(states).contains(SubscriptionState.LIVE).endsWith(SubscriptionState.CLOSED);
    }

    @Test
    void aSubscriptionNeverCommits() {
      EventStream<String> stream = filled(5);
      Probe<Message<String>> probe = Probe.of(stream.subscribe(options("g", StartAt.earliest())));
      await("five messages", () -> probe.count() == 5);
      pass(Duration.ofSeconds(6));
      assertThat(get(stream.committed("g", 0))).isEmpty();
    }
  }

  @Nested
  class Consuming {
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
    void forEachEndsWhenTheConsumerIsClosed() {
      EventStream<String> stream = filled(3);
      EventConsumer<String> consumer = stream.consumer(ConsumerOptions.group("g"));
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
      assertThat(consumer.position(0)).isEqualTo(10);
      await(consumer.seekToBeginning());
      assertThat(values(poll(consumer, 2))).isEqualTo(numbered("e", 0, 2));
      assertThat(consumer.position(0)).isEqualTo(2);
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
      EventConsumer<String> one = stream.consumer(ConsumerOptions.group("g"));
      EventConsumer<String> two = through(connect(), stream).consumer(ConsumerOptions.group("g"));
      assertThat(values(poll(one, 10))).isEqualTo(numbered("e", 0, 10));
      assertThat(values(poll(two, 10))).isEqualTo(numbered("e", 0, 10));
    }
  }

  /** Members of one group, where the backend shares partitions between them. */
  @Nested
  class Balancing {
    private static final int PARTITIONS = 4;
    private final Set<String> seen = ConcurrentHashMap.newKeySet();

    @Test
    void membersShareThePartitions() {
      EventStream<String> stream = balanced();
      EventConsumer<String> one = member(client(), stream);
      EventConsumer<String> two = member(connect(), stream);
      await("an even share", () -> one.assignment().size() == 2 && two.assignment().size() == 2);
      assertThat(union(one, two)).containsExactlyInAnyOrder(0, 1, 2, 3);
      publish(stream, 0, 80);
      await("everything", () -> seen.size() == 80);
    }

    @Test
    void nothingIsLostWhenAMemberJoinsAndLeaves() {
      EventStream<String> stream = balanced();
      EventConsumer<String> one = member(client(), stream);
      publish(stream, 0, 40);
      EventConsumer<String> two = member(connect(), stream);
      publish(stream, 40, 80);
      await("an even share", () -> one.assignment().size() == 2 && two.assignment().size() == 2);
      publish(stream, 80, 120);
      await(two.closeAsync());
      publish(stream, 120, 160);
      await("the whole again", () -> one.assignment().size() == PARTITIONS);
      await("everything", () -> seen.size() == 160);
    }

    @Test
    void nothingIsLostWhenAMemberDies() {
      EventStream<String> stream = balanced();
      EventConsumer<String> one = member(client(), stream);
      Tributary mortal = connect();
      EventConsumer<String> two = member(mortal, stream);
      await("an even share", () -> one.assignment().size() == 2 && two.assignment().size() == 2);
      publish(stream, 0, 80);
      backend().kill(mortal);
      publish(stream, 80, 160);
      await("the whole again", () -> one.assignment().size() == PARTITIONS);
      await("everything", () -> seen.size() == 160);
    }

    @Test
    void aPartitionIsReadByOneMemberAtATime() {
      EventStream<String> stream = balanced();
      EventConsumer<String> one = member(client(), stream);
      EventConsumer<String> two = member(connect(), stream);
      await("an even share", () -> one.assignment().size() == 2 && two.assignment().size() == 2);
      Set<Integer> both = new HashSet<>(one.assignment());
      both.retainAll(two.assignment());
      assertThat(both).isEmpty();
    }

    private EventStream<String> balanced() {
      requires(Capability.GROUP_BALANCING, Capability.EVENT_PARTITION);
      return stream(PARTITIONS);
    }

    private EventConsumer<String> member(Tributary of, EventStream<String> stream) {
      EventConsumer<String> consumer =
          through(of, stream).consumer(ConsumerOptions.builder().group("g").autoCommit(Duration.ofMillis(200)).build());
      consumer.forEach(
          message -> {
            seen.add(message.value());
            return CompletableFuture.completedFuture(null);
          });
      return consumer;
    }

    private void publish(EventStream<String> stream, int from, int to) {
      List<Event<String>> events = new ArrayList<>();
      for (int i = from; i < to; i++) {
        events.add(Event.builder("e-" + i).partition(i % PARTITIONS).build());
      }
      get(stream.publishAll(events));
    }

    private Set<Integer> union(EventConsumer<?> one, EventConsumer<?> two) {
      Set<Integer> all = new HashSet<>(one.assignment());
      all.addAll(two.assignment());
      return all;
    }
  }

  @Nested
  class Replaying {
    @Test
    void aSessionDoesNothingUntilItIsStarted() {
      requires(Capability.REPLAY);
      EventStream<String> stream = filled(10);
      Replay replay = get(stream.replay(ReplayOptions.range("_replay_a", 2, 5)));
      Replay.State state = get(replay.state());
      assertThat(state.id()).isEqualTo(replay.id());
      assertThat(state.group()).isEqualTo("_replay_a");
      assertThat(state.status()).isEqualTo(Replay.Status.CREATED);
      assertThat(state.replayed()).isZero();
      assertThat(get(stream.committed("_replay_a", 0))).isEmpty();
    }

    @Test
    void aSessionMovesItsSandboxGroupThroughTheRange() {
      requires(Capability.REPLAY);
      EventStream<String> stream = filled(10);
      Replay replay = get(stream.replay(ReplayOptions.range("_replay_b", 2, 5)));
      get(replay.start());
      await("the end", () -> get(replay.state()).status() == Replay.Status.COMPLETED);
      Replay.State state = get(replay.state());
      assertThat(state.replayed()).isEqualTo(4);
      assertThat(state.nextOffset()).isEqualTo(6);
      assertThat(state.errors()).isZero();
      assertThat(get(stream.committed("_replay_b", 0))).hasValue(6);
    }

    @Test
    void aSessionCanBeListedStoppedAndDeleted() {
      requires(Capability.REPLAY);
      EventStream<String> stream = filled(3);
      Replay replay = get(stream.replay(ReplayOptions.from("_replay_c", 0)));
      assertThat(get(stream.replays())).extracting(Replay::id).containsExactly(replay.id());
      get(replay.start());
      get(replay.pause());
      assertThat(get(replay.state()).status()).isEqualTo(Replay.Status.PAUSED);
      get(replay.resume());
      assertThat(get(replay.state()).status()).isEqualTo(Replay.Status.ACTIVE);
      get(replay.stop());
      get(replay.stop());
      assertThat(get(replay.state()).status()).isEqualTo(Replay.Status.STOPPED);
      get(replay.delete());
      assertThat(get(stream.replays())).isEmpty();
      failure(NotFoundException.class, replay.state());
    }

    @Test
    void deletingARunningSessionStopsIt() {
      requires(Capability.REPLAY);
      EventStream<String> stream = filled(3);
      Replay replay = get(stream.replay(ReplayOptions.from("_replay_d", 0)));
      get(replay.start());
      get(replay.delete());
      assertThat(get(stream.replays())).isEmpty();
    }
  }

  private EventStream<String> filled(int events) {
    EventStream<String> stream = stream();
    get(stream.publishAll(events(numbered("e", 0, events))));
    return stream;
  }

  /** A subscription that is connected, so that what is published next is new to it. */
  private Probe<Message<String>> live(EventStream<String> stream, SubscribeOptions.Builder options) {
    CompletableFuture<Void> live = new CompletableFuture<>();
    options.onState(
        state -> {
          if (state == SubscriptionState.LIVE) {
            live.complete(null);
          }
        });
    Probe<Message<String>> probe = Probe.of(stream.subscribe(options.build()));
    await(live);
    return probe;
  }

  /** Exactly this many messages, in as many polls as it takes. */
  private List<Message<String>> poll(EventConsumer<String> consumer, int count) {
    List<Message<String>> all = new ArrayList<>();
    while (all.size() < count) {
      List<Message<String>> some = await(consumer.poll(count - all.size(), Duration.ofMinutes(10)));
      assertThat(some).isNotEmpty();
      all.addAll(some);
    }
    return Collections.unmodifiableList(all);
  }

  private static List<String> readAll(EventStream<String> stream, int count) {
    List<String> all = new ArrayList<>();
    while (all.size() < count) {
      List<Message<String>> page = get(stream.read(0, all.size(), count - all.size()));
      assertThat(page).as("after %d of %d", all.size(), count).isNotEmpty();
      all.addAll(values(page));
    }
    return all;
  }

  private static SubscribeOptions options(String group, StartAt start) {
    return SubscribeOptions.builder().group(group).start(start).build();
  }

  private static List<String> values(List<Message<String>> messages) {
    return messages.stream().map(Message::value).collect(Collectors.toList());
  }

  private static List<Long> offsets(List<Message<String>> messages) {
    return messages.stream().map(Message::offset).toList();
  }

  private static int byOffset(Position one, Position two) {
    return Long.compare(one.offset(), two.offset());
  }
}
