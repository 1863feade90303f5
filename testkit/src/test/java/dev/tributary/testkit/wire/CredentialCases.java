package dev.tributary.testkit.wire;

import static dev.tributary.testkit.wire.Outcomes.failure;
import static dev.tributary.testkit.wire.Outcomes.of;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.Capability;
import dev.tributary.Tributary;
import dev.tributary.admin.StreamConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Credentials;
import dev.tributary.config.Retry;
import dev.tributary.config.Tls;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.stream.Message;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import dev.tributary.testkit.fault.Direction;
import dev.tributary.testkit.fault.FaultProxy;
import dev.tributary.testkit.server.EmbeddedServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which credentials are let in, what becomes of those that are no good any more, and that none is ever seen. All of them hold {@link #SECRET}. */
@Timeout(120)
public abstract class CredentialCases {
  /** What must never be said. */
  protected static final String SECRET = "c2VjcmV0";

  protected final MemoryEngine engine = MemoryEngine.builder().build();
  private final String backend;
  private final String good;
  private final String next;
  private final String wrong;
  protected EmbeddedServer server;

  /** Of a wire. */
  protected CredentialCases(String backend, String good, String next, String wrong) {
    this.backend = backend;
    this.good = good;
    this.next = next;
    this.wrong = wrong;
    try (Tributary observer = Tributary.over(engine.connect(), ClientConfig.builder("memory").build())) {
      // Where streams have to be there, a queue is one too.
      observer.admin().createStream("s", StreamConfig.DEFAULT).join();
      observer.admin().createStream("q", StreamConfig.DEFAULT).join();
    }
    server = serve(0, 0, good);
  }

  private EmbeddedServer serve(int port, int httpPort, String... credentials) {
    return more(EmbeddedServer.of(backend).transport(engine.connect()).port(port).httpPort(httpPort).token(credentials)).start();
  }

  /** What this wire's server is told besides. */
  protected EmbeddedServer.Builder more(EmbeddedServer.Builder builder) {
    return builder;
  }

  /** The server starts anew with other credentials, as a public one does. */
  protected final void restart(String... credentials) {
    server.close();
    server = serve(server.port(), server.httpPort(), credentials);
  }

  @AfterEach
  void stop() {
    server.close();
    engine.close();
  }

  protected final ClientConfig.Builder config() {
    return ClientConfig.parse(server.uri()).toBuilder().timeout(Duration.ofSeconds(20));
  }

  private static boolean streams(Tributary client) {
    return client.capabilities().contains(Capability.STREAMS);
  }

  private static CompletableFuture<?> use(Tributary client) {
    return client.queue("q").enqueue(new byte[1]);
  }

  @Test
  void theRightOneIsLetIn() throws Exception {
    try (Tributary client = Tributary.connect(config().token(good).build())) {
      of(client.queue("q", Codecs.text()).enqueue("job"));
    }
    try (Tributary client = Tributary.connect(server.uri().replace("://", "://" + good + "@"))) {
      assertThat(of(client.queue("q", Codecs.text()).reserve()).orElseThrow().value()).isEqualTo("job");
    }
  }

  @Test
  void aWrongOneAndNoneAreRefusedWithAHint() throws Exception {
    for (ClientConfig config : List.of(config().token(wrong).build(), config().build())) {
      try (Tributary client = Tributary.connect(config)) {
        Worker worker = client.queue("q").worker(WorkerOptions.builder().build(), job -> CompletableFuture.completedFuture(null));
        List<CompletableFuture<?>> all = new ArrayList<>(List.of(use(client), client.queue("q").reserve(), worker.ended()));
        if (streams(client)) {
          Received<Message<String>> subscription = new Received<>();
          client.stream("s", Codecs.text()).subscribe(SubscribeOptions.from(StartAt.earliest())).subscribe(subscription);
          Received<Message<String>> member = new Received<>();
          client.stream("s", Codecs.text()).subscribe(SubscribeOptions.builder().group("g").build()).subscribe(member);
          all.addAll(List.of(client.stream("s").read(0, 0, 1), subscription.end(), member.end()));
        }
        for (CompletableFuture<?> refused : all) {
          TributaryException error = failure(refused);
          assertThat(error).isInstanceOf(UnauthenticatedException.class).hasMessageNotContaining(SECRET);
          assertThat(error.hint()).contains("before the @ of the URI", "TRIBUTARY_TOKEN", "builder.token");
          assertThat(error.maybeApplied()).isFalse();
        }
        assertThat(of(client.health().live())).as("health needs none").isTrue();
      }
    }
  }

  @Test
  void theSupplierIsAskedOnceMoreWhenTheServersChange() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    AtomicReference<String> current = new AtomicReference<>(good);
    Credentials.Provider provider =
        Credentials.Provider.token(
            () -> {
              asked.incrementAndGet();
              return current.get();
            });
    try (Tributary client = Tributary.connect(config().credentials(provider).build())) {
      Received<Message<String>> messages = new Received<>();
      if (streams(client)) {
        client.stream("s", Codecs.text()).subscribe(SubscribeOptions.from(StartAt.earliest())).subscribe(messages);
        of(client.stream("s", Codecs.text()).publish("before"));
        messages.await(1);
      }
      of(use(client));
      assertThat(asked).hasValue(1);
      current.set(next);
      restart(next);
      // Nothing of this is retried when it may have been applied: refused credentials are none of the caller's business.
      for (int i = 0; i < 10; i++) {
        of(use(client));
      }
      if (streams(client)) {
        of(client.stream("s", Codecs.text()).publish("after"));
        messages.await(2);
        assertThat(messages.all(Message::value)).contains("before", "after");
      }
      assertThat(asked).hasValue(2);
    }
  }

  @Test
  void anotherOneThatIsNoBetterIsTheLastWord() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    Credentials.Provider provider = Credentials.Provider.token(() -> wrong + asked.incrementAndGet());
    try (Tributary client = Tributary.connect(config().credentials(provider).build())) {
      assertThat(failure(use(client))).isInstanceOf(UnauthenticatedException.class);
      assertThat(asked).hasValue(2);
    }
  }

  @Test
  void aSupplierThatFailsSaysWhy() throws Exception {
    Credentials.Provider provider =
        () -> {
          throw new IllegalStateException("the vault is sealed");
        };
    try (Tributary client = Tributary.connect(config().credentials(provider).build())) {
      TributaryException error = failure(client.queue("q").reserve());
      assertThat(error).isInstanceOf(UnauthenticatedException.class).hasRootCauseMessage("the vault is sealed");
      assertThat(error.hint()).contains("provider");
    }
  }

  @Test
  void aSupplierThatNeverAnswersHoldsNothingUpBeyondTheDeadline() throws Exception {
    Credentials.Provider provider = CompletableFuture::new;
    try (Tributary client = Tributary.connect(config().timeout(Duration.ofMillis(300)).credentials(provider).build())) {
      assertThat(failure(client.queue("q").reserve())).isInstanceOf(DeadlineExceededException.class);
      assertThat(failure(use(client))).isInstanceOf(DeadlineExceededException.class);
    }
  }

  /** What no client can send, although the server might have made it. */
  protected List<String> unusable() {
    return List.of(good + "\n", good + "é", good + " x");
  }

  @Test
  void oneOfNoFormThatCanBeSentIsRefusedBeforeAByteIs() throws Exception {
    for (String form : unusable()) {
      try (FaultProxy proxy = FaultProxy.before(server.host(), server.port());
          Tributary client =
              Tributary.connect(
                  ClientConfig.builder(backend).endpoint(proxy.host(), proxy.port()).credentials(Credentials.Provider.token(() -> form)).build())) {
        assertThat(failure(use(client))).isInstanceOf(InvalidRequestException.class).hasMessageNotContaining(SECRET);
        assertThat(proxy.bytes(Direction.TO_SERVER)).isZero();
      }
    }
  }

  @Test
  void oneLeavesThisMachineInPlainTextOnlyIfThatIsAskedFor() {
    for (ClientConfig.Builder away :
        List.of(
            ClientConfig.builder(backend).endpoint("192.0.2.1", 8080).token(good),
            ClientConfig.parse(backend + "://" + good + "@192.0.2.1:8080").toBuilder(),
            ClientConfig.builder(backend).endpoint("127.0.0.1", 8080).endpoint("192.0.2.1", 8080).credentials(Credentials.Provider.token(() -> good)))) {
      assertThatThrownBy(() -> Tributary.connect(away.build())).isInstanceOf(InvalidRequestException.class).hasMessageNotContaining(SECRET);
      Tributary.connect(away.plaintextCredentials(true).build()).close();
    }
    Tributary.connect(ClientConfig.builder(backend).endpoint("192.0.2.1", 8080).token(good).tls(Tls.PLATFORM).build()).close();
  }

  @Test
  void noneIsEverSeen() throws Exception {
    List<String> said = new ArrayList<>();
    Logger logger = Logger.getLogger("dev.tributary");
    Level before = logger.getLevel();
    Log log = new Log();
    logger.setLevel(Level.ALL);
    logger.addHandler(log);
    try {
      for (String one : List.of(wrong, good)) {
        ClientConfig config = config().token(one).retry(Retry.maxAttempts(2)).build();
        said.add(config.toString());
        said.add(config.credentials().toString());
        try (Tributary client = Tributary.connect(config)) {
          said.add(client.toString());
          if (one.equals(wrong)) {
            said.add(text(failure(use(client))));
            said.add(text(failure(client.queue("q").reserve())));
            if (streams(client)) {
              said.add(text(failure(client.stream("s").read(0, 0, 1))));
              Received<Message<byte[]>> member = new Received<>();
              client.stream("s").subscribe(SubscribeOptions.builder().group("g").build()).subscribe(member);
              said.add(text(failure(member.end())));
            }
          } else {
            goThroughAStop(client, said);
          }
        }
      }
      for (String form : unusable()) {
        try (Tributary client = Tributary.connect(config().credentials(Credentials.Provider.token(() -> form)).build())) {
          said.add(text(failure(use(client))));
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
    Received<Message<byte[]>> messages = new Received<>();
    if (streams(client)) {
      client.stream("s").subscribe(SubscribeOptions.builder().group("g").build()).subscribe(messages);
    }
    try (Worker worker =
        client
            .queue("q")
            .worker(
                WorkerOptions.builder().build(),
                job -> {
                  handled.countDown();
                  return CompletableFuture.completedFuture(null);
                })) {
      of(use(client));
      server.stop();
      said.add(text(failure(use(client))));
      server.start();
      useAgain(client);
      assertThat(handled.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(worker.ended()).isNotDone();
    }
  }

  /** The first call may meet a connection of the server before, and is not made again by itself. */
  private static void useAgain(Tributary client) throws Exception {
    for (int tries = 0; tries < 20; tries++) {
      try {
        of(use(client));
        return;
      } catch (ExecutionException broken) {
        assertThat(broken.getCause()).isInstanceOf(ConnectionFailedException.class);
      }
    }
    of(use(client));
  }

  private static String text(Throwable error) {
    StringWriter all = new StringWriter();
    error.printStackTrace(new PrintWriter(all, true));
    return all.toString();
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
