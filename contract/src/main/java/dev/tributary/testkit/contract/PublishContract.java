package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.codec.Codecs;
import dev.tributary.error.NotFoundException;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventKey;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What publishing to a stream does: order, what comes back of an event, duplicates, delays and ttls. */
public abstract class PublishContract extends StreamTopic {
  private static final Duration WAIT = Duration.ofSeconds(2);

  @Test
  void eventsAreReadInTheOrderTheyWerePublished() {
    EventStream<String> stream = stream();
    List<Position> places = new ArrayList<>();
    for (String value : numbered("e", 0, 5)) {
      places.add(get(stream.publish(value)));
    }
    List<Message<String>> read = get(stream.read(0, 0, 100));
    assertThat(values(read)).isEqualTo(numbered("e", 0, 5));
    assertThat(read).extracting(Message::position).isEqualTo(places).isSortedAccordingTo(StreamTopic::byOffset);
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
    assertThat(get(stream.read(0, 0, 2))).extracting(Message::key).containsExactly(EventKey.of("k/1 ü"), null);
  }

  @Test
  void aKeyOfAnyBytesComesBackAndMayBePassedOn() {
    requires(Capability.BINARY_EVENT_KEYS);
    EventStream<String> stream = stream();
    byte[] bytes = {(byte) 0xff, 0, 'k', (byte) 0xc3};
    get(stream.publish(Event.builder("bytes").key(bytes).build()));
    get(stream.publish(Event.builder("text").key("größe".getBytes(StandardCharsets.UTF_8)).build()));
    Message<String> read = get(stream.read(0, 0, 1)).get(0);
    assertThat(read.key().bytes()).isEqualTo(bytes);
    assertThat(read.key().isText()).isFalse();
    assertThat(read.toString()).doesNotContain("\ufffd");
    get(stream.publish(Event.builder("again").key(read.key()).build()));
    Probe<Message<String>> probe = Probe.of(stream.subscribe(SubscribeOptions.from(StartAt.earliest())));
    await("all of them", () -> probe.count() == 3);
    assertThat(probe.items()).extracting(Message::key).containsExactly(EventKey.of(bytes), EventKey.of("größe"), EventKey.of(bytes));
  }

  /** As text that cannot be read they would look alike. */
  @Test
  void keysOfOtherBytesAreOtherKeys() {
    requires(Capability.BINARY_EVENT_KEYS);
    EventStream<String> stream = stream(8);
    Set<Integer> partitions = new HashSet<>();
    for (int i = 0x80; i < 0xc0; i++) {
      byte[] key = {(byte) i};
      int partition = get(stream.publish(Event.builder("v").key(key).build())).partition();
      assertThat(get(stream.publish(Event.builder("v").key(key).build())).partition()).isEqualTo(partition);
      partitions.add(partition);
    }
    assertThat(partitions).hasSizeGreaterThan(1);
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
      assertThat(ofKey).isSortedAccordingTo(StreamTopic::byOffset);
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
    assertThat(places).hasSize(2500).isSortedAccordingTo(StreamTopic::byOffset).doesNotHaveDuplicates();
    assertThat(readAll(stream, 2500)).isEqualTo(numbered("e", 0, 2500));
  }

  @Test
  void publishAllSplitsWhatDoesNotFitIntoOneCall() {
    EventStream<String> stream = stream();
    List<String> values = numbered("x".repeat(200_000), 0, 45);
    assertThat(get(stream.publishAll(events(values)))).hasSize(45).isSortedAccordingTo(StreamTopic::byOffset);
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
