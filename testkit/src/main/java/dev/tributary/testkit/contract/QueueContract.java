package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.JobQueue;
import dev.tributary.SubscriptionState;
import dev.tributary.Tributary;
import dev.tributary.codec.Codecs;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.queue.DeadLetter;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.Job;
import dev.tributary.queue.JobsOptions;
import dev.tributary.queue.NackOutcome;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.PeekedJob;
import dev.tributary.queue.QueueStats;
import dev.tributary.queue.RedeliveryPolicy;
import dev.tributary.queue.ReserveOptions;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What queues do. */
public abstract class QueueContract extends Contract {
  /** A lease that tests let run out. */
  private static final Duration SHORT = Duration.ofSeconds(2);

  /** Longer than a short lease and the backoff of {@link #queue()} after it. */
  private static final Duration PAST_SHORT = Duration.ofSeconds(5);

  private static final Duration BACKOFF = Duration.ofSeconds(1);
  private static final ReserveOptions BRIEFLY = ReserveOptions.DEFAULT.withLease(SHORT);
  private static final ReserveOptions PATIENTLY = ReserveOptions.DEFAULT.withMaxWait(Duration.ofMinutes(5));

  @BeforeEach
  final void requireQueues() {
    requires(Capability.QUEUES);
  }

  @Nested
  class Enqueueing {
    @Test
    void aJobIsReservedAndAcked() {
      JobQueue<String> queue = queue();
      EnqueueResult enqueued = get(queue.enqueue("work"));
      Job<String> job = reserve(queue);
      assertThat(enqueued.duplicate()).isFalse();
      assertThat(job.id()).isEqualTo(enqueued.id());
      assertThat(job.value()).isEqualTo("work");
      assertThat(job.attempt()).isEqualTo(1);
      assertThat(job.priority()).isZero();
      assertThat(job.headers()).isEmpty();
      get(job.ack());
      pass(PAST_SHORT);
      assertThat(get(queue.reserve())).isEmpty();
    }

    @Test
    void jobsComeInTheOrderTheyWereEnqueued() {
      JobQueue<String> queue = queue();
      numbered("j", 0, 10).forEach(value -> get(queue.enqueue(value)));
      List<String> taken = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        taken.add(reserve(queue).value());
      }
      assertThat(taken).isEqualTo(numbered("j", 0, 10));
    }

    @Test
    void headersComeBack() {
      requires(Capability.JOB_HEADERS);
      JobQueue<String> queue = queue();
      Map<String, String> headers = Map.of("type", "mail", "empty", "", "text", "größer ≥ 5");
      get(queue.enqueue(NewJob.builder("work").headers(headers).build()));
      assertThat(reserve(queue).headers()).containsAllEntriesOf(headers);
    }

    @Test
    void anyBytesComeBack() {
      JobQueue<byte[]> queue = client().queue(queue().name().toString());
      byte[] all = new byte[512];
      for (int i = 0; i < all.length; i++) {
        all[i] = (byte) i;
      }
      get(queue.enqueue(all));
      assertThat(get(queue.reserve()).orElseThrow().value()).isEqualTo(all);
    }

    @Test
    void enqueueAllKeepsTheOrderAndSaysTheIds() {
      JobQueue<String> queue = queue();
      List<EnqueueResult> results = get(queue.enqueueAll(jobs(numbered("j", 0, 250))));
      List<Job<String>> taken = take(queue, 250);
      assertThat(taken).extracting(Job::value).isEqualTo(numbered("j", 0, 250));
      assertThat(taken).extracting(Job::id).isEqualTo(results.stream().map(EnqueueResult::id).toList());
    }

    @Test
    void aDelayedJobIsReadyWhenItsTimeHasCome() {
      requires(Capability.JOB_DELAY);
      JobQueue<String> queue = queue();
      get(queue.enqueue(NewJob.builder("late").delay(SHORT).build()));
      get(queue.enqueue("now"));
      assertThat(reserve(queue).value()).isEqualTo("now");
      assertThat(get(queue.reserve())).isEmpty();
      pass(SHORT.plusSeconds(1));
      assertThat(reserve(queue).value()).isEqualTo("late");
    }

    @Test
    void aJobIsNotReadyBeforeItsTime() {
      requires(Capability.JOB_DELAY);
      JobQueue<String> queue = queue();
      get(queue.enqueue(NewJob.builder("late").notBefore(backend().time().now().plus(SHORT)).build()));
      get(queue.enqueue(NewJob.builder("past").notBefore(backend().time().now().minusSeconds(60)).build()));
      assertThat(reserve(queue).value()).isEqualTo("past");
      assertThat(get(queue.reserve())).isEmpty();
      pass(SHORT.plusSeconds(1));
      assertThat(reserve(queue).value()).isEqualTo("late");
    }

    @Test
    void higherPrioritiesComeFirst() {
      requires(Capability.JOB_PRIORITY);
      JobQueue<String> queue = queue();
      get(queue.enqueue("normal-1"));
      get(queue.enqueue(NewJob.builder("high").priority(1).build()));
      get(queue.enqueue(NewJob.builder("low").priority(-1).build()));
      get(queue.enqueue("normal-2"));
      List<String> order = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        order.add(reserve(queue).value());
      }
      assertThat(order).containsExactly("high", "normal-1", "normal-2", "low");
    }

    @Test
    void aDuplicateIsEnqueuedOnce() {
      requires(Capability.JOB_DEDUPLICATION);
      JobQueue<String> queue = queue();
      EnqueueResult first = get(queue.enqueue(NewJob.builder("work").deduplicationId("d-1").build()));
      EnqueueResult again = get(queue.enqueue(NewJob.builder("work").deduplicationId("d-1").build()));
      EnqueueResult other = get(queue.enqueue(NewJob.builder("other").deduplicationId("d-2").build()));
      assertThat(first.duplicate()).isFalse();
      assertThat(again.duplicate()).isTrue();
      assertThat(again.id()).isEqualTo(first.id());
      assertThat(other.duplicate()).isFalse();
      assertThat(take(queue, 2)).extracting(Job::value).containsExactly("work", "other");
      assertThat(get(queue.reserve())).isEmpty();
    }

    @Test
    void anExpiredJobIsNotHandedOut() {
      requires(Capability.JOB_TTL);
      JobQueue<String> queue = queue();
      get(queue.enqueue(NewJob.builder("short").ttl(SHORT).build()));
      get(queue.enqueue("long"));
      pass(SHORT.plusSeconds(1));
      assertThat(reserve(queue).value()).isEqualTo("long");
      assertThat(get(queue.reserve())).isEmpty();
    }

    @Test
    void anAtomicBatchIsStoredWhole() {
      requires(Capability.ATOMIC_ENQUEUE);
      JobQueue<String> queue = queue();
      assertThat(get(queue.enqueueAtomically(jobs(numbered("j", 0, 5))))).hasSize(5);
      assertThat(take(queue, 5)).extracting(Job::value).isEqualTo(numbered("j", 0, 5));
    }

    @Test
    void anAtomicBatchThatCannotBeOneCallIsRefusedWhole() {
      requires(Capability.ATOMIC_ENQUEUE);
      JobQueue<String> queue = queue();
      String mebibyte = "x".repeat(1 << 20);
      failure(PayloadTooLargeException.class, queue.enqueueAtomically(jobs(Collections.nCopies(100, mebibyte))));
      assertThat(get(queue.reserve())).isEmpty();
    }

    @Test
    void aQueueThatDoesNotExistIsNotFound() {
      requiresThatThingsMustBeCreated();
      JobQueue<String> nowhere = client().queue(fresh("nowhere"), Codecs.text());
      failure(NotFoundException.class, nowhere.enqueue("work"));
      failure(NotFoundException.class, nowhere.reserve());
      failure(NotFoundException.class, nowhere.stats());
    }
  }

  @Nested
  class Receiving {
    @Test
    void anEmptyQueueGivesNothing() {
      JobQueue<String> queue = queue();
      assertThat(get(queue.reserve())).isEmpty();
      assertThat(get(queue.receive(10))).isEmpty();
    }

    @Test
    void receiveTakesWhatIsThereUpToTheMaximum() {
      JobQueue<String> queue = queue();
      get(queue.enqueueAll(jobs(numbered("j", 0, 5))));
      assertThat(get(queue.receive(3))).extracting(Job::value).containsExactly("j-0", "j-1", "j-2");
      assertThat(get(queue.receive(10))).extracting(Job::value).containsExactly("j-3", "j-4");
    }

    @Test
    void aWaitingReserveGetsAJobThatArrives() {
      JobQueue<String> queue = queue();
      CompletableFuture<Optional<Job<String>>> waiting = queue.reserve(PATIENTLY);
      pass(Duration.ofSeconds(1));
      assertThat(waiting).isNotDone();
      get(queue.enqueue("work"));
      Job<String> job = await(waiting).orElseThrow();
      assertThat(job.value()).isEqualTo("work");
      get(job.ack());
    }

    @Test
    void aWaitingReserveGivesNothingInTheEnd() {
      assertThat(await(queue().reserve(ReserveOptions.DEFAULT.withMaxWait(Duration.ofSeconds(1))))).isEmpty();
    }

    @Test
    void aCancelledReserveTakesNothing() {
      JobQueue<String> queue = queue();
      CompletableFuture<Optional<Job<String>>> waiting = queue.reserve(PATIENTLY);
      pass(Duration.ofSeconds(1));
      waiting.cancel(true);
      get(queue.enqueue("work"));
      Job<String> job = await(queue.reserve(PATIENTLY)).orElseThrow();
      assertThat(job.attempt()).isEqualTo(1);
      get(job.ack());
    }

    @Test
    void aJobIsWithOneConsumerAtATime() {
      JobQueue<String> queue = queue();
      get(queue.enqueueAll(jobs(numbered("j", 0, 40))));
      JobQueue<String> other = through(connect(), queue);
      List<CompletableFuture<List<Job<String>>>> takes = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        takes.add((i % 2 == 0 ? queue : other).receive(4));
      }
      List<String> taken = new ArrayList<>();
      takes.forEach(take -> get(take).forEach(job -> taken.add(job.value())));
      assertThat(taken).containsExactlyInAnyOrderElementsOf(numbered("j", 0, 40));
    }

    @Test
    void theLeaseEndsWhenAskedFor() {
      JobQueue<String> queue = queue();
      get(queue.enqueue("work"));
      Instant before = backend().time().now();
      Instant end = get(queue.reserve(BRIEFLY)).orElseThrow().leaseDeadline();
      if (end != null) {
        assertThat(end).isBetween(before.plus(SHORT).minusSeconds(1), backend().time().now().plus(SHORT).plusSeconds(1));
      }
    }
  }

  @Nested
  class Settling {
    @Test
    void aJobComesBackWhenItsLeaseEnds() {
      JobQueue<String> queue = queue();
      get(queue.enqueue("work"));
      Job<String> first = get(queue.reserve(BRIEFLY)).orElseThrow();
      assertThat(get(queue.reserve())).isEmpty();
      pass(PAST_SHORT);
      Job<String> second = await(queue.reserve(PATIENTLY)).orElseThrow();
      assertThat(second.id()).isEqualTo(first.id());
      assertThat(second.attempt()).isEqualTo(2);
      get(second.ack());
    }

    @Test
    void anAckAfterTheLeaseEndedFails() {
      JobQueue<String> queue = queue();
      get(queue.enqueue("work"));
      Job<String> job = get(queue.reserve(BRIEFLY)).orElseThrow();
      pass(PAST_SHORT);
      failure(LeaseLostException.class, job.ack());
      assertThat(await(queue.reserve(PATIENTLY))).isPresent();
    }

    @Test
    void anAckOfAJobThatSomebodyElseHasByNowFails() {
      JobQueue<String> queue = queue();
      get(queue.enqueue("work"));
      Job<String> late = get(queue.reserve(BRIEFLY)).orElseThrow();
      pass(PAST_SHORT);
      Job<String> current = await(through(connect(), queue).reserve(PATIENTLY)).orElseThrow();
      failure(LeaseLostException.class, late.ack());
      get(current.ack());
    }

    @Test
    void aNackWithADelayRedeliversAfterIt() {
      JobQueue<String> queue = queue();
      get(queue.enqueue("work"));
      assertThat(get(reserve(queue).nack(SHORT))).isEqualTo(NackOutcome.REQUEUED);
      assertThat(get(queue.reserve())).isEmpty();
      pass(SHORT.plusSeconds(1));
      Job<String> again = reserve(queue);
      assertThat(again.attempt()).isEqualTo(2);
      assertThat(again.value()).isEqualTo("work");
    }

    @Test
    void aNackRedeliversAfterTheBackoffOfThePolicy() {
      JobQueue<String> queue = queue(RedeliveryPolicy.DEFAULT.withFixedBackoff(Duration.ofSeconds(3)));
      get(queue.enqueue("work"));
      assertThat(get(reserve(queue).nack())).isEqualTo(NackOutcome.REQUEUED);
      pass(Duration.ofSeconds(1));
      assertThat(get(queue.reserve())).isEmpty();
      pass(Duration.ofSeconds(3));
      assertThat(reserve(queue).attempt()).isEqualTo(2);
    }

    @Test
    void aRedeliveredJobKeepsItsHeaders() {
      requires(Capability.JOB_HEADERS);
      JobQueue<String> queue = queue();
      get(queue.enqueue(NewJob.builder("work").header("type", "mail").build()));
      get(reserve(queue).nack(BACKOFF, "not now"));
      pass(PAST_SHORT);
      assertThat(reserve(queue).headers()).containsEntry("type", "mail");
    }

    @Test
    void theSameVerbAgainGivesTheSameResult() {
      JobQueue<String> queue = queue();
      get(queue.enqueue("work"));
      Job<String> job = reserve(queue);
      CompletableFuture<Void> first = job.ack();
      get(first);
      get(job.ack());
    }

    @Test
    void anotherVerbAfterASettlementFails() {
      JobQueue<String> queue = queue();
      get(queue.enqueue("work"));
      Job<String> job = reserve(queue);
      get(job.ack());
      failure(LeaseLostException.class, job.nack());
      failure(LeaseLostException.class, job.reject("late"));
      if (has(Capability.LEASE_EXTENSION)) {
        failure(LeaseLostException.class, job.extend(SHORT));
      }
      pass(PAST_SHORT);
      assertThat(get(queue.reserve())).isEmpty();
    }

    @Test
    void anExtendedLeaseLastsLonger() {
      requires(Capability.LEASE_EXTENSION);
      JobQueue<String> queue = queue();
      get(queue.enqueue("work"));
      Job<String> job = get(queue.reserve(BRIEFLY)).orElseThrow();
      Instant end = get(job.extend(Duration.ofSeconds(20)));
      assertThat(end).isAfter(backend().time().now().plusSeconds(15));
      assertThat(job.leaseDeadline()).isEqualTo(end);
      pass(PAST_SHORT);
      assertThat(get(queue.reserve())).isEmpty();
      get(job.ack());
    }

    @Test
    void aLeaseThatEndedCannotBeExtended() {
      requires(Capability.LEASE_EXTENSION);
      JobQueue<String> queue = queue();
      get(queue.enqueue("work"));
      Job<String> job = get(queue.reserve(BRIEFLY)).orElseThrow();
      pass(PAST_SHORT);
      failure(LeaseLostException.class, job.extend(SHORT));
    }
  }

  @Nested
  class DeadLettering {
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
        Job<String> job = await(queue.reserve(BRIEFLY.withMaxWait(Duration.ofMinutes(1)))).orElseThrow();
        assertThat(job.attempt()).isEqualTo(attempt);
        pass(PAST_SHORT);
      }
      assertThat(get(queue.reserve())).isEmpty();
      assertThat(get(queue.deadLetters().list(10))).extracting(DeadLetter::value).containsExactly("poison");
    }

    @Test
    void theLastAttemptDeadLettersWhateverTheDelay() {
      requires(Capability.DEAD_LETTERS);
      JobQueue<String> queue = queue(RedeliveryPolicy.DEFAULT.withMaxAttempts(1));
      get(queue.enqueue("poison"));
      assertThat(get(reserve(queue).nack(SHORT))).isEqualTo(NackOutcome.DEAD_LETTERED);
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
    void listingRemovesNothing() {
      requires(Capability.DEAD_LETTERS);
      JobQueue<String> queue = queue(RedeliveryPolicy.DEFAULT.withMaxAttempts(1));
      get(queue.enqueueAll(jobs(numbered("j", 0, 3))));
      for (int i = 0; i < 3; i++) {
        get(reserve(queue).nack());
        pass(Duration.ofMillis(10));
      }
      assertThat(get(queue.deadLetters().list(2))).extracting(DeadLetter::value).containsExactly("j-0", "j-1");
      assertThat(get(queue.deadLetters().list(10))).extracting(DeadLetter::value).containsExactly("j-0", "j-1", "j-2");
    }

    @Test
    void noDeadLettersIsAnEmptyList() {
      requires(Capability.DEAD_LETTERS);
      assertThat(get(queue().deadLetters().list(10))).isEmpty();
    }

    @Test
    void purgingDropsAllDeadLetters() {
      requires(Capability.DEAD_LETTERS, Capability.DEAD_LETTER_PURGE);
      JobQueue<String> queue = queue(RedeliveryPolicy.DEFAULT.withMaxAttempts(1));
      get(queue.enqueue("poison"));
      get(reserve(queue).nack());
      get(queue.deadLetters().purge());
      assertThat(get(queue.deadLetters().list(10))).isEmpty();
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

  @Nested
  class Inspecting {
    @Test
    void theStatsCountWhatWaitsAndWhatIsLeased() {
      JobQueue<String> queue = queue();
      get(queue.enqueueAll(jobs(numbered("j", 0, 5))));
      Job<String> done = reserve(queue);
      Job<String> running = reserve(queue);
      get(done.ack());
      QueueStats stats = get(queue.stats());
      assertThat(stats.pending()).isEqualTo(3);
      assertThat(stats.inFlight()).isEqualTo(1);
      stats.enqueued().ifPresent(count -> assertThat(count).isEqualTo(5));
      stats.completed().ifPresent(count -> assertThat(count).isEqualTo(1));
      get(running.ack());
      assertThat(get(queue.stats()).inFlight()).isZero();
    }

    @Test
    void delayedJobsArePending() {
      requires(Capability.JOB_DELAY);
      JobQueue<String> queue = queue();
      get(queue.enqueue(NewJob.builder("late").delay(Duration.ofHours(1)).build()));
      assertThat(get(queue.stats()).pending()).isEqualTo(1);
    }

    @Test
    void peekingTakesNothing() {
      requires(Capability.PEEK);
      JobQueue<String> queue = queue();
      get(queue.enqueueAll(jobs(numbered("j", 0, 3))));
      assertThat(get(queue.peek(2))).extracting(PeekedJob::value).containsExactly("j-0", "j-1");
      assertThat(take(queue, 3)).extracting(Job::attempt).containsOnly(1);
    }

    @Test
    void purgingDropsWhatIsNotLeased() {
      requires(Capability.PURGE);
      JobQueue<String> queue = queue();
      get(queue.enqueueAll(jobs(numbered("j", 0, 3))));
      Job<String> leased = reserve(queue);
      get(queue.purge());
      assertThat(get(queue.reserve())).isEmpty();
      get(leased.ack());
    }

    @Test
    void thePolicyComesBackAsItWasSet() {
      requires(Capability.REDELIVERY_POLICY);
      JobQueue<String> queue = queue();
      for (RedeliveryPolicy.Strategy strategy : RedeliveryPolicy.Strategy.values()) {
        RedeliveryPolicy policy = new RedeliveryPolicy(7, Duration.ofSeconds(2), Duration.ofSeconds(50), 3.0, strategy);
        get(queue.setRedeliveryPolicy(policy));
        assertThat(get(queue.redeliveryPolicy())).isEqualTo(policy);
      }
    }

    @Test
    void aNewPolicyHoldsForWhatFailsFromThenOn() {
      requires(Capability.REDELIVERY_POLICY, Capability.DEAD_LETTERS);
      JobQueue<String> queue = queue();
      get(queue.setRedeliveryPolicy(RedeliveryPolicy.DEFAULT.withMaxAttempts(1)));
      get(queue.enqueue("poison"));
      assertThat(get(reserve(queue).nack())).isEqualTo(NackOutcome.DEAD_LETTERED);
      get(queue.setRedeliveryPolicy(RedeliveryPolicy.DEFAULT.withMaxAttempts(2).withFixedBackoff(Duration.ofSeconds(3))));
      get(queue.enqueue("again"));
      assertThat(get(reserve(queue).nack())).isEqualTo(NackOutcome.REQUEUED);
      pass(Duration.ofSeconds(1));
      assertThat(get(queue.reserve())).isEmpty();
      pass(Duration.ofSeconds(3));
      assertThat(get(reserve(queue).nack())).isEqualTo(NackOutcome.DEAD_LETTERED);
    }
  }

  @Nested
  class Streaming {
    @Test
    void jobsAreLeasedOneForEachUnitOfDemand() {
      JobQueue<String> queue = queue();
      get(queue.enqueueAll(jobs(numbered("j", 0, 10))));
      Probe<Job<String>> probe = Probe.of(queue.jobs(JobsOptions.DEFAULT), 3);
      await("three jobs", () -> probe.count() == 3);
      pass(Duration.ofSeconds(2));
      assertThat(probe.count()).isEqualTo(3);
      assertThat(get(queue.stats()).inFlight()).isEqualTo(3);
      probe.request(2);
      await("five jobs", () -> probe.count() == 5);
      assertThat(probe.items()).extracting(Job::value).isEqualTo(numbered("j", 0, 5));
      probe.items().forEach(job -> get(job.ack()));
      assertThat(get(queue.stats()).inFlight()).isZero();
    }

    @Test
    void cancellingLeavesNothingLeased() {
      JobQueue<String> queue = queue();
      Probe<Job<String>> probe = Probe.of(queue.jobs(JobsOptions.DEFAULT), 5);
      get(queue.enqueue("one"));
      await("a job", () -> probe.count() == 1);
      get(probe.items().get(0).ack());
      probe.cancel();
      pass(Duration.ofSeconds(2));
      get(queue.enqueue("two"));
      Job<String> job = await(queue.reserve(PATIENTLY)).orElseThrow();
      assertThat(job.value()).isEqualTo("two");
      assertThat(probe.count()).isEqualTo(1);
    }

    @Test
    void jobsThatComeLaterArriveToo() {
      JobQueue<String> queue = queue();
      Probe<Job<String>> probe = Probe.of(queue.jobs(JobsOptions.DEFAULT));
      for (int i = 0; i < 5; i++) {
        int count = i + 1;
        get(queue.enqueue("j-" + i));
        await("job " + i, () -> probe.count() == count);
        get(probe.items().get(i).ack());
      }
      assertThat(probe.items()).extracting(Job::value).isEqualTo(numbered("j", 0, 5));
    }

    @Test
    void anUnsettledJobIsRenewed() {
      requires(Capability.LEASE_EXTENSION);
      JobQueue<String> queue = queue();
      get(queue.enqueue("long"));
      Probe<Job<String>> probe = Probe.of(queue.jobs(JobsOptions.DEFAULT.withLease(Duration.ofSeconds(6))), 1);
      await("the job", () -> probe.count() == 1);
      Job<String> job = probe.items().get(0);
      Instant end = job.leaseDeadline();
      await("three renewals", () -> job.leaseDeadline().isAfter(end.plusSeconds(8)));
      assertThat(get(queue.reserve())).isEmpty();
      get(job.ack());
    }
  }

  @Nested
  class Working {
    @Test
    void everyJobIsProcessedOnce() {
      JobQueue<String> queue = queue();
      get(queue.enqueueAll(jobs(numbered("j", 0, 300))));
      List<String> handled = new CopyOnWriteArrayList<>();
      Worker worker =
          queue.worker(
              WorkerOptions.concurrency(8),
              job -> {
                handled.add(job.value());
                return CompletableFuture.completedFuture(null);
              });
      await("all jobs", () -> worker.stats().acked() == 300);
      await(worker.closeAsync());
      assertThat(handled).containsExactlyInAnyOrderElementsOf(numbered("j", 0, 300));
      QueueStats stats = get(queue.stats());
      assertThat(stats.pending() + stats.inFlight()).isZero();
      assertThat(worker.state()).isEqualTo(SubscriptionState.CLOSED);
      get(worker.ended());
    }

    @Test
    void noMoreRunThanAllowedAndNoMoreAreLeased() {
      JobQueue<String> queue = queue();
      get(queue.enqueueAll(jobs(numbered("j", 0, 20))));
      List<CompletableFuture<Void>> running = new CopyOnWriteArrayList<>();
      AtomicInteger most = new AtomicInteger();
      AtomicInteger now = new AtomicInteger();
      Worker worker =
          queue.worker(
              WorkerOptions.concurrency(4),
              job -> {
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                CompletableFuture<Void> done = new CompletableFuture<>();
                running.add(done);
                return done;
              });
      for (int finished = 0; finished < 20; finished++) {
        int next = finished;
        await("job " + next, () -> running.size() > next);
        if (next == 2) {
          await("four jobs", () -> running.size() == 6);
          assertThat(get(queue.stats()).inFlight()).isLessThanOrEqualTo(4);
        }
        now.decrementAndGet();
        running.get(next).complete(null);
      }
      await("all jobs", () -> worker.stats().acked() == 20);
      assertThat(most).hasValueLessThanOrEqualTo(4);
    }

    @Test
    void aFailedJobIsTriedAgainAndThenADeadLetter() {
      requires(Capability.DEAD_LETTERS);
      JobQueue<String> queue = queue();
      get(queue.enqueueAll(jobs(List.of("good", "poison", "flaky"))));
      Map<String, List<Integer>> attempts = new ConcurrentHashMap<>();
      Worker worker =
          queue.worker(
              WorkerOptions.concurrency(2),
              job -> {
                attempts.computeIfAbsent(job.value(), value -> new CopyOnWriteArrayList<>()).add(job.attempt());
                if (job.value().equals("poison") || (job.value().equals("flaky") && job.attempt() == 1)) {
                  throw new IllegalStateException(job.value());
                }
                return CompletableFuture.completedFuture(null);
              });
      await("two acks and four nacks", () -> worker.stats().acked() == 2 && worker.stats().nacked() == 4);
      await(worker.closeAsync());
      assertThat(attempts)
          .isEqualTo(Map.of("good", List.of(1), "flaky", List.of(1, 2), "poison", List.of(1, 2, 3)));
      assertThat(get(queue.deadLetters().list(10))).extracting(DeadLetter::value).containsExactly("poison");
    }

    @Test
    void theBackoffOfTheWorkerGoesBeforeThatOfTheQueue() {
      JobQueue<String> queue = queue(RedeliveryPolicy.DEFAULT.withFixedBackoff(Duration.ofSeconds(60)));
      get(queue.enqueue("flaky"));
      List<Integer> failed = new CopyOnWriteArrayList<>();
      WorkerOptions options =
          WorkerOptions.builder()
              .backoff(
                  (attempt, failure) -> {
                    failed.add(attempt);
                    return Duration.ofSeconds(1);
                  })
              .build();
      Instant begin = backend().time().now();
      Worker worker =
          queue.worker(
              options,
              job -> job.attempt() == 1 ? CompletableFuture.failedFuture(new IllegalStateException("flaky")) : job.ack());
      await("the ack", () -> worker.stats().acked() == 1);
      assertThat(Duration.between(begin, backend().time().now())).isLessThan(Duration.ofSeconds(30));
      assertThat(failed).containsExactly(1);
    }

    @Test
    void aHandlerThatSettlesHasTheLastWord() {
      requires(Capability.DEAD_LETTERS);
      JobQueue<String> queue = queue();
      get(queue.enqueueAll(jobs(List.of("rejected", "acked"))));
      Worker worker =
          queue.worker(
              WorkerOptions.concurrency(1),
              job -> {
                if (job.value().equals("rejected")) {
                  return job.reject("nonsense");
                }
                return job.ack().thenCompose(done -> CompletableFuture.failedFuture(new IllegalStateException("too late")));
              });
      await("both", () -> worker.stats().acked() == 1 && worker.stats().rejected() == 1);
      await(worker.closeAsync());
      pass(PAST_SHORT);
      assertThat(get(queue.reserve())).isEmpty();
      assertThat(get(queue.deadLetters().list(10))).extracting(DeadLetter::value).containsExactly("rejected");
    }

    @Test
    void aLongJobIsRenewed() {
      requires(Capability.LEASE_EXTENSION);
      JobQueue<String> queue = queue();
      get(queue.enqueue("long"));
      CompletableFuture<Job<String>> started = new CompletableFuture<>();
      CompletableFuture<Void> done = new CompletableFuture<>();
      AtomicInteger calls = new AtomicInteger();
      Worker worker =
          queue.worker(
              WorkerOptions.builder().lease(Duration.ofSeconds(6)).build(),
              job -> {
                calls.incrementAndGet();
                started.complete(job);
                return done;
              });
      Job<String> job = await(started);
      Instant end = job.leaseDeadline();
      await("three renewals", () -> job.leaseDeadline().isAfter(end.plusSeconds(8)));
      done.complete(null);
      await("the ack", () -> worker.stats().acked() == 1);
      assertThat(calls).hasValue(1);
      assertThat(worker.stats().leasesLost()).isZero();
    }

    @Test
    void closingWaitsForWhatRuns() {
      JobQueue<String> queue = queue();
      get(queue.enqueueAll(jobs(numbered("j", 0, 3))));
      CompletableFuture<Void> done = new CompletableFuture<>();
      AtomicInteger started = new AtomicInteger();
      Worker worker =
          queue.worker(
              WorkerOptions.builder().concurrency(2).lease(Duration.ofMinutes(10)).drainTimeout(Duration.ofMinutes(5)).build(),
              job -> {
                started.incrementAndGet();
                return done;
              });
      await("two jobs", () -> started.get() == 2);
      CompletableFuture<Void> closing = worker.closeAsync();
      pass(Duration.ofSeconds(1));
      assertThat(closing).isNotDone();
      done.complete(null);
      await(closing);
      assertThat(worker.stats().acked()).isEqualTo(2);
      assertThat(started).hasValue(2);
      assertThat(reserve(queue).attempt()).isEqualTo(1);
    }

    @Test
    void whatStillRunsAfterTheDrainTimeoutIsGivenBack() {
      JobQueue<String> queue = queue();
      get(queue.enqueue("stuck"));
      AtomicInteger started = new AtomicInteger();
      Worker worker =
          queue.worker(
              WorkerOptions.builder().lease(Duration.ofHours(1)).drainTimeout(Duration.ofSeconds(1)).build(),
              job -> {
                started.incrementAndGet();
                return new CompletableFuture<>();
              });
      await("the job", () -> started.get() == 1);
      await(worker.closeAsync());
      Job<String> again = await(queue.reserve(PATIENTLY)).orElseThrow();
      assertThat(again.attempt()).isEqualTo(2);
    }

    @Test
    void closingTheClientDrainsItsWorkers() {
      JobQueue<String> queue = queue();
      get(queue.enqueueAll(jobs(numbered("j", 0, 5))));
      Tributary other = connect();
      List<String> handled = new CopyOnWriteArrayList<>();
      Worker worker =
          through(other, queue)
              .worker(
                  WorkerOptions.concurrency(5),
                  job -> {
                    handled.add(job.value());
                    return CompletableFuture.completedFuture(null);
                  });
      await("five jobs", () -> handled.size() == 5);
      await(other.closeAsync());
      get(worker.ended());
      assertThat(get(queue.stats()).inFlight()).isZero();
      assertThat(get(queue.stats()).pending()).isZero();
    }

    @Test
    void aWorkerOfNoQueueEndsWithAnError() {
      requiresThatThingsMustBeCreated();
      JobQueue<String> nowhere = client().queue(fresh("nowhere"), Codecs.text());
      Worker worker = nowhere.worker(WorkerOptions.concurrency(1), job -> CompletableFuture.completedFuture(null));
      failure(NotFoundException.class, worker.ended());
      assertThat(worker.state()).isEqualTo(SubscriptionState.CLOSED);
    }

    @Test
    void workersShareTheJobs() {
      JobQueue<String> queue = queue();
      get(queue.enqueueAll(jobs(numbered("j", 0, 100))));
      Set<String> seen = Collections.synchronizedSet(new HashSet<>());
      List<String> twice = new CopyOnWriteArrayList<>();
      List<Worker> workers = new ArrayList<>();
      for (Tributary each : List.of(client(), connect(), connect())) {
        workers.add(
            through(each, queue)
                .worker(
                    WorkerOptions.concurrency(3),
                    job -> {
                      if (!seen.add(job.value())) {
                        twice.add(job.value());
                      }
                      return CompletableFuture.completedFuture(null);
                    }));
      }
      await("all jobs", () -> workers.stream().mapToLong(worker -> worker.stats().acked()).sum() == 100);
      assertThat(seen).hasSize(100);
      assertThat(twice).isEmpty();
    }
  }

  private static Job<String> reserve(JobQueue<String> queue) {
    return get(queue.reserve()).orElseThrow(() -> new AssertionError("no job was ready"));
  }

  /** Exactly this many jobs, in as many calls as it takes. */
  private static List<Job<String>> take(JobQueue<String> queue, int count) {
    List<Job<String>> all = new ArrayList<>();
    while (all.size() < count) {
      List<Job<String>> some = get(queue.receive(Math.min(100, count - all.size())));
      assertThat(some).as("after %d of %d", all.size(), count).isNotEmpty();
      all.addAll(some);
    }
    return all;
  }

  static List<NewJob<String>> jobs(List<String> values) {
    return values.stream().map(NewJob::of).toList();
  }
}
