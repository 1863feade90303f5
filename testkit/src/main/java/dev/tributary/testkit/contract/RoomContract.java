package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.EventStream;
import dev.tributary.Tributary;
import dev.tributary.stream.Message;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What waits in a client is bounded in bytes, and nobody starves by that. */
public abstract class RoomContract extends StreamTopic {
  private static final int LARGE = 20_000;
  private static final int MESSAGES = 40;

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
