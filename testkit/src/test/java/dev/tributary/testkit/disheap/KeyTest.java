package dev.tributary.testkit.disheap;

import static dev.tributary.testkit.wire.Outcomes.failure;
import static dev.tributary.testkit.wire.Outcomes.of;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.Tributary;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Credentials;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.testkit.fault.Direction;
import dev.tributary.testkit.fault.FaultProxy;
import dev.tributary.testkit.server.EmbeddedServer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** API keys, in both of their forms, and what the environment says. */
@Timeout(120)
class KeyTest {
  private static final String LOOSE = "dh_id_c2VjcmV0";
  private static final String STRICT = "dh.aWQ.c2VjcmV0";

  private EmbeddedServer server = serve(0, LOOSE, STRICT);

  @AfterEach
  void stop() {
    server.close();
  }

  private static EmbeddedServer serve(int port, String... keys) {
    return EmbeddedServer.disheap().port(port).createOnFirstUse(true).token(keys).start();
  }

  private ClientConfig.Builder config() {
    return ClientConfig.builder("disheap").endpoint(server.host(), server.port()).timeout(Duration.ofSeconds(10));
  }

  @ParameterizedTest
  @ValueSource(strings = {LOOSE, STRICT})
  void bothFormsAreLetIn(String key) throws Exception {
    try (Tributary client = Tributary.connect(config().token(key).build())) {
      of(client.queue("q", Codecs.text()).enqueue("job"));
      assertThat(of(client.queue("q", Codecs.text()).reserve()).orElseThrow().value()).isEqualTo("job");
    }
  }

  @Test
  void aWrongKeyAndNoneAreRefusedWithAHint() throws Exception {
    for (ClientConfig config : new ClientConfig[] {config().token("dh_other_c2VjcmV0").build(), config().build()}) {
      try (Tributary client = Tributary.connect(config)) {
        for (TributaryException error : new TributaryException[] {failure(client.queue("q").enqueue(new byte[1])), failure(client.queue("q").reserve())}) {
          assertThat(error).isInstanceOf(UnauthenticatedException.class).hasMessageNotContaining("c2VjcmV0");
          assertThat(error.hint()).contains("API key");
          assertThat(error.maybeApplied()).isFalse();
        }
        assertThat(of(client.health().live())).as("health needs no key").isTrue();
      }
    }
  }

  @Test
  void oneOfNoKnownFormIsRefusedBeforeAByteIsSent() throws Exception {
    assertThatThrownBy(() -> Tributary.connect(config().token("c2VjcmV0").build()))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageNotContaining("c2VjcmV0");
    try (FaultProxy proxy = FaultProxy.before(server.host(), server.port());
        Tributary client =
            Tributary.connect(
                ClientConfig.builder("disheap")
                    .endpoint(proxy.host(), proxy.port())
                    .credentials(Credentials.Provider.token(() -> "c2VjcmV0"))
                    .build())) {
      assertThat(failure(client.queue("q").enqueue(new byte[1])))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageNotContaining("c2VjcmV0");
      assertThat(proxy.bytes(Direction.TO_SERVER)).isZero();
    }
  }

  @Test
  void theSupplierIsAskedAgainWhenTheServersKeyChanges() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    AtomicReference<String> key = new AtomicReference<>(LOOSE);
    Credentials.Provider provider =
        Credentials.Provider.token(
            () -> {
              asked.incrementAndGet();
              return key.get();
            });
    try (Tributary client = Tributary.connect(config().credentials(provider).build())) {
      of(client.queue("q").enqueue(new byte[1]));
      of(client.queue("q").reserve());
      assertThat(asked).hasValue(1);
      key.set("dh_next_c2VjcmV0");
      server.close();
      server = serve(server.port(), key.get());
      of(client.queue("q").enqueue(new byte[1]));
      assertThat(of(client.queue("q").reserve())).isPresent();
      assertThat(asked).hasValue(2);
    }
  }

  @Test
  void aKeyLeavesThisMachineInPlainTextOnlyIfThatIsAskedFor() {
    ClientConfig.Builder away = ClientConfig.builder("disheap").endpoint("192.0.2.1", 9090).token(LOOSE);
    assertThatThrownBy(() -> Tributary.connect(away.build()))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageNotContaining("c2VjcmV0");
    Tributary.connect(away.plaintextCredentials(true).build()).close();
  }

  @Test
  void theEnvironmentSaysItAll() throws Exception {
    Map<String, String> variables =
        Map.of(
            "DISHEAP_ENDPOINTS", server.host() + ":" + server.port(),
            "DISHEAP_API_KEY", STRICT,
            "DISHEAP_REQUEST_TIMEOUT", "10",
            "DISHEAP_COMPRESSION", "true");
    ClientConfig config = ClientConfig.fromEnvironment(variables);
    assertThat(config.toString()).doesNotContain("c2VjcmV0");
    try (Tributary client = Tributary.connect(config)) {
      // The server unzips nothing: the driver says it again in plain form.
      of(client.queue("q", Codecs.text()).enqueue("x".repeat(10_000)));
      assertThat(of(client.queue("q", Codecs.text()).reserve()).orElseThrow().value()).hasSize(10_000);
    }
  }
}
