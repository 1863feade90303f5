package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.JobQueue;
import dev.tributary.codec.Codecs;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.Job;
import dev.tributary.queue.NewJob;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What enqueueing does: order, what comes back of a job, delays, priorities, duplicates, ttls and batches. */
public abstract class EnqueueContract extends QueueTopic {
  private static final int MOST_IN_A_TEST = 1_000;
  private static final int MOST_HELD = 500;

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
  void enqueueAllKeepsTheOrderAndSaysTheIdsInHoweverManyCalls() {
    JobQueue<String> queue = queue();
    int count = backend().limits().maxBatch() <= MOST_IN_A_TEST ? 2 * backend().limits().maxBatch() + 50 : 250;
    List<EnqueueResult> results = get(queue.enqueueAll(jobs(numbered("j", 0, count))));
    List<Job<String>> taken = new ArrayList<>();
    while (taken.size() < count) {
      // A consumer cannot hold as many as it likes everywhere.
      List<Job<String>> some = take(queue, Math.min(MOST_HELD, count - taken.size()));
      some.stream().map(Job::ack).toList().forEach(ack -> get(ack));
      taken.addAll(some);
    }
    assertThat(taken).extracting(Job::value).isEqualTo(numbered("j", 0, count));
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
  void anAtomicBatchOfMoreJobsThanACallTakesIsRefusedWhole() {
    requires(Capability.ATOMIC_ENQUEUE);
    int most = backend().limits().maxBatch();
    JobQueue<String> queue = queue();
    failure(PayloadTooLargeException.class, queue.enqueueAtomically(jobs(numbered("j", 0, most + 1))));
    assertThat(get(queue.stats()).pending()).isZero();
    get(queue.enqueueAtomically(jobs(numbered("j", 0, most))));
    assertThat(get(queue.stats()).pending()).isEqualTo(most);
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
