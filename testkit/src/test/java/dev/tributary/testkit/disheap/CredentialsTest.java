package dev.tributary.testkit.disheap;

import static dev.tributary.testkit.wire.Outcomes.of;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.Tributary;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.wire.CredentialCases;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** API keys, in both of their forms, and what the environment says. */
class CredentialsTest extends CredentialCases {
  private static final String LOOSE = "dh_id_" + SECRET;
  private static final String STRICT = "dh.aWQ." + SECRET;

  CredentialsTest() {
    super("disheap", LOOSE, "dh_next_" + SECRET, "dh_other_" + SECRET);
  }

  @Override
  protected EmbeddedServer.Builder more(EmbeddedServer.Builder builder) {
    return builder.createOnFirstUse(true);
  }

  @Override
  protected List<String> unusable() {
    return Stream.concat(super.unusable().stream(), Stream.of(SECRET)).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {LOOSE, STRICT})
  void bothFormsAreLetIn(String key) throws Exception {
    restart(LOOSE, STRICT);
    try (Tributary client = Tributary.connect(config().token(key).build())) {
      of(client.queue("q", Codecs.text()).enqueue("job"));
      assertThat(of(client.queue("q", Codecs.text()).reserve()).orElseThrow().value()).isEqualTo("job");
    }
  }

  @Test
  void oneOfNoKnownFormIsRefusedWhenTheClientIsMade() {
    assertThatThrownBy(() -> Tributary.connect(config().token(SECRET).build()))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageNotContaining(SECRET);
  }

  @Test
  void theEnvironmentSaysItAll() throws Exception {
    Map<String, String> variables =
        Map.of(
            "DISHEAP_ENDPOINTS", server.host() + ":" + server.port(),
            "DISHEAP_API_KEY", LOOSE,
            "DISHEAP_REQUEST_TIMEOUT", "10",
            "DISHEAP_COMPRESSION", "true");
    ClientConfig config = ClientConfig.fromEnvironment(variables);
    assertThat(config.toString()).doesNotContain(SECRET);
    try (Tributary client = Tributary.connect(config)) {
      // The server unzips nothing: the driver says it again in plain form.
      of(client.queue("q", Codecs.text()).enqueue("x".repeat(10_000)));
      assertThat(of(client.queue("q", Codecs.text()).reserve()).orElseThrow().value()).hasSize(10_000);
    }
  }
}
