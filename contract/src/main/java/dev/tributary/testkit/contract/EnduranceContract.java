package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.JobQueue;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.Tributary;
import dev.tributary.config.ClientConfig;
import dev.tributary.queue.Job;
import dev.tributary.queue.QueueStats;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.stream.EventPublisher;
import dev.tributary.stream.Message;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.fault.Direction;
import dev.tributary.testkit.fault.FaultProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/** What holds over many jobs and many messages. */
public abstract class EnduranceContract extends Contract {
  /** Figures are for people: they show where tests are run. Not below dev.tributary, which tests that kill workers switch off. */
  private static final System.Logger FIGURES = System.getLogger("tributary.endurance");

  private static final int JOBS = 10_000;
  private static final int MESSAGES = 100_000;
  private static final int PREFETCH = 256;
  private static final long MEBIBYTE = 1 << 20;
  private static final int FIFTH = MESSAGES / 5;

  /** What may be on its way: prefetched, in the windows of HTTP/2, in the buffers of sockets. */
  private static final long ROOM = 2 * MEBIBYTE;

  @Test
  void noJobIsLostOrAckedTwiceWhenAWorkerDiesInTheMiddle(TestReporter reporter) {
    requires(Capability.QUEUES);
    Duration lease = Duration.ofSeconds(60);
    JobQueue<String> queue = queue(RedeliveryPolicy.builder().maxAttempts(0).fixedBackoff(Duration.ofSeconds(1)).build());
    get(queue.enqueueAll(jobs(numbered("j", 0, JOBS))));
    Map<String, AtomicInteger> processed = new ConcurrentHashMap<>();
    Map<String, AtomicInteger> acked = new ConcurrentHashMap<>();
    AtomicInteger acks = new AtomicInteger();
    WorkerOptions options = WorkerOptions.builder().concurrency(64).lease(lease).drainTimeout(Duration.ZERO).build();
    Tributary mortal = connect(config -> config.timeout(Duration.ofSeconds(5)));
    through(mortal, queue).worker(options, job -> handle(job, processed, acked, acks));
    await("a third of the jobs", () -> acks.get() > JOBS / 3);
    backend().kill(mortal);
    Worker survivor = through(connect(), queue).worker(options, job -> handle(job, processed, acked, acks));
    await("what the dead worker did not hold", () -> get(queue.stats()).pending() == 0 && survivor.stats().running() == 0);
    pass(lease.plusSeconds(2));
    await(
        "the rest",
        () -> {
          QueueStats stats = get(queue.stats());
          return stats.pending() + stats.inFlight() == 0;
        });
    await(survivor.closeAsync());
    assertThat(processed.keySet()).containsExactlyInAnyOrderElementsOf(numbered("j", 0, JOBS));
    assertThat(acked.values()).allMatch(count -> count.get() == 1);
    long again = processed.values().stream().filter(count -> count.get() > 1).count();
    show(
        reporter,
        "%d jobs, %d by a worker that died: all processed, %d of them again, %d acks confirmed, none twice"
            .formatted(JOBS, JOBS / 3, again, acked.size()));
  }

  private static CompletableFuture<Void> handle(
      Job<String> job, Map<String, AtomicInteger> processed, Map<String, AtomicInteger> acked, AtomicInteger acks) {
    processed.computeIfAbsent(job.value(), value -> new AtomicInteger()).incrementAndGet();
    return job.ack()
        .thenRun(
            () -> {
              acked.computeIfAbsent(job.value(), value -> new AtomicInteger()).incrementAndGet();
              acks.incrementAndGet();
            });
  }

  @Test
  void aSlowConsumerOfManyMessagesHoldsOnlyWhatItPrefetches(TestReporter reporter) {
    requires(Capability.STREAMS);
    assumeTrue(backend().time() instanceof VirtualTime, "it would take too long in real time");
    VirtualTime time = (VirtualTime) backend().time();
    EventStream<String> stream = stream();
    publishMany(stream);
    // Each message would wake a thread of the callback pool, which takes longer than all the rest.
    Tributary consuming = connect(config -> config.callbackExecutor(ClientConfig.INLINE));
    Optional<FaultProxy> proxy = backend().proxy(consuming);
    Slow slow = new Slow(time);
    SubscribeOptions options = SubscribeOptions.builder().start(StartAt.earliest()).prefetch(PREFETCH).build();
    through(consuming, stream).subscribe(options).subscribe(slow);
    List<Long> heaps = new ArrayList<>();
    List<Sample> samples = new ArrayList<>();
    while (slow.seen.get() < MESSAGES) {
      long before = slow.seen.get();
      await("the next message", () -> slow.seen.get() > before);
      for (int i = 0; i < 500 && slow.seen.get() < MESSAGES; i++) {
        time.advance(Duration.ofMillis(1));
      }
      proxy.ifPresent(each -> samples.add(new Sample(slow.seen.get(), each.bytes(Direction.TO_CLIENT))));
      if (slow.seen.get() / FIFTH > before / FIFTH) {
        heaps.add(usedHeap());
      }
    }
    assertThat(slow.wrong.get()).isZero();
    long perMessage = samples.isEmpty() ? 0 : samples.get(samples.size() - 1).bytes() / MESSAGES;
    long mostAhead = samples.stream().mapToLong(sample -> sample.bytes() - sample.seen() * perMessage).max().orElse(0);
    assertThat(mostAhead).as("bytes sent to the client that the consumer had not seen").isLessThan(ROOM);
    assertThat(heaps.get(heaps.size() - 1) - heaps.get(0)).as("growth of the heap in MiB, of %s", heaps).isLessThan(16);
    show(
        reporter,
        "heap after each fifth of %d messages, one a millisecond: %s MiB; at most %d KiB ahead"
            .formatted(MESSAGES, heaps, mostAhead / 1024));
  }

  private void show(TestReporter reporter, String figures) {
    reporter.publishEntry(backend().name(), figures);
    FIGURES.log(System.Logger.Level.INFO, backend().name() + ": " + figures);
  }

  private void publishMany(EventStream<String> stream) {
    String padding = "x".repeat(100);
    EventPublisher<String> publisher = stream.publisher();
    for (int i = 0; i < MESSAGES; i++) {
      get(publisher.ready());
      publisher.publish(padding + i);
    }
    get(publisher.closeAsync());
    assertThat(get(stream.latestOffset(0))).hasValue(MESSAGES - 1);
  }

  /** The least of several: others allocate between the collection and the look, the more the busier the machine. */
  private static long usedHeap() {
    Runtime runtime = Runtime.getRuntime();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least / MEBIBYTE;
  }

  /** How many bytes had gone to the client when the consumer had seen this many messages. */
  private record Sample(long seen, long bytes) {}

  /** Takes a message, and asks for the next one a millisecond later. */
  private static final class Slow implements Flow.Subscriber<Message<String>> {
    private final VirtualTime time;
    private final AtomicLong seen = new AtomicLong();
    private final AtomicLong wrong = new AtomicLong();
    private Flow.Subscription subscription;

    Slow(VirtualTime time) {
      this.time = time;
    }

    @Override
    public void onSubscribe(Flow.Subscription made) {
      subscription = made;
      made.request(1);
    }

    @Override
    public void onNext(Message<String> message) {
      if (message.offset() != seen.get()) {
        wrong.incrementAndGet();
      }
      seen.incrementAndGet();
      time.schedule(Duration.ofMillis(1), () -> subscription.request(1));
    }

    @Override
    public void onError(Throwable error) {
      wrong.incrementAndGet();
    }

    @Override
    public void onComplete() {
      wrong.incrementAndGet();
    }
  }
}
