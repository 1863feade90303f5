package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.EventStream;
import dev.tributary.JobQueue;
import dev.tributary.KeyValueStore;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.Tributary;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.kv.PutOptions;
import dev.tributary.queue.DeadLetter;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.Job;
import dev.tributary.queue.NackOutcome;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.QueueStats;
import dev.tributary.queue.ReserveOptions;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.GroupState;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What users of the Python client of FlowMesh do, step by step as its documentation has it, with the same outcome. */
@Timeout(60)
final class FlowMeshSeedTest {
  private static final String TOKEN = "your-token";

  private final VirtualTime time = new VirtualTime();
  private final MemoryEngine engine = MemoryEngine.on(time);
  private EmbeddedServer server;
  private Tributary client;

  @BeforeEach
  void start() {
    server = EmbeddedServer.flowmesh().transport(engine.connect()).time(time).token(TOKEN).start();
    client = Tributary.connect(config().token(TOKEN).build());
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
    engine.close();
  }

  @Test
  void createAClient() {
    try (Tributary used = Tributary.connect(config().token(TOKEN).build())) {
      assertThat(used.health().live().join()).isTrue();
      assertThat(used.health().ready().join()).isTrue();
    }
    Tributary managed = Tributary.connect(config().token(TOKEN).build());
    assertThat(managed.health().live().join()).isTrue();
    managed.closeAsync().join();
  }

  @Test
  void writeEvents() {
    EventStream<String> stream = client.stream("tenant/namespace/stream-name", Codecs.text());
    List<Event<String>> events =
        List.of(Event.builder("{\"order_id\": \"123\", \"amount\": 99.99}").header("event_type", "order.created").build());
    List<Position> offsets = stream.publishAll(events).join();
    assertThat(offsets).containsExactly(new Position(0, 0));
  }

  @Test
  void readMessages() {
    EventStream<String> stream = client.stream("tenant/namespace/stream-name", Codecs.text());
    stream.publishAll(List.of(Event.of("one"), Event.of("two"), Event.builder("three").header("h", "v").build())).join();
    List<Message<String>> messages = stream.read(0, 0, 10).join();
    assertThat(messages).extracting(Message::offset).containsExactly(0L, 1L, 2L);
    assertThat(messages).extracting(Message::value).containsExactly("one", "two", "three");
    assertThat(messages.get(2).headers()).containsEntry("h", "v");
    assertThat(stream.latestOffset(0).join()).hasValue(2);
  }

  @Test
  void subscribeToTheLatestAndCommitEachMessage() {
    EventStream<String> stream = client.stream("tenant/namespace/stream-name", Codecs.text());
    stream.publish("before").join();
    CompletableFuture<Void> live = new CompletableFuture<>();
    Probe<Message<String>> probe =
        Probe.of(
            stream.subscribe(
                SubscribeOptions.builder()
                    .group("consumer-group")
                    .start(StartAt.latest())
                    .onState(state -> live.complete(null))
                    .build()));
    await(() -> live.isDone());
    stream.publish("after").join();
    await(() -> probe.count() == 1);
    Message<String> message = probe.items().get(0);
    assertThat(message.value()).isEqualTo("after");
    stream.commit("consumer-group", new Position(0, message.offset() + 1)).join();
    assertThat(stream.committed("consumer-group", 0).join()).hasValue(2);
    GroupState state = stream.groupState("consumer-group").join();
    assertThat(state.lag()).isZero();
    probe.cancel();
  }

  @Test
  void subscribeFromWhereTheGroupStopped() {
    EventStream<String> stream = client.stream("tenant/namespace/stream-name", Codecs.text());
    stream.publishAll(List.of(Event.of("one"), Event.of("two"), Event.of("three"))).join();
    stream.commit("consumer-group", new Position(0, 1)).join();
    EventConsumer<String> consumer = stream.consumer(ConsumerOptions.group("consumer-group"));
    Set<String> processed = ConcurrentHashMap.newKeySet();
    consumer.forEach(message -> CompletableFuture.runAsync(() -> processed.add(message.value())));
    await(() -> processed.size() == 2);
    assertThat(processed).containsExactlyInAnyOrder("two", "three");
    consumer.close();
    assertThat(stream.committed("consumer-group", 0).join()).hasValue(3);
  }

  @Test
  void enqueueADelayedJobWithHeaders() {
    JobQueue<String> queue = client.queue("tenant/namespace/queue-name", Codecs.text());
    EnqueueResult result =
        queue
            .enqueue(
                NewJob.builder("{\"task\": \"process_order\"}").delay(Duration.ofSeconds(5)).header("priority", "high").build())
            .join();
    assertThat(result.id()).isNotBlank();
    assertThat(result.sequence()).hasValue(0);
    assertThat(queue.reserve().join()).isEmpty();
    time.advance(Duration.ofSeconds(5));
    Job<String> job = queue.reserve().join().orElseThrow();
    assertThat(job.id()).isEqualTo(result.id());
    assertThat(job.headers()).containsEntry("priority", "high");
  }

  @Test
  void reserveAndProcessJobs() {
    JobQueue<String> queue = client.queue("tenant/namespace/queue-name", Codecs.text());
    assertThat(queue.reserve(lease30()).join()).isEmpty();
    queue.enqueue("{\"task\": \"process_order\"}").join();
    Job<String> job = queue.reserve(lease30()).join().orElseThrow();
    assertThat(job.value()).isEqualTo("{\"task\": \"process_order\"}");
    job.ack().join();
    assertThat(queue.reserve(lease30()).join()).isEmpty();
  }

  @Test
  void receiveABatch() {
    JobQueue<String> queue = client.queue("tenant/namespace/queue-name", Codecs.text());
    for (int i = 0; i < 12; i++) {
      queue.enqueue("job " + i).join();
    }
    List<Job<String>> jobs = queue.receive(10, lease30()).join();
    assertThat(jobs).hasSize(10);
    jobs.forEach(job -> job.ack().join());
    assertThat(queue.receive(10, lease30()).join()).hasSize(2);
  }

  @Test
  void theWorkerPattern() {
    JobQueue<String> queue = client.queue("tenant/namespace/queue-name", Codecs.text());
    Map<String, Integer> attempts = new ConcurrentHashMap<>();
    Worker worker =
        queue.worker(
            WorkerOptions.concurrency(1),
            job -> {
              attempts.put(job.value(), job.attempt());
              if (job.value().equals("flaky") && job.attempt() == 1) {
                throw new IllegalStateException("try again");
              }
              return CompletableFuture.completedFuture(null);
            });
    queue.enqueue("good").join();
    queue.enqueue("flaky").join();
    await(() -> worker.stats().acked() == 2);
    assertThat(attempts).isEqualTo(Map.of("good", 1, "flaky", 2));
    closing(worker.closeAsync());
    QueueStats stats = queue.stats().join();
    assertThat(stats.pending() + stats.inFlight()).isZero();
  }

  @Test
  void aReserveThatWaits() {
    JobQueue<String> queue = client.queue("tenant/namespace/queue-name", Codecs.text());
    var waiting = queue.reserve(lease30().toBuilder().maxWait(Duration.ofHours(1)).build());
    queue.enqueue("late").join();
    await(waiting::isDone);
    assertThat(waiting.join()).map(Job::value).contains("late");
  }

  @Test
  void queueStatistics() {
    JobQueue<String> queue = client.queue("tenant/namespace/queue-name", Codecs.text());
    queue.enqueue("one").join();
    queue.enqueue("two").join();
    queue.reserve().join();
    QueueStats stats = queue.stats().join();
    assertThat(stats.pending()).isEqualTo(1);
    assertThat(stats.inFlight()).isEqualTo(1);
  }

  @Test
  void retryPolicyAndDeadLetters() {
    JobQueue<String> queue = client.queue("tenant/namespace/queue-name", Codecs.text());
    queue.enqueue(NewJob.builder("poison").header("h", "v").build()).join();
    RedeliveryPolicy once = RedeliveryPolicy.maxAttempts(1);
    queue.setRedeliveryPolicy(once).join();
    assertThat(queue.redeliveryPolicy().join()).isEqualTo(once);
    assertThat(queue.reserve().join().orElseThrow().nack().join()).isEqualTo(NackOutcome.DEAD_LETTERED);
    DeadLetter<String> letter = queue.deadLetters().list(10).join().get(0);
    assertThat(letter.value()).isEqualTo("poison");
    EnqueueResult replayed = queue.deadLetters().replay(letter.id()).join();
    Job<String> job = queue.reserve().join().orElseThrow();
    assertThat(job.id()).isEqualTo(replayed.id());
    assertThat(job.headers()).isEqualTo(Map.of("h", "v"));
  }

  @Test
  void setAndGet() {
    KeyValueStore<String> store = client.keyValue("tenant/namespace/store-name", Codecs.text());
    store.put("key", "{\"value\": \"data\"}", PutOptions.ttl(Duration.ofHours(1))).join();
    assertThat(store.get("key").join()).contains("{\"value\": \"data\"}");
    pass(Duration.ofHours(1));
    assertThat(store.get("key").join()).isEmpty();
  }

  @Test
  void listKeys() {
    KeyValueStore<String> store = client.keyValue("tenant/namespace/store-name", Codecs.text());
    List.of("user:1", "user:2", "order:1").forEach(key -> store.put(key, "v").join());
    assertThat(store.keys("").join()).containsExactly("order:1", "user:1", "user:2");
    assertThat(store.keys("user:").join()).containsExactly("user:1", "user:2");
  }

  @Test
  void deleteAndCheckExistence() {
    KeyValueStore<String> store = client.keyValue("tenant/namespace/store-name", Codecs.text());
    store.put("key", "v").join();
    assertThat(store.exists("key").join()).isTrue();
    store.delete("key").join();
    assertThat(store.exists("key").join()).isFalse();
  }

  @Test
  void errorHandling() {
    try (MemoryEngine strict = MemoryEngine.builder().time(time).createOnFirstUse(false).build();
        EmbeddedServer other = EmbeddedServer.flowmesh().transport(strict.connect()).time(time).token(TOKEN).createOnFirstUse(false).start();
        Tributary known = Tributary.connect(config(other).token(TOKEN).build());
        Tributary stranger = Tributary.connect(config(other).token("wrong").build())) {
      EventStream<byte[]> nowhere = known.stream("tenant/namespace/nowhere");
      assertThat(nowhere.read(0, 0, 10).handle((messages, error) -> error).join())
          .isInstanceOfAny(NotFoundException.class)
          .isInstanceOf(TributaryException.class);
      assertThat(stranger.stream("tenant/namespace/nowhere").read(0, 0, 10).handle((messages, error) -> error).join())
          .isInstanceOf(UnauthenticatedException.class);
    }
  }

  private ClientConfig.Builder config() {
    return config(server);
  }

  private ClientConfig.Builder config(EmbeddedServer of) {
    return ClientConfig.parse(of.uri()).toBuilder().time(time).timeout(Duration.ofDays(1)).idleProbe(Duration.ofDays(1));
  }

  private static ReserveOptions lease30() {
    return ReserveOptions.lease(Duration.ofSeconds(30));
  }

  private void pass(Duration duration) {
    time.advance(duration);
  }

  private void closing(CompletableFuture<Void> closed) {
    await(closed::isDone);
    closed.join();
  }

  /** Lets time pass until this holds; the class's time limit says when it never will. */
  private void await(BooleanSupplier holds) {
    while (!holds.getAsBoolean()) {
      time.advance(Duration.ofMillis(10));
      LockSupport.parkNanos(1_000_000);
    }
  }
}
