package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.Tributary;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventConsumer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** What the members of one group do where the backend shares partitions between them. */
public abstract class GroupContract extends StreamTopic {
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
