package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.filter.EventFilter;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.ReadResult;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What readers get who say which events they want, and how they move on over the others. */
public abstract class FilterContract extends StreamTopic {
  private static final EventFilter WANTED = EventFilter.matching("^wanted");

  /** More than is looked at at a time. */
  private static final int MANY = 2_500;

  @BeforeEach
  final void requireFilters() {
    requires(Capability.EVENT_FILTER);
  }

  /** All that passes, read to the end. */
  private static List<String> all(EventStream<String> stream, EventFilter filter) {
    List<String> all = new ArrayList<>();
    long offset = 0;
    for (ReadResult<String> read = get(stream.read(0, offset, 2, filter)); read.next() != offset; read = get(stream.read(0, offset, 2, filter))) {
      assertThat(read.next()).isGreaterThan(offset);
      assertThat(read.messages()).hasSizeLessThanOrEqualTo(2);
      all.addAll(values(read.messages()));
      offset = read.next();
    }
    return all;
  }

  private static SubscribeOptions.Builder earliest(EventFilter filter) {
    return SubscribeOptions.builder().start(StartAt.earliest()).filter(filter);
  }

  private static ConsumerOptions.Builder member(EventFilter filter) {
    return ConsumerOptions.builder().group("g").start(StartAt.committed()).filter(filter);
  }

  private static void publish(EventStream<String> stream, String... values) {
    get(stream.publishAll(events(List.of(values))));
  }

  private static void publishMany(EventStream<String> stream, String value) {
    get(stream.publishAll(IntStream.range(0, MANY).mapToObj(i -> Event.of(value + i)).toList()));
  }

  private void committed(EventStream<String> stream, long next) {
    await("the commit of " + next, () -> get(stream.committed("g", 0)).equals(OptionalLong.of(next)));
  }

  @Test
  void textIsLookedForInCapitalAndSmallLetters() {
    EventStream<String> stream = stream();
    publish(stream, "zipped", "a+b", "a ZIP", "zi", "aab");
    assertThat(all(stream, EventFilter.containing("Zip"))).containsExactly("zipped", "a ZIP");
    // A text is no expression.
    assertThat(all(stream, EventFilter.containing("A+B"))).containsExactly("a+b");
  }

  @Test
  void anExpressionIsNoText() {
    EventStream<String> stream = stream();
    publish(stream, "order-17", "^order-[0-9]+$", "Order-18", "order-x", "order-19");
    assertThat(all(stream, EventFilter.matching("^order-[0-9]+$"))).containsExactly("order-17", "order-19");
    assertThat(all(stream, EventFilter.matching("$.+|7$"))).containsExactly("order-17");
  }

  @Test
  void aPathIsAPlaceInJsonAndNoText() {
    EventStream<String> stream = stream();
    publish(stream, "{\"a\":{\"b\":null}}", "$.a.b", "{\"b\":\"a\"}", "{\"a\":\"b\"}", "{\"x\":\"$.a.b\"}", " {\"\\u0061\" :{\"b\":[]}}", "{\"a\":{\"b\":1}");
    assertThat(all(stream, EventFilter.having("$.a.b"))).containsExactly("{\"a\":{\"b\":null}}", " {\"\\u0061\" :{\"b\":[]}}");
    assertThat(all(stream, EventFilter.having("$.b"))).containsExactly("{\"b\":\"a\"}");
  }

  @Test
  void keysAreLookedAtToo() {
    requires(Capability.EVENT_KEYS);
    EventStream<String> stream = stream();
    get(
        stream.publishAll(
            List.of(
                Event.builder("a").key("Customer-7").build(),
                Event.builder("b").key("customer-8").build(),
                Event.of("c"),
                Event.builder("d").key("{\"a\":1}").build())));
    assertThat(all(stream, EventFilter.containing("customer"))).containsExactly("a", "b");
    assertThat(all(stream, EventFilter.matching("-8$"))).containsExactly("b");
    assertThat(all(stream, EventFilter.having("$.a"))).isEmpty();
  }

  @Test
  void headersMakeNoDifference() {
    requires(Capability.EVENT_HEADERS);
    EventStream<String> stream = stream();
    for (String value : List.of("say \"Hi\"\n", "{\"a\":\"\"}", "ähnlich", "no")) {
      get(stream.publish(Event.of(value)));
      get(stream.publish(Event.builder(value).header("tributary", "text").build()));
    }
    assertThat(all(stream, EventFilter.containing("\"hi\"\n"))).hasSize(2).containsOnly("say \"Hi\"\n");
    assertThat(all(stream, EventFilter.matching("^.h"))).hasSize(2).containsOnly("ähnlich");
    assertThat(all(stream, EventFilter.matching("\n$"))).hasSize(2).containsOnly("say \"Hi\"\n");
    assertThat(all(stream, EventFilter.having("$.a"))).hasSize(2).containsOnly("{\"a\":\"\"}");
    for (String inNone : List.of("tributary", "text", "headers")) {
      assertThat(all(stream, EventFilter.containing(inNone))).isEmpty();
      assertThat(all(stream, EventFilter.having("$." + inNone))).isEmpty();
    }
  }

  @Test
  void whereNothingMatchesItIsReadOnBehindIt() {
    EventStream<String> stream = stream();
    publishMany(stream, "other");
    assertThat(all(stream, WANTED)).isEmpty();
    publish(stream, "wanted");
    assertThat(all(stream, WANTED)).containsExactly("wanted");
    assertThat(get(stream.read(0, MANY + 1, 1, WANTED))).isEqualTo(new ReadResult<>(List.of(), MANY + 1));
  }

  @Test
  void aSubscriptionDeliversWhatMatchesInOrder() {
    EventStream<String> stream = stream();
    get(stream.publishAll(IntStream.range(0, MANY).mapToObj(i -> Event.of((i % 10 == 3 ? "wanted-" : "other-") + i)).toList()));
    Probe<Message<String>> probe = Probe.of(stream.subscribe(earliest(WANTED).prefetch(16).build()));
    await("what matches", () -> probe.count() == MANY / 10);
    publish(stream, "other", "wanted-last");
    await("the last", () -> probe.count() == MANY / 10 + 1);
    assertThat(probe.items())
        .extracting(Message::offset)
        .isEqualTo(IntStream.rangeClosed(0, MANY / 10).mapToObj(i -> i == MANY / 10 ? MANY + 1L : 10L * i + 3).toList());
    probe.cancel();
  }

  @Test
  void everyPartitionIsReadOn() {
    requires(Capability.EVENT_PARTITION);
    EventStream<String> stream = stream(3);
    for (int i = 0; i < 300; i++) {
      get(stream.publish(Event.builder(i % 30 == 0 ? "wanted-" + i : "other").partition(i / 100).build()));
    }
    EventConsumer<String> consumer = stream.consumer(member(WANTED).autoCommit(Duration.ofSeconds(1)).build());
    assertThat(values(poll(consumer, 10))).containsExactlyInAnyOrderElementsOf(IntStream.range(0, 10).mapToObj(i -> "wanted-" + 30 * i).toList());
    CompletableFuture<List<Message<String>>> next = consumer.poll(1, Duration.ofMinutes(10));
    for (int partition = 0; partition < 3; partition++) {
      int which = partition;
      await("the commit in " + partition, () -> get(stream.committed("g", which)).equals(OptionalLong.of(100)));
      assertThat(consumer.position(partition)).hasValue(100);
    }
    assertThat(get(stream.groupState("g")).lag()).isZero();
    get(stream.publish(Event.builder("wanted-last").partition(1).build()));
    assertThat(values(await(next))).containsExactly("wanted-last");
  }

  @Test
  void commitsMoveOverWhatDoesNotMatchAndTheNextMemberBeginsBehindIt() {
    EventStream<String> stream = stream();
    publishMany(stream, "other");
    EventConsumer<String> consumer = stream.consumer(member(WANTED).autoCommit(Duration.ofSeconds(1)).build());
    CompletableFuture<List<Message<String>>> nothing = consumer.poll(1, Duration.ofMinutes(10));
    committed(stream, MANY);
    nothing.cancel(true);
    await(consumer.closeAsync());
    // Who begins with everything now sees where the group is.
    publish(stream, "other-last", "wanted");
    EventConsumer<String> next = stream.consumer(ConsumerOptions.builder().group("g").manualCommit().build());
    assertThat(values(poll(next, 2))).containsExactly("other-last", "wanted");
  }

  @Test
  void whatIsNotProcessedIsNotMovedOver() {
    EventStream<String> stream = stream();
    publish(stream, "other", "wanted-1", "other", "wanted-2", "other", "other");
    EventConsumer<String> consumer = stream.consumer(member(WANTED).autoCommit(Duration.ofSeconds(1)).build());
    CompletableFuture<Void> first = new CompletableFuture<>();
    List<String> seen = new CopyOnWriteArrayList<>();
    consumer.forEach(
        message -> {
          seen.add(message.value());
          return message.value().equals("wanted-1") ? first : CompletableFuture.completedFuture(null);
        });
    await("the first", () -> seen.size() == 1);
    pass(Duration.ofSeconds(3));
    assertThat(get(stream.committed("g", 0)).orElse(0)).isLessThanOrEqualTo(1);
    first.complete(null);
    committed(stream, 6);
    assertThat(seen).containsExactly("wanted-1", "wanted-2");
  }

  @Test
  void whatAPollHandedOutIsNotMovedOverBeforeTheNext() {
    EventStream<String> stream = stream();
    publish(stream, "other", "wanted-1", "other", "other");
    EventConsumer<String> consumer = stream.consumer(member(WANTED).autoCommit(Duration.ofSeconds(1)).build());
    assertThat(values(poll(consumer, 1))).containsExactly("wanted-1");
    pass(Duration.ofSeconds(3));
    assertThat(get(stream.committed("g", 0)).orElse(0)).isLessThanOrEqualTo(1);
    await(consumer.poll(1, Duration.ofMillis(10)));
    committed(stream, 4);
  }

  @Test
  void aCommitByHandMovesOverWhatDoesNotMatchToo() {
    EventStream<String> stream = stream();
    publish(stream, "wanted-1", "other", "other");
    EventConsumer<String> consumer = stream.consumer(member(WANTED).manualCommit().build());
    assertThat(values(poll(consumer, 1))).containsExactly("wanted-1");
    await(
        "the end",
        () -> {
          await(consumer.commit());
          return get(stream.committed("g", 0)).equals(OptionalLong.of(3));
        });
  }

  @Test
  void whatWaitsWhenAMemberClosesIsNotMovedOver() {
    EventStream<String> stream = stream();
    publish(stream, "wanted-0", "other", "wanted-2", "other");
    EventConsumer<String> consumer = stream.consumer(member(WANTED).autoCommit(Duration.ofMinutes(10)).build());
    assertThat(values(poll(consumer, 1))).containsExactly("wanted-0");
    await(consumer.poll(1, Duration.ZERO));
    await(consumer.closeAsync());
    EventConsumer<String> next = stream.consumer(member(WANTED).manualCommit().build());
    assertThat(values(poll(next, 1))).containsExactly("wanted-2");
  }

  @Test
  void aSeekBackReadsAgainWhatMatches() {
    EventStream<String> stream = stream();
    publish(stream, "other", "wanted-1", "other", "wanted-3", "other");
    EventConsumer<String> consumer = stream.consumer(member(WANTED).manualCommit().build());
    assertThat(values(poll(consumer, 2))).containsExactly("wanted-1", "wanted-3");
    await("the end", () -> consumer.position(0).equals(OptionalLong.of(5)));
    await(consumer.seek(new Position(0, 2)));
    assertThat(values(poll(consumer, 1))).containsExactly("wanted-3");
    await(consumer.seekToBeginning());
    assertThat(values(poll(consumer, 2))).containsExactly("wanted-1", "wanted-3");
    await(consumer.seekToEnd());
    publish(stream, "other", "wanted-6");
    assertThat(values(poll(consumer, 1))).containsExactly("wanted-6");
  }

  @Test
  void aPartitionThatIsPausedGoesOnWhereItWas() {
    EventStream<String> stream = stream();
    publish(stream, "wanted-0", "other");
    EventConsumer<String> consumer = stream.consumer(member(WANTED).manualCommit().build());
    assertThat(values(poll(consumer, 1))).containsExactly("wanted-0");
    await("the end", () -> consumer.position(0).equals(OptionalLong.of(2)));
    consumer.pause(Set.of(0));
    publish(stream, "other", "wanted-3");
    assertThat(await(consumer.poll(1, Duration.ofMillis(500)))).isEmpty();
    consumer.resume(Set.of(0));
    assertThat(values(poll(consumer, 1))).containsExactly("wanted-3");
  }

  @Test
  void whatComesLaterIsFoundWhenItComes() {
    requires(Capability.EVENT_DELAY);
    EventStream<String> stream = stream();
    publish(stream, "other");
    get(stream.publish(Event.builder("wanted-late").delay(Duration.ofSeconds(2)).build()));
    publish(stream, "other");
    Probe<Message<String>> probe = Probe.of(stream.subscribe(earliest(WANTED).build()));
    pass(Duration.ofSeconds(1));
    assertThat(probe.count()).isZero();
    await("what was late", () -> probe.count() == 1);
    assertThat(values(probe.items())).containsExactly("wanted-late");
    probe.cancel();
  }

  @Test
  void whatHasExpiredIsMovedOver() {
    requires(Capability.EVENT_TTL);
    EventStream<String> stream = stream();
    get(stream.publish(Event.builder("wanted-short").ttl(Duration.ofSeconds(1)).build()));
    publish(stream, "other", "wanted-long");
    pass(Duration.ofSeconds(2));
    assertThat(all(stream, WANTED)).containsExactly("wanted-long");
    EventConsumer<String> consumer = stream.consumer(member(WANTED).manualCommit().build());
    assertThat(values(poll(consumer, 1))).containsExactly("wanted-long");
  }
}
