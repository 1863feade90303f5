package dev.tributary.testkit.server.goqueue.internal.shipped;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.stream.Message;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.goqueue.internal.delivery.Deliveries;
import dev.tributary.testkit.server.goqueue.internal.store.GroupPartition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What public servers have in flight, in virtual time. */
class InFlightTest {
  private static final GroupPartition ONE = new GroupPartition("one", "orders", 0);
  private static final GroupPartition OTHER = new GroupPartition("other", "orders", 0);

  private final VirtualTime time = new VirtualTime();
  private final List<Long> exhausted = new ArrayList<>();
  private int expired;
  private final InFlight flights =
      new InFlight(
          time,
          new InFlight.Listener() {
            @Override
            public void expired() {
              expired++;
            }

            @Override
            public void exhausted(InFlight.Flight flight) {
              exhausted.add(flight.offset());
            }
          });

  @BeforeEach
  void start() {
    flights.start();
  }

  private List<InFlight.Taken> take(GroupPartition from, long... offsets) {
    return flights.take(from, "member", LongStream.of(offsets).mapToObj(InFlightTest::message).toList());
  }

  private static Message<byte[]> message(long offset) {
    return new Message<>(new byte[0], null, Map.of(), 0, offset, Instant.EPOCH, 0);
  }

  @Test
  void stopsAtTheFirstThatAnybodyHas() {
    assertThat(take(ONE, 3)).hasSize(1);
    assertThat(take(OTHER, 1, 2, 3, 4)).hasSize(2);
    assertThat(take(ONE, 3, 4)).isEmpty();
  }

  @Test
  void countsAcksThatHaveNothingToDoWithTheGroup() {
    List<InFlight.Taken> taken = take(ONE, 5, 6, 7);
    assertThat(flights.ack(taken.get(1).receipt()).committed()).isEqualTo(5);
    Deliveries.Acked acked = flights.ack(taken.get(0).receipt());
    assertThat(acked.committed()).isEqualTo(7);
    assertThat(acked.advanced()).isTrue();
    assertThat(acked.inFlight()).isEqualTo(1);
    assertThat(take(ONE, 5)).as("ready at once").hasSize(1);
  }

  @Test
  void isInNobodysHandsUntilItIsDeadAndThereAgain() {
    String receipt = take(ONE, 0).get(0).receipt();
    time.advance(Duration.ofSeconds(30));
    assertThatThrownBy(() -> flights.ack(receipt)).hasMessage(Deliveries.UNKNOWN);
    assertThat(take(ONE, 0)).isEmpty();
    time.advance(Duration.ofSeconds(59));
    assertThat(take(ONE, 0)).isEmpty();
    assertThat(exhausted).isEmpty();
    time.advance(Duration.ofSeconds(1));
    assertThat(exhausted).containsExactly(0L);
    assertThat(expired).isEqualTo(3);
    assertThat(take(ONE, 0)).singleElement().satisfies(taken -> assertThat(taken.receipt()).startsWith("orders:0:0:1:"));
  }

  @Test
  void doesNotWaitWhenItWasNacked() {
    Deliveries.Nacked nacked = flights.nack(take(ONE, 0).get(0).receipt());
    assertThat(nacked.delivery()).isEqualTo(2);
    assertThat(nacked.visibleAt()).isEqualTo(time.now().plusSeconds(2));
    assertThat(flights.queued()).isEqualTo(1);
    String again = take(ONE, 0).get(0).receipt();
    time.advance(Duration.ofSeconds(2));
    assertThat(flights.queued()).isZero();
    assertThat(flights.ack(again).message().offset()).isZero();
    assertThat(flights.size()).isZero();
  }

  @Test
  void isInLimboWhenItWasNackedAndNobodyPolled() {
    flights.nack(take(ONE, 0).get(0).receipt());
    time.advance(Duration.ofSeconds(2));
    assertThat(take(ONE, 0)).isEmpty();
    time.advance(Duration.ofSeconds(59));
    assertThat(exhausted).isEmpty();
    time.advance(Duration.ofSeconds(1));
    assertThat(exhausted).containsExactly(0L);
    assertThat(take(ONE, 0)).hasSize(1);
  }

  @Test
  void queuesSoManyNacks() {
    for (int i = 0; i < InFlight.MOST_QUEUED; i++) {
      assertThat(flights.nack(take(ONE, i).get(0).receipt())).isNotNull();
    }
    assertThat(flights.nack(take(ONE, 10_000).get(0).receipt())).isNull();
  }

  @Test
  void givesAMemberAThousandAtATime() {
    assertThat(take(ONE, LongStream.range(0, 1_500).toArray())).hasSize(1_000);
  }

  @Test
  void extendsAndRemovesAndForgets() {
    List<InFlight.Taken> taken = take(ONE, 0, 1);
    assertThat(flights.extend(taken.get(0).receipt(), Duration.ofSeconds(100))).isEqualTo(time.now().plusSeconds(100));
    assertThat(flights.remove(taken.get(1).receipt()).offset()).isEqualTo(1);
    time.advance(Duration.ofSeconds(99));
    assertThat(expired).isZero();
    flights.stop();
    assertThat(time.pendingTimers()).isZero();
    flights.start();
    assertThat(flights.size()).isZero();
    assertThat(take(ONE, 0)).hasSize(1);
  }
}
