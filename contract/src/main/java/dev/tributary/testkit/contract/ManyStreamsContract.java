package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.ResourceName;
import dev.tributary.SubscriptionState;
import dev.tributary.admin.ResourceKind;
import dev.tributary.codec.Codecs;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.CloseTimeoutException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UndecodableException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.Position;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.StreamMessage;
import dev.tributary.stream.StreamSelection;
import dev.tributary.stream.StreamsConsumer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What one consumer does that reads several streams, by name or by pattern. */
public abstract class ManyStreamsContract extends StreamTopic {
  private static final Duration LONG = Duration.ofHours(10);
  private static final Duration OFTEN = Duration.ofSeconds(1);

  private static ConsumerOptions.Builder manual() {
    return ConsumerOptions.builder().group("g").manualCommit();
  }

  private StreamsConsumer<String> consumer(StreamSelection selection, ConsumerOptions.Builder options) {
    return client().consumer(selection, Codecs.text(), options.build());
  }

  private static StreamSelection of(EventStream<?>... streams) {
    StreamSelection.Builder selection = StreamSelection.builder();
    for (EventStream<?> stream : streams) {
      selection.streams(stream.name().toString());
    }
    return selection.build();
  }

  /** Streams of a level of their own, which is looked up often. */
  private StreamSelection.Builder level(String level) {
    requires(Capability.LIST_RESOURCES);
    return StreamSelection.builder().matching(level + ".+").refresh(OFTEN);
  }

  private EventStream<String> created(String name) {
    backend().createStream(name, 1);
    return client().stream(name, Codecs.text());
  }

  private EventStream<String> created(String name, int events) {
    EventStream<String> stream = created(name);
    get(stream.publishAll(events(numbered(name, 0, events))));
    return stream;
  }

  private List<StreamMessage<String>> poll(StreamsConsumer<String> consumer, int count) {
    List<StreamMessage<String>> all = new ArrayList<>();
    while (all.size() < count) {
      List<StreamMessage<String>> some = await(consumer.poll(count - all.size(), LONG));
      assertThat(some).isNotEmpty();
      all.addAll(some);
    }
    return all;
  }

  private static List<String> of(EventStream<?> stream, List<StreamMessage<String>> messages) {
    return messages.stream().filter(message -> message.stream().equals(stream.name())).map(StreamMessage::value).toList();
  }

  private static void delete(Contract test, EventStream<?> stream) {
    get(test.client().admin().delete(ResourceKind.STREAM, stream.name().toString()));
  }

  @Test
  void pollTakesFromAllAndEachInOrder() {
    EventStream<String> one = filled(20);
    EventStream<String> two = filled(10);
    List<StreamMessage<String>> all = poll(consumer(of(one, two), manual()), 30);
    assertThat(of(one, all)).isEqualTo(numbered("e", 0, 20));
    assertThat(of(two, all)).isEqualTo(numbered("e", 0, 10));
  }

  @Test
  void pollGetsWhatArrivesAnywhereWhileItWaits() {
    EventStream<String> one = stream();
    EventStream<String> two = stream();
    StreamsConsumer<String> consumer = consumer(of(one, two), manual());
    CompletableFuture<List<StreamMessage<String>>> first = consumer.poll(10, LONG);
    get(two.publish("e"));
    assertThat(of(two, await(first))).containsExactly("e");
    CompletableFuture<List<StreamMessage<String>>> second = consumer.poll(10, LONG);
    failure(InvalidRequestException.class, consumer.poll(10, LONG));
    get(one.publish("f"));
    assertThat(of(one, await(second))).containsExactly("f");
    assertThat(await(consumer.poll(10, Duration.ofMillis(200)))).isEmpty();
  }

  @Test
  void aCancelledPollTakesNothing() {
    EventStream<String> one = stream();
    StreamsConsumer<String> consumer = consumer(of(one, stream()), manual());
    consumer.poll(10, LONG).cancel(true);
    get(one.publish("e"));
    assertThat(of(one, poll(consumer, 1))).containsExactly("e");
  }

  @Test
  void noStreamStarvesTheOthers() {
    EventStream<String> busy = filled(400);
    EventStream<String> calm = filled(3);
    StreamsConsumer<String> consumer = consumer(of(busy, calm), manual().prefetch(16));
    await("both have something", () -> consumer.position(busy.name(), 0).isPresent() && consumer.position(calm.name(), 0).isPresent());
    List<StreamMessage<String>> polled = new ArrayList<>(await(consumer.poll(4, LONG)));
    polled.addAll(await(consumer.poll(4, LONG)));
    assertThat(of(calm, polled)).isNotEmpty();
    assertThat(of(busy, polled)).isNotEmpty();
  }

  @Test
  void whatWasCommittedInEachIsNotReadAgain() {
    EventStream<String> one = filled(10);
    EventStream<String> two = filled(10);
    StreamsConsumer<String> first = consumer(of(one, two), manual());
    List<StreamMessage<String>> some = poll(first, 9);
    await(first.commit());
    await(first.closeAsync());
    assertThat(get(one.committed("g", 0)).orElse(0)).isEqualTo(of(one, some).size());
    assertThat(get(two.committed("g", 0)).orElse(0)).isEqualTo(of(two, some).size());
    List<StreamMessage<String>> rest = poll(consumer(of(one, two), manual()), 11);
    assertThat(of(one, rest)).isEqualTo(numbered("e", of(one, some).size(), 10));
    assertThat(of(two, rest)).isEqualTo(numbered("e", of(two, some).size(), 10));
  }

  @Test
  void aPollCountsWhatTheOneBeforeHandedOut() {
    EventStream<String> one = filled(4);
    EventStream<String> two = filled(4);
    StreamsConsumer<String> consumer = consumer(of(one, two), ConsumerOptions.builder().group("g"));
    poll(consumer, 8);
    await(consumer.poll(1, Duration.ZERO));
    await(consumer.closeAsync());
    assertThat(get(one.committed("g", 0))).hasValue(4);
    assertThat(get(two.committed("g", 0))).hasValue(4);
  }

  @Test
  void theHandlerGetsEveryMessageAndStopsWithTheConsumer() {
    EventStream<String> one = filled(30);
    EventStream<String> two = filled(30);
    StreamsConsumer<String> consumer = consumer(of(one, two), ConsumerOptions.builder().group("g").prefetch(8));
    List<StreamMessage<String>> seen = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> run = consumer.process(seen::add);
    failure(InvalidRequestException.class, consumer.poll(1, Duration.ZERO));
    await("all of both", () -> seen.size() == 60);
    assertThat(of(one, seen)).isEqualTo(numbered("e", 0, 30));
    assertThat(of(two, seen)).isEqualTo(numbered("e", 0, 30));
    await(consumer.closeAsync());
    await(run);
    assertThat(consumer.state()).isEqualTo(SubscriptionState.CLOSED);
    assertThat(get(one.committed("g", 0))).hasValue(30);
    assertThat(get(two.committed("g", 0))).hasValue(30);
    failure(ClientClosedException.class, consumer.poll(1, Duration.ZERO));
    failure(ClientClosedException.class, consumer.refresh());
  }

  @Test
  void whatAHandlerFailsWithStopsAllStreamsAndStaysUncommitted() {
    EventStream<String> one = filled(3);
    EventStream<String> two = stream();
    StreamsConsumer<String> consumer = consumer(of(one, two), manual());
    AtomicInteger afterwards = new AtomicInteger();
    CompletableFuture<Void> run =
        consumer.forEach(
            message -> {
              if (message.stream().equals(two.name())) {
                afterwards.incrementAndGet();
              }
              return message.message().offset() < 1
                  ? CompletableFuture.completedFuture(null)
                  : CompletableFuture.failedFuture(new IllegalStateException("handler"));
            });
    assertThatThrownBy(() -> await(run)).isInstanceOf(IllegalStateException.class).hasMessage("handler");
    get(two.publish("later"));
    await(consumer.commit());
    assertThat(get(one.committed("g", 0))).hasValue(1);
    List<StreamMessage<String>> rest = poll(consumer, 3);
    assertThat(of(one, rest)).isEqualTo(numbered("e", 1, 3));
    assertThat(of(two, rest)).containsExactly("later");
    assertThat(afterwards).hasValue(0);
  }

  @Test
  void aHandlerMayStopAtItsMessage() {
    EventStream<String> one = filled(5);
    StreamsConsumer<String> consumer = consumer(of(one, stream()), ConsumerOptions.builder().group("g").autoCommit(Duration.ofMinutes(1)));
    await(consumer.forEach(message -> message.message().offset() == 2 ? consumer.closeAsync() : CompletableFuture.completedFuture(null)));
    await("the close", () -> consumer.state() == SubscriptionState.CLOSED);
    assertThat(get(one.committed("g", 0))).isEqualTo(OptionalLong.of(3));
  }

  @Test
  void aCloseUnderLoadCommitsWhatWasProcessedAndNamesWhatWasNot() {
    EventStream<String> one = filled(100);
    EventStream<String> two = filled(3);
    StreamsConsumer<String> consumer = consumer(of(one, two), ConsumerOptions.builder().group("g").autoCommit(Duration.ofMinutes(1)));
    Map<ResourceName, Long> processed = new ConcurrentHashMap<>();
    CompletableFuture<Void> stuck = new CompletableFuture<>();
    CompletableFuture<Void> run =
        consumer.forEach(
            message -> {
              if (message.stream().equals(two.name()) && message.message().offset() == 1) {
                stuck.complete(null);
                return new CompletableFuture<>();
              }
              processed.put(message.stream(), message.message().offset() + 1);
              return CompletableFuture.completedFuture(null);
            });
    await(stuck);
    CloseTimeoutException late = failure(CloseTimeoutException.class, consumer.closeAsync(Duration.ofSeconds(2)));
    assertThat(late.unfinished()).singleElement().asString().contains(two.name().toString(), "offset 1");
    await(run);
    assertThat(get(one.committed("g", 0)).orElse(0)).isEqualTo(processed.getOrDefault(one.name(), 0L));
    assertThat(get(two.committed("g", 0))).hasValue(1);
  }

  @Test
  void positionsAreThoseOfAStream() {
    EventStream<String> one = filled(6);
    EventStream<String> two = filled(6);
    StreamsConsumer<String> consumer = consumer(of(one, two), manual());
    poll(consumer, 12);
    assertThat(consumer.assignment()).isEqualTo(Map.of(one.name(), Set.of(0), two.name(), Set.of(0)));
    assertThat(consumer.position(one.name(), 0)).hasValue(6);
    await(consumer.seek(one.name(), new Position(0, 4)));
    assertThat(of(one, poll(consumer, 2))).isEqualTo(numbered("e", 4, 6));
    consumer.pause(one.name(), Set.of(0));
    await(consumer.seekToBeginning());
    List<StreamMessage<String>> again = poll(consumer, 6);
    assertThat(of(two, again)).isEqualTo(numbered("e", 0, 6));
    consumer.resume(one.name(), Set.of(0));
    assertThat(of(one, poll(consumer, 6))).isEqualTo(numbered("e", 0, 6));
    await(consumer.commit(one.name(), Map.of(0, 5L)));
    assertThat(get(one.committed("g", 0))).hasValue(5);
    await(consumer.seekToEnd());
    get(one.publish("new"));
    assertThat(of(one, poll(consumer, 1))).containsExactly("new");
  }

  @Test
  void aStreamThatIsNotReadHasNoPositions() {
    EventStream<String> other = stream();
    StreamsConsumer<String> consumer = consumer(of(stream(), stream()), manual());
    failure(InvalidRequestException.class, consumer.seek(other.name(), new Position(0, 0)));
    failure(InvalidRequestException.class, consumer.commit(other.name(), Map.of(0, 1L)));
    assertThatThrownBy(() -> consumer.pause(other.name(), Set.of(0))).isInstanceOf(InvalidRequestException.class);
    assertThat(consumer.position(other.name(), 0)).isEmpty();
  }

  @Test
  void aStreamThatDoesNotExistEndsTheConsumerThatNamesIt() {
    requiresThatThingsMustBeCreated();
    EventStream<String> one = stream();
    EventStream<String> missing = client().stream(fresh("missing"), Codecs.text());
    StreamsConsumer<String> consumer = consumer(of(one, missing), manual());
    NotFoundException error = failure(NotFoundException.class, consumer.poll(1, LONG));
    assertThat(error.resource()).isEqualTo(missing.name().toString());
    assertThat(consumer.state()).isEqualTo(SubscriptionState.CLOSED);
    failure(NotFoundException.class, consumer.forEach(message -> CompletableFuture.completedFuture(null)));
    failure(NotFoundException.class, consumer(of(one, missing), manual()).forEach(message -> CompletableFuture.completedFuture(null)));
  }

  @Test
  void aMessageThatCannotBeDecodedHoldsUpNoOtherStream() {
    EventStream<String> one = filled(2);
    EventStream<String> bad = stream();
    get(client().stream(bad.name().toString()).publish(NOT_TEXT));
    StreamsConsumer<String> consumer = consumer(of(one, bad), manual());
    assertThat(failure(UndecodableException.class, untilItFails(consumer)).resource()).isEqualTo(bad.name().toString());
    get(one.publish("more"));
    List<String> seen = new ArrayList<>();
    await(
        "what another stream has",
        () -> {
          seen.addAll(of(one, consumer.poll(10, Duration.ZERO).exceptionally(undecodable -> List.of()).join()));
          return seen.contains("more");
        });
  }

  private CompletableFuture<Void> untilItFails(StreamsConsumer<String> consumer) {
    return consumer.poll(1, LONG).thenCompose(some -> untilItFails(consumer));
  }

  @Test
  void aBackendThatDoesNotListRefusesPatterns() {
    if (!has(Capability.LIST_RESOURCES)) {
      assertThatThrownBy(() -> consumer(StreamSelection.matching("a.#"), manual())).isInstanceOf(UnsupportedFeatureException.class);
    }
  }

  @Test
  void aPatternReadsWhatMatchesItAndNothingElse() {
    String level = fresh("level");
    StreamSelection selection = level(level).build();
    EventStream<String> one = created(level + ".one", 2);
    EventStream<String> two = created(level + ".two", 2);
    created(level, 1);
    created(level + ".two.deep", 1);
    created(level + ".dlq", 1);
    StreamsConsumer<String> consumer = consumer(selection, manual());
    List<StreamMessage<String>> all = poll(consumer, 4);
    assertThat(of(one, all)).hasSize(2);
    assertThat(of(two, all)).hasSize(2);
    assertThat(await(consumer.poll(1, OFTEN.multipliedBy(2)))).isEmpty();
    assertThat(consumer.assignment()).containsOnlyKeys(one.name(), two.name());
  }

  @Test
  void aPatternThatMatchesNothingWaits() {
    String level = fresh("level");
    List<ResourceName> joined = new CopyOnWriteArrayList<>();
    StreamsConsumer<String> consumer = consumer(level(level).onJoined(joined::add).build(), manual());
    await("the first look", () -> consumer.state() == SubscriptionState.LIVE);
    assertThat(consumer.assignment()).isEmpty();
    CompletableFuture<List<StreamMessage<String>>> poll = consumer.poll(10, LONG);
    EventStream<String> late = created(level + ".late", 1);
    assertThat(of(late, await(poll))).hasSize(1);
    assertThat(joined).containsExactly(late.name());
  }

  @Test
  void aStreamThatComesIsReadFromItsBeginning() {
    String level = fresh("level");
    StreamSelection selection = level(level).refresh(LONG).build();
    EventStream<String> first = created(level + ".first", 3);
    StreamsConsumer<String> consumer = consumer(selection, ConsumerOptions.builder().start(StartAt.latest()));
    await("the first", () -> consumer.assignment().getOrDefault(first.name(), Set.of()).contains(0));
    EventStream<String> second = created(level + ".second", 3);
    await(consumer.refresh());
    assertThat(of(second, poll(consumer, 3))).isEqualTo(numbered(level + ".second", 0, 3));
  }

  @Test
  void theHandlerGetsWhatComesLater() {
    String level = fresh("level");
    StreamsConsumer<String> consumer = consumer(level(level).build(), manual());
    List<StreamMessage<String>> seen = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> run =
        consumer.forEach(
            message -> {
              seen.add(message);
              return CompletableFuture.completedFuture(null);
            });
    EventStream<String> late = created(level + ".late", 3);
    await("what came late", () -> of(late, seen).size() == 3);
    await(consumer.closeAsync());
    await(run);
  }

  @Test
  void aStreamThatIsDeletedLeavesAndMayComeAgain() {
    requires(Capability.CREATE_RESOURCES);
    requiresThatThingsMustBeCreated();
    String level = fresh("level");
    List<ResourceName> joined = new CopyOnWriteArrayList<>();
    List<ResourceName> left = new CopyOnWriteArrayList<>();
    StreamSelection selection = level(level).onJoined(joined::add).onLeft(left::add).build();
    EventStream<String> stays = created(level + ".stays", 1);
    EventStream<String> goes = created(level + ".goes", 5);
    StreamsConsumer<String> consumer = consumer(selection, manual());
    poll(consumer, 6);
    await(consumer.commit());
    delete(this, goes);
    await("it left", () -> left.equals(List.of(goes.name())) && consumer.assignment().size() == 1);
    get(stays.publish("still"));
    assertThat(of(stays, poll(consumer, 1))).containsExactly("still");
    created(level + ".goes", 2);
    assertThat(of(goes, poll(consumer, 2))).isEqualTo(numbered(level + ".goes", 0, 2));
    assertThat(joined).containsExactlyInAnyOrder(stays.name(), goes.name(), goes.name());
    assertThat(left).containsExactly(goes.name());
  }

  @Test
  void aStreamThatIsDeletedEndsNoHandler() {
    requires(Capability.CREATE_RESOURCES);
    requiresThatThingsMustBeCreated();
    String level = fresh("level");
    List<ResourceName> left = new CopyOnWriteArrayList<>();
    StreamSelection selection = level(level).onLeft(left::add).build();
    EventStream<String> stays = created(level + ".stays", 1);
    EventStream<String> goes = created(level + ".goes", 1);
    StreamsConsumer<String> consumer = consumer(selection, manual());
    List<StreamMessage<String>> seen = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> run =
        consumer.forEach(
            message -> {
              seen.add(message);
              return CompletableFuture.completedFuture(null);
            });
    await("both", () -> seen.size() == 2);
    delete(this, goes);
    await("it left", () -> left.contains(goes.name()));
    get(stays.publish("still"));
    await("the other goes on", () -> of(stays, seen).contains("still"));
    assertThat(run).isNotDone();
  }

  @Test
  void tooManyStreamsAreRefusedAndNoneIsLeftOut() {
    String level = fresh("level");
    List<TributaryException> failures = new CopyOnWriteArrayList<>();
    StreamSelection selection = level(level).maxStreams(2).onRefreshFailed(failures::add).build();
    EventStream<String> one = created(level + ".one", 1);
    created(level + ".two", 1);
    StreamsConsumer<String> consumer = consumer(selection, manual());
    poll(consumer, 2);
    created(level + ".three", 1);
    failure(InvalidRequestException.class, consumer.refresh());
    assertThat(consumer.state()).isEqualTo(SubscriptionState.RECONNECTING);
    await("it is told", () -> !failures.isEmpty());
    get(one.publish("more"));
    assertThat(of(one, poll(consumer, 1))).containsExactly("more");
    failure(InvalidRequestException.class, consumer(selection, manual()).poll(1, LONG));
  }
}
