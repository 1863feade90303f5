package dev.tributary.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tributary.Tributary;
import dev.tributary.admin.ResourceKind;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Retry;
import dev.tributary.config.Tls;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.TributaryException;
import dev.tributary.testkit.server.NatsServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** TLS and mutual TLS to a real server. */
@Timeout(60)
class TlsTest {
  private static final String PASSWORD = "changeit";

  @TempDir Path folder;

  private record Identity(Path certificate, Path key) {}

  /** A certificate for this name, made with the JDK's own tool, and its key. */
  private Identity identity(String name, String alternatives) throws Exception {
    Path store = folder.resolve(name + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-dname",
                "CN=" + name,
                "-keyalg",
                "EC",
                "-ext",
                "san=" + alternatives,
                "-keystore",
                store.toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD)
            .inheritIO()
            .start();
    assertThat(keytool.waitFor()).isZero();
    KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
    return new Identity(
        pem(name + ".crt", "CERTIFICATE", keys.getCertificate(name).getEncoded()),
        pem(name + ".key", "PRIVATE KEY", keys.getKey(name, PASSWORD.toCharArray()).getEncoded()));
  }

  private Path pem(String file, String kind, byte[] content) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    return Files.writeString(folder.resolve(file), "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n");
  }

  private static NatsServer server(Identity identity, String... more) {
    List<String> arguments = List.of("--tls", "--tlscert", identity.certificate().toString(), "--tlskey", identity.key().toString());
    return Servers.with(Stream.concat(arguments.stream(), Stream.of(more)).toArray(String[]::new));
  }

  private static Tributary client(NatsServer server, Tls tls) {
    return Tributary.connect(ClientConfig.builder("nats").endpoint("localhost", server.port()).tls(tls).connectTimeout(Duration.ofSeconds(2)).retry(Retry.NONE).build());
  }

  private static void works(NatsServer server, Tls tls) {
    try (Tributary client = client(server, tls)) {
      assertThat(client.admin().list(ResourceKind.STREAM).join()).isEmpty();
    }
  }

  private static TributaryException fails(NatsServer server, Tls tls) {
    try (Tributary client = client(server, tls)) {
      CompletionException failed = (CompletionException) catchThrowable(() -> client.admin().list(ResourceKind.STREAM).join());
      return (TributaryException) failed.getCause();
    }
  }

  @Test
  void aServerMustBeTheOneThatIsTrustedAndMeant() throws Exception {
    Identity here = identity("here", "dns:localhost");
    Identity elsewhere = identity("elsewhere", "dns:elsewhere.example");
    try (NatsServer server = server(here)) {
      works(server, Tls.trusting(here.certificate()));
      works(server, Tls.builder().trustAll().build());
      assertThat(fails(server, Tls.trusting(elsewhere.certificate()))).isInstanceOf(ProtocolViolationException.class);
    }
    try (NatsServer server = server(elsewhere)) {
      assertThat(fails(server, Tls.trusting(elsewhere.certificate()))).as("of another name").isInstanceOf(ProtocolViolationException.class);
      works(server, Tls.builder().trusting(elsewhere.certificate()).withoutHostCheck().build());
    }
  }

  @Test
  void aServerMayWantToKnowItsClients() throws Exception {
    Identity here = identity("here", "dns:localhost");
    Identity caller = identity("caller", "dns:caller.example");
    try (NatsServer server = server(here, "--tlsverify", "--tlscacert", caller.certificate().toString())) {
      works(server, Tls.builder().trusting(here.certificate()).client(caller.certificate(), caller.key()).build());
      assertThat(fails(server, Tls.trusting(here.certificate()))).isNotNull();
    }
  }

  @Test
  void whatTheClientCannotSayIsRefused() {
    assertThatThrownBy(() -> Tributary.connect("nats://localhost?tls=true&tls-server-name=other.example"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("tls-server-name");
  }
}
