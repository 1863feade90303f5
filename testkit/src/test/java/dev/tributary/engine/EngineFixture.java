package dev.tributary.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.error.TributaryException;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.PushQueueTransport;
import dev.tributary.spi.ReadSpec;
import dev.tributary.spi.Settlement;
import dev.tributary.stream.Event;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.testkit.VirtualTime;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** An engine on virtual time, a connection to it, and short names for what tests do with them. */
abstract class EngineFixture {
  static final Duration MINUTE = Duration.ofMinutes(1);

  final VirtualTime time = new VirtualTime();
  final Deadline deadline = Deadline.after(time, Duration.ofDays(1000));
  final MemoryEngine engine = build(MemoryEngine.builder().time(time).seed(1));
  final MemoryTransport transport = engine.connect();

  MemoryEngine build(MemoryEngine.Builder builder) {
    return builder.build();
  }

  @AfterEach
  void leavesNoTimer() {
    engine.close();
    assertThat(time.pendingTimers()).as("timers after close").isZero();
  }

  static ResourceName name(String name) {
    return new ResourceName("t", "ns", name);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  void seconds(long seconds) {
    time.advance(Duration.ofSeconds(seconds));
  }

  void millis(long millis) {
    time.advance(Duration.ofMillis(millis));
  }

  /** The result of what must be complete already. */
  static <T> T now(CompletableFuture<T> future) {
    assertThat(future).isDone();
    return future.join();
  }

  /** The error of what must have failed already. */
  static TributaryException error(CompletableFuture<?> future) {
    assertThat(future).isCompletedExceptionally();
    try {
      future.join();
      throw new AssertionError("did not fail");
    } catch (CompletionException failed) {
      return (TributaryException) java.util.Objects.requireNonNull(failed.getCause());
    }
  }

  // Streams

  Position publish(String stream, Event<byte[]> event) {
    return now(transport.streams().orElseThrow().publish(name(stream), List.of(event), deadline)).get(0).orThrow();
  }

  Position publish(String stream, String value) {
    return publish(stream, Event.of(bytes(value)));
  }

  void publishAll(String stream, String... values) {
    Arrays.stream(values).forEach(value -> publish(stream, value));
  }

  List<String> read(String stream, int partition, long offset) {
    return now(transport.streams().orElseThrow().read(new ReadSpec(name(stream), partition, offset, 100, 1 << 20), deadline)).messages().stream()
        .map(EngineFixture::show)
        .toList();
  }

  static String show(Message<byte[]> message) {
    return message.offset() + ":" + text(message.value());
  }

  // Queues

  PushQueueTransport queues() {
    return (PushQueueTransport) transport.queues().orElseThrow();
  }

  EnqueueResult enqueue(String queue, NewJob<byte[]> job) {
    return now(queues().enqueue(name(queue), List.of(job), false, deadline)).get(0).orThrow();
  }

  EnqueueResult enqueue(String queue, String value) {
    return enqueue(queue, NewJob.of(bytes(value)));
  }

  List<LeasedJob> take(String queue, int max) {
    return now(queues().receive(name(queue), max, MINUTE, Duration.ZERO, deadline));
  }

  LeasedJob takeOne(String queue) {
    List<LeasedJob> jobs = take(queue, 1);
    assertThat(jobs).hasSize(1);
    return jobs.get(0);
  }

  CompletableFuture<List<LeasedJob>> waitFor(String queue, int max, Duration wait) {
    return queues().receive(name(queue), max, MINUTE, wait, deadline);
  }

  Outcome<Settlement.Result> settle(
      String queue, Settlement.Kind kind, LeasedJob job, @Nullable Duration duration, @Nullable String reason) {
    return now(queues().settle(name(queue), List.of(new Settlement(kind, job, duration, reason)), deadline)).get(0);
  }

  Outcome<Settlement.Result> ack(String queue, LeasedJob job) {
    return settle(queue, Settlement.Kind.ACK, job, null, null);
  }

  Outcome<Settlement.Result> nack(String queue, LeasedJob job) {
    return settle(queue, Settlement.Kind.NACK, job, null, null);
  }

  static List<String> values(List<LeasedJob> jobs) {
    return jobs.stream().map(job -> text(job.value())).toList();
  }
}
