package dev.tributary.internal.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.JobQueue;
import dev.tributary.Outcome;
import dev.tributary.codec.Codecs;
import dev.tributary.internal.FakeTransport;
import dev.tributary.queue.Job;
import dev.tributary.queue.ReserveOptions;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.spi.Settlement;
import java.io.IOException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What somebody sees of jobs that fail who set up nothing to see it. */
class FailureLogTest {
  private static final Logger ROOM = Logger.getLogger("dev.tributary");

  private final FakeTransport transport = new FakeTransport();
  private final FakeQueue backend = new FakeQueue(transport);
  private final JobQueue<String> queue = transport.client().queue("q", Codecs.text());
  private final Queue<LogRecord> said = new ConcurrentLinkedQueue<>();
  private final Handler log =
      new Handler() {
        @Override
        public void publish(LogRecord entry) {
          said.add(entry);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listen() {
    ROOM.addHandler(log);
  }

  @AfterEach
  void listenNoMore() {
    ROOM.removeHandler(log);
    ROOM.setLevel(null);
  }

  private List<String> warnings() {
    return said.stream().filter(entry -> entry.getLevel() == Level.WARNING).map(LogRecord::getMessage).toList();
  }

  private void nextIsDeadLettered() {
    backend.nextSettles.add(
        all -> CompletableFuture.completedFuture(all.stream().map(each -> Outcome.of(new Settlement.Result(true, null))).toList()));
  }

  private static CompletableFuture<Void> down() {
    return CompletableFuture.failedFuture(new IOException("down"));
  }

  @Test
  void theFirstFailureOfAWorkerIsAWarningInOneLine() {
    backend.add(3);
    queue.worker(WorkerOptions.concurrency(1), job -> down());
    assertThat(backend.settled(Settlement.Kind.NACK)).hasSize(3);
    assertThat(warnings())
        .singleElement()
        .satisfies(line -> assertThat(line).contains("job-0", "default/default/q", "attempt 1", "java.io.IOException: down").doesNotContain("\n"));
    assertThat(said).allSatisfy(entry -> assertThat(entry.getThrown()).isNull());
  }

  @Test
  void allOfThemAreThereForWhoAsksForDetails() {
    ROOM.setLevel(Level.FINE);
    backend.add(3);
    queue.worker(WorkerOptions.concurrency(1), job -> down());
    assertThat(said).filteredOn(entry -> entry.getThrown() instanceof IOException).hasSize(3).allMatch(entry -> entry.getLevel() == Level.FINE);
  }

  @Test
  void eachWorkerSaysItsFirst() {
    backend.add(1);
    queue.worker(WorkerOptions.concurrency(1), job -> down()).close();
    backend.add(1);
    queue.worker(WorkerOptions.concurrency(1), job -> down()).close();
    assertThat(warnings()).hasSize(2);
  }

  @Test
  void whatAHandlerSettledBeforeItThrewItKnowsOf() {
    backend.add(1);
    queue.worker(
        WorkerOptions.concurrency(1),
        job -> {
          job.nack();
          return down();
        });
    assertThat(warnings()).isEmpty();
  }

  @Test
  void everyDeadLetterIsAWarning() {
    backend.add(2);
    nextIsDeadLettered();
    nextIsDeadLettered();
    queue.worker(WorkerOptions.concurrency(1), job -> down());
    assertThat(warnings()).filteredOn(line -> line.contains("dead letter")).hasSize(2).satisfiesExactly(
        line -> assertThat(line).contains("job-0", "default/default/q", "attempt 1", "java.io.IOException: down"),
        line -> assertThat(line).contains("job-1"));
  }

  @Test
  void soIsOneOfAJobThatNoWorkerHad() {
    backend.add(2);
    nextIsDeadLettered();
    queue.reserve(ReserveOptions.DEFAULT).join().orElseThrow().nack().join();
    Job<String> other = queue.reserve(ReserveOptions.DEFAULT).join().orElseThrow();
    other.reject("no such address").join();
    assertThat(warnings()).satisfiesExactly(
        line -> assertThat(line).contains("job-0", "dead letter"),
        line -> assertThat(line).contains("job-1", "dead letter", "no such address"));
  }
}
