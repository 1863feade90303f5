package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.JobQueue;
import dev.tributary.KeyValueStore;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.TransactionOptions;
import dev.tributary.admin.QueueUpdate;
import dev.tributary.admin.ResourceKind;
import dev.tributary.admin.StreamConfig;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.filter.EventFilter;
import dev.tributary.kv.PutOptions;
import dev.tributary.queue.DeadLetter;
import dev.tributary.queue.JobsOptions;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.ProducerSequence;
import dev.tributary.queue.ReserveOptions;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.replay.ReplayOptions;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.Event;
import dev.tributary.stream.OnUndecodable;
import dev.tributary.stream.Position;
import dev.tributary.stream.PublisherOptions;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What is wrong is said, with a hint, before anything is sent. */
public abstract class BadInputContract extends Contract {
  private static final String[] BAD_NAMES = {
    "", "a/b/c/d", "/", "a//b", "a/b/", "a\u0000b", "a\nb", " padded", "padded ", ".", "..", "x".repeat(256)
  };

  /** A call that must be refused; what it returns, if it returns, must fail. */
  @FunctionalInterface
  private interface BadCall {
    Object make() throws Exception;
  }

  private final Map<String, BadCall> calls = new LinkedHashMap<>();

  @TestFactory
  Stream<DynamicTest> badNamesAreRefused() {
    for (String name : BAD_NAMES) {
      String shown = name.length() > 20 ? name.length() + " characters" : name.replace("\u0000", "NUL").replace("\n", "LF");
      if (has(Capability.STREAMS)) {
        calls.put("stream \"" + shown + '"', () -> client().stream(name).publish(new byte[] {1}));
      }
      if (has(Capability.QUEUES)) {
        calls.put("queue \"" + shown + '"', () -> client().queue(name).reserve());
      }
      if (has(Capability.KEY_VALUE)) {
        calls.put("store \"" + shown + '"', () -> client().keyValue(name).get("k"));
      }
    }
    return refused();
  }

  @TestFactory
  Stream<DynamicTest> badStreamCallsAreRefused() {
    requires(Capability.STREAMS);
    EventStream<byte[]> stream = client().stream("stream");
    byte[] one = {1};
    calls.put("read of a negative partition", () -> stream.read(-1, 0, 1));
    calls.put("read of a negative offset", () -> stream.read(0, -1, 1));
    calls.put("read of no messages", () -> stream.read(0, 0, 0));
    calls.put("read of fewer than no messages", () -> stream.read(0, 0, -5));
    calls.put("read with a filter of a negative offset", () -> stream.read(0, -1, 1, EventFilter.containing("e")));
    calls.put("a filter of no text", () -> stream.read(0, 0, 1, EventFilter.containing("")));
    calls.put("a filter that is no expression", () -> subscribe(stream, SubscribeOptions.builder().filter(EventFilter.matching("("))));
    calls.put("a filter that may take for ever", () -> subscribe(stream, SubscribeOptions.builder().filter(EventFilter.matching("(a)\\1"))));
    calls.put("a filter that is no path", () -> subscribe(stream, SubscribeOptions.builder().filter(EventFilter.having("a.b"))));
    calls.put("latest offset of a negative partition", () -> stream.latestOffset(-1));
    calls.put("committed offset of an empty group", () -> stream.committed("", 0));
    calls.put("committed offset of a negative partition", () -> stream.committed("g", -1));
    calls.put("commit of a negative offset", () -> stream.commit("g", new Position(0, -1)));
    calls.put("commit to a negative partition", () -> stream.commit("g", new Position(-1, 0)));
    calls.put("publish with an empty key", () -> stream.publish(Event.builder(one).key("").build()));
    calls.put("commit for an empty group", () -> stream.commit("", new Position(0, 0)));
    calls.put("state of an empty group", () -> stream.groupState(""));
    calls.put("publish to a negative partition", () -> stream.publish(Event.builder(one).partition(-1).build()));
    calls.put("publish with a negative delay", () -> stream.publish(Event.builder(one).delay(Duration.ofSeconds(-1)).build()));
    calls.put("publish with a negative ttl", () -> stream.publish(Event.builder(one).ttl(Duration.ofSeconds(-1)).build()));
    calls.put("publish with a ttl of zero", () -> stream.publish(Event.builder(one).ttl(Duration.ZERO).build()));
    calls.put("publish of too much", () -> stream.publish(tooLarge()));
    if (backend().limits().minPayloadBytes() > 0) {
      calls.put("publish of an empty payload", () -> stream.publish(new byte[0]));
    }
    calls.put("subscribe at a negative offset", () -> stream.subscribe(SubscribeOptions.from(StartAt.offset(-1))));
    calls.put("subscribe with an empty group", () -> subscribe(stream, SubscribeOptions.builder().group("")));
    calls.put("subscribe to a negative partition", () -> subscribe(stream, SubscribeOptions.builder().partitions(-1)));
    calls.put(
        "subscribe at the committed offset of no group", () -> subscribe(stream, SubscribeOptions.builder().start(StartAt.committed())));
    calls.put("subscribe with a prefetch of none", () -> SubscribeOptions.builder().prefetch(0));
    calls.put("consumer with an empty group", () -> stream.consumer("").poll(1, Duration.ZERO));
    calls.put("consumer with a commit interval of zero", () -> ConsumerOptions.builder().autoCommit(Duration.ZERO));
    calls.put("publisher with batches of none", () -> PublisherOptions.builder().maxBatchEvents(0).build());
    calls.put("publisher with a negative linger", () -> PublisherOptions.linger(Duration.ofMillis(-1)));
    calls.put("replay from a negative offset", () -> ReplayOptions.from("_replay_g", -1));
    calls.put("replay to a negative offset", () -> ReplayOptions.range("_replay_g", 0, -1));
    return refused();
  }

  @TestFactory
  Stream<DynamicTest> badQueueCallsAreRefused() {
    requires(Capability.QUEUES);
    JobQueue<byte[]> queue = client().queue("queue");
    byte[] one = {1};
    calls.put("receive of no jobs", () -> queue.receive(0));
    calls.put("receive of fewer than no jobs", () -> queue.receive(-1));
    calls.put("reserve with a lease of zero", () -> queue.reserve(ReserveOptions.lease(Duration.ZERO)));
    calls.put("reserve with a negative wait", () -> queue.reserve(ReserveOptions.maxWait(Duration.ofSeconds(-1))));
    calls.put("enqueue with a negative delay", () -> queue.enqueue(NewJob.builder(one).delay(Duration.ofSeconds(-1)).build()));
    calls.put("enqueue with a ttl of zero", () -> queue.enqueue(NewJob.builder(one).ttl(Duration.ZERO).build()));
    calls.put("enqueue with an empty partition key", () -> queue.enqueue(NewJob.builder(one).partitionKey("").build()));
    calls.put("enqueue as a producer without a name", () -> queue.enqueue(numbered(one, "", 1, 1)));
    calls.put("enqueue as a producer with too long a name", () -> queue.enqueue(numbered(one, "p".repeat(256), 1, 1)));
    calls.put("enqueue in an epoch of zero", () -> queue.enqueue(numbered(one, "p", 0, 1)));
    calls.put("enqueue under a number of zero", () -> queue.enqueue(numbered(one, "p", 1, 0)));
    calls.put("a queue of no partitions", () -> queue.partitions(Set.of()));
    calls.put("a queue of a negative partition", () -> queue.partitions(Set.of(-1)));
    calls.put("enqueue with no attempts", () -> queue.enqueue(NewJob.builder(one).maxAttempts(0).build()));
    calls.put("enqueue of too much", () -> queue.enqueue(tooLarge()));
    calls.put("reserve with too long a lease", () -> queue.reserve(ReserveOptions.lease(beyond(backend().limits().maxLease()))));
    calls.put("enqueue with too long a delay", () -> queue.enqueue(NewJob.builder(one).delay(beyond(backend().limits().maxDelay())).build()));
    if (backend().limits().minPayloadBytes() > 0) {
      calls.put("enqueue of an empty payload", () -> queue.enqueue(new byte[0]));
    }
    calls.put("peek at no jobs", () -> queue.peek(0));
    calls.put("list of no dead letters", () -> queue.deadLetters().list(0));
    calls.put("replay of an empty id", () -> queue.deadLetters().replay(""));
    calls.put("worker with no concurrency", () -> WorkerOptions.concurrency(0));
    calls.put("worker with a negative lease", () -> WorkerOptions.builder().lease(Duration.ofSeconds(-1)));
    calls.put("jobs with a lease of zero", () -> JobsOptions.lease(Duration.ZERO));
    calls.put("policy with fewer than no attempts", () -> RedeliveryPolicy.maxAttempts(-1));
    calls.put("policy with a backoff of zero", () -> RedeliveryPolicy.fixedBackoff(Duration.ZERO));
    return refused();
  }

  @TestFactory
  Stream<DynamicTest> badKeyValueCallsAreRefused() {
    requires(Capability.KEY_VALUE);
    KeyValueStore<byte[]> store = client().keyValue("store");
    byte[] one = {1};
    calls.put("put of an empty key", () -> store.put("", one));
    calls.put("get of an empty key", () -> store.get(""));
    calls.put("delete of an empty key", () -> store.delete(""));
    calls.put("exists of an empty key", () -> store.exists(""));
    calls.put("put with a ttl of zero", () -> store.put("k", one, PutOptions.ttl(Duration.ZERO)));
    calls.put("put with a negative ttl", () -> store.put("k", one, PutOptions.ttl(Duration.ofSeconds(-1))));
    calls.put("put of too much", () -> store.put("k", tooLarge()));
    calls.put("put with too long a ttl", () -> store.put("k", one, PutOptions.ttl(beyond(backend().limits().maxTtl()))));
    if (backend().limits().minPayloadBytes() > 0) {
      calls.put("put of an empty payload", () -> store.put("k", new byte[0]));
    }
    if (backend().limits().step().compareTo(Duration.ofMillis(1)) > 0) {
      calls.put("put with a ttl below the smallest step", () -> store.put("k", one, PutOptions.ttl(Duration.ofMillis(1))));
    }
    calls.put("a page of no keys", () -> store.keys("", null, 0));
    return refused();
  }

  /** What a wire would turn into another text, or drop. */
  @TestFactory
  Stream<DynamicTest> malformedTextIsRefused() {
    byte[] one = {1};
    String half = "half \ud83d of a pair";
    if (has(Capability.STREAMS)) {
      EventStream<byte[]> stream = client().stream("stream");
      calls.put("name of a stream", () -> client().stream(half).publish(one));
      calls.put("key", () -> stream.publish(Event.builder(one).key(half).build()));
      calls.put("schema of an event", () -> stream.publish(Event.builder(one).schema(half).build()));
      calls.put("name of an event's header", () -> stream.publish(Event.builder(one).header(half, "v").build()));
      calls.put("event's header", () -> stream.publish(Event.builder(one).header("h", half).build()));
      calls.put("deduplication id of an event", () -> stream.publish(Event.builder(one).deduplicationId(half).build()));
      calls.put("group that commits", () -> stream.commit(half, new Position(0, 0)));
      calls.put("group that is asked about", () -> stream.committed(half, 0));
      calls.put("group that subscribes", () -> subscribe(stream, SubscribeOptions.builder().group(half)));
    }
    if (has(Capability.QUEUES)) {
      JobQueue<byte[]> queue = client().queue("queue");
      calls.put("name of a queue", () -> client().queue(half).reserve());
      calls.put("name of a job's header", () -> queue.enqueue(NewJob.builder(one).header(half, "v").build()));
      calls.put("job's header", () -> queue.enqueue(NewJob.builder(one).header("h", half).build()));
      calls.put("deduplication id of a job", () -> queue.enqueue(NewJob.builder(one).deduplicationId(half).build()));
      calls.put("partition key", () -> queue.enqueue(NewJob.builder(one).partitionKey(half).build()));
      calls.put("dead letter", () -> queue.deadLetters().replay(half));
    }
    if (has(Capability.KEY_VALUE)) {
      KeyValueStore<byte[]> store = client().keyValue("store");
      calls.put("name of a store", () -> client().keyValue(half).get("k"));
      calls.put("key that is put", () -> store.put(half, one));
      calls.put("key that is got", () -> store.get(half));
      calls.put("key that is deleted", () -> store.delete(half));
      calls.put("key that may exist", () -> store.exists(half));
      calls.put("prefix", () -> store.keys(half));
      calls.put("end of a page", () -> store.keys("", half, 10));
    }
    return refused();
  }

  @TestFactory
  Stream<DynamicTest> whatTheBackendLacksIsRefused() {
    Supplier<EventStream<byte[]>> stream = () -> client().stream("stream");
    Supplier<JobQueue<byte[]>> queue = () -> client().queue("queue");
    Supplier<KeyValueStore<byte[]>> store = () -> client().keyValue("store");
    byte[] one = {1};
    lacking(Capability.STREAMS, stream::get);
    lacking(Capability.QUEUES, queue::get);
    lacking(Capability.KEY_VALUE, store::get);
    lacking(Capability.EVENT_KEYS, () -> stream.get().publish(Event.builder(one).key("k").build()));
    lacking(Capability.BINARY_EVENT_KEYS, () -> stream.get().publish(Event.builder(one).key(new byte[] {-1}).build()));
    lacking(Capability.EVENT_HEADERS, () -> stream.get().publish(Event.builder(one).header("h", "v").build()));
    lacking(Capability.EVENT_DELAY, () -> stream.get().publish(Event.builder(one).delay(Duration.ofSeconds(1)).build()));
    lacking(Capability.EVENT_TTL, () -> stream.get().publish(Event.builder(one).ttl(Duration.ofSeconds(1)).build()));
    lacking(Capability.EVENT_PRIORITY, () -> stream.get().publish(Event.builder(one).priority(1).build()));
    lacking(Capability.EVENT_DEDUPLICATION, () -> stream.get().publish(Event.builder(one).deduplicationId("d").build()));
    lacking(Capability.EVENT_SCHEMA, () -> stream.get().publish(Event.builder(one).schema("s").build()));
    lacking(Capability.EVENT_PARTITION, () -> stream.get().publish(Event.builder(one).partition(0).build()));
    lacking(Capability.GROUP_LISTING, () -> stream.get().groups());
    EventFilter filter = EventFilter.containing("e");
    lacking(Capability.EVENT_FILTER, () -> stream.get().read(0, 0, 1, filter));
    lacking(Capability.EVENT_FILTER, () -> subscribe(stream.get(), SubscribeOptions.builder().filter(filter)));
    lacking(Capability.EVENT_FILTER, () -> stream.get().consumer(ConsumerOptions.builder().filter(filter).build()));
    lacking(Capability.REPLAY, () -> stream.get().replays().create(ReplayOptions.from("_replay_g", 0)));
    lacking(Capability.REPLAY, () -> stream.get().replays().list());
    lacking(Capability.STREAM_DEAD_LETTERS, () -> stream.get().deadLetters().list(1));
    lacking(Capability.DEAD_LETTER_ADD, () -> stream.get().deadLetters().add(DeadLetter.builder(one).build()));
    lacking(Capability.DEAD_LETTER_ADD, () -> stream.get().consumer(ConsumerOptions.builder().redelivery(RedeliveryPolicy.DEFAULT).build()));
    lacking(
        Capability.DEAD_LETTER_ADD,
        () -> stream.get().consumer(ConsumerOptions.builder().onUndecodable(OnUndecodable.deadLetter()).build()));
    lacking(Capability.JOB_HEADERS, () -> queue.get().enqueue(NewJob.builder(one).header("h", "v").build()));
    lacking(Capability.JOB_DELAY, () -> queue.get().enqueue(NewJob.builder(one).delay(Duration.ofSeconds(1)).build()));
    lacking(Capability.JOB_PRIORITY, () -> queue.get().enqueue(NewJob.builder(one).priority(1).build()));
    lacking(Capability.JOB_DEDUPLICATION, () -> queue.get().enqueue(NewJob.builder(one).deduplicationId("d").build()));
    lacking(Capability.PRODUCER_SEQUENCES, () -> queue.get().enqueue(numbered(one, "p", 1, 1)));
    lacking(Capability.JOB_PARTITIONS, () -> queue.get().partitions(Set.of(0)));
    lacking(Capability.QUEUE_SETTINGS, () -> client().admin().queueConfig("queue"));
    lacking(Capability.QUEUE_SETTINGS, () -> client().admin().updateQueue("queue", QueueUpdate.builder().maxAttempts(1).build()));
    lacking(Capability.JOB_PARTITION_KEY, () -> queue.get().enqueue(NewJob.builder(one).partitionKey("k").build()));
    lacking(Capability.JOB_TTL, () -> queue.get().enqueue(NewJob.builder(one).ttl(Duration.ofSeconds(1)).build()));
    lacking(Capability.JOB_MAX_ATTEMPTS, () -> queue.get().enqueue(NewJob.builder(one).maxAttempts(1).build()));
    lacking(Capability.ATOMIC_ENQUEUE, () -> queue.get().enqueueAtomically(List.of(NewJob.of(one), NewJob.of(one))));
    lacking(Capability.PEEK, () -> queue.get().peek(1));
    lacking(Capability.PURGE, () -> queue.get().purge());
    lacking(Capability.REDELIVERY_POLICY, () -> queue.get().redeliveryPolicy());
    lacking(Capability.REDELIVERY_POLICY, () -> queue.get().setRedeliveryPolicy(RedeliveryPolicy.DEFAULT));
    lacking(Capability.DEAD_LETTERS, () -> queue.get().deadLetters().list(1));
    lacking(Capability.DEAD_LETTER_PURGE, () -> queue.get().deadLetters().purge());
    lacking(Capability.DEAD_LETTER_REPLAY, () -> queue.get().deadLetters().replay("id"));
    lacking(Capability.KEY_TTL, () -> store.get().put("k", one, PutOptions.ttl(Duration.ofSeconds(1))));
    lacking(Capability.KEY_REVISIONS, () -> store.get().entry("k"));
    lacking(Capability.KEY_REVISIONS, () -> store.get().putIfAbsent("k", one));
    lacking(Capability.KEY_REVISIONS, () -> store.get().delete("k", 1));
    lacking(Capability.KEY_REVISIONS, () -> store.get().replace("k", one, 1));
    lacking(Capability.KEY_WATCH, () -> failing(store.get().watch("")));
    lacking(Capability.TRANSACTIONS, () -> client().transaction());
    lacking(Capability.NAMED_PRODUCERS, () -> client().transaction(TransactionOptions.producer("p")));
    lacking(Capability.SCHEMAS, () -> client().schemas().subjects());
    lacking(Capability.CREATE_RESOURCES, () -> client().admin().createStream("new", StreamConfig.DEFAULT));
    lacking(Capability.LIST_RESOURCES, () -> client().admin().list(ResourceKind.STREAM));
    List<DynamicTest> tests = new ArrayList<>();
    calls.forEach((name, call) -> tests.add(dynamicTest(name, () -> refuses(call, UnsupportedFeatureException.class))));
    return tests.stream();
  }

  @Test
  void nothingIsNotAValue() {
    Map<Capability, BadCall> ofNothing =
        Map.of(
            Capability.STREAMS, () -> client().stream("stream").publish(BadInputContract.<byte[]>nothing()),
            Capability.QUEUES, () -> client().queue("queue").enqueue(BadInputContract.<byte[]>nothing()),
            Capability.KEY_VALUE, () -> client().keyValue("store").put("k", nothing()));
    ofNothing.forEach(
        (role, call) -> {
          if (has(role)) {
            assertThat(failureOf(call)).isInstanceOfAny(NullPointerException.class, InvalidRequestException.class);
          }
        });
    assertThat(backend().sent(client())).isZero();
  }

  private static NewJob<byte[]> numbered(byte[] value, String producer, long epoch, long sequence) {
    return NewJob.builder(value).producerSequence(new ProducerSequence(producer, epoch, sequence)).build();
  }

  private byte[] tooLarge() {
    return new byte[Math.addExact(backend().limits().maxPayloadBytes(), 1)];
  }

  private static Duration beyond(Duration longest) {
    return longest.plusSeconds(1);
  }

  /** What callers without null checks pass. */
  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private static <T> T nothing() {
    return null;
  }

  private void lacking(Capability capability, BadCall call) {
    if (!has(capability)) {
      calls.put(calls.containsKey(capability.name()) ? capability.name() + " " + calls.size() : capability.name(), call);
    }
  }

  private Stream<DynamicTest> refused() {
    List<DynamicTest> tests = new ArrayList<>();
    calls.forEach(
        (name, call) ->
            tests.add(
                dynamicTest(
                    name,
                    () ->
                        refuses(
                            call, InvalidRequestException.class, PayloadTooLargeException.class, UnsupportedFeatureException.class))));
    return tests.stream();
  }

  private void refuses(BadCall call, Class<?>... types) {
    long before = backend().sent(client());
    Throwable error = failureOf(call);
    assertThat(error).isInstanceOfAny(types);
    assertThat(((TributaryException) error).hint()).as("hint of %s", error).isNotBlank();
    assertThat(((TributaryException) error).maybeApplied()).isFalse();
    assertThat(backend().sent(client())).as("what was sent").isEqualTo(before);
  }

  /** What the call throws, or what fails of what it returns. */
  private Throwable failureOf(BadCall call) {
    Object result;
    try {
      result = call.make();
    } catch (Exception thrown) {
      return thrown;
    }
    if (result instanceof CompletionStage<?> stage) {
      Throwable failure = catchThrowable(() -> await(stage));
      return failure instanceof CompletionException wrapped && wrapped.getCause() != null ? wrapped.getCause() : failure;
    }
    throw new AssertionError("not refused: " + result);
  }

  private Object subscribe(EventStream<byte[]> stream, SubscribeOptions.Builder options) {
    return failing(stream.subscribe(options.build()));
  }

  /** Subscribes and gives the error it ends with. */
  private <T> CompletionStage<T> failing(Flow.Publisher<T> publisher) {
    Probe<T> probe = Probe.of(publisher);
    await("an error", () -> probe.error() != null);
    return CompletableFuture.failedFuture(Objects.requireNonNull(probe.error()));
  }
}
