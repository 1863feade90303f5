package dev.tributary.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.error.InvalidRequestException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What Disheap's other clients read from the environment. */
class ClientVariablesTest {
  private final Map<String, String> variables = new HashMap<>();

  @Test
  void anEnvironmentOfAnotherClientIsEnough() {
    variables.putAll(
        Map.of(
            "DISHEAP_ENDPOINTS", "localhost:9090, engine2,[::1]:1",
            "DISHEAP_API_KEY", "dh_k",
            "DISHEAP_CONNECT_TIMEOUT", "10",
            "DISHEAP_REQUEST_TIMEOUT", "2.5",
            "DISHEAP_MAX_RETRIES", "3",
            "DISHEAP_RETRY_BACKOFF_BASE", "0.0000000001"));
    variables.putAll(
        Map.of(
            "DISHEAP_TLS_ENABLED", "True",
            "DISHEAP_TLS_CA_CERT_PATH", "/ca.pem",
            "DISHEAP_TLS_CLIENT_CERT_PATH", "/c.pem",
            "DISHEAP_TLS_CLIENT_KEY_PATH", "/c.key",
            "DISHEAP_COMPRESSION", "true",
            "DISHEAP_MAX_MESSAGE_SIZE", "4194304",
            "DISHEAP_ENABLE_METRICS", "false",
            "DISHEAP_ENABLE_TRACING", "FALSE",
            "DISHEAP_LOG_LEVEL", "INFO"));
    ClientConfig config = read();
    assertThat(config.backend()).isEqualTo("disheap");
    assertThat(config.endpoints())
        .containsExactly(new Endpoint("localhost", 9090), new Endpoint("engine2", 0), new Endpoint("::1", 1));
    assertThat(token(config)).isEqualTo("dh_k");
    assertThat(config.connectTimeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(config.timeout()).isEqualTo(Duration.ofMillis(2500));
    assertThat(config.retry().maxAttempts()).isEqualTo(4);
    assertThat(config.retry().initialBackoff()).isEqualTo(Duration.ofNanos(1));
    assertThat(config.tls()).isEqualTo(Tls.builder().trusting(Path.of("/ca.pem")).client(Path.of("/c.pem"), Path.of("/c.key")).build());
    assertThat(config.compression()).isTrue();
    assertThat(config.maxMessageBytes()).isEqualTo(4 << 20);
    assertThat(config.logLevel()).isEqualTo(System.Logger.Level.INFO);
  }

  @Test
  void theUriWinsOverThem() {
    variables.putAll(
        Map.of(
            "TRIBUTARY_URI", "disheap://tok@other:1?timeout=1s&compression=false&log-level=OFF",
            "DISHEAP_ENDPOINTS", "localhost:9090",
            "DISHEAP_API_KEY", "dh_k",
            "DISHEAP_REQUEST_TIMEOUT", "2",
            "DISHEAP_COMPRESSION", "true",
            "DISHEAP_LOG_LEVEL", "INFO",
            "DISHEAP_CONNECT_TIMEOUT", "7"));
    ClientConfig config = read();
    assertThat(config.endpoints()).containsExactly(new Endpoint("other", 1));
    assertThat(token(config)).isEqualTo("tok");
    assertThat(config.timeout()).isEqualTo(Duration.ofSeconds(1));
    assertThat(config.compression()).isFalse();
    assertThat(config.logLevel()).isEqualTo(System.Logger.Level.OFF);
    assertThat(config.connectTimeout()).isEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void ourOwnVariablesWinOverThem() {
    variables.putAll(
        Map.of(
            "DISHEAP_ENDPOINTS", "localhost:9090",
            "DISHEAP_API_KEY", "dh_k",
            "DISHEAP_REQUEST_TIMEOUT", "2",
            "TRIBUTARY_USER", "bob",
            "TRIBUTARY_PASSWORD", "p",
            "TRIBUTARY_TIMEOUT", "3s",
            "TRIBUTARY_PREFETCH", "5"));
    ClientConfig config = read();
    assertThat(config.credentials()).isEqualTo(Credentials.Provider.of(new Credentials.UserPassword("bob", "p")));
    assertThat(config.timeout()).isEqualTo(Duration.ofSeconds(3));
    assertThat(config.prefetch()).isEqualTo(5);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        // the URI's options | DISHEAP_TLS_ENABLED | the authority in DISHEAP_TLS_CA_CERT_PATH | TLS?, trusting
        "'',            -,     -,  -",
        "'',            true,  -,  platform",
        "'',            true,  ca, ca",
        "'',            -,     ca, ca",
        "'',            false, ca, -",
        "?tls=false,    true,  ca, -",
        "?tls=true,     false, -,  platform",
        "?tls=true,     false, ca, ca",
        "?tls-ca=mine,  false, -,  mine",
        "?tls-ca=mine,  true,  ca, mine"
      })
  void tlsIsDecidedByTheStrongestWhoSpeaksOfIt(String options, String enabled, String authority, String trusted) {
    variables.put("TRIBUTARY_URI", "disheap://h" + options);
    if (enabled != null) {
      variables.put("DISHEAP_TLS_ENABLED", enabled);
    }
    if (authority != null) {
      variables.put("DISHEAP_TLS_CA_CERT_PATH", authority);
    }
    Tls expected = trusted == null ? null : trusted.equals("platform") ? Tls.PLATFORM : Tls.trusting(Path.of(trusted));
    assertThat(read().tls()).isEqualTo(expected);
  }

  @Test
  void theyAreOfOneBackend() {
    variables.putAll(Map.of("TRIBUTARY_URI", "flowmesh://h", "DISHEAP_REQUEST_TIMEOUT", "2", "DISHEAP_API_KEY", "dh_k", "DISHEAP_ENDPOINTS", "a"));
    assertThat(read().timeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(read().endpoints()).containsExactly(new Endpoint("h", 0));
    assertThat(read().credentials()).isEqualTo(Credentials.Provider.anonymous());
  }

  @Test
  void othersOfThePrefixAreNotMeant() {
    variables.putAll(
        Map.of(
            "DISHEAP_ENDPOINTS", "h",
            "DISHEAP_REQUEST_TIMEOUT", "",
            "DISHEAP_DATA_DIR", "/var/lib/disheap",
            "DISHEAP_SERVICE_HOST", "10.0.0.1",
            "DISHEAP_PORT", "tcp://10.0.0.1:9090",
            "DISHEAP_PORT_9090_TCP_ADDR", "10.0.0.1"));
    assertThat(read().endpoints()).containsExactly(new Endpoint("h", 0));
    assertThat(read().timeout()).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void emptyEndpointsAreNone() {
    variables.put("DISHEAP_ENDPOINTS", "");
    assertThatThrownBy(this::read).hasMessageContaining("TRIBUTARY_URI is not set");
  }

  @ParameterizedTest
  @CsvSource({
    "DISHEAP_REQUEST_TIMEOUT, soon, not a duration",
    "DISHEAP_REQUEST_TIMEOUT, -1, not a duration",
    "DISHEAP_REQUEST_TIMEOUT, 1e3, not a duration",
    "DISHEAP_REQUEST_TIMEOUT, 9999999999, not a duration",
    "DISHEAP_CONNECT_TIMEOUT, 0, is not positive",
    "DISHEAP_MAX_RETRIES, few, not a whole number",
    "DISHEAP_TLS_ENABLED, yes, not true or false",
    "DISHEAP_MAX_MESSAGE_SIZE, big, not a number of bytes",
    "DISHEAP_LOG_LEVEL, loud, not a log level"
  })
  void mistakesAreNamed(String variable, String value, String message) {
    variables.put("DISHEAP_ENDPOINTS", "h");
    variables.put(variable, value);
    assertThatThrownBy(this::read).isInstanceOf(InvalidRequestException.class).hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3cret@h", "h:s3cret", "http://s3cret", "h/s3cret?x=y", "s3cret,,h", "s3cret:0"})
  void endpointsAreAddresses(String endpoints) {
    variables.put("DISHEAP_ENDPOINTS", endpoints);
    assertThatThrownBy(this::read)
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("DISHEAP_ENDPOINTS")
        .hasMessageNotContaining("s3cret");
  }

  private ClientConfig read() {
    return ClientConfig.fromEnvironment(variables);
  }

  private static String token(ClientConfig config) {
    return ((Credentials.Token) config.credentials().credentials().toCompletableFuture().join()).value();
  }
}
