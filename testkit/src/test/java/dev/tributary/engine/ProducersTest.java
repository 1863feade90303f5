package dev.tributary.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Outcome;
import dev.tributary.TransactionOptions;
import dev.tributary.error.ConflictException;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.ProducerSequence;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.TransactionTransport.Session;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ProducersTest extends EngineFixture {
  private static NewJob<byte[]> job(String producer, long epoch, long sequence) {
    return NewJob.builder(bytes(producer + epoch + "/" + sequence))
        .producerSequence(new ProducerSequence(producer, epoch, sequence))
        .build();
  }

  private List<Outcome<EnqueueResult>> enqueueAll(boolean atomic, List<NewJob<byte[]>> jobs) {
    return now(queues().enqueue(name("q"), jobs, atomic, deadline));
  }

  private long stored() {
    return now(queues().stats(name("q"), deadline)).enqueued().orElseThrow();
  }

  @Test
  void aNumberIsStoredOnce() {
    EnqueueResult first = enqueue("q", job("p", 1, 1));
    EnqueueResult again = new EnqueueResult(first.id(), first.sequence(), true, first.partition());
    assertThat(first.duplicate()).isFalse();
    assertThat(enqueue("q", job("p", 1, 1))).isEqualTo(again);
    ack("q", takeOne("q")).orThrow();
    assertThat(enqueue("q", job("p", 1, 1))).isEqualTo(again);
    assertThat(stored()).isEqualTo(1);
  }

  @Test
  void numbersOfOthersAreOthers() {
    enqueue("q", job("p", 1, 2));
    assertThat(Stream.of(job("p", 1, 1), job("p", 2, 2), job("o", 1, 2)).map(job -> enqueue("q", job).duplicate()))
        .containsExactly(false, false, false);
    assertThat(enqueue("other", job("p", 1, 2)).duplicate()).isFalse();
  }

  @Test
  void aConsumerSeesTheNumber() {
    enqueue("q", job("p", 7, 3));
    enqueue("q", "none");
    assertThat(now(queues().peek(name("q"), 1, deadline)).get(0).producer()).isEqualTo(new ProducerSequence("p", 7, 3));
    assertThat(take("q", 2)).extracting(LeasedJob::producer).containsExactly(new ProducerSequence("p", 7, 3), null);
  }

  @Test
  void aNewerEpochShutsOutTheOlder() {
    enqueue("q", job("p", 1, 1));
    enqueue("q", job("p", 2, 1));
    List<Outcome<EnqueueResult>> outcomes = enqueueAll(false, List.of(job("p", 1, 2), job("p", 1, 1), job("p", 2, 2), job("o", 1, 1)));
    assertThat(outcomes.get(0).error()).isInstanceOf(ConflictException.class).hasMessageContaining("epoch 2");
    assertThat(outcomes.get(1).orThrow().duplicate()).as("what is stored already is no new job").isTrue();
    assertThat(outcomes.get(2).orThrow().duplicate()).isFalse();
    assertThat(outcomes.get(3).orThrow().duplicate()).isFalse();
    assertThat(enqueue("other", job("p", 1, 2)).duplicate()).as("each queue by itself").isFalse();
  }

  @Test
  void anAtomicBatchWithARefusedJobLeavesNothing() {
    enqueue("q", job("p", 2, 1));
    assertThat(error(queues().enqueue(name("q"), List.of(job("o", 1, 1), job("p", 1, 1)), true, deadline)))
        .isInstanceOf(ConflictException.class);
    assertThat(error(queues().enqueue(name("q"), List.of(job("o", 2, 1), job("o", 1, 1)), true, deadline)))
        .as("a batch is in order")
        .isInstanceOf(ConflictException.class);
    assertThat(stored()).isEqualTo(1);
    assertThat(enqueueAll(true, List.of(job("o", 1, 1), job("o", 2, 1), job("o", 1, 1), job("p", 2, 1))))
        .extracting(outcome -> outcome.orThrow().duplicate())
        .containsExactly(false, false, true, true);
  }

  @Test
  void aTransactionRefusesThemToo() {
    Session tx = now(transport.transactions().orElseThrow().begin(TransactionOptions.DEFAULT, deadline));
    enqueue("q", job("p", 2, 1));
    List<Outcome<EnqueueResult>> outcomes =
        now(tx.enqueue(name("q"), List.of(job("p", 1, 1), job("p", 2, 1), job("o", 1, 1)), deadline));
    assertThat(outcomes.get(0).error()).isInstanceOf(ConflictException.class);
    assertThat(outcomes.get(1).orThrow().duplicate()).isTrue();
    assertThat(outcomes.get(2).succeeded()).isTrue();
    enqueue("q", job("o", 2, 1));
    assertThat(error(tx.commit(deadline))).as("replaced in the meantime").isInstanceOf(ConflictException.class);
    assertThat(stored()).isEqualTo(2);
  }

  @Test
  void theWindowAndTheEpochEndAfterADay() {
    enqueue("q", job("p", 2, 1));
    time.advance(Duration.ofDays(1).minusNanos(1));
    assertThat(enqueue("q", job("p", 2, 1)).duplicate()).isTrue();
    assertThat(enqueueAll(false, List.of(job("p", 1, 1))).get(0).error()).isInstanceOf(ConflictException.class);
    time.advance(Duration.ofNanos(1));
    assertThat(enqueue("q", job("p", 1, 1)).duplicate()).isFalse();
    assertThat(enqueue("q", job("p", 2, 1)).duplicate()).isFalse();
  }

  @Test
  void ofAProducerTheLastTenThousandNumbersAreKnown() {
    enqueue("q", job("other", 1, 1));
    for (int i = 1; i <= 10_001; i++) {
      enqueue("q", job("p", 1, i));
    }
    assertThat(enqueue("q", job("p", 1, 2)).duplicate()).isTrue();
    assertThat(enqueue("q", job("other", 1, 1)).duplicate()).isTrue();
    assertThat(enqueue("q", job("p", 1, 1)).duplicate()).isFalse();
  }

  @Test
  void ofAllProducersTheLastMillionNumbersAreKnown() {
    DedupWindow<String, Integer> window = new DedupWindow<>(engine.gate().clock(), MINUTE);
    for (int i = 0; i <= 1_000_000; i++) {
      window.remember("id" + i, i);
    }
    assertThat(window.find("id0")).isNull();
    assertThat(window.find("id1")).isEqualTo(1);
  }
}
