package dev.tributary.testkit.goqueue;

import static dev.tributary.testkit.wire.Outcomes.failure;
import static dev.tributary.testkit.wire.Outcomes.of;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.EventStream;
import dev.tributary.Tributary;
import dev.tributary.admin.ResourceKind;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Credentials;
import dev.tributary.config.Retry;
import dev.tributary.config.Tls;
import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.Message;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import dev.tributary.testkit.fault.Direction;
import dev.tributary.testkit.fault.FaultProxy;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.JsonClient;
import dev.tributary.testkit.wire.Received;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** API keys: which are let in, what becomes of one that is no good any more, and that none is ever seen. */
@Timeout(120)
class KeyTest {
  private static final String SECRET = "c2VjcmV0";
  private static final String ROOT = "gq_root_" + SECRET;
  private static final String WRONG = "gq_wrong_" + SECRET;

  private final EmbeddedServer server = EmbeddedServer.goqueue().token(ROOT).start();
  private final JsonClient operator = new JsonClient(server).as("Bearer " + ROOT);

  @BeforeEach
  void createTopic() {
    operator.expect(201, "POST", "/topics", new JsonObject().put("name", "s").put("num_partitions", 2));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private ClientConfig.Builder config() {
    return ClientConfig.parse(server.uri()).toBuilder().timeout(Duration.ofSeconds(20));
  }

  /** A key that the server made, and may revoke. */
  private JsonObject madeKey(String name) {
    return operator.expect(
        201, "POST", "/admin/keys", new JsonObject().put("name", name).put("roles", new JsonArray().add("producer").add("consumer")));
  }

  private void revoke(JsonObject key) {
    operator.expect(200, "DELETE", "/admin/keys/" + key.getString("id"), null);
  }

  @Test
  void theRightKeyIsLetIn() throws Exception {
    try (Tributary client = Tributary.connect(config().token(ROOT).build())) {
      of(client.queue("s", Codecs.text()).enqueue("job"));
    }
    try (Tributary client = Tributary.connect(server.uri().replace("://", "://" + madeKey("any").getString("key") + "@"))) {
      assertThat(of(client.queue("s", Codecs.text()).reserve()).orElseThrow().value()).isEqualTo("job");
    }
  }

  @Test
  void aWrongKeyAndNoneAreRefusedWithAHint() throws Exception {
    for (ClientConfig config : List.of(config().token(WRONG).build(), config().build())) {
      try (Tributary client = Tributary.connect(config)) {
        Received<Message<String>> subscription = new Received<>();
        client.stream("s", Codecs.text()).subscribe(SubscribeOptions.from(StartAt.earliest())).subscribe(subscription);
        Received<Message<String>> member = new Received<>();
        client.stream("s", Codecs.text()).subscribe(SubscribeOptions.builder().group("g").build()).subscribe(member);
        Worker worker = client.queue("s").worker(WorkerOptions.builder().build(), job -> CompletableFuture.completedFuture(null));
        for (CompletableFuture<?> refused :
            List.of(
                client.queue("s").enqueue(new byte[1]),
                client.queue("s").reserve(),
                client.stream("s").read(0, 0, 1),
                client.admin().list(ResourceKind.STREAM),
                subscription.end(),
                member.end(),
                worker.ended())) {
          TributaryException error = failure(refused);
          assertThat(error).isInstanceOf(UnauthenticatedException.class);
          assertThat(error.hint()).contains("API key");
          assertThat(error.maybeApplied()).isFalse();
        }
        assertThat(of(client.health().live())).as("health needs no key").isTrue();
        assertThat(of(client.health().ready())).isTrue();
      }
    }
  }

  @Test
  void ofAKeyThatEndedTheErrorSaysSo() throws Exception {
    JsonObject key = madeKey("any");
    try (Tributary client = Tributary.connect(config().token(key.getString("key")).build())) {
      of(client.stream("s").publish(new byte[1]));
      revoke(key);
      assertThat(failure(client.stream("s").publish(new byte[1])))
          .isInstanceOf(UnauthenticatedException.class)
          .hasMessageContaining("revoked")
          .hasMessageNotContaining(key.getString("key"));
    }
  }

  @Test
  void theSupplierIsAskedOnceForAllThatARevokedKeyRefused() throws Exception {
    Supplied supplied = new Supplied(madeKey("first"));
    try (Tributary client = Tributary.connect(config().credentials(supplied.provider).build())) {
      of(client.stream("s").publish(new byte[1]));
      assertThat(supplied.asked).hasValue(1);
      supplied.rotate();
      // Nothing of this is retried when it may have been applied: a refused key is none of the caller's business.
      List<CompletableFuture<?>> calls = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        calls.add(client.stream("s").publish(new byte[1]));
        calls.add(client.stream("s").read(0, 0, 1));
      }
      for (CompletableFuture<?> call : calls) {
        of(call);
      }
      assertThat(supplied.asked).hasValue(2);
    }
  }

  @Test
  void anotherKeyThatIsNoBetterIsTheLastWord() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    Credentials.Provider provider = Credentials.Provider.token(() -> WRONG + asked.incrementAndGet());
    try (Tributary client = Tributary.connect(config().credentials(provider).build())) {
      assertThat(failure(client.stream("s").publish(new byte[1]))).isInstanceOf(UnauthenticatedException.class);
      assertThat(asked).hasValue(2);
    }
  }

  @Test
  void aSupplierThatNeverAnswersHangsNobody() throws Exception {
    Credentials.Provider provider = CompletableFuture::new;
    try (Tributary client = Tributary.connect(config().timeout(Duration.ofMillis(300)).credentials(provider).build())) {
      assertThat(failure(client.queue("s").reserve())).isInstanceOf(DeadlineExceededException.class);
      assertThat(failure(client.stream("s").publish(new byte[1]))).isInstanceOf(DeadlineExceededException.class);
    }
  }

  @Test
  void aWorkerAndAConsumerOutliveTheirKeys() throws Exception {
    int rounds = 4;
    int each = 25;
    Supplied supplied = new Supplied(madeKey("first"));
    Set<String> handled = ConcurrentHashMap.newKeySet();
    Set<String> consumed = ConcurrentHashMap.newKeySet();
    ClientConfig config = config().credentials(supplied.provider).option("heartbeat", "100ms").build();
    try (Tributary client = Tributary.connect(config)) {
      EventStream<String> stream = client.stream("s", Codecs.text());
      EventConsumer<String> consumer =
          stream.consumer(ConsumerOptions.builder().group("g").start(StartAt.earliest()).autoCommit(Duration.ofMillis(20)).build());
      Worker worker =
          client
              .queue("s", Codecs.text())
              .worker(
                  WorkerOptions.builder().build(),
                  job -> {
                    handled.add(job.value());
                    return CompletableFuture.completedFuture(null);
                  });
      CompletableFuture<Void> consuming =
          consumer.forEach(
              message -> {
                consumed.add(message.value());
                return CompletableFuture.completedFuture(null);
              });
      for (int round = 0; round < rounds; round++) {
        List<String> values = IntStream.range(round * each, (round + 1) * each).mapToObj(i -> "m-" + i).toList();
        for (String value : values) {
          of(stream.publish(value));
        }
        // The next key comes amid the next round's work.
        supplied.rotate();
        reaches(handled, values.size() * (round + 1));
        reaches(consumed, values.size() * (round + 1));
      }
      assertThat(worker.ended()).isNotDone();
      assertThat(consuming).isNotDone();
      of(worker.closeAsync(Duration.ofMinutes(5)));
      of(consumer.closeAsync(Duration.ofMinutes(5)));
      assertThat(of(consuming)).isNull();
      long committed = 0;
      for (int partition = 0; partition < 2; partition++) {
        committed += of(stream.committed("g", partition)).orElse(0);
      }
      assertThat(committed).isEqualTo(rounds * each);
    }
    assertThat(supplied.asked.get()).isBetween(rounds, rounds + 1);
  }

  private static void reaches(Set<String> values, int size) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (values.size() < size) {
      assertThat(System.nanoTime() - end).as("%s of %s", values.size(), size).isNegative();
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  @Test
  void oneOfNoFormThatHttpCanSayIsRefusedBeforeAByteIsSent() throws Exception {
    for (String unusable : List.of(ROOT + "\n", ROOT + "é", ROOT + " x")) {
      try (FaultProxy proxy = FaultProxy.before(server.host(), server.port());
          Tributary client =
              Tributary.connect(
                  ClientConfig.builder("goqueue").endpoint(proxy.host(), proxy.port()).credentials(Credentials.Provider.token(() -> unusable)).build())) {
        assertThat(failure(client.stream("s").publish(new byte[1])))
            .isInstanceOf(InvalidRequestException.class)
            .hasMessageNotContaining(SECRET);
        assertThat(proxy.bytes(Direction.TO_SERVER)).isZero();
      }
    }
  }

  @Test
  void aKeyLeavesThisMachineInPlainTextOnlyIfThatIsAskedFor() {
    for (ClientConfig.Builder away :
        List.of(
            ClientConfig.builder("goqueue").endpoint("192.0.2.1", 8080).token(ROOT),
            ClientConfig.parse("goqueue://" + ROOT + "@192.0.2.1").toBuilder(),
            ClientConfig.builder("goqueue").endpoint("127.0.0.1", 8080).endpoint("192.0.2.1", 8080).credentials(Credentials.Provider.token(() -> ROOT)))) {
      assertThatThrownBy(() -> Tributary.connect(away.build()))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageNotContaining(SECRET);
      Tributary.connect(away.plaintextCredentials(true).build()).close();
    }
    Tributary.connect("goqueues://" + ROOT + "@192.0.2.1").close();
    Tributary.connect(ClientConfig.builder("goqueue").endpoint("192.0.2.1", 8080).token(ROOT).tls(Tls.PLATFORM).build()).close();
  }

  @Test
  void noKeyIsEverSeen() throws Exception {
    List<String> said = new ArrayList<>();
    Logger logger = Logger.getLogger("dev.tributary");
    Level before = logger.getLevel();
    Log log = new Log();
    logger.setLevel(Level.ALL);
    logger.addHandler(log);
    try {
      for (String key : List.of(WRONG, ROOT)) {
        ClientConfig config = config().token(key).retry(Retry.maxAttempts(2)).option("heartbeat", "100ms").build();
        said.add(config.toString());
        said.add(config.credentials().toString());
        try (Tributary client = Tributary.connect(config)) {
          said.add(client.toString());
          if (key.equals(WRONG)) {
            said.add(text(failure(client.queue("s").reserve())));
            said.add(text(failure(client.stream("s").read(0, 0, 1))));
            Received<Message<byte[]>> member = new Received<>();
            client.stream("s").subscribe(SubscribeOptions.builder().group("g").build()).subscribe(member);
            said.add(text(failure(member.end())));
          } else {
            goThroughAStop(client, said);
          }
        }
      }
      for (String unusable : List.of(ROOT + "\n", ROOT + "é")) {
        try (Tributary client = Tributary.connect(config().token(unusable).build())) {
          said.add(text(failure(client.queue("s").reserve())));
        }
      }
    } finally {
      logger.removeHandler(log);
      logger.setLevel(before);
    }
    said.addAll(log.records);
    assertThat(said).isNotEmpty().noneMatch(text -> text.contains(SECRET));
  }

  /** Everything that runs in the background meets a server that is not there. */
  private void goThroughAStop(Tributary client, List<String> said) throws Exception {
    CountDownLatch handled = new CountDownLatch(2);
    try (EventConsumer<byte[]> consumer = client.stream("s").consumer(ConsumerOptions.group("g"));
        Worker worker =
            client
                .queue("s")
                .worker(
                    WorkerOptions.builder().build(),
                    job -> {
                      handled.countDown();
                      return CompletableFuture.completedFuture(null);
                    })) {
      of(client.queue("s").enqueue(new byte[1]));
      of(consumer.poll(1, Duration.ofMillis(100)));
      server.stop();
      said.add(text(failure(client.queue("s").enqueue(new byte[1]))));
      said.add(text(failure(client.admin().list(ResourceKind.STREAM))));
      server.start();
      of(client.queue("s").enqueue(new byte[1]));
      assertThat(handled.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(worker.ended()).isNotDone();
    }
  }

  private static String text(Throwable error) {
    StringWriter all = new StringWriter();
    error.printStackTrace(new PrintWriter(all, true));
    return all.toString();
  }

  /** Gives the key that holds now, and counts. */
  private final class Supplied {
    final AtomicInteger asked = new AtomicInteger();
    final AtomicReference<JsonObject> key;
    final Credentials.Provider provider =
        Credentials.Provider.token(
            () -> {
              asked.incrementAndGet();
              return key().getString("key");
            });

    Supplied(JsonObject first) {
      key = new AtomicReference<>(first);
    }

    JsonObject key() {
      return key.get();
    }

    /** Another key is given from now on, and the one before is let in no more. */
    void rotate() {
      revoke(key.getAndSet(madeKey("next")));
    }
  }

  /** What is logged, as it would be written. */
  private static final class Log extends Handler {
    final ConcurrentLinkedQueue<String> records = new ConcurrentLinkedQueue<>();
    private final SimpleFormatter formatter = new SimpleFormatter();

    Log() {
      setLevel(Level.ALL);
    }

    @Override
    public void publish(LogRecord entry) {
      records.add(formatter.format(entry));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
