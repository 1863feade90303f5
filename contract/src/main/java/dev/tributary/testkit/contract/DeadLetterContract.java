package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tributary.Capability;
import dev.tributary.JobQueue;
import dev.tributary.codec.Codecs;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.UndecodableException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.queue.DeadLetter;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.Job;
import dev.tributary.queue.NackOutcome;
import dev.tributary.queue.NewJob;
import dev.tributary.spi.DeadLetterHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** When jobs become dead letters, and what can be done with those. */
public abstract class DeadLetterContract extends QueueTopic {
  @Test
  void aJobThatFailedTooOftenBecomesADeadLetter() {
    requires(Capability.DEAD_LETTERS);
    JobQueue<String> queue = queue();
    get(queue.enqueue("poison"));
    assertThat(fail(queue, 3)).containsExactly(NackOutcome.REQUEUED, NackOutcome.REQUEUED, NackOutcome.DEAD_LETTERED);
    pass(PAST_SHORT);
    assertThat(get(queue.reserve())).isEmpty();
    List<DeadLetter<String>> letters = get(queue.deadLetters().list(10));
    assertThat(letters).extracting(DeadLetter::value).containsExactly("poison");
  }

  @Test
  void aJobWhoseLeaseEndedTooOftenBecomesADeadLetter() {
    requires(Capability.DEAD_LETTERS);
    JobQueue<String> queue = queue();
    get(queue.enqueue("poison"));
    for (int attempt = 1; attempt <= 3; attempt++) {
      Job<String> job = await(queue.reserve(BRIEFLY.toBuilder().maxWait(Duration.ofMinutes(1)).build())).orElseThrow();
      assertThat(job.attempt()).isEqualTo(attempt);
      pass(PAST_SHORT);
    }
    assertThat(get(queue.reserve())).isEmpty();
    assertThat(get(queue.deadLetters().list(10))).extracting(DeadLetter::value).containsExactly("poison");
  }

  @Test
  void theLastAttemptDeadLettersWhateverTheDelay() {
    requires(Capability.DEAD_LETTERS);
    JobQueue<String> queue = queue();
    get(queue.enqueue("poison"));
    fail(queue, 2);
    assertThat(get(await(queue.reserve(PATIENTLY)).orElseThrow().nack(SHORT))).isEqualTo(NackOutcome.DEAD_LETTERED);
  }

  @Test
  void theLimitOfAJobGoesBeforeThatOfTheQueue() {
    requires(Capability.DEAD_LETTERS, Capability.JOB_MAX_ATTEMPTS);
    JobQueue<String> queue = queue();
    get(queue.enqueue(NewJob.builder("poison").maxAttempts(1).build()));
    assertThat(get(reserve(queue).nack())).isEqualTo(NackOutcome.DEAD_LETTERED);
  }

  @Test
  void aRejectedJobIsADeadLetterAtOnce() {
    requires(Capability.DEAD_LETTERS);
    JobQueue<String> queue = queue();
    get(queue.enqueue("nonsense"));
    get(reserve(queue).reject("cannot be read"));
    pass(PAST_SHORT);
    assertThat(get(queue.reserve())).isEmpty();
    assertThat(get(queue.deadLetters().list(10))).extracting(DeadLetter::value).containsExactly("nonsense");
  }

  @Test
  void aReplayedLetterIsANewJobWithItsHeaders() {
    requires(Capability.DEAD_LETTERS, Capability.DEAD_LETTER_REPLAY);
    JobQueue<String> queue = queue();
    NewJob.Builder<String> work = NewJob.builder("poison");
    if (has(Capability.JOB_HEADERS)) {
      work.header("type", "mail");
    }
    get(queue.enqueue(work.build()));
    fail(queue, 3);
    DeadLetter<String> letter = get(queue.deadLetters().list(10)).get(0);
    EnqueueResult replayed = get(queue.deadLetters().replay(letter.id()));
    Job<String> job = reserve(queue);
    assertThat(job.id()).isEqualTo(replayed.id());
    assertThat(job.value()).isEqualTo("poison");
    assertThat(job.attempt()).isEqualTo(1);
    assertThat(job.headers()).isEqualTo(has(Capability.JOB_HEADERS) ? Map.of("type", "mail") : Map.of());
    assertThat(get(queue.deadLetters().list(10))).isEmpty();
    failure(NotFoundException.class, queue.deadLetters().replay(letter.id()));
  }

  @Test
  void aJobIsNotAddedButRejected() {
    requires(Capability.DEAD_LETTERS);
    failure(UnsupportedFeatureException.class, queue().deadLetters().add(DeadLetter.builder("poison").build()));
  }

  @Test
  void listingRemovesNothing() {
    requires(Capability.DEAD_LETTERS);
    JobQueue<String> queue = queue();
    get(queue.enqueueAll(jobs(numbered("j", 0, 3))));
    for (int i = 0; i < 3; i++) {
      get(reserve(queue).reject("no"));
      pass(Duration.ofMillis(10));
    }
    assertThat(get(queue.deadLetters().list(2))).extracting(DeadLetter::value).containsExactly("j-0", "j-1");
    assertThat(get(queue.deadLetters().list(10))).extracting(DeadLetter::value).containsExactly("j-0", "j-1", "j-2");
  }

  @Test
  void oneThatCannotBeDecodedHidesNoOther() {
    requires(Capability.DEAD_LETTERS);
    JobQueue<String> queue = queue();
    JobQueue<byte[]> raw = client().queue(queue.name().toString());
    get(raw.enqueue(NOT_TEXT));
    get(get(raw.reserve()).orElseThrow().reject("no"));
    pass(Duration.ofMillis(10));
    get(queue.enqueue("good"));
    get(reserve(queue).reject("no"));
    List<DeadLetter<String>> letters = get(queue.deadLetters().list(10));
    assertThat(letters).hasSize(2);
    UndecodableException why = checked(UndecodableException.class, letters.get(0).undecodable());
    assertThat(why.id()).contains(letters.get(0).id());
    assertThat(why.bytes()).isEqualTo(NOT_TEXT);
    assertThat(why.resource()).isEqualTo(queue.name().toString());
    assertThatThrownBy(letters.get(0)::value).isSameAs(why);
    assertThat(letters.get(1).value()).isEqualTo("good");
  }

  @Test
  void noDeadLettersIsAnEmptyList() {
    requires(Capability.DEAD_LETTERS);
    assertThat(get(queue().deadLetters().list(10))).isEmpty();
  }

  @Test
  void purgingDropsAllDeadLetters() {
    requires(Capability.DEAD_LETTERS, Capability.DEAD_LETTER_PURGE);
    JobQueue<String> queue = queue();
    get(queue.enqueue("poison"));
    get(reserve(queue).reject("no"));
    get(queue.deadLetters().purge());
    assertThat(get(queue.deadLetters().list(10))).isEmpty();
  }

  @Test
  void aDeadLetterThatIsRejectedStaysADeadLetter() {
    requires(Capability.DEAD_LETTERS);
    JobQueue<String> queue = queue();
    get(queue.enqueue("poison"));
    get(reserve(queue).reject("no"));
    Job<String> letter = letter(queue);
    get(letter.reject("nor later"));
    pass(PAST_SHORT);
    assertThat(get(queue.deadLetters().list(10))).extracting(DeadLetter::value).containsExactly("poison");
  }

  /** The letter there is, where dead letters are jobs of a queue of their own. */
  private Job<String> letter(JobQueue<String> queue) {
    String letters = queue.name().name() + DeadLetterHeaders.QUEUE_SUFFIX;
    Optional<Job<String>> letter = await(client().queue(letters, Codecs.text()).reserve().exceptionally(elsewhere -> Optional.empty()));
    assumeTrue(letter.isPresent(), () -> backend().name() + " has no queue " + letters);
    return letter.orElseThrow();
  }

  /** Reserves and nacks this often. */
  private List<NackOutcome> fail(JobQueue<String> queue, int times) {
    List<NackOutcome> outcomes = new ArrayList<>();
    for (int attempt = 1; attempt <= times; attempt++) {
      Job<String> job = await(queue.reserve(PATIENTLY)).orElseThrow();
      assertThat(job.attempt()).isEqualTo(attempt);
      outcomes.add(get(job.nack(null, "attempt " + attempt)));
    }
    return outcomes;
  }
}
