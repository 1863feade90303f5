package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.JobQueue;
import dev.tributary.KeyValueStore;
import dev.tributary.Tributary;
import dev.tributary.codec.Codecs;
import dev.tributary.error.ClientClosedException;
import dev.tributary.queue.Job;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.EventPublisher;
import dev.tributary.stream.Message;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;

/** What clients do, whatever they are used for. */
public abstract class ClientContract extends Contract {
  @Test
  void aBackendThatIsWellSaysSo() {
    assertThat(get(client().health().live())).isTrue();
    assertThat(get(client().health().ready())).isTrue();
  }

  @Test
  void makingAClientAndItsHandlesSendsNothing() {
    if (has(Capability.STREAMS)) {
      client().stream("s");
    }
    if (has(Capability.QUEUES)) {
      client().queue("q");
    }
    if (has(Capability.KEY_VALUE)) {
      client().keyValue("k");
    }
    assertThat(backend().sent(client())).isZero();
  }

  @Test
  void afterClosingEveryCallFails() {
    Tributary other = connect();
    await(other.closeAsync());
    await(other.closeAsync());
    failure(ClientClosedException.class, other.health().live());
    if (has(Capability.STREAMS)) {
      failure(ClientClosedException.class, other.stream("s").publish(new byte[] {1}));
      endsAsClosed(other.stream("s").subscribe(SubscribeOptions.from(StartAt.latest())));
    }
    if (has(Capability.QUEUES)) {
      failure(ClientClosedException.class, other.queue("q").reserve());
      endsAsClosed(other.queue("q").jobs());
    }
    if (has(Capability.KEY_VALUE)) {
      failure(ClientClosedException.class, other.keyValue("k").get("k"));
    }
  }

  private <T> void endsAsClosed(Flow.Publisher<T> publisher) {
    Probe<T> probe = Probe.of(publisher);
    await("the end", () -> probe.ends() == 1);
    assertThat(probe.error()).isInstanceOf(ClientClosedException.class);
  }

  @Test
  void closingOneClientLeavesOthersAlone() {
    requires(Capability.KEY_VALUE);
    KeyValueStore<String> store = store();
    Tributary other = connect();
    get(other.keyValue(store.name().toString(), Codecs.text()).put("k", "v"));
    await(other.closeAsync());
    assertThat(get(store.get("k"))).contains("v");
  }

  @Test
  void closingOneClientLeavesTheJobsOfOthersAlone() {
    requires(Capability.QUEUES);
    JobQueue<String> queue = queue();
    Tributary other = connect();
    get(through(other, queue).enqueue("work"));
    Job<String> job = get(queue.reserve()).orElseThrow();
    await(other.closeAsync());
    get(job.ack());
  }

  @Test
  void callbacksRunWhereTheyWereAskedTo() {
    ExecutorService executor = Executors.newSingleThreadExecutor(task -> new Thread(task, "asked-for"));
    try {
      Tributary other = connect(config -> config.callbackExecutor(executor));
      CompletableFuture<String> thread = new CompletableFuture<>();
      // Begun there too, so that it is not over before the callback is attached.
      executor.execute(
          () -> other.health().live().thenRun(() -> thread.complete(Thread.currentThread().getName())));
      assertThat(get(thread)).isEqualTo("asked-for");
      await(other.closeAsync());
    } finally {
      executor.shutdown();
    }
  }

  @Test
  void aBlockedCallbackDoesNotHoldUpOtherCalls() {
    requires(Capability.STREAMS);
    EventStream<String> stream = stream();
    get(stream.publish("one"));
    CompletableFuture<Void> started = new CompletableFuture<>();
    CompletableFuture<Void> unblock = new CompletableFuture<>();
    CompletableFuture<Void> handled = new CompletableFuture<>();
    EventConsumer<String> consumer = stream.consumer(ConsumerOptions.builder().start(StartAt.earliest()).build());
    consumer.forEach(
        message -> {
          started.complete(null);
          unblock.join();
          handled.complete(null);
          return CompletableFuture.completedFuture(null);
        });
    await(started);
    try {
      get(stream.publish("two"));
      assertThat(get(stream.latestOffset(0))).hasValue(1);
    } finally {
      unblock.complete(null);
    }
    await(handled);
  }

  @Test
  void aBlockedHandlerDoesNotHoldUpOtherCalls() {
    requires(Capability.QUEUES);
    JobQueue<String> queue = queue();
    get(queue.enqueue("one"));
    CompletableFuture<Void> started = new CompletableFuture<>();
    CompletableFuture<Void> unblock = new CompletableFuture<>();
    Worker worker =
        queue.worker(
            WorkerOptions.concurrency(1),
            job -> {
              started.complete(null);
              unblock.join();
              return CompletableFuture.completedFuture(null);
            });
    await(started);
    try {
      get(queue.enqueue("two"));
      assertThat(get(queue.stats()).inFlight()).isEqualTo(1);
    } finally {
      unblock.complete(null);
    }
    await("both", () -> worker.stats().acked() == 2);
  }

  @Test
  void closingEndsWhatTakesJobs() {
    requires(Capability.QUEUES);
    JobQueue<String> queue = queue();
    Tributary other = connect();
    Worker worker = through(other, queue).worker(WorkerOptions.concurrency(1), job -> CompletableFuture.completedFuture(null));
    Probe<Job<String>> probe = Probe.of(through(other, queue()).jobs());
    await(other.closeAsync());
    get(worker.ended());
    await("the end", () -> probe.ends() == 1);
    get(queue.enqueue("late"));
    assertThat(get(queue.reserve())).isPresent();
  }

  @Test
  void closingEndsWhatReadsAndPublishes() {
    requires(Capability.STREAMS);
    EventStream<String> stream = stream();
    Tributary other = connect();
    Probe<Message<String>> probe = Probe.of(through(other, stream).subscribe(SubscribeOptions.from(StartAt.earliest())));
    EventPublisher<String> publisher = through(other, stream).publisher();
    get(publisher.publish("e"));
    await("the event", () -> probe.count() == 1);
    await(other.closeAsync());
    await("the end", () -> probe.ends() == 1);
    failure(ClientClosedException.class, publisher.publish("late"));
  }
}
