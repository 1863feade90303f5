package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.tributary.EventStream;
import dev.tributary.Tributary;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.Message;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What waits in a client is bounded in bytes, and nobody starves by that. */
public abstract class RoomContract extends StreamTopic {
  private static final int LARGE = 20_000;
  private static final int MESSAGES = 40;

  /** What a server may send that was not asked for, on a wire that is told how many bytes may come and not how many messages. */
  private static final int WINDOW = 256 << 10;

  private EventStream<String> large() {
    EventStream<String> stream = stream();
    String text = "x".repeat(LARGE);
    get(stream.publishAll(events(IntStream.range(0, MESSAGES).mapToObj(i -> i + text).toList())));
    return stream;
  }

  private static SubscribeOptions.Builder earliest() {
    return SubscribeOptions.builder().start(StartAt.earliest());
  }

  @Test
  void aSubscriptionWithLittleRoomDeliversEverythingInOrder() {
    Probe<Message<String>> probe = Probe.of(large().subscribe(earliest().prefetchBytes(LARGE * 2).build()), 1);
    for (int i = 1; i <= MESSAGES; i++) {
      int expected = i;
      await("message " + i, () -> probe.count() == expected);
      probe.request(1);
    }
    assertThat(probe.items()).extracting(Message::offset).isSorted().doesNotHaveDuplicates();
    probe.cancel();
  }

  /** What a client has had of the backend for one that takes nothing but its first message. */
  private void holdsNoMoreThan(int room, Tributary holding) {
    holdsNoMoreThan(room, 0, holding);
  }

  private void holdsNoMoreThan(int room, int underWay, Tributary holding) {
    long most = room + LARGE + underWay;
    // A quarter for what the protocol adds: what it says of messages, and of the subscription.
    await("the room in use", () -> received(holding) >= room / 2);
    pass(Duration.ofSeconds(3));
    assertThat(received(holding)).as("%d bytes of room and one message", room).isLessThanOrEqualTo(most + most / 4);
  }

  private long received(Tributary of) {
    OptionalLong bytes = backend().received(of);
    return bytes.isPresent() ? bytes.getAsLong() : abort(backend().name() + " does not count what its clients receive");
  }

  @Test
  void aSubscriberThatTakesNothingHoldsItsRoomAndNoMore() {
    EventStream<String> stream = large();
    Tributary holding = connect();
    Probe<Message<String>> stuck = Probe.of(through(holding, stream).subscribe(earliest().prefetchBytes(LARGE * 10).build()), 0);
    holdsNoMoreThan(LARGE * 10, holding);
    assertThat(stuck.count()).isZero();
    stuck.request(MESSAGES);
    await("everything", () -> stuck.count() == MESSAGES);
    stuck.cancel();
  }

  @Test
  void aSubscriberHoldsItsRoomAndNoMoreOfWhatIsPublishedMeanwhile() {
    EventStream<String> stream = stream();
    Tributary holding = connect();
    Probe<Message<String>> stuck = Probe.of(through(holding, stream).subscribe(earliest().prefetchBytes(LARGE * 10).build()), 0);
    String text = "x".repeat(LARGE);
    for (int i = 0; i < MESSAGES; i++) {
      get(stream.publish(i + text));
    }
    // What a server pushes is also under way, up to the window of the wire's flow control.
    holdsNoMoreThan(LARGE * 10, WINDOW, holding);
    stuck.request(MESSAGES);
    await("everything", () -> stuck.count() == MESSAGES);
    stuck.cancel();
  }

  @Test
  void aConsumerThatTakesNothingHoldsItsRoomAndNoMore() {
    EventStream<String> stream = large();
    Tributary holding = connect();
    EventConsumer<String> consumer =
        through(holding, stream).consumer(ConsumerOptions.builder().start(StartAt.earliest()).prefetchBytes(LARGE * 10).build());
    holdsNoMoreThan(LARGE * 10, holding);
    int taken = 0;
    while (taken < MESSAGES) {
      List<Message<String>> some = await(consumer.poll(MESSAGES, Duration.ofMinutes(5)));
      assertThat(some).first().extracting(Message::offset).isEqualTo((long) taken);
      taken += some.size();
    }
  }

  @Test
  void subscriptionsThatShareTheRoomAllGoOnAlthoughOneDoesNot() {
    EventStream<String> stream = large();
    Tributary small = connect(config -> config.bufferBytes(LARGE * 4L));
    EventStream<String> shared = through(small, stream);
    Probe<Message<String>> stuck = Probe.of(shared.subscribe(earliest().build()), 1);
    await("its first message", () -> stuck.count() == 1);
    Probe<Message<String>> one = Probe.of(shared.subscribe(earliest().build()));
    Probe<Message<String>> two = Probe.of(shared.subscribe(earliest().build()));
    await("everything, twice", () -> one.count() == MESSAGES && two.count() == MESSAGES);
    stuck.request(MESSAGES);
    await("the rest", () -> stuck.count() == MESSAGES);
    stuck.cancel();
    one.cancel();
    two.cancel();
  }
}
