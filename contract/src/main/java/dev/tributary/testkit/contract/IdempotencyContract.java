package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.JobQueue;
import dev.tributary.Tributary;
import dev.tributary.error.ConflictException;
import dev.tributary.error.PartialFailureException;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.Job;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.PeekedJob;
import dev.tributary.queue.ProducerSequence;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the numbers of producers do: a job is stored once however often it is sent, and a newer epoch shuts out the older. */
public abstract class IdempotencyContract extends QueueTopic {
  @BeforeEach
  final void requireNumbers() {
    requires(Capability.PRODUCER_SEQUENCES);
  }

  private static NewJob<String> job(String producer, long epoch, long sequence) {
    return NewJob.builder(producer + " " + epoch + " " + sequence)
        .producerSequence(new ProducerSequence(producer, epoch, sequence))
        .build();
  }

  private static EnqueueResult enqueue(JobQueue<String> queue, String producer, long epoch, long sequence) {
    return get(queue.enqueue(job(producer, epoch, sequence)));
  }

  private static void isRepeat(EnqueueResult again, EnqueueResult first) {
    assertThat(again.duplicate()).isTrue();
    assertThat(again.id()).isEqualTo(first.id());
    assertThat(again.partition()).isEqualTo(first.partition());
  }

  @Test
  void aRepeatedNumberIsStoredOnce() {
    JobQueue<String> queue = queue();
    EnqueueResult first = enqueue(queue, "p", 1, 1);
    assertThat(first.duplicate()).isFalse();
    isRepeat(enqueue(queue, "p", 1, 1), first);
    assertThat(take(queue, 1)).extracting(Job::id).containsExactly(first.id());
    assertThat(get(queue.reserve())).isEmpty();
  }

  @Test
  void aRepeatIsKnownToOtherClientsAndAfterTheJobIsDone() {
    JobQueue<String> queue = queue();
    EnqueueResult first = enqueue(queue, "p", 1, 1);
    isRepeat(enqueue(through(connect(), queue), "p", 1, 1), first);
    get(reserve(queue).ack());
    isRepeat(enqueue(queue, "p", 1, 1), first);
    isRepeat(enqueue(through(connect(), queue), "p", 1, 1), first);
    assertThat(get(queue.reserve())).isEmpty();
  }

  @Test
  void aRepeatWithinAListIsStoredOnce() {
    JobQueue<String> queue = queue();
    List<EnqueueResult> results = get(queue.enqueueAll(List.of(job("p", 1, 1), job("p", 1, 2), job("p", 1, 1))));
    assertThat(results).extracting(EnqueueResult::duplicate).containsExactly(false, false, true);
    isRepeat(results.get(2), results.get(0));
    assertThat(take(queue, 2)).extracting(Job::value).containsExactly("p 1 1", "p 1 2");
    assertThat(get(queue.reserve())).isEmpty();
  }

  @Test
  void theSameNumberOfAnotherProducerEpochOrQueueIsAnotherJob() {
    JobQueue<String> queue = queue();
    Stream<EnqueueResult> results =
        Stream.of(
            enqueue(queue, "p", 1, 1), enqueue(queue, "q", 1, 1), enqueue(queue, "p", 2, 1), enqueue(queue(), "p", 1, 1));
    assertThat(results).extracting(EnqueueResult::duplicate).containsOnly(false);
    assertThat(take(queue, 3)).extracting(Job::value).containsExactly("p 1 1", "q 1 1", "p 2 1");
  }

  @Test
  void numbersMayComeInAnyOrder() {
    JobQueue<String> queue = queue();
    Stream.of(3L, 1L, 2L).forEach(number -> assertThat(enqueue(queue, "p", 1, number).duplicate()).isFalse());
    isRepeat(enqueue(queue, "p", 1, 3), enqueue(queue, "p", 1, 3));
  }

  @Test
  void theNumberIsTold() {
    JobQueue<String> queue = queue();
    enqueue(queue, "p", 7, 5);
    ProducerSequence number = new ProducerSequence("p", 7, 5);
    if (has(Capability.PEEK)) {
      assertThat(get(queue.peek(1))).extracting(PeekedJob::producer).containsExactly(number);
    }
    assertThat(reserve(queue).producer()).isEqualTo(number);
  }

  @Test
  void aClientNumbersItsJobsByItself() {
    JobQueue<String> queue = queue();
    JobQueue<String> other = through(connect(), queue);
    for (int i = 0; i < 3; i++) {
      assertThat(get(queue.enqueue("mine")).duplicate()).isFalse();
      assertThat(get(other.enqueue("theirs")).duplicate()).isFalse();
    }
    List<Job<String>> taken = take(queue, 6);
    for (String whose : List.of("mine", "theirs")) {
      List<ProducerSequence> numbers =
          taken.stream().filter(job -> job.value().equals(whose)).map(job -> Objects.requireNonNull(job.producer())).toList();
      assertThat(numbers).extracting(ProducerSequence::sequence).containsExactly(1L, 2L, 3L);
      assertThat(numbers).extracting(ProducerSequence::producer).containsOnly(numbers.get(0).producer());
    }
    assertThat(taken).extracting(Job::producer).doesNotHaveDuplicates();
  }

  @Test
  void aClientOfAnIdentityThatWasUsedBeforeRepeats() {
    JobQueue<String> queue = queue();
    Tributary one = connect(config -> config.configureIdempotency("importer", 1));
    Tributary two = connect(config -> config.configureIdempotency("importer", 1));
    EnqueueResult first = get(through(one, queue).enqueue("line 1"));
    isRepeat(get(through(two, queue).enqueue("line 1")), first);
    assertThat(get(through(two, queue).enqueue("line 2")).duplicate()).isFalse();
  }

  @Test
  void aClientThatDoesNotNumberStoresWhateverItIsGiven() {
    JobQueue<String> queue = through(connect(config -> config.withoutIdempotency()), queue());
    assertThat(get(queue.enqueue("work")).duplicate()).isFalse();
    assertThat(get(queue.enqueue("work")).duplicate()).isFalse();
    assertThat(take(queue, 2)).extracting(Job::producer).containsOnlyNulls();
  }

  @Test
  void aNewerEpochShutsOutTheOlder() {
    JobQueue<String> queue = queue();
    EnqueueResult old = enqueue(queue, "p", 1, 1);
    enqueue(queue, "p", 2, 1);
    failure(ConflictException.class, through(connect(), queue).enqueue(job("p", 1, 2)));
    isRepeat(enqueue(queue, "p", 1, 1), old);
    assertThat(enqueue(queue, "p", 2, 2).duplicate()).isFalse();
    assertThat(enqueue(queue, "q", 1, 1).duplicate()).isFalse();
    assertThat(enqueue(queue(), "p", 1, 2).duplicate()).as("each queue by itself").isFalse();
    assertThat(take(queue, 4)).extracting(Job::value).containsExactly("p 1 1", "p 2 1", "p 2 2", "q 1 1");
    assertThat(get(queue.reserve())).isEmpty();
  }

  @Test
  void aClientThatWasReplacedIsShutOut() {
    JobQueue<String> queue = queue();
    JobQueue<String> replaced = through(connect(config -> config.configureIdempotency("importer", 1)), queue);
    JobQueue<String> current = through(connect(config -> config.configureIdempotency("importer", 2)), queue);
    get(replaced.enqueue("before"));
    get(current.enqueue("after"));
    assertThat(failure(ConflictException.class, replaced.enqueue("late")).maybeApplied()).isFalse();
    assertThat(take(queue, 2)).extracting(Job::value).containsExactly("before", "after");
  }

  @Test
  void ofAListOnlyWhatIsShutOutIsRefused() {
    JobQueue<String> queue = queue();
    enqueue(queue, "p", 2, 1);
    PartialFailureException some =
        failure(PartialFailureException.class, queue.enqueueAll(List.of(job("q", 1, 1), job("p", 1, 1), job("q", 1, 2))));
    assertThat(some.outcomes()).extracting(outcome -> outcome.succeeded()).containsExactly(true, false, true);
    assertThat(some.outcomes().get(1).error()).isInstanceOf(ConflictException.class);
    assertThat(take(queue, 3)).extracting(Job::value).containsExactly("p 2 1", "q 1 1", "q 1 2");
  }

  @Test
  void anAtomicBatchWithAJobThatIsShutOutLeavesNothing() {
    requires(Capability.ATOMIC_ENQUEUE);
    JobQueue<String> queue = queue();
    enqueue(queue, "p", 2, 1);
    List<NewJob<String>> batch = List.of(job("q", 1, 1), job("p", 1, 1), job("q", 1, 2));
    assertThat(failure(ConflictException.class, queue.enqueueAtomically(batch)).maybeApplied()).isFalse();
    assertThat(get(queue.stats()).pending()).isEqualTo(1);
    assertThat(get(queue.enqueueAtomically(List.of(job("q", 1, 1), job("q", 1, 2)))))
        .as("nothing of it is known")
        .extracting(EnqueueResult::duplicate)
        .containsExactly(false, false);
  }

  @Test
  void anAtomicBatchOfRepeatsIsAnsweredAsSuch() {
    requires(Capability.ATOMIC_ENQUEUE);
    JobQueue<String> queue = queue();
    List<NewJob<String>> batch = List.of(job("p", 1, 1), job("p", 1, 2));
    List<EnqueueResult> first = get(queue.enqueueAtomically(batch));
    List<EnqueueResult> again = get(queue.enqueueAtomically(batch));
    isRepeat(again.get(0), first.get(0));
    isRepeat(again.get(1), first.get(1));
    assertThat(get(queue.stats()).pending()).isEqualTo(2);
  }
}
