package dev.tributary.testkit.flymq;

import static dev.tributary.testkit.wire.Outcomes.failure;
import static dev.tributary.testkit.wire.Outcomes.of;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.EventStream;
import dev.tributary.Tributary;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.TributaryException;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.fault.Direction;
import dev.tributary.testkit.fault.FaultProxy;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.wire.PassingTime;
import dev.tributary.vertx.internal.flymq.wire.Frame;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What connections of this wire are for, and what they outlive. */
@Timeout(60)
class ConnectionsTest {
  private static final Duration NEVER = Duration.ofDays(1);
  private static final int MIB = 1 << 20;
  /** Bytes that say to nobody who he is. */
  private static final int ANSWER = 17;

  private final VirtualTime time = new VirtualTime();
  private final EmbeddedServer server = EmbeddedServer.flymq().time(time).start();
  private final FaultProxy proxy = FaultProxy.before(server.host(), server.port());
  private final Tributary client =
      Tributary.connect(
          ClientConfig.builder("flymq")
              .endpoint(proxy.host(), proxy.port())
              .time(time)
              .timeout(NEVER)
              .connectTimeout(NEVER)
              .idleProbe(NEVER)
              .maxMessageBytes(MIB)
              .build());
  private final EventStream<String> stream = client.stream("s", Codecs.text());

  @AfterEach
  void stop() {
    client.closeAsync();
    proxy.close();
    server.close();
  }

  @Test
  void thereIsOneForWhatStoresAndOneForWhatAsks() throws Exception {
    of(stream.publish("e"));
    assertThat(proxy.connections()).isEqualTo(1);
    of(stream.read(0, 0, 1));
    assertThat(proxy.connections()).isEqualTo(2);
    of(stream.publish("f"));
    of(stream.partitions());
    assertThat(proxy.connections()).isEqualTo(2);
  }

  @Test
  void aReadThatTakesItsTimeHoldsUpNoPublish() throws Exception {
    of(stream.publish("e"));
    server.faults().delay("FETCH", Duration.ofSeconds(10));
    CompletableFuture<List<Message<String>>> reading = stream.read(0, 0, 10);
    of(stream.publish("f"));
    assertThat(reading).isNotDone();
    assertThat(new PassingTime(time).of(reading)).hasSize(2);
  }

  /** A server closes a connection on which nobody asked anything for five minutes. */
  @Test
  void whatIsIdleIsKept() throws Exception {
    of(stream.publish("e"));
    of(stream.partitions());
    long asked = proxy.bytes(Direction.TO_SERVER);
    long answered = proxy.bytes(Direction.TO_CLIENT);
    // Both are asked once a minute, for eight minutes.
    for (long answers = 0; answers < 16; answers = (proxy.bytes(Direction.TO_CLIENT) - answered) / ANSWER) {
      // Time stands still while an answer comes over a real socket.
      if ((proxy.bytes(Direction.TO_SERVER) - asked) / Frame.HEADER <= answers) {
        time.advance(Duration.ofSeconds(1));
      }
      LockSupport.parkNanos(10_000_000);
    }
    of(stream.publish("f"));
    of(stream.partitions());
    assertThat(proxy.connections()).isEqualTo(2);
  }

  @Test
  void anAnswerThatIsTooLargeIsOneCallsFailureAndFewerAreReadThen() throws Exception {
    for (int i = 0; i < 5; i++) {
      of(stream.publish("x".repeat(MIB * 2 / 5)));
    }
    assertThat(of(stream.read(0, 0, 5))).hasSizeBetween(1, 2);
    Position large = of(stream.publish("y".repeat(2 * MIB)));
    CompletableFuture<List<Message<String>>> tooLarge = stream.read(0, large.offset(), 1);
    CompletableFuture<Integer> behind = stream.partitions();
    TributaryException error = failure(tooLarge);
    assertThat(error).isInstanceOf(PayloadTooLargeException.class);
    assertThat(error.hint()).contains("max-message-bytes");
    assertThat(of(behind)).isEqualTo(1);
    assertThat(proxy.connections()).isEqualTo(2);
  }
}
