package dev.tributary.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Outcome;
import dev.tributary.admin.ResourceKind;
import dev.tributary.admin.Retention;
import dev.tributary.admin.StreamConfig;
import dev.tributary.error.ConflictException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.filter.EventFilter;
import dev.tributary.spi.DelayedEventTransport;
import dev.tributary.spi.ReadSpec;
import dev.tributary.spi.StreamSource;
import dev.tributary.spi.StreamTransport;
import dev.tributary.spi.SubscribeSpec;
import dev.tributary.stream.DelayedEvent;
import dev.tributary.stream.Event;
import dev.tributary.stream.Message;
import dev.tributary.stream.OffsetReset;
import dev.tributary.stream.Position;
import dev.tributary.stream.ReadResult;
import dev.tributary.stream.StartAt;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class StreamsTest extends EngineFixture {
  private final StreamTransport streams = transport.streams().orElseThrow();
  private final Recorder<Message<byte[]>> seen = new Recorder<>(EngineFixture::show);

  private StreamSource subscribe(StartAt start) {
    return subscribe(new SubscribeSpec(name("s"), null, Set.of(), start, 16), seen);
  }

  private StreamSource subscribe(SubscribeSpec spec, Recorder<Message<byte[]>> recorder) {
    return streams.subscribe(spec, recorder);
  }

  private void create(int partitions) {
    now(transport.admin().orElseThrow().createStream(name("s"), StreamConfig.partitions(partitions), deadline));
  }

  @Test
  void offsetsCountFromZeroInEachPartition() {
    create(2);
    assertThat(publish("s", Event.builder(bytes("a")).partition(0).build())).isEqualTo(new Position(0, 0));
    assertThat(publish("s", Event.builder(bytes("b")).partition(1).build())).isEqualTo(new Position(1, 0));
    assertThat(publish("s", Event.builder(bytes("c")).partition(0).build())).isEqualTo(new Position(0, 1));
    assertThat(read("s", 0, 0)).containsExactly("0:a", "1:c");
    assertThat(read("s", 0, 1)).containsExactly("1:c");
    assertThat(read("s", 0, 9)).isEmpty();
    assertThat(error(streams.read(new ReadSpec(name("s"), 2, 0, 1, 1), deadline))).isInstanceOf(InvalidRequestException.class);
    assertThat(error(streams.read(new ReadSpec(name("s"), 0, -1, 1, 1), deadline))).isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void oneKeyOnePartitionAndNoKeyTakesTurns() {
    create(4);
    Set<Integer> ofOneKey = new HashSet<>();
    Set<Integer> ofKeys = new HashSet<>();
    List<Integer> ofNone = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      ofOneKey.add(publish("s", Event.builder(bytes("v")).key("same").build()).partition());
      ofKeys.add(publish("s", Event.builder(bytes("v")).key("key" + i).build()).partition());
      ofNone.add(publish("s", "v").partition());
    }
    assertThat(ofOneKey).hasSize(1);
    assertThat(ofKeys.size()).isGreaterThan(1);
    assertThat(ofNone).containsExactly(0, 1, 2, 3, 0, 1, 2, 3);
  }

  @Test
  void whatFailsOfABatchFailsAlone() {
    List<Outcome<Position>> outcomes =
        now(
            streams.publish(
                name("s"),
                List.of(
                    Event.of(bytes("a")),
                    Event.builder(bytes("b")).partition(7).build(),
                    Event.of(bytes("d"))),
                deadline));
    assertThat(outcomes.get(0).orThrow().offset()).isZero();
    assertThat(outcomes.get(1).error()).isInstanceOf(InvalidRequestException.class);
    assertThat(outcomes.get(2).orThrow().offset()).isEqualTo(1);
  }

  @Test
  void keepsItsOwnCopyOfPayloads() {
    byte[] mine = bytes("abc");
    publish("s", Event.of(mine));
    mine[0] = 'x';
    Message<byte[]> message = now(streams.read(new ReadSpec(name("s"), 0, 0, 1, 1), deadline)).messages().get(0);
    message.value()[1] = 'y';
    assertThat(read("s", 0, 0)).containsExactly("0:abc");
  }

  @Test
  void aPriorityIsKeptAndChangesNoOrder() {
    publish("s", "normal");
    publish("s", Event.builder(bytes("urgent")).priority(2).build());
    assertThat(now(streams.read(new ReadSpec(name("s"), 0, 0, 10, 1 << 20), deadline)).messages()).extracting(Message::priority).containsExactly(0, 2);
  }

  @Test
  void aDelayedEventGetsItsPlaceWhenItIsDue() {
    Position promised = publish("s", Event.builder(bytes("later")).delay(Duration.ofSeconds(10)).build());
    assertThat(promised).isEqualTo(new Position(0, 0));
    StreamSource source = subscribe(StartAt.earliest());
    source.request(10);
    publish("s", "now");
    assertThat(seen.news()).containsExactly("LIVE", "+[0]", "1:now");
    time.advance(Duration.ofSeconds(10).minusNanos(1));
    assertThat(seen.news()).isEmpty();
    time.advance(Duration.ofNanos(1));
    assertThat(seen.news()).containsExactly("2:later");
    assertThat(read("s", 0, 0)).containsExactly("1:now", "2:later");
  }

  @Test
  void delayedEventsAreListedByTheirTime() {
    Position late = delayed("late", 20);
    Position soon = delayed("soon", 10);
    DelayedEvent first = new DelayedEvent(soon, time.now().plusSeconds(10));
    DelayedEvent second = new DelayedEvent(late, time.now().plusSeconds(20));
    assertThat(now(waiting().list(name("s"), 10, deadline))).containsExactly(first, second);
    assertThat(now(waiting().list(name("s"), 1, deadline))).containsExactly(first);
    assertThat(now(waiting().find(name("s"), late, deadline))).contains(second);
    seconds(10);
    assertThat(now(waiting().find(name("s"), soon, deadline))).isEmpty();
    assertThat(now(waiting().list(name("s"), 10, deadline))).containsExactly(second);
  }

  @Test
  void aCancelledEventNeverComes() {
    Position late = delayed("late", 10);
    now(waiting().cancel(name("s"), late, deadline));
    assertThat(error(waiting().cancel(name("s"), late, deadline))).isInstanceOf(NotFoundException.class);
    seconds(20);
    assertThat(read("s", 0, 0)).isEmpty();
    Position delivered = delayed("soon", 1);
    seconds(1);
    assertThat(error(waiting().cancel(name("s"), delivered, deadline))).isInstanceOf(NotFoundException.class);
    assertThat(read("s", 0, 0)).containsExactly("2:soon");
  }

  private Position delayed(String value, int seconds) {
    return publish("s", Event.builder(bytes(value)).delay(Duration.ofSeconds(seconds)).build());
  }

  private DelayedEventTransport waiting() {
    return streams.delayed();
  }

  @Test
  void anExpiredEventIsNotSeenAndItsOffsetNotUsedAgain() {
    publish("s", Event.builder(bytes("short")).ttl(Duration.ofSeconds(5)).build());
    publish("s", "long");
    publish("s", Event.builder(bytes("last")).ttl(Duration.ofSeconds(5)).build());
    seconds(4);
    assertThat(read("s", 0, 0)).containsExactly("0:short", "1:long", "2:last");
    seconds(1);
    assertThat(read("s", 0, 0)).containsExactly("1:long");
    assertThat(now(streams.latestOffset(name("s"), 0, deadline))).isEqualTo(OptionalLong.of(2));
    assertThat(now(streams.groupState(name("s"), "g", deadline)).lag()).isEqualTo(1);
    assertThat(publish("s", "next").offset()).isEqualTo(3);
    StreamSource source = subscribe(StartAt.earliest());
    source.request(10);
    assertThat(seen.news()).containsExactly("LIVE", "+[0]", "1:long", "3:next");
  }

  @Test
  void retentionEndsMessagesAndDropsThem() {
    now(transport.admin().orElseThrow().createStream(name("s"), StreamConfig.retention(Retention.maxAge(Duration.ofHours(1))), deadline));
    for (int i = 0; i < 1000; i++) {
      publish("s", "old" + i);
    }
    seconds(3600);
    assertThat(publish("s", "new").offset()).isEqualTo(1000);
    assertThat(read("s", 0, 0)).containsExactly("1000:new");
    assertThat(read("s", 0, 1000)).containsExactly("1000:new");
  }

  @Test
  void aDeduplicationIdIsStoredOnceWithinItsWindow() {
    Event<byte[]> event = Event.builder(bytes("a")).deduplicationId("id").build();
    Position first = publish("s", event);
    assertThat(publish("s", event)).isEqualTo(first);
    time.advance(Duration.ofDays(1).minusNanos(1));
    assertThat(publish("s", event)).isEqualTo(first);
    time.advance(Duration.ofNanos(1));
    assertThat(publish("s", event).offset()).isEqualTo(1);
    assertThat(publish("other", event).offset()).isZero();
  }

  @Test
  void startsWhereItIsTold() {
    publishAll("s", "a");
    seconds(10);
    publishAll("s", "b", "c");
    Instant second = time.now();
    for (StartAt start : List.of(StartAt.earliest(), StartAt.offset(1), StartAt.time(second), StartAt.latest(), StartAt.offset(4))) {
      Recorder<Message<byte[]>> recorder = new Recorder<>(EngineFixture::show);
      StreamSource source = subscribe(new SubscribeSpec(name("s"), null, Set.of(), start, 1), recorder);
      source.request(Long.MAX_VALUE);
      seen.signals.addAll(recorder.signals.subList(2, recorder.signals.size()));
      seen.signals.add("|");
      now(source.close());
    }
    assertThat(seen.news()).containsExactly("0:a", "1:b", "2:c", "|", "1:b", "2:c", "|", "1:b", "2:c", "|", "|", "|");
  }

  @Test
  void anOffsetAheadIsWaitedFor() {
    StreamSource source = subscribe(StartAt.offset(2));
    source.request(10);
    publishAll("s", "a", "b", "c", "d");
    assertThat(seen.news()).containsExactly("LIVE", "+[0]", "2:c", "3:d");
  }

  @Test
  void deliversExactlyWhatIsRequested() {
    StreamSource source = subscribe(StartAt.earliest());
    publishAll("s", "a", "b", "c", "d");
    assertThat(seen.news()).containsExactly("LIVE", "+[0]");
    source.request(1);
    assertThat(seen.news()).containsExactly("0:a");
    source.request(2);
    assertThat(seen.news()).containsExactly("1:b", "2:c");
    source.request(5);
    assertThat(seen.news()).containsExactly("3:d");
    publishAll("s", "e");
    assertThat(seen.news()).containsExactly("4:e");
  }

  @Test
  void partitionsTakeTurns() {
    create(2);
    for (int i = 0; i < 6; i++) {
      publish("s", "v" + i);
    }
    StreamSource source = subscribe(StartAt.earliest());
    source.request(4);
    assertThat(seen.items).extracting(Message::partition).containsExactly(0, 1, 0, 1);
  }

  @Test
  void aRequestFromWithinAnItemDoesNotNest() {
    for (int i = 0; i < 20_000; i++) {
      publish("s", "v");
    }
    StreamSource[] source = new StreamSource[1];
    int[] depth = new int[2];
    source[0] =
        streams.subscribe(
            new SubscribeSpec(name("s"), null, Set.of(), StartAt.earliest(), 1),
            new Recorder<>(message -> {
              depth[0]++;
              depth[1] = Math.max(depth[1], depth[0]);
              source[0].request(1);
              depth[0]--;
              return "item";
            }));
    source[0].request(1);
    assertThat(depth[1]).isEqualTo(1);
  }

  @Test
  void pauseHoldsBackAndResumeGoesOn() {
    create(2);
    StreamSource source = subscribe(StartAt.earliest());
    source.request(100);
    source.pause(Set.of(1));
    for (int i = 0; i < 4; i++) {
      publish("s", "v" + i);
    }
    assertThat(seen.items).extracting(Message::partition).containsExactly(0, 0);
    source.resume(Set.of(1));
    assertThat(seen.items).extracting(Message::partition).containsExactly(0, 0, 1, 1);
  }

  @Test
  void seekContinuesElsewhere() {
    publishAll("s", "a", "b", "c");
    StreamSource source = subscribe(StartAt.latest());
    source.request(100);
    seen.news();
    assertThat(now(source.seek(Map.of(0, StartAt.offset(1)), deadline))).isEqualTo(Map.of(0, 1L));
    assertThat(seen.news()).containsExactly("1:b", "2:c");
    assertThat(now(source.seek(Map.of(0, StartAt.latest()), deadline))).isEqualTo(Map.of(0, 3L));
    assertThat(error(source.seek(Map.of(1, StartAt.latest()), deadline))).isInstanceOf(ConflictException.class);
    assertThat(error(source.seek(Map.of(0, StartAt.committed()), deadline))).isInstanceOf(InvalidRequestException.class);
    now(source.close());
    assertThat(error(source.seek(Map.of(0, StartAt.latest()), deadline))).isInstanceOf(ConflictException.class);
  }

  @Test
  void aCloseFromWithinAnItemIsTheLastSignal() {
    publishAll("s", "a", "b", "c");
    StreamSource[] source = new StreamSource[1];
    List<CompletableFuture<Void>> closed = new ArrayList<>();
    Recorder<Message<byte[]>> recorder =
        new Recorder<>(
            message -> {
              closed.add(source[0].close());
              assertThat(closed.get(0)).isNotDone();
              return "item";
            });
    source[0] = subscribe(new SubscribeSpec(name("s"), null, Set.of(), StartAt.earliest(), 1), recorder);
    source[0].request(10);
    assertThat(recorder.news()).containsExactly("LIVE", "+[0]", "item", "end");
    now(closed.get(0));
    now(source[0].close());
    publishAll("s", "d");
    assertThat(recorder.news()).isEmpty();
  }

  @Test
  void deletingTheStreamEndsItsSources() {
    publish("s", Event.builder(bytes("later")).delay(MINUTE).build());
    subscribe(StartAt.earliest());
    now(transport.admin().orElseThrow().delete(ResourceKind.STREAM, name("s"), deadline));
    assertThat(seen.news()).containsExactly("LIVE", "+[0]", "end NotFoundException");
    assertThat(seen.error).isInstanceOf(NotFoundException.class);
    assertThat(time.pendingTimers()).isZero();
    assertThat(publish("s", "anew").offset()).isZero();
  }

  @Test
  void closingTheTransportEndsItsSources() {
    StreamSource source = subscribe(StartAt.earliest());
    source.request(1);
    now(transport.close());
    now(transport.close());
    assertThat(seen.news()).containsExactly("LIVE", "+[0]", "end ClientClosedException");
    subscribe(StartAt.earliest());
    assertThat(seen.news()).containsExactly("end ClientClosedException");
  }

  @Test
  void aSourceThatCannotStartEnds() {
    subscribe(StartAt.committed());
    assertThat(seen.news()).containsExactly("end InvalidRequestException");
    subscribe(new SubscribeSpec(name("s"), null, Set.of(3), StartAt.earliest(), 1), seen);
    assertThat(seen.news()).containsExactly("end InvalidRequestException");
  }

  @Test
  void aReadEndsBeforeItHasTooManyBytes() {
    create(1);
    publishAll("s", "aaaa", "bb", "bb", "c");
    assertThat(offsets(0, 10, 8)).isEqualTo("[0, 1, 2] 3");
    assertThat(offsets(0, 10, 7)).isEqualTo("[0, 1] 2");
    assertThat(offsets(0, 10, 3)).as("the first has more").isEqualTo("[0] 1");
    assertThat(offsets(0, 2, 100)).isEqualTo("[0, 1] 2");
    assertThat(offsets(4, 2, 100)).isEqualTo("[] 4");
    publish("s", Event.builder(bytes("v")).key("key").header("h", "header").build());
    assertThat(offsets(3, 10, 11)).as("with its key and headers").isEqualTo("[3] 4");
    assertThat(offsets(3, 10, 12)).isEqualTo("[3, 4] 5");
  }

  private String offsets(long from, int max, long bytes) {
    ReadResult<byte[]> read = now(streams.read(new ReadSpec(name("s"), 0, from, max, bytes), deadline));
    return read.messages().stream().map(Message::offset).toList() + " " + read.next();
  }

  /** Others wait while it looks. */
  @Test
  void nobodyLooksAtMoreThanSoMuchAtATime() {
    create(1);
    for (int i = 0; i < 2_500; i++) {
      publish("s", "other");
    }
    EventFilter wanted = EventFilter.containing("wanted");
    assertThat(now(streams.read(new ReadSpec(name("s"), 0, 0, 1, 1, wanted), deadline))).isEqualTo(new ReadResult<>(List.of(), 1_000));
    Passing passing = new Passing();
    streams.subscribe(new SubscribeSpec(name("s"), null, Set.of(), StartAt.earliest(), OffsetReset.FAIL, 16, wanted), passing).request(1);
    assertThat(passing.places).containsExactly(1_000L, 2_000L, 2_500L);
    publish("s", "other");
    assertThat(passing.places).endsWith(2_501L);
    publish("s", "wanted");
    assertThat(passing.items).hasSize(1);
    assertThat(passing.places).hasSize(4);
  }

  private static final class Passing extends Recorder<Message<byte[]>> {
    final List<Long> places = new ArrayList<>();

    Passing() {
      super(EngineFixture::show);
    }

    @Override
    public void onPassed(int partition, long next) {
      places.add(next);
    }
  }
}
