package dev.tributary.testkit.flymq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.EventStream;
import dev.tributary.Tributary;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Retry;
import dev.tributary.config.Tls;
import dev.tributary.error.TributaryException;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.wire.Identity;
import dev.tributary.testkit.wire.Outcomes;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How users of FlyMQ's Python client secure their connections: by the server's certificate, by both, and in tests by none. */
@Timeout(60)
final class FlyMqTlsSeedTest {
  @TempDir private static Path files;
  private static Identity server;
  private static Identity caller;

  @BeforeAll
  static void identities() throws Exception {
    server = Identity.create(files, "server", "dns:localhost,ip:127.0.0.1");
    caller = Identity.create(files, "caller", "dns:caller.example");
  }

  private static EmbeddedServer.Builder server() {
    return EmbeddedServer.flymq().tls(server.certificate(), server.key());
  }

  private static ClientConfig config(String uri, Tls tls) {
    return ClientConfig.parse(uri).toBuilder().tls(tls).retry(Retry.NONE).build();
  }

  private static void publishesAndReads(Tributary client) throws Exception {
    try (client) {
      EventStream<String> topic = client.stream("my-topic", Codecs.text());
      Position at = topic.publish("Hello, TLS!").get(20, TimeUnit.SECONDS);
      assertThat(topic.read(at.partition(), at.offset(), 1).get(20, TimeUnit.SECONDS)).extracting(Message::value).containsExactly("Hello, TLS!");
    }
  }

  private static TributaryException refused(String uri, Tls tls) throws Exception {
    try (Tributary client = Tributary.connect(config(uri, tls))) {
      return Outcomes.failure(client.stream("my-topic").publish(new byte[1]));
    }
  }

  @Test
  void theServerIsKnownByItsAuthority() throws Exception {
    try (EmbeddedServer running = server().start()) {
      publishesAndReads(Tributary.connect(running.uri() + "?tls-ca=" + server.certificate()));
      publishesAndReads(Tributary.connect(config(running.uri(), Tls.trusting(server.certificate()))));
      assertThat(refused(running.uri(), Tls.PLATFORM).hint()).contains("authority");
    }
  }

  @Test
  void bothAreKnownByTheirCertificates() throws Exception {
    try (EmbeddedServer running = server().mutualTls(caller.certificate()).start()) {
      Tls trusting = Tls.trusting(server.certificate());
      publishesAndReads(Tributary.connect(config(running.uri(), trusting.toBuilder().client(caller.certificate(), caller.key()).build())));
      assertThat(refused(running.uri(), trusting).hint()).contains("client's certificate");
    }
  }

  @Test
  void inTestsNothingNeedBeKnown() throws Exception {
    try (EmbeddedServer running = EmbeddedServer.flymq().tls(caller.certificate(), caller.key()).start()) {
      publishesAndReads(Tributary.connect(config(running.uri(), Tls.builder().trustAll().withoutHostCheck().build())));
    }
  }
}
