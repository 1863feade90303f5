package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.codec.Codecs;
import dev.tributary.error.UndecodableException;
import dev.tributary.queue.DeadLetter;
import dev.tributary.spi.DeadLetterHeaders;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.EventKey;
import dev.tributary.stream.Message;
import dev.tributary.stream.OnUndecodable;
import dev.tributary.stream.Position;
import dev.tributary.stream.StreamSelection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What clients add to the dead letters of a stream, by a call or because a handler failed too often. */
public abstract class DeadLetterAddingContract extends StreamTopic {
  private static final RedeliveryPolicy THRICE = RedeliveryPolicy.builder().maxAttempts(3).fixedBackoff(Duration.ofSeconds(1)).build();

  private static final RedeliveryPolicy SLOW = RedeliveryPolicy.builder().maxAttempts(2).fixedBackoff(Duration.ofHours(10)).build();
  private static final EventKey NO_TEXT = EventKey.of(NOT_TEXT);

  private final List<String> seen = new CopyOnWriteArrayList<>();

  @BeforeEach
  final void requireThatTheyCanBeAdded() {
    requires(Capability.STREAM_DEAD_LETTERS, Capability.DEAD_LETTER_ADD);
  }

  private Message<String> only(EventStream<String> stream, Event.Builder<String> event) {
    Position at = get(stream.publish(event.build()));
    return get(stream.read(at.partition(), at.offset(), 1)).get(0);
  }

  private Event.Builder<String> poison() {
    Event.Builder<String> poison = Event.builder("poison");
    if (has(Capability.EVENT_KEYS)) {
      poison.key(has(Capability.BINARY_EVENT_KEYS) ? NO_TEXT : EventKey.of("k"));
    }
    return has(Capability.EVENT_HEADERS) ? poison.header("type", "mail") : poison;
  }

  private Map<String, String> headers() {
    return has(Capability.EVENT_HEADERS) ? Map.of("type", "mail") : Map.of();
  }

  private static List<String> letters(EventStream<String> stream) {
    return get(stream.deadLetters().list(100)).stream().map(DeadLetter::value).toList();
  }

  private static ConsumerOptions options(RedeliveryPolicy policy) {
    return ConsumerOptions.builder().group("g").autoCommit(Duration.ofMillis(200)).redelivery(policy).build();
  }

  private static EventConsumer<String> consumer(EventStream<String> stream, RedeliveryPolicy policy) {
    return stream.consumer(options(policy));
  }

  /** Fails at what begins with poison, and notes everything. */
  private CompletableFuture<Void> handle(Message<String> message) {
    seen.add(message.value());
    if (message.value().startsWith("poison")) {
      throw new IllegalStateException("cannot stomach " + message.value());
    }
    return CompletableFuture.completedFuture(null);
  }

  // By a call

  @Test
  void whatIsKnownOfALetterIsListed() {
    EventStream<String> stream = stream();
    Message<String> message = only(stream, poison());
    Instant first = Instant.parse("2026-01-02T03:04:05.678Z");
    String id =
        get(
            stream
                .deadLetters()
                .add(
                    DeadLetter.builder(message)
                        .attempts(4)
                        .reason("it was \"too much\" – really")
                        .firstFailedAt(first)
                        .failedAt(first.plusSeconds(60))
                        .build()));
    List<DeadLetter<String>> letters = get(stream.deadLetters().list(10));
    assertThat(letters)
        .containsExactly(
            DeadLetter.builder("poison")
                .id(id)
                .key(message.key())
                .headers(headers())
                .position(message.position())
                .attempts(4)
                .reason("it was \"too much\" – really")
                .firstFailedAt(first)
                .failedAt(first.plusSeconds(60))
                .build());
  }

  @Test
  void aLetterThatIsAddedTwiceIsThereOnce() {
    EventStream<String> stream = stream();
    DeadLetter<String> letter = DeadLetter.builder(only(stream, poison())).reason("no").build();
    String id = get(stream.deadLetters().add(letter));
    assertThat(get(stream.deadLetters().add(letter.toBuilder().attempts(2).build()))).isEqualTo(id);
    get(stream.deadLetters().add(DeadLetter.builder("other").id("mine").build()));
    get(stream.deadLetters().add(DeadLetter.builder("other").id("mine").build()));
    assertThat(letters(stream)).containsExactly("poison", "other");
  }

  @Test
  void lettersOfOneValueAreSeveralUnlessTheyAreOneMessage() {
    EventStream<String> stream = stream();
    get(stream.deadLetters().add(DeadLetter.builder(only(stream, poison())).build()));
    get(stream.deadLetters().add(DeadLetter.builder(only(stream, poison())).build()));
    get(stream.deadLetters().add(DeadLetter.builder("poison").build()));
    get(stream.deadLetters().add(DeadLetter.builder("poison").build()));
    assertThat(letters(stream)).containsExactly("poison", "poison", "poison", "poison");
    assertThat(get(stream.deadLetters().list(10))).extracting(DeadLetter::id).doesNotHaveDuplicates();
    assertThat(get(stream.deadLetters().list(2))).hasSize(2);
  }

  @Test
  void aLetterThatWasReplayedHasItsKeyAndCanBeAddedAgain() {
    requires(Capability.DEAD_LETTER_REPLAY);
    EventStream<String> stream = stream();
    DeadLetter<String> letter = DeadLetter.builder(only(stream, poison())).reason("no").build();
    String id = get(stream.deadLetters().add(letter));
    get(stream.deadLetters().add(DeadLetter.builder("other").build()));
    get(stream.deadLetters().replay(id));
    Message<String> again = get(stream.read(0, 1, 1)).get(0);
    assertThat(again.value()).isEqualTo("poison");
    assertThat(again.key()).isEqualTo(letter.key());
    get(stream.deadLetters().add(letter));
    assertThat(letters(stream)).as("once, since somebody went back to it").containsExactlyInAnyOrder("other", "poison");
  }

  @Test
  void aLetterThatWasPurgedCanBeAddedAgain() {
    requires(Capability.DEAD_LETTER_PURGE);
    EventStream<String> stream = stream();
    DeadLetter<String> letter = DeadLetter.builder(only(stream, poison())).build();
    get(stream.deadLetters().add(letter));
    get(stream.deadLetters().purge());
    get(stream.deadLetters().add(letter));
    assertThat(letters(stream)).containsExactly("poison");
  }

  @Test
  void whatIsNoLetterIsPassedOver() {
    EventStream<String> stream = stream();
    get(stream.deadLetters().add(DeadLetter.builder("one").build()));
    EventStream<byte[]> letters = client().stream(stream.name().name() + DeadLetterHeaders.STREAM_SUFFIX);
    get(letters.publish("{\"id\":7}".getBytes(StandardCharsets.UTF_8)));
    get(letters.publish(NOT_TEXT));
    get(stream.deadLetters().add(DeadLetter.builder("two").build()));
    assertThat(letters(stream)).containsExactly("one", "two");
  }

  @Test
  void aMessageThatCannotBeDecodedIsAddedWithItsBytes() {
    EventStream<String> stream = stream();
    EventStream<byte[]> raw = client().stream(stream.name().toString());
    get(raw.publish(NOT_TEXT));
    get(stream.deadLetters().add(DeadLetter.builder(get(stream.read(0, 0, 1)).get(0)).build()));
    DeadLetter<String> letter = get(stream.deadLetters().list(10)).get(0);
    assertThat(checked(UndecodableException.class, letter.undecodable()).bytes()).isEqualTo(NOT_TEXT);
  }

  // By a consumer

  @Test
  void aMessageAtWhichTheHandlerFailsTooOftenBecomesALetterAndTheOthersFollow() {
    EventStream<String> stream = stream();
    get(stream.publish("a"));
    Message<String> poison = only(stream, poison());
    get(stream.publish("b"));
    Instant begun = backend().time().now().truncatedTo(ChronoUnit.SECONDS);
    consumer(stream, THRICE).forEach(this::handle);
    await("the commit", () -> get(stream.committed("g", 0)).equals(OptionalLong.of(3)));
    assertThat(seen).containsExactly("a", "poison", "poison", "poison", "b");
    DeadLetter<String> letter = get(stream.deadLetters().list(10)).get(0);
    assertThat(letter.value()).isEqualTo("poison");
    assertThat(letter.key()).isEqualTo(poison.key());
    assertThat(letter.headers()).isEqualTo(headers());
    assertThat(letter.position()).isEqualTo(poison.position());
    assertThat(letter.attempts()).hasValue(3);
    assertThat(letter.reason()).contains("cannot stomach poison");
    assertThat(letter.firstFailedAt()).isAfterOrEqualTo(begun);
    assertThat(Duration.between(letter.firstFailedAt(), letter.failedAt())).isGreaterThanOrEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void aConsumerOfSeveralStreamsAddsToTheLettersOfEach() {
    EventStream<String> one = stream();
    EventStream<String> two = stream();
    get(one.publishAll(events(List.of("poison-1", "a"))));
    get(two.publishAll(events(List.of("b", "poison-2", "c"))));
    StreamSelection both = StreamSelection.builder().streams(one.name().toString(), two.name().toString()).build();
    client().consumer(both, Codecs.text(), options(THRICE)).forEach(message -> handle(message.message()));
    await("the commit in one", () -> get(one.committed("g", 0)).equals(OptionalLong.of(2)));
    await("the commit in the other", () -> get(two.committed("g", 0)).equals(OptionalLong.of(3)));
    assertThat(seen).containsExactlyInAnyOrder("poison-1", "poison-1", "poison-1", "a", "b", "poison-2", "poison-2", "poison-2", "c");
    assertThat(letters(one)).containsExactly("poison-1");
    assertThat(letters(two)).containsExactly("poison-2");
  }

  @Test
  void aHandlerThatRecoversInTimeLeavesNoLetter() {
    EventStream<String> stream = filled(3);
    consumer(stream, THRICE)
        .forEach(
            message -> {
              seen.add(message.value());
              return message.offset() == 1 && seen.size() < 4
                  ? CompletableFuture.failedFuture(new IllegalStateException("not yet"))
                  : CompletableFuture.completedFuture(null);
            });
    await("the commit", () -> get(stream.committed("g", 0)).equals(OptionalLong.of(3)));
    assertThat(seen).containsExactly("e-0", "e-1", "e-1", "e-1", "e-2");
    assertThat(letters(stream)).isEmpty();
  }

  @Test
  void whileOnePartitionWaitsTheOthersGoOn() {
    requires(Capability.EVENT_PARTITION);
    EventStream<String> stream = stream(2);
    for (int i = 0; i < 40; i++) {
      get(stream.publish(Event.builder(i == 0 ? "poison" : "behind-" + i).partition(0).build()));
    }
    Set<String> others = ConcurrentHashMap.newKeySet();
    EventConsumer<String> consumer = stream.consumer(ConsumerOptions.builder().group("g").prefetch(8).redelivery(SLOW).build());
    consumer.forEach(
        message -> {
          others.add(message.value());
          return handle(message);
        });
    await("the failure", () -> others.contains("poison"));
    for (int i = 0; i < 40; i++) {
      get(stream.publish(Event.builder("beside-" + i).partition(1).build()));
    }
    await("the other partition", () -> others.size() == 41);
    assertThat(others).noneMatch(value -> value.startsWith("behind"));
  }

  @Test
  void aConsumerThatIsClosedMeanwhileLeavesTheMessageToTheNext() {
    EventStream<String> stream = stream();
    get(stream.publishAll(events(List.of("a", "poison"))));
    EventConsumer<String> consumer = consumer(stream, SLOW);
    CompletableFuture<Void> ended = consumer.forEach(this::handle);
    await("the failure", () -> seen.contains("poison"));
    await(consumer.closeAsync());
    await(ended);
    assertThat(get(stream.committed("g", 0))).hasValue(1);
    assertThat(letters(stream)).isEmpty();
    consumer(stream, RedeliveryPolicy.maxAttempts(1)).forEach(this::handle);
    await("the letter", () -> letters(stream).equals(List.of("poison")));
    await("the commit", () -> get(stream.committed("g", 0)).equals(OptionalLong.of(2)));
  }

  @Test
  void aSeekEndsTheWait() {
    EventStream<String> stream = stream();
    get(stream.publishAll(events(List.of("poison", "a", "b"))));
    EventConsumer<String> consumer = consumer(stream, SLOW);
    consumer.forEach(this::handle);
    await("the failure", () -> seen.contains("poison"));
    await(consumer.seek(new Position(0, 1)));
    await("what is behind it", () -> seen.equals(List.of("poison", "a", "b")));
    await("the commit", () -> get(stream.committed("g", 0)).equals(OptionalLong.of(3)));
  }

  @Test
  void aMessageThatCannotBeDecodedBecomesALetterOfItsStream() {
    EventStream<String> stream = stream();
    get(client().stream(stream.name().toString()).publish(NOT_TEXT));
    get(stream.publish("good"));
    stream
        .consumer(ConsumerOptions.builder().group("g").autoCommit(Duration.ofMillis(200)).onUndecodable(OnUndecodable.deadLetter()).build())
        .forEach(this::handle);
    await("the commit", () -> get(stream.committed("g", 0)).equals(OptionalLong.of(2)));
    assertThat(seen).containsExactly("good");
    DeadLetter<String> letter = get(stream.deadLetters().list(10)).get(0);
    assertThat(checked(UndecodableException.class, letter.undecodable()).bytes()).isEqualTo(NOT_TEXT);
    assertThat(letter.position()).isEqualTo(new Position(0, 0));
    assertThat(letter.reason()).contains("decode");
  }
}
