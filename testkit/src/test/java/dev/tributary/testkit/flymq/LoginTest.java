package dev.tributary.testkit.flymq;

import static dev.tributary.testkit.wire.Outcomes.failure;
import static dev.tributary.testkit.wire.Outcomes.of;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.EventStream;
import dev.tributary.Tributary;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Credentials;
import dev.tributary.config.Credentials.UserPassword;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.stream.Message;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.testkit.server.flymq.FlyMqClient;
import dev.tributary.testkit.wire.Received;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A user with a password: once on each connection, and never where a public server would go down for it. */
@Timeout(120)
class LoginTest {
  private static final String USER = "ada";
  private static final String SECRET = "c2VjcmV0";

  private final MemoryEngine engine = MemoryEngine.builder().build();
  private EmbeddedServer server = serve(0, SECRET);

  private EmbeddedServer serve(int port, String password, Quirk... quirks) {
    EmbeddedServer.Builder builder = EmbeddedServer.flymq().transport(engine.connect()).port(port).emulate(quirks);
    return (password.isEmpty() ? builder : builder.administrator(USER, password)).start();
  }

  private void restart(String password, Quirk... quirks) {
    server.close();
    server = serve(server.port(), password, quirks);
  }

  @AfterEach
  void stop() {
    server.close();
    engine.close();
  }

  private ClientConfig.Builder config() {
    return ClientConfig.parse(server.uri()).toBuilder().timeout(Duration.ofSeconds(20));
  }

  private Tributary connect(Credentials credentials) {
    return Tributary.connect(config().credentials(credentials).build());
  }

  private static List<CompletableFuture<?>> calls(Tributary client) {
    return List.of(client.stream("s").publish(new byte[1]), client.stream("s").partitions());
  }

  @Test
  void whoIsKnownIsLetIn() throws Exception {
    try (Tributary client = connect(new UserPassword(USER, SECRET))) {
      of(client.stream("s").publish(new byte[1]));
    }
    try (Tributary client = Tributary.connect(server.uri().replace("://", "://" + USER + ":" + SECRET + "@"))) {
      assertThat(of(client.stream("s").read(0, 0, 10))).hasSize(1);
    }
  }

  @Test
  void whoIsNotKnownAndWhoSaysNothingAreRefused() throws Exception {
    try (Tributary observer = connect(new UserPassword(USER, SECRET))) {
      of(observer.stream("s").publish(new byte[1]));
    }
    for (Credentials wrong : List.of(new UserPassword(USER, SECRET + "!"), new UserPassword("eve", SECRET), new Credentials.Anonymous())) {
      try (Tributary client = connect(wrong)) {
        for (CompletableFuture<?> call : calls(client)) {
          TributaryException error = failure(call);
          assertThat(error).isInstanceOf(UnauthenticatedException.class);
          assertThat(error.hint()).contains("before the @ of the URI", "TRIBUTARY_USER", "builder.credentials");
          assertThat(error.maybeApplied()).isFalse();
          StringWriter said = new StringWriter();
          error.printStackTrace(new PrintWriter(said, true));
          assertThat(said.toString()).doesNotContain(SECRET);
        }
        Received<Message<byte[]>> messages = new Received<>();
        client.stream("s").subscribe(SubscribeOptions.from(StartAt.earliest())).subscribe(messages);
        assertThat(failure(messages.end())).isInstanceOf(UnauthenticatedException.class);
      }
    }
  }

  @Test
  void aServerThatAsksNobodyIsToldNothing() throws Exception {
    restart("", Quirk.SHIPPED_FLYMQ);
    try (Tributary client = connect(new UserPassword(USER, SECRET))) {
      of(client.stream("s").publish(new byte[1]));
      of(client.stream("s").partitions());
    }
    assertThat(server.faults().crashes()).isZero();
  }

  @Test
  void theProviderIsAskedOnceAndAgainWhenItsAnswerIsRefused() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    AtomicReference<String> password = new AtomicReference<>(SECRET);
    Credentials.Provider provider =
        () -> {
          asked.incrementAndGet();
          return CompletableFuture.completedFuture(new UserPassword(USER, password.get()));
        };
    try (Tributary client = Tributary.connect(config().credentials(provider).build())) {
      EventStream<String> stream = client.stream("s", Codecs.text());
      Received<Message<String>> messages = new Received<>();
      of(stream.publish("before"));
      stream.subscribe(SubscribeOptions.from(StartAt.earliest())).subscribe(messages);
      messages.await(1);
      assertThat(asked).hasValue(1);
      password.set("next");
      restart("next");
      of(stream.partitions());
      of(stream.publish("after"));
      messages.await(2);
      assertThat(messages.all(Message::value)).containsExactly("before", "after");
      assertThat(asked.get()).isBetween(2, 3);
    }
  }

  /** A connection stays as it is when its user goes. */
  @Test
  void whoIsTurnedAwayLaterSaysAnewWhoItIs() throws Exception {
    server.close();
    server = EmbeddedServer.flymq().transport(engine.connect()).administrator(USER, SECRET).administrator("bob", SECRET).start();
    AtomicInteger asked = new AtomicInteger();
    AtomicReference<String> user = new AtomicReference<>(USER);
    Credentials.Provider provider =
        () -> {
          asked.incrementAndGet();
          return CompletableFuture.completedFuture(new UserPassword(user.get(), SECRET));
        };
    try (Tributary client = Tributary.connect(config().credentials(provider).build());
        Tributary stubborn = connect(new UserPassword(USER, SECRET))) {
      of(client.stream("s").publish(new byte[1]));
      of(client.stream("s").partitions());
      of(stubborn.stream("s").partitions());
      user.set("bob");
      try (FlyMqClient bob = new FlyMqClient(server)) {
        bob.<Answers.Identity>call(Opcode.AUTH, new Requests.Login("bob", SECRET));
        bob.<Answers.Outcome>call(Opcode.USER_DELETE, new Requests.Name(USER));
      }
      List<CompletableFuture<?>> calls = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        calls.addAll(calls(client));
      }
      for (CompletableFuture<?> call : calls) {
        of(call);
      }
      assertThat(asked).hasValue(2);
      assertThat(failure(stubborn.stream("s").partitions())).isInstanceOf(UnauthenticatedException.class);
    }
  }

  @Test
  void aProviderThatFailsSaysWhy() throws Exception {
    Credentials.Provider provider =
        () -> {
          throw new IllegalStateException("the vault is sealed");
        };
    try (Tributary client = Tributary.connect(config().credentials(provider).build())) {
      TributaryException error = failure(client.stream("s").partitions());
      assertThat(error).isInstanceOf(UnauthenticatedException.class).hasRootCauseMessage("the vault is sealed");
      assertThat(error.hint()).contains("provider");
    }
  }

  @Test
  void aProviderThatNeverAnswersHoldsNothingUpBeyondTheDeadline() throws Exception {
    Credentials.Provider provider = CompletableFuture::new;
    try (Tributary client = Tributary.connect(config().timeout(Duration.ofMillis(300)).credentials(provider).build())) {
      assertThat(failure(client.stream("s").partitions())).isInstanceOf(DeadlineExceededException.class);
    }
  }

  @Test
  void aTokenIsRefusedBeforeAnythingIsSent() throws Exception {
    assertThatThrownBy(() -> connect(new Credentials.Token(SECRET)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageNotContaining(SECRET);
    try (Tributary client = Tributary.connect(config().credentials(Credentials.Provider.token(() -> SECRET)).build())) {
      assertThat(failure(client.stream("s").partitions())).isInstanceOf(InvalidRequestException.class).hasMessageNotContaining(SECRET);
    }
  }

  @Test
  void aPasswordLeavesThisMachineInPlainTextOnlyIfThatIsAskedFor() {
    ClientConfig.Builder away = ClientConfig.builder("flymq").endpoint("192.0.2.1", 9092).credentials(new UserPassword(USER, SECRET));
    assertThatThrownBy(() -> Tributary.connect(away.build())).isInstanceOf(InvalidRequestException.class).hasMessageNotContaining(SECRET);
    Tributary.connect(away.plaintextCredentials(true).build()).close();
    Tributary.connect("flymqs://" + USER + ":" + SECRET + "@192.0.2.1").close();
  }
}
