package dev.tributary.internal.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.Capability;
import dev.tributary.JobQueue;
import dev.tributary.Tributary;
import dev.tributary.codec.Codecs;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.internal.FakeTransport;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.ProducerSequence;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NumberingTest {
  private final FakeTransport transport = new FakeTransport();
  private final FakeQueue backend = new FakeQueue(transport);

  @BeforeEach
  void keepsNumbers() {
    transport.capabilities.add(Capability.PRODUCER_SEQUENCES);
  }

  private Tributary numbering() {
    return transport.client(transport.config().configureIdempotency("billing", 7).build());
  }

  private List<ProducerSequence> sent() {
    return backend.enqueues.stream().flatMap(List::stream).map(NewJob::producerSequence).toList();
  }

  private static ProducerSequence number(long sequence) {
    return new ProducerSequence("billing", 7, sequence);
  }

  @Test
  void everyJobIsNumberedInItsQueueFromOne() {
    Tributary client = numbering();
    client.queue("q", Codecs.text()).enqueue("a").join();
    client.queue("q", Codecs.text()).enqueueAll(List.of(NewJob.of("b"), NewJob.of("c"))).join();
    client.queue("other", Codecs.text()).enqueue("d").join();
    client.queue("q", Codecs.text()).enqueueAtomically(List.of(NewJob.of("e"))).join();
    assertThat(sent()).containsExactly(number(1), number(2), number(3), number(1), number(4));
  }

  @Test
  void whatIsRefusedTakesNoNumber() {
    JobQueue<String> queue = numbering().queue("q", Codecs.text());
    assertThat(queue.enqueue(NewJob.builder("x".repeat(20_000)).build())).isCompletedExceptionally();
    queue.enqueue("a").join();
    assertThat(sent()).containsExactly(number(1));
  }

  @Test
  void ownNumbersAndDeduplicationIdsAreKept() {
    JobQueue<String> queue = numbering().queue("q", Codecs.text());
    ProducerSequence own = new ProducerSequence("outbox", 1, 4_711);
    queue.enqueue(NewJob.builder("a").producerSequence(own).build()).join();
    queue.enqueue(NewJob.builder("b").deduplicationId("order-1").build()).join();
    assertThat(sent()).containsExactly(own, null);
    assertThat(backend.enqueues.get(1).get(0).deduplicationId()).isEqualTo("order-1");
  }

  @Test
  void aNumberedEnqueueIsRetriedUnderItsNumber() {
    backend.nextEnqueues.add(jobs -> CompletableFuture.failedFuture(EnqueueTest.broken(true)));
    CompletableFuture<EnqueueResult> result = numbering().queue("q", Codecs.text()).enqueue("x");
    transport.time.advance(Duration.ofSeconds(1));
    assertThat(result).isCompleted();
    assertThat(sent()).containsExactly(number(1), number(1));
  }

  @Test
  void withoutIdempotencyNothingIsNumberedOrRepeated() {
    JobQueue<String> queue = transport.client(transport.config().withoutIdempotency().build()).queue("q", Codecs.text());
    backend.nextEnqueues.add(jobs -> CompletableFuture.failedFuture(EnqueueTest.broken(true)));
    assertThat(EnqueueTest.failure(queue.enqueue("x")).maybeApplied()).isTrue();
    assertThat(backend.enqueues.get(0).get(0).producerSequence()).isNull();
  }

  @Test
  void twoClientsAreTwoProducers() {
    transport.client().queue("q", Codecs.text()).enqueue("a").join();
    transport.client().queue("q", Codecs.text()).enqueue("b").join();
    assertThat(sent()).doesNotContainNull().doesNotHaveDuplicates();
  }

  @Test
  void aBackendThatKeepsNoNumbersRefusesThem() {
    transport.capabilities.remove(Capability.PRODUCER_SEQUENCES);
    JobQueue<String> queue = numbering().queue("q", Codecs.text());
    queue.enqueue("a").join();
    assertThat(EnqueueTest.failure(queue.enqueue(NewJob.builder("b").producerSequence(number(1)).build())))
        .isInstanceOf(UnsupportedFeatureException.class);
    assertThat(backend.enqueues).hasSize(1);
    assertThat(backend.enqueues.get(0).get(0).producerSequence()).isNull();
  }

  @Test
  void numbersCountFromOne() {
    assertThatThrownBy(() -> new ProducerSequence("p", 0, 1)).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> new ProducerSequence("p", 1, 0)).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> new ProducerSequence("", 1, 1)).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> new ProducerSequence("p".repeat(256), 1, 1)).isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void partitionsAreNamedSensibly() {
    JobQueue<String> queue = numbering().queue("q", Codecs.text());
    assertThatThrownBy(() -> queue.partitions(Set.of())).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> queue.partitions(Set.of(-1))).isInstanceOf(InvalidRequestException.class);
    transport.capabilities.remove(Capability.JOB_PARTITIONS);
    assertThatThrownBy(() -> queue.partitions(Set.of(1))).isInstanceOf(UnsupportedFeatureException.class);
  }
}
