package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.SubscriptionState;
import dev.tributary.Tributary;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.StartAt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What holds while members of a group come, go, die and dawdle: no message is lost, what was committed is not processed again by
 * whoever takes over, and committed progress never goes back.
 */
public abstract class RebalanceContract extends StreamTopic {
  private static final int PARTITIONS = 4;

  private static final int MANY = 4_000;

  private final ConcurrentLinkedQueue<Position> processed = new ConcurrentLinkedQueue<>();
  private final Map<Integer, Long> progress = new HashMap<>();
  private EventStream<String> stream;

  @BeforeEach
  final void requireBalancing() {
    requires(Capability.GROUP_BALANCING, Capability.EVENT_PARTITION);
    stream = stream(PARTITIONS);
  }

  @Test
  void whatWasCommittedIsNotProcessedAgainByWhoComesLater() {
    EventConsumer<String> one = member(client());
    publish(0, 40);
    awaitCommitted(10);
    EventConsumer<String> two = member(connect());
    await("an even share", () -> one.assignment().size() == 2 && two.assignment().size() == 2);
    await(one.closeAsync());
    await("the whole", () -> two.assignment().size() == PARTITIONS);
    publish(40, 80);
    awaitCommitted(20);
    assertThat(processed).hasSize(80).doesNotHaveDuplicates();
  }

  @Test
  void whatALeavingMemberProcessedIsNotProcessedAgain() {
    EventConsumer<String> one = member(client());
    EventConsumer<String> two = member(connect());
    await("an even share", () -> one.assignment().size() == 2 && two.assignment().size() == 2);
    publish(0, 80);
    await("everything", () -> processed.size() == 80);
    await(two.closeAsync());
    await("the whole", () -> one.assignment().size() == PARTITIONS);
    awaitCommitted(20);
    assertThat(processed).hasSize(80).doesNotHaveDuplicates();
  }

  @Test
  void aMemberThatDiedIsReplacedFromWhereItCommitted() {
    Tributary mortal = connect();
    EventConsumer<String> one = member(client());
    EventConsumer<String> two = member(mortal);
    await("an even share", () -> one.assignment().size() == 2 && two.assignment().size() == 2);
    publish(0, 40);
    awaitCommitted(10);
    backend().kill(mortal);
    publish(40, 80);
    await("the whole", () -> one.assignment().size() == PARTITIONS);
    awaitCommitted(20);
    assertThat(distinct()).hasSize(80);
    assertThat(processed.stream().filter(position -> position.offset() < 10)).as("committed before it died").hasSize(40);
  }

  @Test
  void aSlowMemberDoesNotTakeProgressBack() {
    Map<Integer, CompletableFuture<Void>> held = new ConcurrentHashMap<>();
    EventConsumer<String> slow =
        member(client(), message -> message.offset() == 0 ? held.computeIfAbsent(message.partition(), p -> new CompletableFuture<>()) : done());
    publish(0, 40);
    await("a message of each partition", () -> held.size() == PARTITIONS);
    EventConsumer<String> quick = member(connect());
    await("an even share", () -> slow.assignment().size() == 2 && quick.assignment().size() == 2);
    Set<Integer> moved = new HashSet<>(quick.assignment());
    await("what moved", () -> moved.stream().allMatch(partition -> committed(partition) == 10));
    held.values().forEach(each -> each.complete(null));
    awaitCommitted(10);
    await(slow.closeAsync());
    publish(40, 80);
    awaitCommitted(20);
    assertThat(distinct()).hasSize(80);
  }

  @Test
  void whoTakesOverBeginsWhereALatestStartWas() {
    publish(0, 8);
    ConsumerOptions latest = ConsumerOptions.builder().group("g").start(StartAt.latest()).autoCommit(Duration.ofMillis(200)).build();
    EventConsumer<String> one = stream.consumer(latest);
    await("all partitions", () -> one.assignment().size() == PARTITIONS);
    // The assignment may be told before the start is known.
    await("where it begins", () -> one.state() == SubscriptionState.LIVE);
    publish(8, 12);
    EventConsumer<String> two = through(connect(), stream).consumer(latest);
    two.forEach(
        message -> {
          processed.add(message.position());
          return done();
        });
    await("an even share", () -> one.assignment().size() == 2 && two.assignment().size() == 2);
    await(one.closeAsync());
    await("what nobody processed", () -> processed.size() == PARTITIONS);
    assertThat(processed).allMatch(position -> position.offset() == 2);
  }

  @Test
  void membersComeAndGoAndNothingIsLost() {
    List<EventConsumer<String>> members = new ArrayList<>();
    members.add(member(client()));
    for (int round = 0; round < 6; round++) {
      publish(round * 40, round * 40 + 40);
      if (round % 3 == 2) {
        await(members.remove(0).closeAsync());
      } else {
        members.add(member(connect()));
      }
      int expected = round * 40 + 20;
      await("half of the round", () -> isProgress() && distinct().size() >= expected);
    }
    awaitCommitted(60);
    assertThat(distinct()).hasSize(240);
  }

  @Test
  void whatIsProcessedIsCommittedBeforeAPartitionMoves() {
    ConsumerOptions slowly = ConsumerOptions.builder().group("g").autoCommit(Duration.ofMinutes(10)).build();
    EventConsumer<String> one = through(client(), stream).consumer(slowly);
    one.forEach(this::process);
    publish(0, 400);
    await("everything", () -> processed.size() == 400);
    // Where the owner changes before it is told, what counts is what it committed when it had nothing more to do.
    awaitCommitted(100);
    EventConsumer<String> two = through(connect(), stream).consumer(slowly);
    two.forEach(this::process);
    EventConsumer<String> three = through(connect(), stream).consumer(slowly);
    three.forEach(this::process);
    await("a share for each", () -> one.assignment().size() + two.assignment().size() + three.assignment().size() == PARTITIONS
        && !two.assignment().isEmpty() && !three.assignment().isEmpty());
    publish(400, 440);
    await("the rest", () -> distinct().size() == 440);
    assertThat(processed).hasSize(440);
  }

  @Test
  void littleIsProcessedAgainWhenOthersJoinSoonAfter() {
    ConsumerOptions asUsual = ConsumerOptions.builder().group("g").build();
    EventConsumer<String> one = through(client(), stream).consumer(asUsual);
    one.forEach(this::process);
    await("all partitions", () -> one.assignment().size() == PARTITIONS);
    for (int i = 0; i < MANY; i += 500) {
      publish(i, i + 500);
    }
    await("everything", () -> processed.size() == MANY);
    // Before the time of the next commit; but where the owner changes before it is told, what counts is what it committed at rest.
    pass(Duration.ofSeconds(1));
    EventConsumer<String> two = through(connect(), stream).consumer(asUsual);
    two.forEach(this::process);
    EventConsumer<String> three = through(connect(), stream).consumer(asUsual);
    three.forEach(this::process);
    await("a share for each", () -> one.assignment().size() + two.assignment().size() + three.assignment().size() == PARTITIONS
        && !two.assignment().isEmpty() && !three.assignment().isEmpty());
    publish(MANY, MANY + 40);
    await("the rest", () -> distinct().size() == MANY + 40);
    assertThat(processed.size() - distinct().size()).as("processed again").isLessThanOrEqualTo(MANY / 100);
  }

  @Test
  void membersHearOfWhatTheyGetAndLose() {
    Set<Integer> has = ConcurrentHashMap.newKeySet();
    EventConsumer<String> one =
        through(client(), stream)
            .consumer(
                ConsumerOptions.builder().group("g").onAssigned(has::addAll).onRevoked(gone -> has.removeAll(gone)).build());
    await("all", () -> has.size() == PARTITIONS);
    EventConsumer<String> two = member(connect());
    await("half", () -> has.size() == 2 && two.assignment().size() == 2);
    await("what it was told of", () -> one.assignment().equals(has));
  }

  @Test
  void aMemberWithoutPartitionsSeeksAtOnce() {
    EventStream<String> single = stream(1);
    EventConsumer<String> one = through(client(), single).consumer("idle");
    await("its partition", () -> one.assignment().size() == 1);
    EventConsumer<String> idle = through(connect(), single).consumer("idle");
    await(idle.seekToBeginning());
  }

  private CompletableFuture<Void> process(Message<String> message) {
    processed.add(message.position());
    return done();
  }

  private EventConsumer<String> member(Tributary of) {
    return member(of, message -> done());
  }

  private EventConsumer<String> member(Tributary of, Function<Message<String>, CompletableFuture<Void>> handler) {
    EventConsumer<String> consumer =
        through(of, stream).consumer(ConsumerOptions.builder().group("g").autoCommit(Duration.ofMillis(200)).build());
    consumer.forEach(message -> handler.apply(message).thenRun(() -> processed.add(message.position())));
    return consumer;
  }

  private static CompletableFuture<Void> done() {
    return CompletableFuture.completedFuture(null);
  }

  private void publish(int from, int to) {
    get(stream.publishAll(IntStream.range(from, to).mapToObj(i -> Event.builder("e-" + i).partition(i % PARTITIONS).build()).toList()));
  }

  private Set<Position> distinct() {
    return new HashSet<>(processed);
  }

  private void awaitCommitted(long next) {
    await("offset " + next + " in every partition", () -> IntStream.range(0, PARTITIONS).allMatch(p -> committed(p) == next));
  }

  /** Whether every partition is where it was or further. */
  private boolean isProgress() {
    IntStream.range(0, PARTITIONS).forEach(this::committed);
    return true;
  }

  private long committed(int partition) {
    long now = get(stream.committed("g", partition)).orElse(0);
    long before = progress.getOrDefault(partition, 0L);
    assertThat(now).as("committed in partition %d", partition).isGreaterThanOrEqualTo(before);
    progress.put(partition, now);
    return now;
  }
}
