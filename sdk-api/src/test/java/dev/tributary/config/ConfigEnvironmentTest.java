package dev.tributary.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.error.InvalidRequestException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConfigEnvironmentTest {
  private final Map<String, String> variables = new HashMap<>(Map.of("TRIBUTARY_URI", "flowmesh://tok@h:1?timeout=1s&prefetch=3", "PATH", "/bin"));

  @Test
  void variablesWinOverTheUri() {
    variables.put("TRIBUTARY_TIMEOUT", "2s");
    variables.put("TRIBUTARY_MAX_MESSAGE_BYTES", "64K");
    variables.put("TRIBUTARY_HEADER_X_TEAM", "blue");
    variables.put("TRIBUTARY_FLOWMESH_SOME_MODE", "fast");
    ClientConfig config = ClientConfig.fromEnvironment(variables);
    assertThat(config.timeout()).isEqualTo(Duration.ofSeconds(2));
    assertThat(config.prefetch()).isEqualTo(3);
    assertThat(config.maxMessageBytes()).isEqualTo(64 << 10);
    assertThat(config.headers()).isEqualTo(Map.of("x-team", "blue"));
    assertThat(config.options()).isEqualTo(Map.of("some-mode", "fast"));
    assertThat(credentials(config)).isEqualTo(new Credentials.Token("tok"));
  }

  @Test
  void credentialsReplaceThoseOfTheUri() {
    variables.put("TRIBUTARY_USER", "bob");
    variables.put("TRIBUTARY_PASSWORD", "p%40");
    assertThat(credentials(ClientConfig.fromEnvironment(variables))).isEqualTo(new Credentials.UserPassword("bob", "p%40"));
    variables.put("TRIBUTARY_TOKEN", "other");
    assertThatThrownBy(() -> ClientConfig.fromEnvironment(variables)).hasMessageContaining("both a token and a user");
    variables.keySet().removeIf(name -> name.endsWith("USER") || name.endsWith("PASSWORD"));
    assertThat(credentials(ClientConfig.fromEnvironment(variables))).isEqualTo(new Credentials.Token("other"));
  }

  @Test
  void aPasswordNeedsAUser() {
    variables.put("TRIBUTARY_PASSWORD", "s3cret");
    assertThatThrownBy(() -> ClientConfig.fromEnvironment(variables))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("belong together")
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void optionsOfASecureSchemeAreTheBackends() {
    variables.put("TRIBUTARY_URI", "goqueues://h");
    variables.put("TRIBUTARY_GOQUEUE_MODE", "a");
    assertThat(ClientConfig.fromEnvironment(variables).options()).isEqualTo(Map.of("mode", "a"));
  }

  @Test
  void theUriIsNeeded() {
    assertThatThrownBy(() -> ClientConfig.fromEnvironment(Map.of()))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("TRIBUTARY_URI is not set");
    assertThatThrownBy(() -> ClientConfig.fromEnvironment(Map.of("TRIBUTARY_URI", ""))).hasMessageContaining("not set");
  }

  @Test
  void mistakesNameTheVariable() {
    variables.put("TRIBUTARY_TIMEOUT", "soon");
    assertThatThrownBy(() -> ClientConfig.fromEnvironment(variables)).hasMessageContaining("TRIBUTARY_TIMEOUT is \"soon\", not a duration");
    variables.remove("TRIBUTARY_TIMEOUT");
    variables.put("TRIBUTARY_TIMOUT", "5s");
    assertThatThrownBy(() -> ClientConfig.fromEnvironment(variables))
        .hasMessageContaining("unknown option TRIBUTARY_TIMOUT")
        .hasMessageContaining("Did you mean TRIBUTARY_TIMEOUT?");
  }

  @Test
  void emptyVariablesAndServiceLinksAreNotMeant() {
    variables.put("TRIBUTARY_TIMEOUT", "");
    variables.put("TRIBUTARY_SERVICE_HOST", "10.0.0.1");
    variables.put("TRIBUTARY_SERVICE_PORT_GRPC", "9090");
    variables.put("TRIBUTARY_PORT", "tcp://10.0.0.1:9090");
    variables.put("TRIBUTARY_PORT_9090_TCP_ADDR", "10.0.0.1");
    assertThat(ClientConfig.fromEnvironment(variables).timeout()).isEqualTo(Duration.ofSeconds(1));
  }

  /** What one reader knows, the other knows too: credentials aside, which a URI has before its host. */
  @ParameterizedTest
  @EnumSource(ConfigOption.class)
  void bothReadersKnowEveryOption(ConfigOption option) {
    Map<String, String> one = Map.of("TRIBUTARY_URI", "flowmesh://h", "TRIBUTARY_" + option.name(), "\0");
    String uri = "flowmesh://h?" + option.text() + "=%00";
    assertThat(known(() -> ClientConfig.fromEnvironment(one))).isTrue();
    assertThat(known(() -> ClientConfig.parse(uri))).isTrue();
  }

  private static boolean known(Runnable read) {
    try {
      read.run();
      return true;
    } catch (InvalidRequestException refused) {
      return !refused.getMessage().contains("unknown option");
    }
  }

  private static Credentials credentials(ClientConfig config) {
    return config.credentials().credentials().toCompletableFuture().join();
  }
}
