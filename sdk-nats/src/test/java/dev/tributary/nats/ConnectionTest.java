package dev.tributary.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tributary.EventStream;
import dev.tributary.Tributary;
import dev.tributary.admin.StreamConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Credentials;
import dev.tributary.config.Retry;
import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.OverloadedException;
import dev.tributary.error.PermissionDeniedException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.stream.Event;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.testkit.fault.Direction;
import dev.tributary.testkit.fault.FaultProxy;
import dev.tributary.testkit.server.NatsServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the connection does that no contract asks for. */
@Timeout(60)
class ConnectionTest {
  private static ClientConfig.Builder config(int port) {
    return ClientConfig.builder("nats").endpoint("127.0.0.1", port);
  }

  private static Throwable error(CompletableFuture<?> call) {
    Throwable thrown = catchThrowable(call::join);
    return thrown instanceof CompletionException ? thrown.getCause() : thrown;
  }

  private static List<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().matches("(tributary-)?nats.*")).toList();
  }

  private static String fresh() {
    return "connection-" + System.nanoTime();
  }

  @Test
  void aServerThatDropsWhatItDoesNotKnowIsRefusedByEveryCall() {
    try (OldServer old = new OldServer();
        Tributary client = Tributary.connect(config(old.port()).build())) {
      List<CompletableFuture<?>> calls =
          List.of(
              client.stream("s").publish(new byte[1]),
              client.keyValue("k").get("key"),
              client.admin().createStream("s", StreamConfig.DEFAULT),
              client.health().live());
      for (CompletableFuture<?> call : calls) {
        assertThat(error(call)).isInstanceOf(UnsupportedFeatureException.class).hasMessageContaining("2.9.10").hasMessageContaining("2.12");
      }
    }
  }

  @Test
  void aStalledSocketHoldsNoCaller() {
    NatsServer server = Servers.shared();
    String name = fresh();
    try (FaultProxy proxy = FaultProxy.before("127.0.0.1", server.port());
        Tributary client = Tributary.connect(config(proxy.port()).timeout(Duration.ofSeconds(2)).retry(Retry.NONE).build())) {
      client.admin().createStream(name, StreamConfig.DEFAULT).join();
      EventStream<byte[]> stream = client.stream(name);
      stream.publish(new byte[1]).join();
      proxy.stall(Direction.TO_SERVER);
      List<CompletableFuture<Position>> calls = new ArrayList<>();
      // One that blocked for as long as the queue of the library does would not come to an end in a minute.
      for (int i = 0; i < 10_000; i++) {
        calls.add(stream.publish(new byte[8 << 10]));
      }
      for (CompletableFuture<Position> call : calls) {
        assertThat(error(call)).isInstanceOfAny(DeadlineExceededException.class, OverloadedException.class);
      }
      proxy.reset();
      proxy.heal();
    }
  }

  @Test
  void aClientHasAFewThreadsHoweverManySubscriptions() {
    NatsServer server = Servers.shared();
    String name = fresh();
    try (Tributary client = Tributary.connect(config(server.port()).build())) {
      client.admin().createStream(name, StreamConfig.partitions(4)).join();
      AtomicInteger seen = new AtomicInteger();
      for (int i = 0; i < 20; i++) {
        client
            .stream(name)
            .consumer("g" + i)
            .forEach(
                message -> {
                  seen.incrementAndGet();
                  return CompletableFuture.completedFuture(null);
                });
      }
      client.stream(name).publish(new byte[1]).join();
      while (seen.get() < 20 || threads().size() > 5) {
        LockSupport.parkNanos(1_000_000);
      }
      assertThat(threads()).allMatch(Thread::isDaemon);
    }
  }

  @Test
  void headersOfAUserAreNoOrdersToTheServer() {
    NatsServer server = Servers.shared();
    String name = fresh();
    Map<String, String> headers =
        Map.of("Nats-Rollup", "all", "nats-ttl", "1s", "Trb-Key", "k", "größer", "≥ 5", "empty", "", "padded", " x ", "plain", "y", "a b", "c");
    try (Tributary client = Tributary.connect(config(server.port()).build())) {
      client.admin().createStream(name, StreamConfig.DEFAULT).join();
      EventStream<String> stream = client.stream(name, Codecs.text());
      stream.publish("first").join();
      stream.publish(Event.builder("second").headers(headers).build()).join();
      List<Message<String>> read = stream.read(0, 0, 10).join();
      assertThat(read).extracting(Message::value).containsExactly("first", "second");
      assertThat(read.get(1).headers()).isEqualTo(headers);
      assertThat(read.get(1).key()).isNull();
    }
  }

  @Test
  void credentialsAreAskedFor() {
    try (NatsServer server = Servers.with("--auth", "secret");
        Tributary known = Tributary.connect(config(server.port()).token("secret").build());
        Tributary stranger = Tributary.connect(config(server.port()).token("other").build())) {
      assertThat(known.health().live().join()).isTrue();
      assertThat(error(stranger.health().live()))
          .isInstanceOf(UnauthenticatedException.class)
          .hasMessageContaining("before the @ of the URI")
          .hasMessageContaining("nats.creds");
    }
  }

  @Test
  void whatAUserMayNotIsSaid(@TempDir Path folder) throws Exception {
    Path settings = folder.resolve("server.conf");
    Files.writeString(
        settings,
        """
        authorization { users: [ { user: reader, password: secret, permissions: { publish: ["$JS.API.INFO", "$JS.API.STREAM.INFO.>", "_INBOX.>"] } } ] }
        """);
    try (NatsServer server = Servers.with("-c", settings.toString());
        Tributary client =
            Tributary.connect(config(server.port()).credentials(new Credentials.UserPassword("reader", "secret")).build())) {
      assertThat(error(client.admin().createStream("s", StreamConfig.DEFAULT))).isInstanceOf(PermissionDeniedException.class);
      assertThat(client.health().live().join()).isTrue();
    }
  }

  @Test
  void whatCannotBeMeantIsRefusedBeforeAnythingIsSent() {
    assertThatThrownBy(() -> Tributary.connect("nats://localhost?nats.replica=3")).isInstanceOf(InvalidRequestException.class).hasMessageContaining("nats.replicas");
    assertThatThrownBy(() -> Tributary.connect("nats://localhost?nats.replicas=0")).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> Tributary.connect("nats://token@example.org")).isInstanceOf(InvalidRequestException.class).hasMessageContaining("plain text");
  }
}
