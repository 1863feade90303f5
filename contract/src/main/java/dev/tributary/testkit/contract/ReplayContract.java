package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.error.NotFoundException;
import dev.tributary.replay.Replay;
import dev.tributary.replay.ReplayOptions;
import org.junit.jupiter.api.Test;

/** What replay sessions do. */
public abstract class ReplayContract extends StreamTopic {
  @Test
  void aSessionDoesNothingUntilItIsStarted() {
    requires(Capability.REPLAY);
    EventStream<String> stream = filled(10);
    Replay replay = get(stream.replays().create(ReplayOptions.range("_replay_a", 2, 5)));
    Replay.State state = get(replay.state());
    assertThat(state.id()).isEqualTo(replay.id());
    assertThat(state.group()).isEqualTo("_replay_a");
    assertThat(state.status()).isEqualTo(Replay.Status.CREATED);
    assertThat(state.replayed()).isZero();
    assertThat(get(stream.committed("_replay_a", 0))).isEmpty();
  }

  @Test
  void aSessionMovesItsSandboxGroupThroughTheRange() {
    requires(Capability.REPLAY);
    EventStream<String> stream = filled(10);
    Replay replay = get(stream.replays().create(ReplayOptions.range("_replay_b", 2, 5)));
    get(replay.start());
    await("the end", () -> get(replay.state()).status() == Replay.Status.COMPLETED);
    Replay.State state = get(replay.state());
    assertThat(state.replayed()).isEqualTo(4);
    assertThat(state.nextOffset()).isEqualTo(6);
    assertThat(state.errors()).isZero();
    assertThat(get(stream.committed("_replay_b", 0))).hasValue(6);
  }

  @Test
  void aSessionCanBeListedStoppedAndDeleted() {
    requires(Capability.REPLAY);
    EventStream<String> stream = filled(3);
    Replay replay = get(stream.replays().create(ReplayOptions.from("_replay_c", 0)));
    assertThat(get(stream.replays().list())).extracting(Replay::id).containsExactly(replay.id());
    get(replay.start());
    get(replay.pause());
    assertThat(get(replay.state()).status()).isEqualTo(Replay.Status.PAUSED);
    get(replay.resume());
    assertThat(get(replay.state()).status()).isEqualTo(Replay.Status.ACTIVE);
    get(replay.stop());
    get(replay.stop());
    assertThat(get(replay.state()).status()).isEqualTo(Replay.Status.STOPPED);
    get(replay.delete());
    assertThat(get(stream.replays().list())).isEmpty();
    failure(NotFoundException.class, replay.state());
  }

  @Test
  void deletingARunningSessionStopsIt() {
    requires(Capability.REPLAY);
    EventStream<String> stream = filled(3);
    Replay replay = get(stream.replays().create(ReplayOptions.from("_replay_d", 0)));
    get(replay.start());
    get(replay.delete());
    assertThat(get(stream.replays().list())).isEmpty();
  }
}
