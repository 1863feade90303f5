package dev.tributary.testkit.flowmesh;

import static dev.tributary.testkit.wire.Outcomes.failure;
import static dev.tributary.testkit.wire.Outcomes.of;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.EventStream;
import dev.tributary.Tributary;
import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.replay.Replay;
import dev.tributary.replay.ReplayOptions;
import dev.tributary.stream.Position;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What there is, how far it is, and how the server is. */
@Timeout(120)
class SurveyTest {
  private final VirtualTime time = new VirtualTime();
  private final MemoryEngine engine = MemoryEngine.on(time);
  private final EmbeddedServer server = EmbeddedServer.flowmesh().transport(engine.connect()).time(time).start();
  private final Tributary client =
      Tributary.connect(ClientConfig.parse(server.uri()).toBuilder().timeout(Duration.ofSeconds(5)).build());

  @AfterEach
  void close() {
    client.close();
    server.close();
    engine.close();
  }

  private EventStream<String> stream() {
    return client.stream("s", Codecs.text());
  }

  @Test
  void listsWhatThereIsByName() throws Exception {
    assertThat(of(client.admin().list(ResourceKind.STREAM))).isEmpty();
    of(client.stream("b").publish(new byte[1]));
    of(client.stream("other/space/a c").publish(new byte[1]));
    of(client.queue("q").enqueue(new byte[1]));
    of(client.keyValue("kv").put("k", new byte[1]));
    assertThat(of(client.admin().list(ResourceKind.STREAM)))
        .extracting(info -> info.name().toString())
        .containsExactly("default/default/b", "other/space/a c");
    assertThat(of(client.admin().list(ResourceKind.QUEUE))).extracting(info -> info.name().name()).containsExactly("q");
    assertThat(of(client.admin().list(ResourceKind.KEY_VALUE))).extracting(ResourceInfo::kind).containsExactly(ResourceKind.KEY_VALUE);
  }

  @Test
  void listsTheGroupsOfAStream() throws Exception {
    of(stream().publish("a"));
    assertThat(of(stream().groups())).isEmpty();
    of(stream().commit("billing", new Position(0, 1)));
    of(stream().commit("audit", new Position(0, 0)));
    assertThat(of(stream().groups())).containsExactlyInAnyOrder("audit", "billing");
    assertThat(of(stream().committed("billing", 0))).hasValue(1);
  }

  @Test
  void listingSaysIfTheHttpSideIsNotThere() throws Exception {
    server.stop();
    assertThat(failure(client.admin().list(ResourceKind.QUEUE))).isInstanceOf(ConnectionFailedException.class);
  }

  @Test
  void aReplayLivesFromItsMakingToItsRemoval() throws Exception {
    for (int i = 0; i < 300; i++) {
      of(stream().publish("m-" + i));
    }
    Replay replay = of(stream().replays().create(ReplayOptions.range("_replay_audit", 10, 249)));
    assertThat(of(replay.state()).status()).isEqualTo(Replay.Status.CREATED);
    assertThat(of(stream().replays().list())).extracting(Replay::id).containsExactly(replay.id());

    of(replay.start());
    time.advance(Duration.ofMillis(100));
    Replay.State walking = of(replay.state());
    assertThat(walking.status()).isEqualTo(Replay.Status.ACTIVE);
    of(replay.pause());
    assertThat(of(replay.state()).status()).isEqualTo(Replay.Status.PAUSED);
    time.advance(Duration.ofMinutes(1));
    assertThat(of(replay.state()).replayed()).isEqualTo(walking.replayed());

    of(replay.resume());
    time.advance(Duration.ofMinutes(1));
    Replay.State done = of(replay.state());
    assertThat(done.status()).isEqualTo(Replay.Status.COMPLETED);
    assertThat(done.replayed()).isEqualTo(240);
    assertThat(of(stream().committed("_replay_audit", 0))).hasValue(250);

    of(replay.delete());
    assertThat(of(stream().replays().list())).isEmpty();
    assertThat(failure(replay.state())).isInstanceOf(NotFoundException.class);
  }

  @Test
  void anActiveReplayCanBeStoppedAndRemoved() throws Exception {
    of(stream().publish("m"));
    Replay stopped = of(stream().replays().create(ReplayOptions.from("_replay_a", 0)));
    of(stopped.start());
    of(stopped.stop());
    assertThat(of(stopped.state()).status()).isEqualTo(Replay.Status.STOPPED);
    Replay active = of(stream().replays().create(ReplayOptions.from("_replay_b", 0)));
    of(active.start());
    of(active.delete());
    assertThat(of(stream().replays().list())).extracting(Replay::id).containsExactly(stopped.id());
    assertThat(failure(stream().replays().create(ReplayOptions.from("audit", 0)))).isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void healthIsWhatTheServerSaysAndFalseWithoutOne() throws Exception {
    assertThat(of(client.health().live())).isTrue();
    assertThat(of(client.health().ready())).isTrue();
    engine.ready(false);
    assertThat(of(client.health().live())).isTrue();
    assertThat(of(client.health().ready())).isFalse();
    server.stop();
    assertThat(of(client.health().live())).isFalse();
    assertThat(of(client.health().ready())).isFalse();
    engine.ready(true);
    server.start();
    assertThat(of(client.health().ready())).isTrue();
  }
}
