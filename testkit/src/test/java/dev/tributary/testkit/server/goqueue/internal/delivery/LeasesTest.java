package dev.tributary.testkit.server.goqueue.internal.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.stream.Message;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.goqueue.internal.store.GroupPartition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which messages are with whom, in virtual time. */
class LeasesTest {
  private static final GroupPartition PLACE = new GroupPartition("workers", "orders", 0);
  private static final Duration NEXT = Duration.ofMillis(1);

  private final VirtualTime time = new VirtualTime();
  private final List<String> ready = new ArrayList<>();
  private final List<Leases.Lease> expired = new ArrayList<>();
  private final List<Leases.Lease> condemned = new ArrayList<>();
  private final Leases leases =
      new Leases(
          time,
          new Leases.Listener() {
            @Override
            public void ready(String topic) {
              ready.add(topic);
            }

            @Override
            public void expired(Leases.Lease lease) {
              expired.add(lease);
            }

            @Override
            public void condemned(Leases.Lease lease) {
              condemned.add(lease);
            }
          });

  @BeforeEach
  void start() {
    leases.start();
    leases.open(PLACE, OptionalLong.empty());
  }

  private void found(long... offsets) {
    leases.found(PLACE, LongStream.of(offsets).mapToObj(offset -> message(offset, 0)).toList());
  }

  private static Deliveries.Ask ask(String member, int each, int all) {
    return new Deliveries.Ask(member, each, all, Leases.VISIBILITY);
  }

  private static Message<byte[]> message(long offset, int priority) {
    return new Message<>(new byte[0], null, Map.of(), 0, offset, Instant.EPOCH, priority);
  }

  private List<Leases.Lease> take(int most) {
    return take("member", most);
  }

  private List<Leases.Lease> take(String member, int most) {
    return leases.take(List.of(PLACE), ask(member, most, Integer.MAX_VALUE));
  }

  private static List<Long> offsets(List<Leases.Lease> leases) {
    return leases.stream().map(Leases.Lease::offset).toList();
  }

  private long watermark() {
    return leases.toCommit(PLACE).orElse(0);
  }

  @Test
  void handsOutWhatNobodyHas() {
    found(0, 1, 2, 3);
    assertThat(offsets(take("a", 2))).containsExactly(0L, 1L);
    assertThat(offsets(take("b", 9))).as("one slow member does not hold up others").containsExactly(2L, 3L);
    assertThat(take("c", 9)).isEmpty();
    assertThat(leases.held()).isEqualTo(4);
  }

  @Test
  void handsOutTheHighestPriorityFirstAndLosesNone() {
    leases.found(PLACE, List.of(message(0, 0), message(1, -2), message(2, 2), message(3, 0), message(4, 1)));
    assertThat(offsets(take(9))).containsExactly(2L, 4L, 0L, 3L, 1L);
  }

  @Test
  void takesFromEachPartitionInTurnUnlessOneHasWhatIsMoreUrgent() {
    GroupPartition other = new GroupPartition("workers", "orders", 1);
    leases.open(other, OptionalLong.empty());
    found(0, 1, 2);
    leases.found(other, List.of(message(10, 0), message(11, 0), message(12, 2)));
    assertThat(offsets(leases.take(List.of(PLACE, other), ask("member", 9, 4)))).containsExactly(12L, 0L, 1L, 10L);
    assertThat(offsets(leases.take(List.of(PLACE, other), ask("member", 1, 9)))).containsExactlyInAnyOrder(2L, 11L);
  }

  @Test
  void doesNotStarveAPartitionOfWhoeverTakesOneByOne() {
    GroupPartition other = new GroupPartition("workers", "orders", 1);
    leases.open(other, OptionalLong.empty());
    found(0, 1, 2);
    leases.found(other, List.of(message(10, 0), message(11, 0)));
    List<Long> taken = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      taken.addAll(offsets(leases.take(List.of(PLACE, other), ask("member", 9, 1))));
    }
    assertThat(taken).containsExactlyInAnyOrder(0L, 1L, 10L, 11L);
  }

  @Test
  void namesWhatItHandsOut() {
    found(7);
    Leases.Lease lease = take(1).get(0);
    assertThat(lease.receipt()).matches("orders:0:7:1:[0-9a-f]{16}");
    assertThat(lease.delivery()).isEqualTo(1);
    assertThat(lease.firstDelivery()).isEqualTo(time.now());
    leases.nack(lease.receipt(), delivery -> Duration.ZERO);
    time.advance(NEXT);
    Leases.Lease again = take(1).get(0);
    assertThat(again.receipt()).matches("orders:0:7:2:[0-9a-f]{16}");
    assertThat(again.firstDelivery()).isEqualTo(lease.firstDelivery());
    assertThat(again.lastDelivery()).isEqualTo(time.now());
  }

  @Test
  void goesOnAsFarAsEverythingIsSettled() {
    found(0, 1, 2);
    List<Leases.Lease> taken = take(3);
    Leases.Acked last = leases.ack(taken.get(2).receipt());
    assertThat(last.watermark()).isZero();
    assertThat(last.advanced()).isFalse();
    assertThat(last.held()).isEqualTo(2);
    assertThat(leases.ack(taken.get(0).receipt()).watermark()).isEqualTo(1);
    Leases.Acked all = leases.ack(taken.get(1).receipt());
    assertThat(all.watermark()).isEqualTo(3);
    assertThat(all.advanced()).isTrue();
    assertThat(all.held()).isZero();
    assertThat(leases.toCommit(PLACE)).hasValue(3);
    leases.committed(PLACE, 3);
    assertThat(leases.toCommit(PLACE)).isEmpty();
  }

  @Test
  void goesPastOffsetsThatHaveNoMessage() {
    found(2, 5);
    assertThat(watermark()).isEqualTo(2);
    take(2).forEach(lease -> leases.ack(lease.receipt()));
    assertThat(watermark()).isEqualTo(6);
  }

  @Test
  void handsOutAgainWhatEndsAndWhatIsGivenUp() {
    found(0, 1);
    List<Leases.Lease> taken = take(2);
    Leases.Nacked nacked = leases.nack(taken.get(0).receipt(), Leases::backoff);
    assertThat(nacked.visibleAt()).isEqualTo(time.now().plusSeconds(2));
    assertThat(leases.resting()).isEqualTo(1);
    time.advance(Duration.ofSeconds(2).minus(NEXT));
    assertThat(take(9)).isEmpty();
    assertThat(ready).isEmpty();
    time.advance(NEXT);
    assertThat(ready).containsExactly("orders");
    assertThat(take(9)).singleElement().satisfies(lease -> assertThat(lease.delivery()).isEqualTo(2));
    time.advance(Duration.ofSeconds(28));
    assertThat(ready).hasSize(2);
    assertThat(expired).singleElement().isEqualTo(taken.get(1));
    assertThat(take(9)).singleElement().satisfies(lease -> assertThat(lease.offset()).isEqualTo(1));
  }

  @Test
  void restsLongerEachTimeButNotForLongerThanAMinute() {
    assertThat(List.of(1, 2, 3, 4, 5, 6, 7, 8, 100).stream().map(Leases::backoff).map(Duration::toSeconds))
        .containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L, 60L);
  }

  @Test
  void knowsAReceiptOnce() {
    found(0, 1);
    List<Leases.Lease> taken = take(2);
    String receipt = taken.get(0).receipt();
    leases.ack(receipt);
    assertThatThrownBy(() -> leases.ack(receipt)).hasMessage(Deliveries.UNKNOWN);
    assertThatThrownBy(() -> leases.nack(receipt, Leases::backoff)).hasMessage(Deliveries.UNKNOWN);
    assertThatThrownBy(() -> leases.reject("nonsense")).hasMessage(Deliveries.UNKNOWN);
    time.advance(Leases.VISIBILITY);
    assertThatThrownBy(() -> leases.extend(taken.get(1).receipt(), NEXT)).hasMessage(Deliveries.UNKNOWN);
  }

  @Test
  void extendsFromNowOn() {
    found(0);
    String receipt = take(1).get(0).receipt();
    time.advance(Duration.ofSeconds(20));
    assertThat(leases.extend(receipt, Duration.ofSeconds(60))).isEqualTo(time.now().plusSeconds(60));
    time.advance(Duration.ofSeconds(59));
    assertThat(take(1)).isEmpty();
    assertThat(leases.extend(receipt, Duration.ofSeconds(5))).as("or sooner").isEqualTo(time.now().plusSeconds(5));
    time.advance(Duration.ofSeconds(5));
    assertThat(take(1)).hasSize(1);
  }

  @Test
  void condemnsWhatWasDeliveredThreeTimes() {
    found(0);
    for (int delivery = 1; delivery <= 3; delivery++) {
      assertThat(take(1).get(0).delivery()).isEqualTo(delivery);
      assertThat(condemned).isEmpty();
      time.advance(Leases.VISIBILITY);
    }
    assertThat(take(1)).isEmpty();
    assertThat(condemned).singleElement().satisfies(lease -> assertThat(lease.delivery()).isEqualTo(3));
    assertThat(watermark()).isZero();
    leases.spared(condemned.get(0), Duration.ofSeconds(1));
    time.advance(Duration.ofSeconds(1));
    assertThat(condemned).as("again").hasSize(2);
    leases.buried(condemned.get(1));
    assertThat(watermark()).isEqualTo(1);
    assertThat(expired).hasSize(3);
  }

  @Test
  void tellsWhoGivesItUpForTheLastTimeThatItIsCondemned() {
    found(0);
    for (int delivery = 1; delivery <= 2; delivery++) {
      assertThat(leases.nack(take(1).get(0).receipt(), next -> Duration.ZERO).condemned()).isFalse();
    }
    Leases.Nacked last = leases.nack(take(1).get(0).receipt(), next -> Duration.ofHours(1));
    assertThat(last.condemned()).isTrue();
    assertThat(condemned).as("it is told already").isEmpty();
    leases.buried(last.lease());
    assertThat(watermark()).isEqualTo(1);
  }

  @Test
  void hasItBackIfItCouldNotBeRejected() {
    found(0);
    Leases.Lease lease = leases.reject(take(1).get(0).receipt());
    assertThatThrownBy(() -> leases.ack(lease.receipt())).hasMessage(Deliveries.UNKNOWN);
    leases.returned(lease);
    assertThat(leases.ack(lease.receipt()).watermark()).isEqualTo(1);
  }

  @Test
  void countsNothingForWhatDidNotArrive() {
    found(0);
    for (int i = 0; i < 10; i++) {
      Leases.Lease lease = take(1).get(0);
      assertThat(lease.delivery()).isEqualTo(1);
      leases.giveBack(lease);
      leases.giveBack(lease);
    }
    assertThat(ready).hasSize(10);
    assertThat(leases.held()).isZero();
  }

  @Test
  void countsForNothingWhatIsNotThereAnyMore() {
    found(0, 1);
    leases.gone(take(1).get(0));
    assertThat(watermark()).isEqualTo(1);
  }

  @Test
  void givesAMemberAThousandAtATime() {
    found(LongStream.range(0, 1_500).toArray());
    List<Leases.Lease> taken = take("a", 2_000);
    assertThat(taken).hasSize(1_000);
    assertThat(take("a", 1)).isEmpty();
    leases.ack(taken.get(3).receipt());
    assertThat(take("a", 9)).hasSize(1);
    assertThat(take("b", 2_000)).hasSize(499);
  }

  @Test
  void knowsNoMoreThanItsWindow() {
    assertThat(leases.wantsMore(PLACE)).isTrue();
    found(LongStream.range(0, Ledger.WINDOW).toArray());
    assertThat(leases.wantsMore(PLACE)).isFalse();
    assertThat(leases.scanned(PLACE)).isEqualTo(Ledger.WINDOW);
    take(1);
    assertThat(leases.wantsMore(PLACE)).isTrue();
  }

  @Test
  void keepsGroupsApart() {
    GroupPartition other = new GroupPartition("others", "orders", 0);
    leases.open(other, OptionalLong.of(1));
    found(0, 1);
    leases.found(other, List.of(message(1, 0)));
    take(2);
    assertThat(leases.take(List.of(other), ask("member", 9, 9))).hasSize(1);
    leases.forgetGroup("workers");
    assertThat(leases.held()).isEqualTo(1);
    leases.forgetTopic("orders");
    assertThat(leases.held()).isZero();
    time.advance(Duration.ofHours(1));
    assertThat(condemned).isEmpty();
  }

  @Test
  void goesWhereSomebodySendsTheGroup() {
    found(0, 1, 2, 3);
    List<Leases.Lease> taken = take(2);
    leases.committed(PLACE, 3);
    assertThat(offsets(take(9))).as("past what waits").containsExactly(3L);
    time.advance(Leases.VISIBILITY);
    assertThat(offsets(take(9))).as("and past what was with somebody").containsExactly(3L);
    assertThatThrownBy(() -> leases.ack(taken.get(0).receipt())).hasMessage(Deliveries.UNKNOWN);

    leases.committed(PLACE, 1);
    assertThat(leases.scanned(PLACE)).isEqualTo(1);
    found(1, 2, 3);
    assertThat(offsets(take(9))).as("all but what is with somebody").containsExactly(1L, 2L);
    assertThat(leases.toCommit(PLACE)).isEmpty();
  }

  @Test
  void beginsAnewWhenNothingIsKnownOfTheGroupAnyMore() {
    found(0);
    String receipt = take(1).get(0).receipt();
    leases.committed(PLACE, 5);
    leases.open(PLACE, OptionalLong.empty());
    assertThat(leases.scanned(PLACE)).isZero();
    assertThatThrownBy(() -> leases.ack(receipt)).hasMessage(Deliveries.UNKNOWN);
  }

  @Test
  void doesNothingByItselfWhileItIsStopped() {
    found(0);
    take(1);
    leases.stop();
    assertThat(time.pendingTimers()).isZero();
    time.advance(Leases.VISIBILITY);
    leases.start();
    assertThat(take(1)).hasSize(1);
  }

  /**
   * Whatever members do and leave undone, and whatever is committed when: nobody has what somebody else has, none is delivered more often
   * than may be, the group never goes back, never past what is not settled, and in the end past everything.
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
    private final Set<Long> published = new HashSet<>();
    private final Set<Long> settled = new HashSet<>();
    private final Map<Long, Leases.Lease> held = new HashMap<>();
    private long end;
    private long committed;

    Story(Random random) {
      this.random = random;
    }

    void step() {
      switch (random.nextInt(9)) {
        case 0 -> publish();
        case 1, 2 -> take("m" + random.nextInt(2), 1 + random.nextInt(5)).forEach(this::took);
        case 3, 4 -> anyHeld().forEach(lease -> settled.add(leases.ack(lease.receipt()).lease().offset()));
        case 5 -> anyHeld().forEach(this::nack);
        case 6 -> anyHeld().forEach(this::reject);
        case 7 -> commit();
        default -> {
          time.advance(Duration.ofSeconds(random.nextInt(40)));
          buryCondemned();
        }
      }
    }

    private void publish() {
      List<Message<byte[]>> messages = new ArrayList<>();
      for (int i = random.nextInt(6); i > 0; i--) {
        end += 1 + (random.nextInt(4) == 0 ? random.nextInt(3) : 0);
        published.add(end - 1);
        messages.add(message(end - 1, random.nextInt(5) - 2));
      }
      leases.found(PLACE, messages);
    }

    private void took(Leases.Lease lease) {
      assertThat(published).contains(lease.offset());
      assertThat(settled).doesNotContain(lease.offset());
      assertThat(held.put(lease.offset(), lease)).as("%s twice", lease).isNull();
      assertThat(lease.delivery()).isBetween(1, Leases.MOST_DELIVERIES);
    }

    private List<Leases.Lease> anyHeld() {
      List<Leases.Lease> all = List.copyOf(held.values());
      if (all.isEmpty()) {
        return all;
      }
      Leases.Lease one = all.get(random.nextInt(all.size()));
      held.remove(one.offset());
      return List.of(one);
    }

    private void nack(Leases.Lease lease) {
      Leases.Nacked nacked = leases.nack(lease.receipt(), Leases::backoff);
      assertThat(nacked.condemned()).isEqualTo(lease.delivery() == Leases.MOST_DELIVERIES);
      if (nacked.condemned()) {
        bury(nacked.lease());
      }
    }

    private void reject(Leases.Lease lease) {
      Leases.Lease rejected = leases.reject(lease.receipt());
      if (random.nextBoolean()) {
        bury(rejected);
      } else {
        leases.returned(rejected);
        held.put(lease.offset(), lease);
      }
    }

    private void bury(Leases.Lease lease) {
      leases.buried(lease);
      settled.add(lease.offset());
    }

    private void buryCondemned() {
      expired.forEach(lease -> held.remove(lease.offset(), lease));
      expired.clear();
      List<Leases.Lease> dead = List.copyOf(condemned);
      condemned.clear();
      for (Leases.Lease lease : dead) {
        if (random.nextBoolean()) {
          bury(lease);
        } else {
          leases.spared(lease, Duration.ofSeconds(1));
        }
      }
    }

    private void commit() {
      leases
          .toCommit(PLACE)
          .ifPresent(
              next -> {
                assertThat(next).isGreaterThan(committed);
                committed = next;
                leases.committed(PLACE, next);
              });
    }

    void check() {
      long next = leases.toCommit(PLACE).orElse(committed);
      assertThat(next).isGreaterThanOrEqualTo(committed);
      assertThat(published).filteredOn(offset -> offset < next).allMatch(settled::contains);
    }

    void finish() {
      for (int round = 0; round < 200; round++) {
        take("m0", 1_000).forEach(this::took);
        List.copyOf(held.values()).forEach(lease -> settled.add(leases.ack(lease.receipt()).lease().offset()));
        held.clear();
        time.advance(Duration.ofSeconds(10));
        buryCondemned();
      }
      commit();
      assertThat(settled).isEqualTo(published);
      assertThat(committed).isEqualTo(end);
    }
  }
}
