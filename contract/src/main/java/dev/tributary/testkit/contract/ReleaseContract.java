package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.JobQueue;
import dev.tributary.Tributary;
import dev.tributary.error.LeaseLostException;
import dev.tributary.queue.Job;
import dev.tributary.queue.JobsOptions;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.ReserveOptions;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What becomes of jobs that nobody tried: they were not delivered. */
public abstract class ReleaseContract extends QueueTopic {
  private static final Duration LONG = Duration.ofMinutes(10);

  @Test
  void aReleasedJobIsReadyAtOnceAndHasItsAttempt() {
    JobQueue<String> queue = queue();
    NewJob.Builder<String> work = NewJob.builder("work");
    if (has(Capability.JOB_HEADERS)) {
      work.header("type", "mail");
    }
    get(queue.enqueue(work.build()));
    Job<String> first = reserve(queue);
    get(first.release());
    Job<String> again = await(queue.reserve(PATIENTLY)).orElseThrow();
    assertThat(again.id()).isEqualTo(first.id());
    assertThat(again.value()).isEqualTo("work");
    assertThat(again.headers()).isEqualTo(first.headers());
    assertThat(again.attempt()).isEqualTo(1);
    get(again.ack());
    assertThat(get(queue.stats()).inFlight()).isZero();
    assertThat(get(queue.stats()).pending()).isZero();
  }

  @Test
  void aReleaseIsTheLastVerb() {
    JobQueue<String> queue = queue();
    get(queue.enqueue("work"));
    Job<String> job = reserve(queue);
    get(job.release());
    get(job.release());
    failure(LeaseLostException.class, job.ack());
    Job<String> again = await(queue.reserve(PATIENTLY)).orElseThrow();
    get(again.ack());
  }

  @Test
  void aReleasedJobIsThereForOtherClients() {
    JobQueue<String> queue = queue();
    get(queue.enqueue("work"));
    Job<String> job = reserve(queue);
    get(job.release());
    Job<String> again = await(through(connect(), queue).reserve(PATIENTLY)).orElseThrow();
    assertThat(again.id()).isEqualTo(job.id());
    assertThat(again.attempt()).isEqualTo(1);
    get(again.ack());
  }

  @Test
  void restartsOfBusyClientsLeaveNoAttemptAndNoDeadLetter() {
    JobQueue<String> queue = queue();
    get(queue.enqueueAll(jobs(numbered("j", 0, 8))));
    for (int deploy = 1; deploy <= 4; deploy++) {
      Tributary process = connect();
      AtomicInteger handlers = new AtomicInteger();
      through(process, queue)
          .worker(
              WorkerOptions.builder().concurrency(4).lease(LONG).drainTimeout(Duration.ofSeconds(1)).build(),
              job -> {
                handlers.incrementAndGet();
                return new CompletableFuture<>();
              });
      await("four handlers", () -> handlers.get() == 4);
      await(process.closeAsync());
    }
    for (int i = 0; i < 8; i++) {
      Job<String> job = await(queue.reserve(PATIENTLY)).orElseThrow();
      assertThat(job.attempt()).isEqualTo(1);
      get(job.ack());
    }
    if (has(Capability.DEAD_LETTERS)) {
      assertThat(get(queue.deadLetters().list(10))).isEmpty();
    }
  }

  @Test
  void whoeverWaitsGetsWhatIsReleased() {
    JobQueue<String> queue = queue();
    get(queue.enqueue("work"));
    Job<String> job = reserve(queue);
    CompletableFuture<Optional<Job<String>>> waiting = queue.reserve(PATIENTLY);
    pass(Duration.ofSeconds(1));
    assertThat(waiting).isNotDone();
    get(job.release());
    Job<String> again = await(waiting).orElseThrow();
    assertThat(again.attempt()).isEqualTo(1);
    get(again.ack());
  }

  @Test
  void aReleasedJobMayBeReleasedAnyNumberOfTimes() {
    JobQueue<String> queue = queue();
    get(queue.enqueue("work"));
    for (int i = 0; i < 10; i++) {
      Job<String> job = await(queue.reserve(PATIENTLY)).orElseThrow();
      assertThat(job.attempt()).isEqualTo(1);
      get(job.release());
    }
    get(await(queue.reserve(PATIENTLY)).orElseThrow().ack());
  }

  /** A deploy must not burn attempts: not of jobs that wait for a thread, and not of those whose run it cuts. */
  @Test
  void restartsOfBusyWorkersLeaveNoAttemptAndNoDeadLetter() {
    JobQueue<String> queue = queue();
    get(queue.enqueueAll(jobs(numbered("j", 0, 8))));
    ExecutorService threads = Executors.newCachedThreadPool();
    try {
      for (int deploy = 1; deploy <= 5; deploy++) {
        AtomicInteger running = new AtomicInteger();
        Executor two =
            task -> {
              if (running.incrementAndGet() > 2) {
                throw new RejectedExecutionException("full");
              }
              threads.execute(task);
            };
        AtomicInteger handlers = new AtomicInteger();
        Worker worker =
            queue.worker(
                WorkerOptions.builder().concurrency(8).lease(LONG).executor(two).drainTimeout(Duration.ofSeconds(1)).build(),
                job -> {
                  handlers.incrementAndGet();
                  return new CompletableFuture<>();
                });
        await("two handlers", () -> handlers.get() == 2);
        await(worker.closeAsync());
      }
    } finally {
      threads.shutdown();
    }
    for (String left : numbered("j", 0, 8)) {
      Job<String> job = await(queue.reserve(PATIENTLY)).orElseThrow();
      assertThat(job.attempt()).as("%s, when %s is looked for", job.value(), left).isEqualTo(1);
      get(job.ack());
    }
    if (has(Capability.DEAD_LETTERS)) {
      assertThat(get(queue.deadLetters().list(10))).isEmpty();
    }
  }

  @Test
  void cancelledSubscribersLeaveNoAttempt() {
    JobQueue<String> queue = queue();
    get(queue.enqueueAll(jobs(numbered("j", 0, 5))));
    Probe<Job<String>> probe = Probe.of(queue.jobs(JobsOptions.lease(LONG)), 5);
    await("the jobs", () -> probe.count() == 5);
    List<Job<String>> held = List.copyOf(probe.items());
    probe.cancel();
    held.forEach(job -> get(job.release()));
    for (int i = 0; i < 5; i++) {
      Job<String> job = await(queue.reserve(ReserveOptions.maxWait(LONG))).orElseThrow();
      assertThat(job.attempt()).isEqualTo(1);
      get(job.ack());
    }
  }
}
