package dev.tributary.testkit.flymq;

import static dev.tributary.testkit.wire.Outcomes.failure;
import static dev.tributary.testkit.wire.Outcomes.of;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.EventStream;
import dev.tributary.Tributary;
import dev.tributary.admin.StreamConfig;
import dev.tributary.cluster.Node;
import dev.tributary.cluster.PartitionLeader;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Retry;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.TributaryException;
import dev.tributary.stream.Event;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.ServerFaults.Role;
import dev.tributary.vertx.internal.flymq.wire.KeyHash;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two nodes of a cluster, of which not each does everything. */
@Timeout(120)
class LeaderTest {
  private final MemoryEngine engine = MemoryEngine.builder().build();
  private final EmbeddedServer first = EmbeddedServer.flymq().transport(engine.connect()).start();
  private final EmbeddedServer second = EmbeddedServer.flymq().nodeOf(first).start();

  private static ClientConfig.Builder knowing(EmbeddedServer... servers) {
    ClientConfig.Builder config = ClientConfig.builder("flymq").timeout(Duration.ofSeconds(20));
    for (EmbeddedServer server : servers) {
      config.endpoint(server.host(), server.port());
    }
    return config;
  }

  @AfterEach
  void stop() {
    second.close();
    first.close();
    engine.close();
  }

  @Test
  void whoLeadsIsFoundAmongThoseThatAreKnown() throws Exception {
    first.faults().play(Role.FOLLOWER);
    try (Tributary client = Tributary.connect(knowing(first, second).retry(Retry.NONE).build())) {
      of(client.admin().createStream("s", StreamConfig.DEFAULT));
      EventStream<String> stream = client.stream("s", Codecs.text());
      List<String> values = IntStream.range(0, 500).mapToObj(i -> "m-" + i).toList();
      List<CompletableFuture<Position>> published = new ArrayList<>();
      values.forEach(value -> published.add(stream.publish(value)));
      for (CompletableFuture<Position> one : published) {
        of(one);
      }
      assertThat(of(stream.read(0, 0, 1_000))).extracting(Message::value).as("in their order").isEqualTo(values);
      first.faults().play(Role.LEADER);
      second.faults().play(Role.FOLLOWER);
      of(stream.publish("back"));
      second.stop();
      // What asks leaves a node that is gone by itself.
      while (!published.isEmpty() && stream.partitions().handle((partitions, error) -> error != null).join()) {
        Thread.onSpinWait();
      }
      assertThat(of(stream.latestOffset(0))).hasValue(500);
    }
  }

  @Test
  void whoLeadsIsTold() throws Exception {
    Node one = new Node("node1", first.host() + ":" + first.port());
    Node two = new Node("node2", second.host() + ":" + second.port());
    try (Tributary client = Tributary.connect(knowing(second).build())) {
      assertThat(of(client.cluster().nodes())).as("without a stream nobody is named").isEmpty();
      of(client.admin().createStream("s", StreamConfig.partitions(3)));
      assertThat(of(client.cluster().leaders("s"))).extracting(PartitionLeader::node).containsExactly(one, two, one);
      assertThat(of(client.cluster().nodes())).containsExactly(one, two);
      first.faults().play(Role.FOLLOWER);
      assertThat(of(client.cluster().leaders("s"))).extracting(PartitionLeader::node).containsOnly(two);
      second.faults().play(Role.LEADERLESS);
      assertThat(of(client.cluster().leaders("s"))).extracting(PartitionLeader::node).containsOnlyNulls();
      assertThat(of(client.cluster().nodes())).containsExactly(new Node("node1", null), new Node("node2", null));
      first.stop();
      second.faults().play(Role.LEADER);
      assertThat(of(client.cluster().leaders("s")))
          .containsOnly(
              new PartitionLeader(0, two, 1, List.of("node2"), List.of("node2")),
              new PartitionLeader(1, two, 1, List.of("node2"), List.of("node2")),
              new PartitionLeader(2, two, 1, List.of("node2"), List.of("node2")));
    }
  }

  /** Whatever the other would say. */
  @Test
  void whatIsOfAPartitionIsAskedWhereThatIsLed() throws Exception {
    try (Tributary client = Tributary.connect(knowing(first, second).retry(Retry.NONE).build())) {
      of(client.admin().createStream("s", StreamConfig.partitions(2)));
      EventStream<String> stream = client.stream("s", Codecs.text());
      String key = IntStream.range(0, 100).mapToObj(i -> "k" + i).filter(k -> KeyHash.partition(k.getBytes(UTF_8), 2) == 1).findFirst().orElseThrow();
      first.faults().fail("PRODUCE", 1_000, 1, "not here");
      first.faults().fail("FETCH", 1_000, 1, "not here");
      List<CompletableFuture<Position>> published = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        published.add(stream.publish(Event.builder("m-" + i).key(key).build()));
      }
      for (CompletableFuture<Position> one : published) {
        assertThat(of(one).partition()).isEqualTo(1);
      }
      of(stream.publish(Event.builder("chosen").partition(1).build()));
      assertThat(of(stream.read(1, 0, 500))).extracting(Message::value).startsWith("m-0", "m-1").endsWith("m-199", "chosen").hasSize(201);
      assertThat(failure(stream.publish(Event.builder("no").partition(0).build())).getMessage()).contains("not here");
      // Whoever is told to lead and does not is found out at its first answer, and is not asked again.
      first.faults().clear();
      second.faults().play(Role.FOLLOWER);
      of(stream.publish(Event.builder("moved").partition(1).build()));
      second.faults().fail("PRODUCE", 1_000, 1, "not here");
      of(stream.publish(Event.builder("moved on").partition(1).build()));
      second.faults().clear();
      of(stream.publish(Event.builder("as before").partition(1).build()));
      second.stop();
      assertThat(of(stream.latestOffset(1))).hasValue(203);
    }
  }

  @Test
  void aLeaderThatIsGoneIsNotWaitedFor() throws Exception {
    try (Tributary client = Tributary.connect(knowing(first, second).retry(Retry.NONE).build())) {
      of(client.admin().createStream("s", StreamConfig.partitions(2)));
      EventStream<String> stream = client.stream("s", Codecs.text());
      of(stream.publish(Event.builder("there").partition(1).build()));
      second.stop();
      // What was on its way when it went may have been done.
      while (stream.publish(Event.builder("gone").partition(1).build()).handle((position, error) -> error != null).join()) {
        Thread.onSpinWait();
      }
      of(stream.publish(Event.builder("gone").partition(1).build()));
    }
  }

  @Test
  void nobodyIsAskedWhomTheConfigurationDoesNotName() throws Exception {
    try (Tributary client = Tributary.connect(knowing(first).retry(Retry.NONE).build())) {
      of(client.stream("s").publish(new byte[1]));
      first.faults().play(Role.FOLLOWER);
      TributaryException error = failure(client.stream("s").publish(new byte[1]));
      assertThat(error).isInstanceOf(ConnectionFailedException.class).hasMessageContaining("not partition leader");
      assertThat(error.maybeApplied()).isFalse();
      assertThat(of(client.stream("s").latestOffset(0))).hasValue(0);
    }
  }

  @Test
  void anElectionIsWaitedFor() throws Exception {
    first.faults().play(Role.LEADERLESS);
    second.faults().play(Role.LEADERLESS);
    try (Tributary client = Tributary.connect(knowing(first, second).retry(Retry.maxAttempts(1_000)).build())) {
      CompletableFuture<Position> published = client.stream("s").publish(new byte[1]);
      CompletableFuture.delayedExecutor(200, TimeUnit.MILLISECONDS).execute(() -> second.faults().play(Role.LEADER));
      assertThat(of(published)).isEqualTo(new Position(0, 0));
    }
  }
}
