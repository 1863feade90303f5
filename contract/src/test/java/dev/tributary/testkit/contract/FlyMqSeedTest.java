package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tributary.EventStream;
import dev.tributary.Transaction;
import dev.tributary.Tributary;
import dev.tributary.admin.StreamConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.codec.EncryptionKey;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Retry;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.SchemaRejectedException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UndecodableException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.filter.EventFilter;
import dev.tributary.queue.DeadLetter;
import dev.tributary.schema.SchemaFormat;
import dev.tributary.schema.Validation;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.EventKey;
import dev.tributary.stream.EventPublisher;
import dev.tributary.stream.GroupState;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.PublisherOptions;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.StreamMessage;
import dev.tributary.stream.StreamSelection;
import dev.tributary.stream.StreamsConsumer;
import dev.tributary.stream.SubscribeOptions;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.fault.FaultProxy;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.vertx.internal.flymq.wire.DeadLetterRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What users of FlyMQ's Python client do, step by step as its documentation has it, with the same outcome, over a real socket. */
@Timeout(60)
final class FlyMqSeedTest {
  private static final Duration NEVER = Duration.ofDays(1);
  private static final String USER =
      "{\"type\": \"object\", \"properties\": {\"name\": {\"type\": \"string\"}, \"age\": {\"type\": \"integer\"}}, \"required\": [\"name\"]}";

  private final VirtualTime time = new VirtualTime();
  private final MemoryEngine engine = MemoryEngine.builder().time(time).createOnFirstUse(false).build();
  private final EmbeddedServer server = server();
  private final Tributary client = connect(server.uri());

  private EmbeddedServer server() {
    return EmbeddedServer.flymq().transport(engine.connect()).time(time).createOnFirstUse(false).start();
  }

  private Tributary connect(String uri) {
    return Tributary.connect(config(uri).build());
  }

  private ClientConfig.Builder config(String uri) {
    return ClientConfig.parse(uri).toBuilder().time(time).timeout(NEVER).connectTimeout(NEVER).idleProbe(NEVER);
  }

  @AfterEach
  void stop() {
    get(client.closeAsync());
    server.close();
    engine.close();
  }

  @Test
  void connectPublishAndRead() throws Exception {
    topic("my-topic", 1);
    try (Tributary other = Tributary.connect(server.uri())) {
      EventStream<String> topic = other.stream("my-topic", Codecs.text());
      Position at = topic.publish("Hello, FlyMQ!").get();
      assertThat(at).isEqualTo(new Position(0, 0));
      assertThat(topic.read(0, at.offset(), 1).get()).extracting(Message::value).containsExactly("Hello, FlyMQ!");
    }
  }

  @Test
  void messagesOfOneKeyStayTogetherWhereFlyMqPutsThem() {
    EventStream<String> orders = topic("orders", 3);
    Map<String, Integer> places = Map.of("a", 1, "user-123", 2, "user-456", 2, "order-1", 1, "clé", 0);
    places.forEach(
        (key, partition) -> {
          for (int i = 0; i < 2; i++) {
            assertThat(get(orders.publish(Event.builder("{\"id\": " + i + "}").key(key).build())).partition()).as(key).isEqualTo(partition);
          }
        });
    assertThat(get(orders.read(2, 0, 10))).extracting(Message::key).contains(EventKey.of("user-123"), EventKey.of("user-456"));
  }

  @Test
  void theSecondServerServesWhileTheFirstIsDown() {
    topic("my-topic", 1);
    try (EmbeddedServer second = server();
        FaultProxy first = FaultProxy.before(server.host(), server.port())) {
      Tributary cluster = connect("flymq://" + first.host() + ":" + first.port() + "," + second.host() + ":" + second.port());
      get(cluster.stream("my-topic").publish(new byte[] {1}));
      first.refuse();
      first.cutNow();
      get(cluster.stream("my-topic").publish(new byte[] {2}));
      assertThat(get(cluster.stream("my-topic").read(0, 0, 10))).hasSize(2);
      get(cluster.closeAsync());
    }
  }

  @Test
  void aPublisherTakesTenThousand() {
    EventStream<String> events = topic("events", 1);
    EventPublisher<String> publisher = events.publisher(PublisherOptions.builder().maxBatchEvents(100).linger(Duration.ofMillis(10)).build());
    AtomicInteger stored = new AtomicInteger();
    List<CompletableFuture<Position>> all = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      CompletableFuture<Position> position = publisher.publish(Event.builder("event-" + i).key("user-123").build());
      all.add(position);
      position.thenRun(stored::incrementAndGet);
    }
    get(publisher.flush());
    get(publisher.closeAsync());
    assertThat(all).allMatch(CompletableFuture::isDone);
    assertThat(all.get(9_999).join()).isEqualTo(new Position(0, 9_999));
    await(() -> stored.get() == 10_000);
  }

  @Test
  void aConsumerCommitsByItselfOrWhenItIsTold() {
    EventStream<String> topic = filled("my-topic", 10);
    List<String> seen = new ArrayList<>();
    EventConsumer<String> automatic = topic.consumer("my-group");
    automatic.forEach(message -> CompletableFuture.completedFuture(seen.add(message.value())));
    await(() -> seen.size() == 10);
    await(() -> topic.committed("my-group", 0).join().orElse(0) == 10);
    get(automatic.closeAsync());

    EventConsumer<String> manual =
        topic.consumer(ConsumerOptions.builder().group("manual").start(StartAt.earliest()).manualCommit().build());
    assertThat(get(manual.poll(4, Duration.ofSeconds(1)))).hasSizeBetween(1, 4);
    assertThat(get(topic.committed("manual", 0)).orElse(0)).isZero();
    get(manual.commit());
    assertThat(get(topic.committed("manual", 0)).orElse(0)).isPositive();
    get(manual.closeAsync());
  }

  @Test
  void oneConsumerPollsTwoTopicsAndCommitsInBoth() {
    List<EventStream<String>> topics = List.of(filled("topic1", 3), filled("topic2", 2));
    StreamsConsumer<String> consumer =
        client.consumer(StreamSelection.of("topic1", "topic2"), Codecs.text(), ConsumerOptions.builder().group("my-group").manualCommit().build());
    List<StreamMessage<String>> polled = new ArrayList<>();
    while (polled.size() < 5) {
      polled.addAll(get(consumer.poll(100, Duration.ofSeconds(1))));
    }
    assertThat(polled).filteredOn(message -> message.stream().equals(topics.get(1).name())).extracting(StreamMessage::value)
        .containsExactly("event-0", "event-1");
    assertThat(topics).allSatisfy(topic -> assertThat(get(topic.committed("my-group", 0)).orElse(0)).isZero());
    get(consumer.commit());
    assertThat(topics).extracting(topic -> get(topic.groupState("my-group")).lag()).containsExactly(0L, 0L);
    get(consumer.closeAsync());
  }

  @Test
  void aHandlerProcessesTwoTopicsUntilItIsStopped() {
    EventStream<String> one = filled("topic1", 3);
    EventStream<String> two = filled("topic2", 2);
    Queue<String> processed = new ConcurrentLinkedQueue<>();
    StreamsConsumer<String> group = client.consumer(StreamSelection.of("topic1", "topic2"), Codecs.text(), ConsumerOptions.group("my-group"));
    CompletableFuture<Void> handling =
        group.forEach(message -> CompletableFuture.completedFuture(processed.add(message.stream().name() + " " + message.value())));
    await(() -> processed.size() == 5);
    get(two.publish("live"));
    await(() -> processed.contains("topic2 live"));
    get(group.closeAsync());
    get(handling);
    assertThat(get(one.committed("my-group", 0))).hasValue(3);
    assertThat(get(two.committed("my-group", 0))).hasValue(3);
    get(one.publish("after the end"));
    pass(Duration.ofSeconds(2));
    assertThat(processed).hasSize(6);
  }

  @Test
  void aConsumerSeeks() {
    EventStream<String> topic = filled("my-topic", 200);
    EventConsumer<String> consumer = topic.consumer(ConsumerOptions.builder().group("my-group").start(StartAt.earliest()).manualCommit().build());
    get(consumer.seek(new Position(0, 100)));
    assertThat(get(consumer.poll(1, Duration.ofSeconds(5)))).extracting(Message::offset).containsExactly(100L);
    assertThat(consumer.position(0)).hasValue(101);
    get(consumer.seekToBeginning());
    assertThat(get(consumer.poll(1, Duration.ofSeconds(5)))).extracting(Message::offset).containsExactly(0L);
    get(consumer.seekToEnd());
    get(topic.publish("new"));
    assertThat(get(consumer.poll(10, Duration.ofSeconds(5)))).extracting(Message::value).containsExactly("new");
    get(consumer.closeAsync());
  }

  @Test
  void aGroupIsDescribedSetBackAndDeleted() {
    EventStream<String> topic = filled("my-topic", 10);
    get(topic.commit("my-group", new Position(0, 4)));
    GroupState state = get(topic.groupState("my-group"));
    assertThat(state.lag()).isEqualTo(6);
    EventConsumer<String> resumed = topic.consumer("my-group");
    assertThat(get(resumed.poll(1, Duration.ofSeconds(5)))).extracting(Message::offset).containsExactly(4L);
    get(resumed.closeAsync());
    get(topic.commit("my-group", new Position(0, 0)));
    assertThat(get(topic.groupState("my-group")).lag()).isEqualTo(10);
    assertThat(get(topic.groups())).containsExactly("my-group");
    get(topic.deleteGroup("my-group"));
    assertThat(get(topic.groups())).isEmpty();
  }

  @Test
  void aTransactionStoresAllOrNothing() {
    EventStream<String> one = topic("topic1", 1);
    EventStream<String> two = topic("topic2", 1);
    get(client.inTransaction(tx -> tx.publish(one, Event.of("Message 1")).thenCompose(done -> tx.publish(two, Event.of("Message 2")))));
    assertThat(get(one.read(0, 0, 10))).hasSize(1);
    assertThat(get(two.read(0, 0, 10))).hasSize(1);
    CompletableFuture<Object> failed =
        client.inTransaction(tx -> tx.publish(one, Event.of("lost")).thenCompose(done -> CompletableFuture.failedFuture(new IllegalStateException("no"))));
    assertThat(error(failed)).hasMessageContaining("no");
    Transaction byHand = get(client.transaction());
    get(byHand.publish(one, Event.of("kept")));
    get(byHand.commit());
    Transaction back = get(client.transaction());
    get(back.publish(one, Event.of("lost too")));
    get(back.abort());
    assertThat(get(one.read(0, 0, 10))).extracting(Message::value).containsExactly("Message 1", "kept");
  }

  @Test
  void aSchemaTellsGoodFromBad() {
    assertThat(get(client.schemas().register("user-schema", SchemaFormat.JSON, USER)).version()).isEqualTo(1);
    assertThat(get(client.schemas().validate("user-schema", "{\"name\": \"Alice\", \"age\": 30}".getBytes(StandardCharsets.UTF_8))).valid()).isTrue();
    Validation bad = get(client.schemas().validate("user-schema", "{\"age\": \"old\"}".getBytes(StandardCharsets.UTF_8)));
    assertThat(bad.valid()).isFalse();
    assertThat(bad.errors()).isNotEmpty();
  }

  @Test
  void onlyWhatMatchesItsSchemaIsPublished() {
    EventStream<String> users = topic("users", 1);
    get(client.schemas().register("user-schema", SchemaFormat.JSON, USER));
    String alice = "{\"name\": \"Alice\", \"age\": 30}";
    assertThat(get(users.publish(Event.builder(alice).schema("user-schema").build()))).isEqualTo(new Position(0, 0));
    Throwable refused = error(users.publish(Event.builder("{\"age\": \"old\"}").schema("user-schema").build()));
    assertThat(refused).isInstanceOf(SchemaRejectedException.class);
    assertThat(((SchemaRejectedException) refused).errors()).isNotEmpty();
    assertThat(error(users.publish(Event.builder(alice).schema("no-schema").build()))).isInstanceOf(NotFoundException.class);
    assertThat(get(users.read(0, 0, 10))).extracting(Message::value).containsExactly(alice);
  }

  @Test
  void deadLettersAreFetchedReplayedAndPurged() {
    EventStream<String> topic = topic("my-topic", 1);
    topic("my-topic.dlq", 1);
    for (String id : List.of("m1", "m2")) {
      byte[] value = ("value of " + id).getBytes(StandardCharsets.UTF_8);
      DeadLetterRecord letter = new DeadLetterRecord(id, "my-topic", -1, 0, null, value, DeadLetterRecord.FAILED, "boom", 3, null, null, Map.of());
      get(client.stream("my-topic.dlq").publish(letter.json()));
    }
    List<DeadLetter<String>> letters = get(topic.deadLetters().list(10));
    assertThat(letters).extracting(DeadLetter::reason).containsExactly("boom", "boom");
    get(topic.deadLetters().replay(letters.get(0).id()));
    assertThat(get(topic.read(0, 0, 10))).extracting(Message::value).containsExactly("value of m1");
    get(topic.deadLetters().purge());
    assertThat(get(topic.deadLetters().list(10))).isEmpty();
  }

  @Test
  void messagesComeLateOrOnlyForAWhile() {
    EventStream<String> topic = topic("my-topic", 1);
    get(topic.publish(Event.builder("Delayed message").delay(Duration.ofSeconds(5)).build()));
    assertThat(get(topic.read(0, 0, 10))).isEmpty();
    pass(Duration.ofSeconds(5));
    await(() -> get(topic.read(0, 0, 10)).size() == 1);
    get(topic.publish(Event.builder("Expiring message").ttl(Duration.ofSeconds(60)).build()));
    assertThat(get(topic.read(0, 0, 10))).extracting(Message::value).contains("Expiring message");
    pass(Duration.ofSeconds(61));
    assertThat(get(topic.read(0, 0, 10))).extracting(Message::value).containsExactly("Delayed message");
  }

  @Test
  void valuesAreEncryptedAsFlyMqsClientsDo() throws Exception {
    topic("secrets", 1);
    EncryptionKey key = EncryptionKey.parse(EncryptionKey.generate().hex());
    EventStream<String> secrets = client.stream("secrets", Codecs.encrypted(Codecs.text(), key));
    get(secrets.publish("Hello, FlyMQ!"));
    assertThat(get(secrets.read(0, 0, 1)).get(0).value()).isEqualTo("Hello, FlyMQ!");

    byte[] sealed = get(client.stream("secrets").read(0, 0, 1)).get(0).value();
    assertThat(sealed).as("nonce, text, tag").hasSize(12 + 13 + 16);
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(HexFormat.of().parseHex(key.hex()), "AES"), new GCMParameterSpec(128, sealed, 0, 12));
    assertThat(cipher.doFinal(sealed, 12, sealed.length - 12)).asString(StandardCharsets.UTF_8).isEqualTo("Hello, FlyMQ!");

    EventStream<String> stranger = client.stream("secrets", Codecs.encrypted(Codecs.text(), EncryptionKey.generate()));
    Message<String> unread = get(stranger.read(0, 0, 1)).get(0);
    assertThat(catchThrowable(unread::value)).isInstanceOf(UndecodableException.class).hasMessageContaining("another key");
  }

  @Test
  void importantMessagesComeInTens() {
    EventStream<String> topic = topic("my-topic", 1);
    List<Event<String>> mixed = IntStream.range(0, 40).mapToObj(i -> Event.of((i % 2 == 0 ? "important " : "other ") + i)).toList();
    Probe<Position> published = Probe.of(topic.publishFrom(Listed.of(mixed)));
    await(() -> published.ends() == 1);
    assertThat(published.items()).hasSize(40);

    Flow.Publisher<List<String>> important =
        new Chain<>(topic.subscribe(SubscribeOptions.from(StartAt.earliest())))
            .map(Message::value)
            .filter(value -> value.startsWith("important"))
            .inGroupsOf(10);
    Probe<List<String>> tens = Probe.of(important, 1);
    await(() -> tens.count() == 1);
    assertThat(tens.items().get(0)).hasSize(10).startsWith("important 0", "important 2").endsWith("important 18");
    tens.request(1);
    await(() -> tens.count() == 2);
    assertThat(tens.items().get(1)).hasSize(10).endsWith("important 38");
    tens.cancel();
  }

  @Test
  void theServerLeavesOutWhatIsNotAskedFor() {
    EventStream<String> topic = topic("my-topic", 1);
    get(topic.publishAll(List.of(Event.of("important 0"), Event.of("other 1"), Event.builder("Important 2").header("n", "2").build(), Event.of("other 3"))));
    EventFilter important = EventFilter.containing("important");
    assertThat(get(topic.read(0, 0, 10, important)).messages()).extracting(Message::value).containsExactly("important 0", "Important 2");
    Probe<Message<String>> messages = Probe.of(topic.subscribe(SubscribeOptions.builder().start(StartAt.earliest()).filter(important).build()));
    get(topic.publish("important 4"));
    await(() -> messages.count() == 3);
    assertThat(messages.items()).extracting(Message::offset).containsExactly(0L, 2L, 4L);
    messages.cancel();
  }

  @Test
  void aUserTriesAgainWithBackoff() {
    topic("my-topic", 1);
    try (FaultProxy proxy = FaultProxy.before(server.host(), server.port())) {
      proxy.refuse();
      Tributary untiring = Tributary.connect(config("flymq://" + proxy.host() + ":" + proxy.port()).retry(Retry.NONE).build());
      EventStream<String> topic = untiring.stream("my-topic", Codecs.text());
      AtomicInteger tries = new AtomicInteger();
      Supplier<CompletableFuture<Position>> publish =
          () -> {
            if (tries.incrementAndGet() == 3) {
              proxy.heal();
            }
            return topic.publish("important data");
          };
      assertThat(get(retried(publish, 3, Duration.ofMillis(100)))).isEqualTo(new Position(0, 0));
      assertThat(tries).hasValue(3);

      proxy.refuse();
      proxy.cutNow();
      tries.set(3);
      assertThat(error(retried(publish, 2, Duration.ofMillis(100)))).isInstanceOf(ConnectionFailedException.class);
      assertThat(tries).hasValue(5);
      get(untiring.closeAsync());
    }
  }

  /** What users write for themselves: again after twice the time, as long as that can help and cannot store anything twice. */
  private CompletableFuture<Position> retried(Supplier<CompletableFuture<Position>> call, int tries, Duration backoff) {
    return call.get()
        .exceptionallyCompose(
            failure -> {
              if (tries == 1 || !(failure instanceof TributaryException error) || !error.retryable() || error.maybeApplied()) {
                return CompletableFuture.failedFuture(failure);
              }
              CompletableFuture<Void> pause = new CompletableFuture<>();
              time.schedule(backoff, () -> pause.complete(null));
              return pause.thenCompose(over -> retried(call, tries - 1, backoff.multipliedBy(2)));
            });
  }

  @Test
  void whatIsMissingElsewhereIsMadeHereAndTimesAreNoPlaces() {
    try (EmbeddedServer usual = EmbeddedServer.flymq().time(time).start()) {
      Tributary other = connect(usual.uri());
      EventStream<String> topic = other.stream("nonexistent-topic", Codecs.text());
      assertThat(get(topic.publish("data"))).isEqualTo(new Position(0, 0));
      EventConsumer<String> consumer = topic.consumer("my-group");
      assertThat(error(consumer.seekToTimestamp(time.now()))).isInstanceOf(UnsupportedFeatureException.class);
      get(consumer.closeAsync());
      get(other.closeAsync());
    }
  }

  @Test
  void errorsSayWhatToDo() {
    TributaryException missing = (TributaryException) error(client.stream("nonexistent-topic").read(0, 0, 1));
    assertThat(missing).isInstanceOf(NotFoundException.class).hasMessageContaining("nonexistent-topic");
    assertThat(missing.hint()).isNotBlank();
    FaultProxy nobody = FaultProxy.before(server.host(), server.port());
    nobody.close();
    try (Tributary lonely = Tributary.connect(ClientConfig.builder("flymq").endpoint(nobody.host(), nobody.port()).retry(Retry.NONE).build())) {
      TributaryException refused = (TributaryException) error(lonely.stream("my-topic").read(0, 0, 1));
      assertThat(refused).isInstanceOf(ConnectionFailedException.class);
      assertThat(refused.hint()).contains("server is up");
    }
  }

  private EventStream<String> topic(String name, int partitions) {
    get(client.admin().createStream(name, StreamConfig.partitions(partitions)));
    return client.stream(name, Codecs.text());
  }

  private EventStream<String> filled(String name, int events) {
    EventStream<String> topic = topic(name, 1);
    get(topic.publishAll(IntStream.range(0, events).mapToObj(i -> Event.of("event-" + i)).toList()));
    return topic;
  }

  private Throwable error(CompletableFuture<?> call) {
    Throwable failure = catchThrowable(() -> get(call));
    return failure instanceof CompletionException ? failure.getCause() : failure;
  }

  private <R> R get(CompletableFuture<R> call) {
    await(call::isDone);
    return call.join();
  }

  private void pass(Duration duration) {
    Passage.of(time).pass(duration);
  }

  /** Lets time pass until this holds; the class's time limit says when it never will. */
  private void await(BooleanSupplier holds) {
    while (!holds.getAsBoolean()) {
      time.advance(Duration.ofMillis(10));
      LockSupport.parkNanos(1_000_000);
    }
  }
}
