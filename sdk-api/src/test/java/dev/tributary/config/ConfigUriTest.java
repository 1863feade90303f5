package dev.tributary.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tributary.error.InvalidRequestException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigUriTest {
  @Test
  void aHostIsEnough() {
    ClientConfig config = ClientConfig.parse("flowmesh://broker");
    assertThat(config.backend()).isEqualTo("flowmesh");
    assertThat(config.endpoints()).containsExactly(new Endpoint("broker", 0));
    assertThat(config.tenant()).isEqualTo("default");
    assertThat(config.namespace()).isEqualTo("default");
    assertThat(config.tls()).isNull();
    assertThat(config.retry()).isEqualTo(Retry.DEFAULT);
    assertThat(config.timeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(credentials(config)).isEqualTo(new Credentials.Anonymous());
  }

  @Test
  void everyPartIsRead() {
    ClientConfig config =
        ClientConfig.parse(
            "FlowMesh://to%2Fk%3An@a:1,[::1]:2,[fe80::1%25eth0],c/ten%20ant/space?timeout=1500ms&connect-timeout=2s&idle-probe=PT1M"
                + "&retries=3&retry-initial=10ms&retry-max=1h&connections=4&max-concurrent-calls=90&max-message-bytes=32m&prefetch=7"
                + "&compression=true&tls-ca=/ca.pem&tls-cert=c.pem&tls-key=k.pem&tls-server-name=q.example&tls-verify-host=false&tls-trust-all=true"
                + "&header.X-Team=a%26b+c&flowmesh.mode=fast");
    assertThat(config.backend()).isEqualTo("flowmesh");
    assertThat(credentials(config)).isEqualTo(new Credentials.Token("to/k:n"));
    assertThat(config.endpoints())
        .containsExactly(new Endpoint("a", 1), new Endpoint("::1", 2), new Endpoint("fe80::1%eth0", 0), new Endpoint("c", 0));
    assertThat(config.tenant()).isEqualTo("ten ant");
    assertThat(config.namespace()).isEqualTo("space");
    assertThat(config.timeout()).isEqualTo(Duration.ofMillis(1500));
    assertThat(config.connectTimeout()).isEqualTo(Duration.ofSeconds(2));
    assertThat(config.idleProbe()).isEqualTo(Duration.ofMinutes(1));
    assertThat(config.retry()).isEqualTo(Retry.builder().maxAttempts(4).backoff(Duration.ofMillis(10), Duration.ofHours(1)).build());
    assertThat(config.connections()).isEqualTo(4);
    assertThat(config.maxConcurrentCalls()).isEqualTo(90);
    assertThat(config.maxMessageBytes()).isEqualTo(32 << 20);
    assertThat(config.prefetch()).isEqualTo(7);
    assertThat(config.compression()).isTrue();
    assertThat(config.tls())
        .isEqualTo(Tls.builder().trusting(Path.of("/ca.pem")).client(Path.of("c.pem"), Path.of("k.pem")).serverName("q.example").withoutHostCheck().trustAll().build());
    assertThat(config.headers()).isEqualTo(Map.of("x-team", "a&b+c"));
    assertThat(config.options()).isEqualTo(Map.of("mode", "fast"));
  }

  @Test
  void aUserHasAPassword() {
    assertThat(credentials(ClientConfig.parse("flymq://bob:p%40s:s@h"))).isEqualTo(new Credentials.UserPassword("bob", "p@s:s"));
    assertThat(credentials(ClientConfig.parse("flymq://bob:p@ss@h"))).isEqualTo(new Credentials.UserPassword("bob", "p@ss"));
    assertThat(credentials(ClientConfig.parse("flymq://bob:@h"))).isEqualTo(new Credentials.UserPassword("bob", ""));
  }

  @Test
  void memoryNeedsNoAddress() {
    assertThat(ClientConfig.parse("memory:").instance()).isNull();
    ClientConfig named = ClientConfig.parse("memory:or%20ders?timeout=2m&tenant=t&namespace=n");
    assertThat(named.instance()).isEqualTo("or ders");
    assertThat(named.endpoints()).isEmpty();
    assertThat(named.timeout()).isEqualTo(Duration.ofMinutes(2));
    assertThat(named.tenant()).isEqualTo("t");
    assertThat(named.namespace()).isEqualTo("n");
  }

  @Test
  void tenantAloneKeepsTheNamespace() {
    ClientConfig config = ClientConfig.parse("flowmesh://h/acme");
    assertThat(config.tenant()).isEqualTo("acme");
    assertThat(config.namespace()).isEqualTo("default");
    assertThat(ClientConfig.parse("flowmesh://h/").tenant()).isEqualTo("default");
    assertThat(ClientConfig.parse("flowmesh://h?").tenant()).isEqualTo("default");
  }

  @Test
  void optionsOfASecureSchemeAreTheBackends() {
    assertThat(ClientConfig.parse("goqueues://h?goqueue.mode=a").options()).isEqualTo(Map.of("mode", "a"));
    assertThat(ClientConfig.parse("goqueues://h?goqueues.mode=a").options()).isEqualTo(Map.of("mode", "a"));
  }

  @Test
  void tlsIsOneWord() {
    assertThat(ClientConfig.parse("flowmesh://h?tls=true").tls()).isEqualTo(Tls.PLATFORM);
    assertThat(ClientConfig.parse("flowmesh://h?tls=false").tls()).isNull();
    assertThat(ClientConfig.parse("flowmesh://h?tls-ca=a").tls()).isEqualTo(Tls.trusting(Path.of("a")));
  }

  @Test
  void whatIsLoggedIsALevel() {
    assertThat(ClientConfig.parse("flowmesh://h").logLevel()).isNull();
    assertThat(ClientConfig.parse("flowmesh://h?log-level=DEBUG").logLevel()).isEqualTo(System.Logger.Level.DEBUG);
    assertThat(ClientConfig.parse("flowmesh://h?log-level=warn").logLevel()).isEqualTo(System.Logger.Level.WARNING);
    assertThat(ClientConfig.parse("flowmesh://h?log-level=Off").toBuilder().build().logLevel()).isEqualTo(System.Logger.Level.OFF);
  }

  @Test
  void theProducerIsNamed() {
    ClientConfig config = ClientConfig.parse("flowmesh://h?producer=p&producer-epoch=4102444800");
    assertThat(config.newProducer()).contains(new ProducerIdentity("p", 4_102_444_800L));
    assertThat(ClientConfig.parse("flowmesh://h?producer=p").newProducer().orElseThrow().id()).isEqualTo("p");
    assertThat(ClientConfig.parse("flowmesh://h?idempotent=false").newProducer()).isEmpty();
    assertThat(ClientConfig.parse("flowmesh://h?idempotent=true").newProducer()).isPresent();
  }

  @Test
  void oneBackoffBoundMovesTheOther() {
    assertThat(ClientConfig.parse("flowmesh://h?retry-initial=9s").retry().maxBackoff()).isEqualTo(Duration.ofSeconds(9));
    assertThat(ClientConfig.parse("flowmesh://h?retry-max=20ms").retry().initialBackoff()).isEqualTo(Duration.ofMillis(20));
    assertThat(ClientConfig.parse("flowmesh://h?retries=0").retry().maxAttempts()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                                  | begin with a backend",
        "localhost                           | begin with a backend",
        "://h                                | begin with a backend",
        "9p://h                              | begin with a backend",
        "localhost:9090                      | names no host",
        "flowmesh:                           | embedded server",
        "flowmesh:name                       | names no host",
        "flowmesh://                         | names no host",
        "flowmesh:///tenant                  | names no host",
        "flowmesh://token@                   | names no host",
        "flowmesh://a,,b                     | no host there",
        "flowmesh://:9090                    | no host there",
        "flowmesh://a b                      | not a host",
        "flowmesh://::1:9090                 | brackets",
        "flowmesh://[zz]:1                   | not a host",
        "flowmesh://h:0                      | port 0 is out of range",
        "flowmesh://h:65536                  | port 65536 is out of range",
        "flowmesh://h:-1                     | not a number",
        "flowmesh://h:                       | not a number",
        "flowmesh://@h                       | no credentials",
        "flowmesh://:p@h                     | no credentials",
        "flowmesh://h/a/b/c                  | 3 parts",
        "flowmesh://h//n                     | has no value",
        "flowmesh://h#x                      | has a #",
        "flowmesh://h/%zz                    | hexadecimal",
        "flowmesh://h/%ff                    | UTF-8",
        "flowmesh://h?timeout                | has no value",
        "flowmesh://h?timeout=               | has no value",
        "flowmesh://h?timeout=5              | \"timeout\" is \"5\", not a duration. Use 500ms",
        "flowmesh://h?timeout=-5s            | not a duration",
        "flowmesh://h?timeout=0s             | not positive",
        "flowmesh://h?timeout=999999999999999999h | not a duration",
        "flowmesh://h?connections=many       | \"connections\" is \"many\", not a whole number",
        "flowmesh://h?connections=0          | less than 1",
        "flowmesh://h?retries=-1             | Use 0 for no retry",
        "flowmesh://h?retry-initial=5s&retry-max=1s | backoff",
        "flowmesh://h?max-message-bytes=4g   | not a number of bytes",
        "flowmesh://h?max-message-bytes=4096m | not a number of bytes",
        "flowmesh://h?compression=yes        | Use true or false",
        "flowmesh://h?tls=false&tls-ca=x     | tls is false",
        "flowmesh://h?producer-epoch=1       | but no producer",
        "flowmesh://h?producer=p&producer-epoch=0 | less than 1",
        "flowmesh://h?producer=p&producer-epoch=x | not a whole number",
        "flowmesh://h?producer=p&idempotent=false | idempotent is false",
        "flowmesh://h?log-level=loud         | not a log level. Use TRACE",
        "flowmesh://h?metrics=yes            | Use true or false",
        "flowmesh://h?tls-cert=x             | needs a certificate and a key",
        "flowmesh://h?tls-server-name=1.2.3.4 | is not a host name",
        "flowmesh://h?tls-server-name=a:b    | is not a host name",
        "flowmesh://h?timout=5s              | Did you mean \"timeout\"?",
        "flowmesh://h?maxMessageBytes=5      | Did you mean \"max-message-bytes\"?",
        "flowmesh://h?zzzzzzzz=5             | configuration table",
        "flowmesh://h?goqueue.mode=1         | unknown option \"goqueue.mode\"",
        "flowmesh://h?flowmesh.=1            | unknown option",
        "flowmesh://h?header.=1              | unknown option",
        "flowmesh://h?prefetch=1&prefetch=1  | given twice",
        "flowmesh://h?header.A=1&header.a=1  | given twice",
        "flowmesh://h/t?tenant=t             | given twice",
        "flowmesh://h?a=1&&b=2               | unknown option",
        "flowmesh://h?prefetch=1&            | empty option",
        "memory://h                          | no address",
        "memory:a/b                          | has a /"
      })
  void mistakesAreNamed(String uri, String message) {
    assertThatThrownBy(() -> ClientConfig.parse(uri))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining(message)
        .satisfies(error -> assertThat(((InvalidRequestException) error).hint()).isNotEmpty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "flowmesh://bob:s3cret@h:99999",
        "flowmesh://bob:s3cret@h?timout=5s",
        "flowmesh://bob:s3cret@",
        "flowmesh://s3cret@h:x",
        "flowmesh://bob:s3cret",
        "flowmesh://bob:/s3cret@h",
        "flowmesh://bob:x?s3cret@h",
        "flowmesh://bob:x?s3cret=1&y@h",
        "flowmesh://bob:x?timeout=s3cret@h",
        "flowmesh://bob:x#s3cret@h",
        "flowmesh://bob:s3cret%zz@h",
        "bob:s3cret@h",
        "s3cret@h",
        "s3cret@h:9090",
        "flowmesh:s3cret@h",
        "flowmesh://h?token=s3cret",
        "flowmesh://h?password=s3cret",
        "flowmesh://h?zzzzzzzzzzzz=s3cret"
      })
  void errorsKeepTheSecret(String uri) {
    InvalidRequestException error = catchThrowableOfType(InvalidRequestException.class, () -> ClientConfig.parse(uri));
    for (Throwable t = error; t != null; t = t.getCause()) {
      assertThat(t.toString()).doesNotContain("s3cret");
    }
    assertThat(error.hint()).doesNotContain("s3cret").isNotEmpty();
  }

  @Test
  void toStringKeepsTheSecret() {
    ClientConfig config = ClientConfig.parse("flowmesh://bob:s3cret@h:9090/t/n?header.authorization=s3cret");
    assertThat(config.toString()).isEqualTo("flowmesh://h:9090/t/n");
    assertThat(config.credentials().toString()).doesNotContain("s3cret");
  }

  private static Credentials credentials(ClientConfig config) {
    return config.credentials().credentials().toCompletableFuture().join();
  }
}
