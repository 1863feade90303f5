package dev.tributary.testkit.disheap;

import static dev.tributary.testkit.wire.Outcomes.failure;
import static dev.tributary.testkit.wire.Outcomes.of;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Tributary;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.ResourceKind;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Retry;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.TributaryException;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.wire.Stranger;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bytes that are not the protocol, on either side. */
@Timeout(120)
class ForeignBytesTest {
  @ParameterizedTest
  @EnumSource
  void aServerOfAnotherKindIsAClearError(Stranger.Answer answer) throws Exception {
    try (Stranger stranger = new Stranger(answer);
        Tributary client =
            Tributary.connect(
                ClientConfig.builder("disheap")
                    .endpoint("127.0.0.1", stranger.port())
                    .option("http", "127.0.0.1:" + stranger.port())
                    .retry(Retry.builder().maxAttempts(3).backoff(Duration.ofMillis(1), Duration.ofMillis(5)).build())
                    .timeout(Duration.ofSeconds(20))
                    .build())) {
      for (TributaryException error :
          List.of(
              failure(client.queue("q").enqueue(new byte[1])),
              failure(client.queue("q").reserve()),
              failure(client.admin().createQueue("q", QueueConfig.DEFAULT)),
              failure(client.admin().list(ResourceKind.QUEUE)))) {
        assertThat(error).isInstanceOfAny(ProtocolViolationException.class, ConnectionFailedException.class);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void theServerGoesOnWhateverItIsSent(Stranger.Answer answer) throws Exception {
    try (EmbeddedServer server = EmbeddedServer.disheap().createOnFirstUse(true).start();
        Tributary client = Tributary.connect(server.uri())) {
      of(client.queue("q", Codecs.text()).enqueue("job"));
      for (int port : new int[] {server.port(), server.httpPort()}) {
        for (int i = 0; i < 5; i++) {
          try (Socket socket = new Socket(server.host(), port)) {
            if (i % 2 == 0) {
              socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            socket.getOutputStream().write(answer.bytes());
            socket.getOutputStream().flush();
          } catch (IOException hungUp) {
            // It may well not want to hear the end of it.
            continue;
          }
        }
      }
      assertThat(of(client.queue("q", Codecs.text()).reserve()).orElseThrow().value()).isEqualTo("job");
    }
  }
}
