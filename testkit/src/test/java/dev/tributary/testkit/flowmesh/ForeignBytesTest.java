package dev.tributary.testkit.flowmesh;

import static dev.tributary.testkit.wire.Outcomes.failure;
import static dev.tributary.testkit.wire.Outcomes.of;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Tributary;
import dev.tributary.admin.ResourceKind;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Retry;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.TributaryException;
import dev.tributary.stream.Event;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.wire.Stranger;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
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
                ClientConfig.builder("flowmesh")
                    .endpoint("127.0.0.1", stranger.port())
                    .option("http", "127.0.0.1:" + stranger.port())
                    .retry(Retry.builder().maxAttempts(3).backoff(Duration.ofMillis(1), Duration.ofMillis(5)).build())
                    .timeout(Duration.ofSeconds(20))
                    .build())) {
      for (TributaryException error :
          List.of(
              failure(client.stream("s").publish(new byte[1])),
              failure(client.stream("s").read(0, 0, 1)),
              failure(client.queue("q").reserve()),
              failure(client.admin().list(ResourceKind.STREAM)))) {
        assertThat(meaning(error)).isInstanceOfAny(ProtocolViolationException.class, ConnectionFailedException.class);
      }
    }
  }

  /** A deadline that comes while it is tried once more says what the tries before failed with. */
  private static Throwable meaning(TributaryException error) {
    return error instanceof DeadlineExceededException && error.getCause() != null ? error.getCause() : error;
  }

  @ParameterizedTest
  @EnumSource
  void theServerGoesOnWhateverItIsSent(Stranger.Answer answer) throws Exception {
    try (EmbeddedServer server = EmbeddedServer.flowmesh().start();
        Tributary client = Tributary.connect(server.uri())) {
      of(client.keyValue("kv", Codecs.text()).put("k", "v"));
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
      assertThat(of(client.keyValue("kv", Codecs.text()).get("k"))).hasValue("v");
      assertThat(of(client.admin().list(ResourceKind.KEY_VALUE))).hasSize(1);
    }
  }

  @Test
  void aMessageOfFourMebibytesIsRefusedBeforeAnythingIsSent() throws Exception {
    try (EmbeddedServer server = EmbeddedServer.flowmesh().start();
        Tributary client = Tributary.connect(server.uri())) {
      byte[] large = new byte[4 << 20];
      for (TributaryException error :
          List.of(
              failure(client.stream("s").publish(large)),
              failure(client.queue("q").enqueue(large)),
              failure(client.keyValue("kv").put("k", large)))) {
        assertThat(error).isInstanceOf(PayloadTooLargeException.class);
        assertThat(error.maybeApplied()).isFalse();
      }
      of(client.stream("s").publish("small".getBytes(StandardCharsets.UTF_8)));
      assertThat(of(client.stream("s").read(0, 0, 10))).hasSize(1);
    }
  }

  @Test
  void anAnswerLargerThanTheClientTakesIsAClearErrorAndTheClientGoesOn() throws Exception {
    try (EmbeddedServer server = EmbeddedServer.flowmesh().start();
        Tributary writer = Tributary.connect(server.uri());
        Tributary reader = Tributary.connect(server.uri() + "&max-message-bytes=1048576")) {
      byte[] mebibyte = new byte[1 << 20];
      of(writer.stream("s").publishAll(Collections.nCopies(4, Event.of(mebibyte))));
      of(writer.stream("s").publish(new byte[1]));
      TributaryException error = failure(reader.stream("s").read(0, 0, 1));
      assertThat(error).isInstanceOf(PayloadTooLargeException.class);
      assertThat(error.hint()).contains("maxMessageBytes");
      assertThat(of(reader.stream("s").read(0, 4, 1))).hasSize(1);
      assertThat(of(writer.stream("s").read(0, 0, 3))).isNotEmpty().allMatch(message -> message.value().length == 1 << 20);
    }
  }
}
