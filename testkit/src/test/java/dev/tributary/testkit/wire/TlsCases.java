package dev.tributary.testkit.wire;

import static dev.tributary.testkit.wire.Outcomes.failure;
import static dev.tributary.testkit.wire.Outcomes.of;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.Tributary;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Retry;
import dev.tributary.config.Tls;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.TributaryException;
import dev.tributary.testkit.server.EmbeddedServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS and mutual TLS, which are no protocol's own. */
@Timeout(120)
public abstract class TlsCases {
  @TempDir static Path files;
  private static Identity here;
  private static Identity elsewhere;
  private static Identity caller;
  private static Identity authority;
  private static Identity valid;
  private static Identity expired;
  private static Identity notYetValid;

  private EmbeddedServer server;

  @BeforeAll
  static void identities() throws Exception {
    here = Identity.create(files, "here", "dns:localhost,ip:127.0.0.1");
    elsewhere = Identity.create(files, "elsewhere", "dns:elsewhere.example");
    caller = Identity.create(files, "caller", "dns:caller.example");
    authority = Identity.authority(files, "authority");
    valid = Identity.signed(files, "authority", "valid", "dns:localhost,ip:127.0.0.1", "-1d", 3);
    expired = Identity.signed(files, "authority", "expired", "dns:localhost,ip:127.0.0.1", "-10d", 2);
    notYetValid = Identity.signed(files, "authority", "early", "dns:localhost,ip:127.0.0.1", "+10d", 2);
  }

  @AfterEach
  final void stop() {
    if (server != null) {
      server.close();
    }
  }

  /** A server of the protocol, that creates what is used. */
  protected abstract EmbeddedServer.Builder server();

  /** One call over each kind of connection that the client makes. */
  protected abstract List<CompletableFuture<?>> calls(Tributary client);

  /** Whether a server says something to whoever does not speak its protocol, and does not only hang up. */
  protected boolean answersWhatItDoesNotKnow() {
    return true;
  }

  private EmbeddedServer.Builder server(Identity identity) {
    return server().tls(identity.certificate(), identity.key());
  }

  /** What a client is told, with these options. */
  private String uri(String options) {
    String uri = server.uri();
    return uri + (uri.indexOf('?') < 0 ? "?" : "&") + options;
  }

  /** The same without TLS, which a protocol says by an option, or by the last letter of its scheme. */
  private String plainUri(String host) {
    return server.uri().replace("127.0.0.1", host).replaceFirst("[?&]tls=true|s(?=://)", "");
  }

  private Tributary client(Tls tls) {
    ClientConfig.Builder config = ClientConfig.parse(server.uri()).toBuilder().timeout(Duration.ofSeconds(10)).retry(Retry.NONE);
    if (tls != null) {
      config.tls(tls);
    }
    return Tributary.connect(config.build());
  }

  private void works(Tributary client) throws Exception {
    try (client) {
      for (CompletableFuture<?> call : calls(client)) {
        of(call);
      }
    }
  }

  /** How a call fails, as all do, with nothing applied. */
  private TributaryException fails(Tributary client) throws Exception {
    return fails(client, true);
  }

  private TributaryException fails(Tributary client, boolean unheard) throws Exception {
    try (client) {
      TributaryException last = null;
      for (CompletableFuture<?> call : calls(client)) {
        TributaryException error = failure(call);
        if (unheard) {
          assertThat(error.maybeApplied()).isFalse();
        }
        if (last != null) {
          assertThat(error).isInstanceOf(last.getClass());
        }
        last = error;
      }
      return last;
    }
  }

  @Test
  final void aTrustedServerIsTalkedTo() throws Exception {
    server = server(here).start();
    works(client(Tls.trusting(here.certificate())));
  }

  @Test
  final void theUriSaysItAll() throws Exception {
    server = server(here).mutualTls(caller.certificate()).start();
    works(
        Tributary.connect(uri("tls-ca=" + here.certificate() + "&tls-cert=" + caller.certificate() + "&tls-key=" + caller.key())));
  }

  @Test
  final void aServerThatIsNotTrustedIsRefused() throws Exception {
    server = server(here).start();
    TributaryException why = fails(client(Tls.trusting(elsewhere.certificate())));
    assertThat(why).isInstanceOf(ProtocolViolationException.class);
    assertThat(why).hasMessageContaining("TLS");
    assertThat(why.hint()).contains("authority");
    assertThat(fails(client(Tls.PLATFORM))).hasMessageContaining("TLS");
  }

  @Test
  final void aCertificateOfAnotherHostIsRefusedUnlessThatIsAskedFor() throws Exception {
    server = server(elsewhere).start();
    Tls trusting = Tls.trusting(elsewhere.certificate());
    TributaryException why = fails(client(trusting));
    assertThat(why).isInstanceOf(ProtocolViolationException.class).hasMessageContaining("TLS");
    assertThat(why.hint()).contains("host name");
    works(client(trusting.toBuilder().withoutHostCheck().build()));
    works(Tributary.connect(uri("tls-verify-host=false&tls-ca=" + elsewhere.certificate())));
    works(Tributary.connect(uri("tls-trust-all=true&tls-verify-host=false")));
  }

  @Test
  final void aServerIsExpectedToHaveTheNameThatIsGiven() throws Exception {
    server = server(elsewhere).start();
    Tls trusting = Tls.trusting(elsewhere.certificate());
    works(client(trusting.toBuilder().serverName("elsewhere.example").build()));
    works(Tributary.connect(uri("tls-server-name=elsewhere.example&tls-ca=" + elsewhere.certificate())));
    TributaryException wrong = fails(client(trusting.toBuilder().serverName("another.example").build()));
    assertThat(wrong).isInstanceOf(ProtocolViolationException.class).hasMessageContainingAll("no TLS with", "another.example");
    assertThat(wrong.hint()).contains("tls-server-name");
    server.close();
    // That it is at the right address does not make up for the name.
    server = server(here).start();
    TributaryException there = fails(client(Tls.builder().trusting(here.certificate()).serverName("elsewhere.example").build()));
    assertThat(there).isInstanceOf(ProtocolViolationException.class).hasMessageContaining("elsewhere.example");
  }

  @Test
  final void aServerOfManyNamesIsAskedForTheOneThatIsGiven() throws Exception {
    server = server().start();
    try (NamedFront front = NamedFront.to(server.port(), here, elsewhere)) {
      ClientConfig.Builder config =
          ClientConfig.parse(plainUri("127.0.0.1").replace(":" + server.port(), ":" + front.port())).toBuilder().timeout(Duration.ofSeconds(10));
      for (String name : List.of("elsewhere.example", "localhost")) {
        Identity identity = name.equals("localhost") ? here : elsewhere;
        try (Tributary client = Tributary.connect(config.tls(Tls.builder().trusting(identity.certificate()).serverName(name).build()).build())) {
          of(calls(client).get(0));
        }
        assertThat(front.asked()).isEqualTo(name);
      }
    }
  }

  /** With the usual retries, so that one that would be tried again would end as a timeout. */
  private void isTheLastWord(String host, Tls tls, String... words) throws Exception {
    ClientConfig.Builder config = ClientConfig.parse(server.uri().replace("127.0.0.1", host)).toBuilder().timeout(Duration.ofSeconds(60)).tls(tls);
    try (Tributary client = Tributary.connect(config.build())) {
      for (CompletableFuture<?> call : calls(client)) {
        assertThat(failure(call)).isInstanceOf(ProtocolViolationException.class).hasMessageContainingAll(words).hasMessageContaining(host);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "127.0.0.1"})
  final void aVerdictOfTlsIsTheLastWordAtEachNameOfTheHost(String host) throws Exception {
    server = server(elsewhere).start();
    isTheLastWord(host, Tls.trusting(elsewhere.certificate()), "no TLS with");
    server.close();
    server = server(here).start();
    isTheLastWord(host, Tls.PLATFORM, "no TLS with");
    isTheLastWord(host, Tls.trusting(elsewhere.certificate()), "no TLS with");
    server.close();
    if (answersWhatItDoesNotKnow()) {
      server = server().start();
      isTheLastWord(host, Tls.trusting(here.certificate()), "no TLS with", "not an SSL/TLS record");
    }
  }

  @Test
  final void aServerThatWantsAClientsCertificateGetsOne() throws Exception {
    server = server(here).mutualTls(caller.certificate()).start();
    Tls trusting = Tls.trusting(here.certificate());
    works(client(trusting.toBuilder().client(caller.certificate(), caller.key()).build()));
    for (Tls refused : new Tls[] {trusting, trusting.toBuilder().client(elsewhere.certificate(), elsewhere.key()).build()}) {
      try (Tributary client = client(refused)) {
        // Whether the server's reason arrives before its connection closes is a matter of luck.
        for (CompletableFuture<?> call : calls(client)) {
          TributaryException why = failure(call);
          assertThat(why).isInstanceOfAny(ConnectionFailedException.class, ProtocolViolationException.class);
          assertThat(why.hint()).contains("client's certificate");
          assertThat(why).hasMessageNotContaining("does not speak HTTP");
        }
      }
    }
    works(client(trusting.toBuilder().client(caller.certificate(), caller.key()).build()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "127.0.0.1"})
  final void aCertificateIsGoodFromItsFirstDayToItsLast(String host) throws Exception {
    Tls trusting = Tls.trusting(authority.certificate());
    server = server(valid).start();
    works(client(trusting));
    server.close();
    server = server(expired).start();
    isTheLastWord(host, trusting, "no TLS with", "expired");
    server.close();
    server = server(notYetValid).start();
    isTheLastWord(host, trusting, "no TLS with", "not valid yet");
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "127.0.0.1"})
  final void plainTextAndTlsDoNotMeet(String host) throws Exception {
    server = server(here).start();
    // Of HTTP/1 a client cannot know whether who hung up had understood it.
    TributaryException plain =
        fails(Tributary.connect(ClientConfig.parse(plainUri(host)).toBuilder().timeout(Duration.ofSeconds(5)).retry(Retry.NONE).build()), false);
    assertThat(plain.hint()).contains("whether the server wants TLS");
    assertThat(plain).hasMessageNotContaining("refused");
    server.close();

    server = server().start();
    TributaryException tls = fails(client(Tls.trusting(here.certificate())));
    if (answersWhatItDoesNotKnow()) {
      assertThat(tls).isInstanceOf(ProtocolViolationException.class).hasMessageContaining("not an SSL/TLS record");
    } else {
      assertThat(tls).isInstanceOf(ConnectionFailedException.class);
    }
    assertThat(tls.hint()).contains("speaks TLS");
  }

  @Test
  final void filesThatAreNotWhatTheyShouldBeAreRefusedBeforeAnythingIsSent() throws Exception {
    server = server(here).start();
    Path text = Files.writeString(files.resolve("text"), "no PEM");
    for (Tls tls :
        new Tls[] {
          Tls.trusting(text),
          Tls.trusting(files.resolve("missing")),
          Tls.builder().trusting(here.certificate()).client(text, caller.key()).build(),
          Tls.builder().trusting(here.certificate()).client(caller.certificate(), text).build()
        }) {
      assertThatThrownBy(() -> client(tls)).isInstanceOf(InvalidRequestException.class).hasMessageContaining("TLS");
    }
  }
}
