package dev.tributary.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.config.ClientConfig;
import dev.tributary.config.Endpoint;
import dev.tributary.config.Retry;
import dev.tributary.config.Tls;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What users of the Python client of Disheap tell it, in code and by the environment. */
final class DisheapConfigSeedTest {
  private static final String API_KEY = "dh_test_secret";

  @Test
  void everythingIsConfigured() {
    ClientConfig config =
        ClientConfig.builder("disheap")
            .endpoint("engine1", 9090)
            .endpoint("engine2", 9090)
            .token(API_KEY)
            .connectTimeout(Duration.ofSeconds(30))
            .timeout(Duration.ofMinutes(1))
            .retry(Retry.builder().maxAttempts(6).backoff(Duration.ofSeconds(2), Duration.ofMinutes(5)).build())
            .connections(10)
            .maxMessageBytes(4 << 20)
            .compression(true)
            .tls(Tls.builder().trusting(Path.of("ca.pem")).client(Path.of("client.pem"), Path.of("client.key")).build())
            .build();
    ClientConfig same =
        ClientConfig.parse(
            "disheap://" + API_KEY + "@engine1:9090,engine2:9090?connect-timeout=30s&timeout=1m&retries=5&retry-initial=2s&retry-max=5m"
                + "&connections=10&max-message-bytes=4m&compression=true&tls-ca=ca.pem&tls-cert=client.pem&tls-key=client.key");
    assertThat(same).hasToString(config.toString());
    assertThat(config.toString()).doesNotContain(API_KEY);
  }

  @Test
  void theVariablesOfTheEnvironmentAreRead() {
    ClientConfig config =
        ClientConfig.fromEnvironment(
            Map.ofEntries(
                Map.entry("DISHEAP_ENDPOINTS", "engine1:9090,engine2:9090"),
                Map.entry("DISHEAP_API_KEY", API_KEY),
                Map.entry("DISHEAP_CONNECT_TIMEOUT", "10"),
                Map.entry("DISHEAP_REQUEST_TIMEOUT", "20"),
                Map.entry("DISHEAP_MAX_RETRIES", "3"),
                Map.entry("DISHEAP_RETRY_BACKOFF_BASE", "1"),
                Map.entry("DISHEAP_TLS_ENABLED", "true"),
                Map.entry("DISHEAP_TLS_CA_CERT_PATH", "ca.pem"),
                Map.entry("DISHEAP_TLS_CLIENT_CERT_PATH", "client.pem"),
                Map.entry("DISHEAP_TLS_CLIENT_KEY_PATH", "client.key"),
                Map.entry("DISHEAP_COMPRESSION", "false"),
                Map.entry("DISHEAP_MAX_MESSAGE_SIZE", "4194304"),
                Map.entry("DISHEAP_ENABLE_METRICS", "false"),
                Map.entry("DISHEAP_ENABLE_TRACING", "false"),
                Map.entry("DISHEAP_LOG_LEVEL", "INFO")));
    assertThat(config.backend()).isEqualTo("disheap");
    assertThat(config.endpoints()).containsExactly(new Endpoint("engine1", 9090), new Endpoint("engine2", 9090));
    assertThat(config.connectTimeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(config.timeout()).isEqualTo(Duration.ofSeconds(20));
    assertThat(config.retry().maxAttempts()).isEqualTo(4);
    assertThat(config.retry().initialBackoff()).isEqualTo(Duration.ofSeconds(1));
    assertThat(config.tls()).isEqualTo(Tls.builder().trusting(Path.of("ca.pem")).client(Path.of("client.pem"), Path.of("client.key")).build());
    assertThat(config.compression()).isFalse();
    assertThat(config.maxMessageBytes()).isEqualTo(4 << 20);
    assertThat(config.logLevel()).isEqualTo(System.Logger.Level.INFO);
  }
}
