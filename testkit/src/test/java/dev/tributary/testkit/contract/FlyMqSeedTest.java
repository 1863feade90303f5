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
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UndecodableException;
import dev.tributary.queue.DeadLetter;
import dev.tributary.schema.SchemaFormat;
import dev.tributary.schema.Validation;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventKey;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.EventKey;
import dev.tributary.stream.EventPublisher;
import dev.tributary.stream.GroupState;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.PublisherOptions;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.engine.MemoryEngine;
import dev.tributary.testkit.fault.FaultProxy;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.vertx.internal.flymq.wire.DeadLetterRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
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

  private final VirtualTime time = new VirtualTime();
  private final MemoryEngine engine = MemoryEngine.builder().time(time).createOnFirstUse(false).build();
  private final EmbeddedServer server = server();
  private final Tributary client = connect(server.uri());

  private EmbeddedServer server() {
    return EmbeddedServer.flymq().transport(engine.connect()).time(time).createOnFirstUse(false).start();
  }

  private Tributary connect(String uri) {
    return Tributary.connect(ClientConfig.parse(uri).toBuilder().time(time).timeout(NEVER).connectTimeout(NEVER).idleProbe(NEVER).build());
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
    String user = "{\"type\": \"object\", \"properties\": {\"name\": {\"type\": \"string\"}, \"age\": {\"type\": \"integer\"}}, \"required\": [\"name\"]}";
    assertThat(get(client.schemas().register("user-schema", SchemaFormat.JSON, user)).version()).isEqualTo(1);
    assertThat(get(client.schemas().validate("user-schema", "{\"name\": \"Alice\", \"age\": 30}".getBytes(StandardCharsets.UTF_8))).valid()).isTrue();
    Validation bad = get(client.schemas().validate("user-schema", "{\"age\": \"old\"}".getBytes(StandardCharsets.UTF_8)));
    assertThat(bad.valid()).isFalse();
    assertThat(bad.errors()).isNotEmpty();
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

    Probe<Message<String>> messages = Probe.of(topic.subscribe(SubscribeOptions.from(StartAt.earliest())));
    await(() -> messages.count() == 40);
    List<String> important = messages.items().stream().map(Message::value).filter(value -> value.startsWith("important")).toList();
    List<List<String>> tens = List.of(important.subList(0, 10), important.subList(10, 20));
    assertThat(tens).allSatisfy(ten -> assertThat(ten).hasSize(10));
    messages.cancel();
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
