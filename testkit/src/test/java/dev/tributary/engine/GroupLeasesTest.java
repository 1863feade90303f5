package dev.tributary.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.Outcome;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.admin.ResourceKind;
import dev.tributary.admin.StreamConfig;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.NotFoundException;
import dev.tributary.spi.DeadLetterHeaders;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.GroupTransport;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.ReadSpec;
import dev.tributary.spi.ReceiveSpec;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.StreamTransport;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventKey;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract of leased delivery to groups, on the engine and in virtual time. */
class GroupLeasesTest extends EngineFixture {
  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final RedeliveryPolicy THRICE =
      new RedeliveryPolicy(3, Duration.ofSeconds(2), MINUTE, 2, RedeliveryPolicy.Strategy.EXPONENTIAL);

  private final StreamTransport streams = transport.streams().orElseThrow();
  private final GroupTransport groups = transport.groups().orElseThrow();

  @BeforeEach
  void create() {
    create("s", 1);
    create("wide", 2);
  }

  private void create(String stream, int partitions) {
    now(transport.admin().orElseThrow().createStream(name(stream), StreamConfig.partitions(partitions), deadline));
  }

  private static ReceiveSpec spec(String group, String consumer, int max) {
    return new ReceiveSpec(group, consumer, Set.of(), max, 10_000, LEASE, THRICE, Duration.ZERO);
  }

  private List<LeasedJob> receive(String stream, ReceiveSpec spec) {
    return now(groups.receive(name(stream), spec, deadline));
  }

  private List<LeasedJob> receive(int max) {
    return receive("s", spec("g", "c", max));
  }

  private LeasedJob one() {
    List<LeasedJob> jobs = receive(1);
    assertThat(jobs).hasSize(1);
    return jobs.get(0);
  }

  private CompletableFuture<List<LeasedJob>> waiting(String consumer, Duration wait) {
    return groups.receive(name("s"), spec("g", consumer, 9).withMaxWait(wait), deadline);
  }

  private Outcome<GroupTransport.Settled> outcome(Settlement.Kind kind, LeasedJob job, @Nullable Duration duration, @Nullable String reason) {
    return now(groups.settle(name("s"), List.of(new Settlement(kind, job, duration, reason)), deadline)).get(0);
  }

  private GroupTransport.Settled settle(Settlement.Kind kind, LeasedJob job, @Nullable Duration duration) {
    return outcome(kind, job, duration, null).orThrow();
  }

  private GroupTransport.Settled ack(LeasedJob job) {
    return settle(Settlement.Kind.ACK, job, null);
  }

  private void assertLost(LeasedJob job) {
    assertThat(outcome(Settlement.Kind.ACK, job, null, null).error()).isInstanceOf(LeaseLostException.class);
  }

  private long committed() {
    return now(streams.committed(name("s"), "g", 0, deadline)).orElse(0);
  }

  private GroupTransport.Stats stats() {
    return now(groups.stats(name("s"), "g", deadline));
  }

  private List<Message<byte[]>> deadLetters(String stream, int partition) {
    return now(streams.read(new ReadSpec(name(stream + ".dlq"), partition, 0, 100, 1 << 20), deadline)).messages();
  }

  private void publish(String stream, int partition, int priority, String value) {
    publish(stream, Event.builder(bytes(value)).partition(partition).priority(priority).build());
  }

  @Test
  void handsOutWhatNobodyHas() {
    publishAll("s", "a", "b", "c", "d");
    assertThat(values(receive("s", spec("g", "one", 2)))).containsExactly("a", "b");
    assertThat(values(receive("s", spec("g", "other", 9)))).as("one slow consumer does not hold up others").containsExactly("c", "d");
    assertThat(receive(9)).isEmpty();
    assertThat(stats().leased()).isEqualTo(4);
    assertThat(values(receive("s", spec("another", "one", 9)))).as("groups do not see each other").hasSize(4);
  }

  @Test
  void saysAllOfWhatItHandsOut() {
    Position place = publish("s", Event.builder(bytes("v")).key("k").header("h", "1").priority(2).build());
    LeasedJob job = one();
    assertThat(job.id()).isEqualTo("0/0");
    assertThat(job.receipt()).matches("[0-9a-f]{16}");
    assertThat(job.headers()).containsExactly(Map.entry("h", "1"));
    assertThat(job.attempt()).isEqualTo(1);
    assertThat(job.maxAttempts()).hasValue(3);
    assertThat(job.priority()).isEqualTo(2);
    assertThat(job.enqueuedAt()).isEqualTo(time.now());
    assertThat(Objects.requireNonNull(job.leaseDeadline()).remaining()).isEqualTo(LEASE);
    assertThat(job.sequence()).hasValue(place.offset());
    assertThat(job.partitionKey()).isEqualTo("k");
    GroupTransport.Settled settled = ack(LeasedJob.named("any", job.receipt()));
    assertThat(settled.group()).isEqualTo("g");
    assertThat(settled.consumer()).isEqualTo("c");
    assertThat(settled.position()).isEqualTo(place);
    assertThat(settled.attempt()).isEqualTo(1);
  }

  @Test
  void handsOutTheHighestPriorityFirstAndLosesNone() {
    int number = 0;
    for (int priority : new int[] {0, -2, 2, 0, 1}) {
      publish("s", 0, priority, Integer.toString(number++));
    }
    assertThat(values(receive(9))).containsExactly("2", "4", "0", "3", "1");
  }

  @Test
  void takesFromEachPartitionInTurnUnlessOneHasWhatIsMoreUrgent() {
    for (String value : List.of("a0", "a1", "a2")) {
      publish("wide", 0, 0, value);
    }
    publish("wide", 1, 0, "b0");
    publish("wide", 1, 0, "b1");
    publish("wide", 1, 2, "b2");
    assertThat(values(receive("wide", spec("g", "c", 4)))).containsExactly("b2", "a0", "a1", "b0");
    ReceiveSpec oneEach = new ReceiveSpec("g", "c", Set.of(0, 1), 9, 1, LEASE, THRICE, Duration.ZERO);
    assertThat(values(receive("wide", oneEach))).containsExactlyInAnyOrder("a2", "b1");
  }

  @Test
  void doesNotStarveAPartitionOfWhoeverTakesOneByOne() {
    for (String value : List.of("x", "y", "z")) {
      publish("wide", 0, 0, value);
      publish("wide", 1, 0, value);
    }
    Set<Integer> partitions = new HashSet<>();
    for (int i = 0; i < 2; i++) {
      partitions.add(receive("wide", spec("g", "c", 1)).get(0).partition());
    }
    assertThat(partitions).containsExactlyInAnyOrder(0, 1);
    ReceiveSpec second = new ReceiveSpec("g", "c", Set.of(1), 9, 9, LEASE, THRICE, Duration.ZERO);
    assertThat(receive("wide", second)).extracting(LeasedJob::partition).containsExactly(1, 1);
  }

  @Test
  void goesOnAsFarAsEverythingIsSettled() {
    publishAll("s", "a", "b", "c");
    List<LeasedJob> taken = receive(3);
    GroupTransport.Settled last = ack(taken.get(2));
    assertThat(last.committed()).hasValue(0);
    assertThat(last.left()).hasValue(2);
    assertThat(ack(taken.get(0)).committed()).hasValue(1);
    GroupTransport.Settled all = ack(taken.get(1));
    assertThat(all.committed()).hasValue(3);
    assertThat(all.left()).hasValue(0);
    assertThat(committed()).isEqualTo(3);
  }

  @Test
  void goesPastOffsetsThatHaveNoMessage() {
    now(streams.delayed().cancel(name("s"), publish("s", Event.builder(bytes("never")).delay(MINUTE).build()), deadline));
    publishAll("s", "a");
    ack(one());
    assertThat(committed()).isEqualTo(2);
  }

  @Test
  void handsOutAgainWhatEndsAndWhatIsGivenUp() {
    publishAll("s", "a", "b");
    List<LeasedJob> taken = receive(2);
    assertThat(Objects.requireNonNull(settle(Settlement.Kind.NACK, taken.get(0), null).next()).remaining())
        .isEqualTo(Duration.ofSeconds(2));
    assertThat(stats().delayed()).isEqualTo(1);
    millis(1_999);
    assertThat(receive(9)).isEmpty();
    millis(1);
    LeasedJob again = one();
    assertThat(again.attempt()).isEqualTo(2);
    assertThat(Objects.requireNonNull(settle(Settlement.Kind.NACK, again, null).next()).remaining())
        .as("longer each time")
        .isEqualTo(Duration.ofSeconds(4));
    seconds(28);
    assertThat(values(receive("s", spec("g", "c", 9)))).as("at once, and what waited").containsExactly("a", "b");
    assertThat(stats().expired()).isEqualTo(1);
    assertLost(taken.get(1));
  }

  @Test
  void nacksWaitAsLongAsTheySay() {
    publishAll("s", "a");
    settle(Settlement.Kind.NACK, one(), Duration.ZERO);
    settle(Settlement.Kind.NACK, one(), Duration.ofSeconds(90));
    millis(89_999);
    assertThat(receive(1)).isEmpty();
    millis(1);
    assertThat(one().attempt()).isEqualTo(3);
  }

  @Test
  void knowsAReceiptOnce() {
    publishAll("s", "a", "b");
    List<LeasedJob> taken = receive(2);
    ack(taken.get(0));
    assertLost(taken.get(0));
    assertLost(LeasedJob.named("0/1", ""));
    assertThat(outcome(Settlement.Kind.EXTEND, taken.get(1), null, null).error()).isInstanceOf(InvalidRequestException.class);
    seconds(30);
    assertThat(outcome(Settlement.Kind.EXTEND, taken.get(1), MINUTE, null).error()).isInstanceOf(LeaseLostException.class);
  }

  @Test
  void extendsFromNowOn() {
    publishAll("s", "a");
    LeasedJob job = one();
    seconds(20);
    assertThat(Objects.requireNonNull(settle(Settlement.Kind.EXTEND, job, MINUTE).next()).remaining()).isEqualTo(MINUTE);
    seconds(59);
    assertThat(receive(1)).isEmpty();
    settle(Settlement.Kind.EXTEND, job, Duration.ofSeconds(5));
    seconds(5);
    assertThat(one().attempt()).as("or sooner").isEqualTo(2);
  }

  @Test
  void aReleaseIsNoAttempt() {
    publishAll("s", "a");
    for (int i = 0; i < 10; i++) {
      LeasedJob job = one();
      assertThat(job.attempt()).isEqualTo(1);
      settle(Settlement.Kind.RELEASE, job, null);
    }
  }

  @Test
  void whatFailsItsLastAttemptIsADeadLetterByItself() {
    publish("s", Event.builder(bytes("poison")).key("k").header("own", "1").build());
    publishAll("s", "next");
    seconds(1);
    for (int attempt = 1; attempt <= 3; attempt++) {
      assertThat(one().attempt()).isEqualTo(attempt);
      seconds(30);
    }
    Message<byte[]> letter = deadLetters("s", 0).get(0);
    assertThat(text(letter.value())).isEqualTo("poison");
    assertThat(letter.key()).isEqualTo(EventKey.of("k"));
    assertThat(letter.headers())
        .containsOnly(
            Map.entry("own", "1"),
            Map.entry(DeadLetterHeaders.STREAM, "t/ns/s"),
            Map.entry(DeadLetterHeaders.POSITION, "0/0"),
            Map.entry(DeadLetterHeaders.GROUP, "g"),
            Map.entry(DeadLetterHeaders.CONSUMER, "c"),
            Map.entry(DeadLetterHeaders.ATTEMPTS, "3"),
            Map.entry(DeadLetterHeaders.REJECTED, "false"),
            Map.entry(DeadLetterHeaders.STORED_AT, time.now().minusSeconds(91).toString()),
            Map.entry(DeadLetterHeaders.FIRST_DELIVERY, time.now().minusSeconds(90).toString()),
            Map.entry(DeadLetterHeaders.LAST_DELIVERY, time.now().minusSeconds(30).toString()),
            Map.entry(DeadLetterHeaders.FAILED_AT, time.now().toString()));
    assertThat(committed()).as("it is settled").isEqualTo(1);
    assertThat(values(receive(9))).containsExactly("next");
  }

  @Test
  void saysWhoRejectedWhatAndWhyInAPartitionOfTheSameNumber() {
    publish("wide", 1, 0, "bad");
    LeasedJob job = receive("wide", spec("g", "c", 1)).get(0);
    Settlement reject = new Settlement(Settlement.Kind.REJECT, job, null, "cannot read it");
    assertThat(now(groups.settle(name("wide"), List.of(reject), deadline)).get(0).orThrow().deadLettered()).isTrue();
    assertThat(deadLetters("wide", 1))
        .singleElement()
        .satisfies(
            letter ->
                assertThat(letter.headers())
                    .containsEntry(DeadLetterHeaders.REJECTED, "true")
                    .containsEntry(DeadLetterHeaders.REASON, "cannot read it"));
    assertThat(now(groups.stats(name("wide"), "g", deadline)))
        .isEqualTo(new GroupTransport.Stats(0, 0, 1, 0, 0, 1, 0, 0, 1));
  }

  @Test
  void whatCannotBeADeadLetterStays() {
    String longest = "s".repeat(255);
    create(longest, 1);
    publishAll(longest, "a");
    LeasedJob job = receive(longest, spec("g", "c", 1)).get(0);
    Settlement reject = new Settlement(Settlement.Kind.REJECT, job, null, null);
    assertThat(now(groups.settle(name(longest), List.of(reject), deadline)).get(0).orThrow().deadLettered()).isFalse();
    millis(MINUTE.toMillis() - 1);
    assertThat(receive(longest, spec("g", "c", 1))).isEmpty();
    millis(1);
    assertThat(receive(longest, spec("g", "c", 1))).hasSize(1);
  }

  @Test
  void givesAConsumerAThousandAtATime() {
    for (int i = 0; i < 1_500; i++) {
      publish("s", "v");
    }
    List<LeasedJob> taken = receive(2_000);
    assertThat(taken).hasSize(1_000);
    assertThat(receive(1)).isEmpty();
    ack(taken.get(3));
    assertThat(receive(9)).hasSize(1);
    assertThat(receive("s", spec("g", "other", 2_000))).hasSize(499);
  }

  @Test
  void priorityCountsAmongWhatComesNext() {
    for (int i = 0; i < PartitionLeases.WINDOW; i++) {
      publish("s", "v");
    }
    publish("s", 0, 2, "urgent");
    assertThat(values(receive(1))).containsExactly("v");
    assertThat(values(receive(1))).as("there is room to look further").containsExactly("urgent");
  }

  @Test
  void goesWhereSomebodySendsTheGroup() {
    publishAll("s", "0", "1", "2", "3");
    List<LeasedJob> taken = receive(2);
    now(streams.commit(name("s"), "g", new Position(0, 3), deadline));
    List<LeasedJob> third = receive(9);
    assertThat(values(third)).as("past what waits").containsExactly("3");
    seconds(30);
    assertThat(values(receive(9))).as("and past what was with somebody").containsExactly("3");
    assertLost(taken.get(0));

    now(streams.commit(name("s"), "g", new Position(0, 1), deadline));
    assertThat(committed()).isEqualTo(1);
    assertThat(values(receive(9))).as("all but what is with somebody").containsExactly("1", "2");
  }

  @Test
  void whatIsSettledAfterTheGroupWentBackIsSettled() {
    publishAll("s", "0", "1");
    List<LeasedJob> both = receive(9);
    ack(both.get(0));
    now(streams.commit(name("s"), "g", new Position(0, 0), deadline));
    ack(both.get(1));
    assertThat(committed()).isZero();
    assertThat(values(receive(9))).containsExactly("0");
  }

  @Test
  void whatIsNotThereAnyMoreHoldsUpNobody() {
    publish("s", Event.builder(bytes("short")).ttl(Duration.ofSeconds(1)).build());
    publishAll("s", "long");
    LeasedJob gone = one();
    settle(Settlement.Kind.NACK, gone, Duration.ZERO);
    seconds(1);
    List<LeasedJob> left = receive(9);
    assertThat(values(left)).containsExactly("long");
    ack(left.get(0));
    assertThat(committed()).isEqualTo(2);
  }

  @Test
  void waitsForWhatIsPublishedOrComesAgain() {
    CompletableFuture<List<LeasedJob>> waiting = waiting("c", MINUTE);
    assertThat(waiting).isNotDone();
    publish("s", "a");
    LeasedJob job = now(waiting).get(0);
    CompletableFuture<List<LeasedJob>> again = waiting("c", MINUTE);
    seconds(30);
    assertThat(now(again).get(0).attempt()).isEqualTo(2);
    assertLost(job);
    CompletableFuture<List<LeasedJob>> none = waiting("c", Duration.ofSeconds(5));
    seconds(5);
    assertThat(now(none)).isEmpty();
  }

  @Test
  void thoseWhoWaitTakeTurns() {
    CompletableFuture<List<LeasedJob>> first = waiting("one", MINUTE);
    CompletableFuture<List<LeasedJob>> second = waiting("other", MINUTE);
    publishAll("s", "a", "b");
    assertThat(values(now(first))).containsExactly("a");
    assertThat(values(now(second))).containsExactly("b");
  }

  @Test
  void aWaitThatIsCancelledTakesNothing() {
    waiting("c", MINUTE).cancel(true);
    publishAll("s", "a");
    assertThat(one().attempt()).isEqualTo(1);
  }

  @Test
  void endsWithItsStreamItsGroupOrItsConnection() {
    publishAll("s", "a");
    LeasedJob job = one();
    CompletableFuture<List<LeasedJob>> waiting = waiting("c", MINUTE);
    assertThat(now(streams.groups(name("s"), deadline))).containsExactly("g");
    now(streams.deleteGroup(name("s"), "g", deadline));
    assertThat(error(waiting)).isInstanceOf(NotFoundException.class);
    assertLost(job);
    assertThat(stats()).isEqualTo(new GroupTransport.Stats(0, 0, 0, 0, 0, 0, 0, 0, 0));

    LeasedJob another = one();
    assertThat(another.attempt()).as("nothing is known of it any more").isEqualTo(1);
    CompletableFuture<List<LeasedJob>> last = waiting("c", MINUTE);
    now(transport.admin().orElseThrow().delete(ResourceKind.STREAM, name("s"), deadline));
    assertThat(error(last)).isInstanceOf(NotFoundException.class);

    create("s", 1);
    CompletableFuture<List<LeasedJob>> closed = waiting("c", MINUTE);
    now(transport.close());
    assertThat(error(closed)).isInstanceOf(ClientClosedException.class);
  }

  @Test
  void oneConnectionSettlesWhatAnotherReceived() {
    publishAll("s", "a", "b");
    LeasedJob job = one();
    GroupTransport other = engine.connect().groups().orElseThrow();
    assertThat(values(now(other.receive(name("s"), spec("g", "c2", 9), deadline)))).containsExactly("b");
    Settlement ack = new Settlement(Settlement.Kind.ACK, LeasedJob.named(job.id(), job.receipt()), null, null);
    assertThat(now(other.settle(name("s"), List.of(ack), deadline)).get(0).orThrow().consumer()).isEqualTo("c");
    assertThat(committed()).isEqualTo(1);
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThatThrownBy(() -> spec("g", "c", 0)).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> new ReceiveSpec("g", "c", Set.of(), 1, 1, Duration.ZERO, THRICE, Duration.ZERO))
        .isInstanceOf(InvalidRequestException.class);
    ReceiveSpec elsewhere = new ReceiveSpec("g", "c", Set.of(7), 1, 1, LEASE, THRICE, Duration.ZERO);
    assertThat(error(groups.receive(name("s"), elsewhere, deadline))).isInstanceOf(InvalidRequestException.class);
  }

  /**
   * Whatever consumers do and leave undone: nobody has what somebody else has, none is delivered more often than may be, the group never goes
   * back, never past what is not settled, and in the end past everything; and what died is a dead letter, once.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
  void losesNothingAndNeverGoesBack(long seed) {
    Story story = new Story(new Random(seed));
    for (int step = 0; step < 2_000; step++) {
      story.step();
      story.check();
    }
    story.finish();
  }

  private final class Story {
    private final Random random;
    private final Map<Long, LeasedJob> leased = new HashMap<>();
    private final Set<Long> acked = new HashSet<>();
    private final List<Position> published = new ArrayList<>();
    private long before;

    Story(Random random) {
      this.random = random;
    }

    void step() {
      switch (random.nextInt(8)) {
        case 0 -> publishSome();
        case 1, 2 -> receive("s", spec("g", "c" + random.nextInt(2), 1 + random.nextInt(5))).forEach(this::took);
        case 3, 4 -> any().forEach(this::acked);
        case 5 -> any().forEach(job -> settle(Settlement.Kind.NACK, job, random.nextBoolean() ? null : Duration.ZERO));
        case 6 -> any().forEach(job -> settle(random.nextInt(4) == 0 ? Settlement.Kind.REJECT : Settlement.Kind.RELEASE, job, null));
        default -> pass(random.nextInt(40));
      }
    }

    private void publishSome() {
      for (int i = random.nextInt(6); i > 0; i--) {
        published.add(publish("s", Event.builder(bytes("v")).priority(random.nextInt(5) - 2).build()));
      }
    }

    private void took(LeasedJob job) {
      long offset = job.sequence().orElseThrow();
      assertThat(leased.put(offset, job)).as("%s twice", job.id()).isNull();
      assertThat(acked).doesNotContain(offset);
      assertThat(job.attempt()).isBetween(1, 3);
    }

    private List<LeasedJob> any() {
      List<LeasedJob> all = List.copyOf(leased.values());
      if (all.isEmpty()) {
        return all;
      }
      LeasedJob one = all.get(random.nextInt(all.size()));
      leased.remove(one.sequence().orElseThrow());
      return List.of(one);
    }

    private void acked(LeasedJob job) {
      ack(job);
      acked.add(job.sequence().orElseThrow());
    }

    private void pass(int seconds) {
      seconds(seconds);
      leased.values().removeIf(job -> Objects.requireNonNull(job.leaseDeadline()).expired());
    }

    private Set<Long> settled() {
      Set<Long> settled = new HashSet<>(acked);
      long dead = stats().deadLettered();
      if (dead > 0) {
        List<Message<byte[]>> letters = now(streams.read(new ReadSpec(name("s.dlq"), 0, 0, 10_000, 64 << 20), Deadline.after(time, MINUTE))).messages();
        assertThat(letters).hasSize((int) dead);
        letters.forEach(letter -> settled.add(Long.parseLong(letter.headers().get(DeadLetterHeaders.POSITION).substring(2))));
        assertThat(settled).as("once each").hasSize(acked.size() + letters.size());
      }
      return settled;
    }

    void check() {
      assertThat(committed()).isGreaterThanOrEqualTo(before);
      before = committed();
      assertThat(stats().leased()).isEqualTo(leased.size());
      if (random.nextInt(20) == 0) {
        Set<Long> settled = settled();
        assertThat(published).filteredOn(place -> place.offset() < before).allMatch(place -> settled.contains(place.offset()));
      }
    }

    void finish() {
      for (int round = 0; round < 200; round++) {
        receive("s", spec("g", "c", 1_000)).forEach(this::took);
        List.copyOf(leased.values()).forEach(this::acked);
        leased.clear();
        seconds(10);
      }
      Set<Long> settled = settled();
      assertThat(published).extracting(Position::offset).containsExactlyInAnyOrderElementsOf(settled);
      assertThat(committed()).isEqualTo(published.size());
    }
  }
}
