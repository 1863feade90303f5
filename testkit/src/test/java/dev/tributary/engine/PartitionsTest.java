package dev.tributary.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.ResourceKind;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.PeekedJob;
import dev.tributary.queue.QueueStats;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.PushQueueTransport;
import dev.tributary.spi.Source;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PartitionsTest extends EngineFixture {
  @BeforeEach
  void create() {
    create("q", 3);
  }

  private void create(String queue, int partitions) {
    now(transport.admin().orElseThrow().createQueue(name(queue), QueueConfig.builder().partitions(partitions).build(), deadline));
  }

  private PushQueueTransport only(Integer... partitions) {
    return queues().ofPartitions(Set.of(partitions));
  }

  private List<LeasedJob> take(PushQueueTransport from) {
    return now(from.receive(name("q"), 100, MINUTE, Duration.ZERO, deadline));
  }

  private static NewJob<byte[]> keyed(String key) {
    return NewJob.builder(bytes(key)).partitionKey(key).build();
  }

  /** The rule, spelled out: SHA-256 of the key and the little-endian number; its first 8 bytes, little-endian; the highest wins. */
  private static int expected(String key, int partitions) throws Exception {
    int winner = -1;
    BigInteger highest = BigInteger.valueOf(-1);
    for (int p = 0; p < partitions; p++) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(key.getBytes(StandardCharsets.UTF_8));
      digest.update(new byte[] {(byte) p, (byte) (p >> 8), 0, 0});
      byte[] hash = digest.digest();
      byte[] bid = new byte[8];
      for (int i = 0; i < 8; i++) {
        bid[i] = hash[7 - i];
      }
      BigInteger value = new BigInteger(1, bid);
      if (value.compareTo(highest) > 0) {
        winner = p;
        highest = value;
      }
    }
    return winner;
  }

  @Test
  void aKeyGoesWhereRendezvousHashingSays() throws Exception {
    create("wide", 300);
    for (String key : List.of("a", "key_0", "key_1", "ü€", "order/17", "x".repeat(1000))) {
      for (String queue : List.of("q", "wide")) {
        int partitions = queue.equals("q") ? 3 : 300;
        assertThat(enqueue(queue, keyed(key)).partition()).isEqualTo(expected(key, partitions));
        assertThat(enqueue(queue, keyed(key)).partition()).isEqualTo(expected(key, partitions));
      }
    }
  }

  @Test
  void keysSpreadOverAllPartitions() {
    for (int i = 0; i < 60; i++) {
      enqueue("q", keyed("key" + i));
    }
    for (int p = 0; p < 3; p++) {
      assertThat(now(only(p).stats(name("q"), deadline)).pending()).isBetween(10L, 30L);
    }
  }

  @Test
  void jobsWithoutAKeyTakeTurns() {
    assertThat(List.of(enqueue("q", "a"), enqueue("q", "b"), enqueue("q", "c"), enqueue("q", "d")))
        .extracting(EnqueueResult::partition)
        .containsExactly(0, 1, 2, 0);
  }

  @Test
  void theOrderIsOneForAllPartitions() {
    for (int i = 0; i < 12; i++) {
      enqueue("q", NewJob.builder(bytes("j" + i)).priority(i % 4).build());
    }
    List<LeasedJob> jobs = take(queues());
    assertThat(values(jobs)).containsExactly("j3", "j7", "j11", "j2", "j6", "j10", "j1", "j5", "j9", "j0", "j4", "j8");
    assertThat(jobs).extracting(LeasedJob::partition).containsExactly(0, 1, 2, 2, 0, 1, 1, 2, 0, 0, 1, 2);
  }

  @Test
  void aViewTakesPeeksCountsAndDropsOnlyThere() {
    for (int i = 0; i < 9; i++) {
      enqueue("q", "j" + i);
      seconds(1);
    }
    enqueue("q", NewJob.builder(bytes("later")).delay(MINUTE).build());
    PushQueueTransport some = only(0, 2);
    assertThat(now(some.peek(name("q"), 9, deadline)))
        .extracting(job -> text(job.value()))
        .containsExactly("j0", "j2", "j3", "j5", "j6", "j8", "later");
    assertThat(now(some.peek(name("q"), 1, deadline))).extracting(PeekedJob::partition).containsExactly(0);
    LeasedJob taken = now(only(1).receive(name("q"), 1, MINUTE, Duration.ZERO, deadline)).get(0);
    assertThat(text(taken.value())).isEqualTo("j1");
    ack("q", taken).orThrow();
    take(only(2));
    assertThat(now(only(1).stats(name("q"), deadline)))
        .isEqualTo(stats(2, 0, 3, 1, Duration.ofSeconds(5)));
    assertThat(now(some.stats(name("q"), deadline))).isEqualTo(stats(4, 3, 7, 0, Duration.ofSeconds(9)));
    assertThat(now(queues().stats(name("q"), deadline))).isEqualTo(stats(6, 3, 10, 1, Duration.ofSeconds(9)));
    now(only(0).purge(name("q"), deadline));
    assertThat(now(only(0).stats(name("q"), deadline)).pending()).isZero();
    assertThat(values(take(queues()))).containsExactly("j4", "j7");
  }

  private static QueueStats stats(long pending, long inFlight, long enqueued, long completed, Duration oldest) {
    return new QueueStats(
        pending,
        inFlight,
        java.util.OptionalLong.of(enqueued),
        java.util.OptionalLong.of(completed),
        java.util.OptionalLong.of(0),
        oldest);
  }

  @Test
  void whoWaitsForAPartitionLetsOthersPass() {
    CompletableFuture<List<LeasedJob>> first = only(1).receive(name("q"), 1, MINUTE, MINUTE, deadline);
    CompletableFuture<List<LeasedJob>> second = queues().receive(name("q"), 1, MINUTE, MINUTE, deadline);
    enqueue("q", "in 0");
    assertThat(first).isNotDone();
    assertThat(values(now(second))).containsExactly("in 0");
    enqueue("q", "in 1");
    assertThat(values(now(first))).containsExactly("in 1");
  }

  @Test
  void aSourceOfAPartitionIsGivenOnlyWhatIsThere() {
    Recorder<LeasedJob> seen = new Recorder<>(job -> text(job.value()));
    Source source = only(2).open(name("q"), MINUTE, seen);
    source.request(2);
    for (int i = 0; i < 9; i++) {
      enqueue("q", "j" + i);
    }
    assertThat(seen.news()).containsExactly("LIVE", "j2", "j5");
    assertThat(now(queues().stats(name("q"), deadline)).inFlight()).isEqualTo(2);
    source.request(1);
    assertThat(seen.news()).containsExactly("j8");
  }

  @Test
  void aPartitionThatIsNotThereIsRefused() {
    Recorder<LeasedJob> seen = new Recorder<>(job -> "item");
    PushQueueTransport none = only(1, 3);
    assertThat(error(none.stats(name("q"), deadline)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("no partition 3");
    assertThat(error(none.peek(name("q"), 1, deadline))).isInstanceOf(InvalidRequestException.class);
    assertThat(error(none.purge(name("q"), deadline))).isInstanceOf(InvalidRequestException.class);
    assertThat(error(none.receive(name("q"), 1, MINUTE, MINUTE, deadline))).isInstanceOf(InvalidRequestException.class);
    none.open(name("q"), MINUTE, seen);
    assertThat(seen.news()).containsExactly("end InvalidRequestException");
    assertThatThrownBy(() -> queues().ofPartitions(Set.of())).isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void aQueueHasAtMostAThousandPartitions() {
    QueueConfig tooMany = QueueConfig.builder().partitions(1001).build();
    assertThat(error(transport.admin().orElseThrow().createQueue(name("huge"), tooMany, deadline)))
        .isInstanceOf(InvalidRequestException.class);
    create("large", 1000);
    assertThat(now(transport.admin().orElseThrow().list(ResourceKind.QUEUE, deadline)))
        .anySatisfy(
            queue -> {
              assertThat(queue.name()).isEqualTo(name("large"));
              assertThat(queue.partitions()).isEqualTo(1000);
            });
  }
}
