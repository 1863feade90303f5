package dev.tributary.testkit.flowmesh;

import static dev.tributary.testkit.wire.Outcomes.failure;
import static dev.tributary.testkit.wire.Outcomes.of;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Tributary;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Credentials;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.stream.Message;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import dev.tributary.testkit.engine.MemoryEngine;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.wire.Received;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class AuthTest {
  private static final String GOOD = "c2VjcmV0-good.1";
  private static final String NEXT = "c2VjcmV0-next.2";
  private static final String BAD = "c2VjcmV0-bad.3";

  private final MemoryEngine engine = MemoryEngine.builder().build();
  private EmbeddedServer server = serve(0, 0, GOOD);

  @AfterEach
  void stop() {
    server.close();
    engine.close();
  }

  private EmbeddedServer serve(int port, int httpPort, String token) {
    return EmbeddedServer.flowmesh()
        .transport(engine.connect())
        .port(port)
        .httpPort(httpPort)
        .token(token)
        .authOnSubscribe(true)
        .start();
  }

  /** The server starts anew with another token, as a public one does. */
  private void restart(String token) {
    server.close();
    server = serve(server.port(), server.httpPort(), token);
  }

  private ClientConfig.Builder config() {
    return ClientConfig.parse(server.uri()).toBuilder().timeout(Duration.ofSeconds(10));
  }

  @Test
  void theRightTokenIsLetIn() throws Exception {
    try (Tributary client = Tributary.connect(config().token(GOOD).build())) {
      of(client.keyValue("kv", Codecs.text()).put("k", "v"));
    }
    try (Tributary client = Tributary.connect(server.uri().replace("://", "://" + GOOD + "@"))) {
      assertThat(of(client.keyValue("kv", Codecs.text()).get("k"))).hasValue("v");
    }
  }

  @Test
  void aWrongTokenAndNoneAreRefusedWithAHint() throws Exception {
    for (ClientConfig config : List.of(config().token(BAD).build(), config().build())) {
      try (Tributary client = Tributary.connect(config)) {
        TributaryException call = failure(client.queue("q").enqueue(new byte[1]));
        assertThat(call).isInstanceOf(UnauthenticatedException.class);
        assertThat(call.hint()).contains("token");
        assertThat(call.maybeApplied()).isFalse();

        Received<Message<String>> subscription = new Received<>();
        client.stream("s", Codecs.text()).subscribe(SubscribeOptions.from(StartAt.earliest())).subscribe(subscription);
        assertThat(failure(subscription.end())).isInstanceOf(UnauthenticatedException.class);
        assertThat(of(client.health().live())).as("health needs no token").isTrue();
      }
    }
  }

  @Test
  void theSupplierIsAskedAgainWhenTheServersTokenChanges() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    List<String> tokens = new ArrayList<>(List.of(GOOD));
    Credentials.Provider provider =
        Credentials.Provider.token(
            () -> {
              asked.incrementAndGet();
              return tokens.get(0);
            });
    try (Tributary client = Tributary.connect(config().credentials(provider).build())) {
      Received<Message<String>> messages = new Received<>();
      client.stream("s", Codecs.text()).subscribe(SubscribeOptions.from(StartAt.earliest())).subscribe(messages);
      for (int i = 0; i < 10; i++) {
        of(client.stream("s", Codecs.text()).publish("before-" + i));
      }
      messages.await(10);
      assertThat(asked).hasValue(1);

      tokens.set(0, NEXT);
      restart(NEXT);
      // Nothing of this is retried when it may have been applied: a refused token is none of the caller's business.
      for (int i = 0; i < 10; i++) {
        of(client.stream("s", Codecs.text()).publish("after-" + i));
      }
      messages.await(20);
      assertThat(messages.all(Message::value)).hasSize(20).startsWith("before-0").endsWith("after-9");
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
    Credentials.Provider provider = java.util.concurrent.CompletableFuture::new;
    try (Tributary client = Tributary.connect(config().timeout(Duration.ofMillis(300)).credentials(provider).build())) {
      assertThat(failure(client.queue("q").reserve())).isInstanceOf(dev.tributary.error.DeadlineExceededException.class);
      assertThat(failure(client.keyValue("kv").get("k"))).isInstanceOf(dev.tributary.error.DeadlineExceededException.class);
    }
  }

  @Test
  void noTokenIsEverSeen() throws Exception {
    List<String> said = new ArrayList<>();
    Logger logger = Logger.getLogger("dev.tributary");
    Level before = logger.getLevel();
    Log log = new Log();
    logger.setLevel(Level.ALL);
    logger.addHandler(log);
    try {
      for (String token : List.of(BAD, GOOD)) {
        ClientConfig config = config().token(token).build();
        said.add(config.toString());
        said.add(config.credentials().toString());
        try (Tributary client = Tributary.connect(config)) {
          said.add(client.toString());
          if (token.equals(BAD)) {
            said.add(text(failure(client.queue("q").enqueue(new byte[1]))));
            said.add(text(failure(client.stream("s").read(0, 0, 1))));
          } else {
            of(client.queue("q").enqueue(new byte[1]));
            server.stop();
            said.add(text(failure(client.queue("q").enqueue(new byte[1]))));
            server.start();
            of(client.queue("q").stats());
          }
        }
      }
      for (String unusable : List.of(GOOD + "\n", GOOD + "é")) {
        try (Tributary client = Tributary.connect(config().token(unusable).build())) {
          said.add(text(failure(client.queue("q").reserve())));
        }
      }
    } finally {
      logger.removeHandler(log);
      logger.setLevel(before);
    }
    said.addAll(log.records);
    assertThat(said).isNotEmpty().noneMatch(text -> text.contains("c2VjcmV0"));
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
