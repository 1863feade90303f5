package dev.tributary.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.admin.ResourceKind;
import dev.tributary.error.ConflictException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.replay.Replay;
import dev.tributary.replay.ReplayOptions;
import dev.tributary.spi.StreamTransport;
import dev.tributary.spi.StreamTransport.ReplayCommand;
import dev.tributary.stream.StartAt;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ReplaysTest extends EngineFixture {
  private final StreamTransport streams = transport.streams().orElseThrow();

  private Replay.State create(ReplayOptions options) {
    return now(streams.createReplay(name("s"), options, deadline));
  }

  private Replay.State state(String id) {
    return now(streams.replay(id, deadline));
  }

  private void control(String id, ReplayCommand command) {
    now(streams.control(id, command, deadline));
  }

  private OptionalLong committed() {
    return now(streams.committed(name("s"), "_replay_g", 0, deadline));
  }

  private void fill(int messages) {
    for (int i = 0; i < messages; i++) {
      publish("s", "v" + i);
    }
  }

  @Test
  void walksAHundredMessagesEveryHundredMilliseconds() {
    fill(250);
    Replay.State made = create(ReplayOptions.from("_replay_g", 10));
    assertThat(made.status()).isEqualTo(Replay.Status.CREATED);
    assertThat(made.id()).matches("[0-9a-f]{32}");
    assertThat(made.group()).isEqualTo("_replay_g");
    assertThat(made.nextOffset()).isEqualTo(10);
    control(made.id(), ReplayCommand.START);
    millis(99);
    assertThat(committed()).isEmpty();
    millis(1);
    assertThat(committed()).isEqualTo(OptionalLong.of(110));
    assertThat(state(made.id()).replayed()).isEqualTo(100);
    millis(200);
    Replay.State done = state(made.id());
    assertThat(done.status()).isEqualTo(Replay.Status.COMPLETED);
    assertThat(done.replayed()).isEqualTo(240);
    assertThat(done.nextOffset()).isEqualTo(250);
    assertThat(done.errors()).isZero();
    assertThat(done.completedAt()).isEqualTo(time.now());
    assertThat(committed()).isEqualTo(OptionalLong.of(250));
  }

  @Test
  void endsAtItsEndWhichIsInclusive() {
    fill(20);
    Replay.State made = create(ReplayOptions.range("_replay_g", 3, 7));
    control(made.id(), ReplayCommand.START);
    millis(100);
    assertThat(state(made.id()).status()).isEqualTo(Replay.Status.COMPLETED);
    assertThat(state(made.id()).replayed()).isEqualTo(5);
    assertThat(committed()).isEqualTo(OptionalLong.of(8));
  }

  @Test
  void walksARangeOfTimeWhichWinsOverAnEndOffset() {
    fill(3);
    seconds(10);
    Instant from = time.now();
    fill(3);
    seconds(10);
    Instant to = time.now();
    fill(3);
    seconds(10);
    fill(3);
    Replay.State made = create(ReplayOptions.builder("_replay_g", StartAt.time(from)).endOffset(4).endTime(to).build());
    control(made.id(), ReplayCommand.START);
    millis(100);
    assertThat(state(made.id()).nextOffset()).isEqualTo(9);
    assertThat(state(made.id()).replayed()).isEqualTo(6);
  }

  @Test
  void pausesAndResumes() {
    fill(300);
    String id = create(ReplayOptions.from("_replay_g", 0)).id();
    control(id, ReplayCommand.START);
    millis(100);
    control(id, ReplayCommand.PAUSE);
    seconds(10);
    assertThat(state(id).nextOffset()).isEqualTo(100);
    control(id, ReplayCommand.RESUME);
    millis(100);
    assertThat(state(id).nextOffset()).isEqualTo(200);
    control(id, ReplayCommand.PAUSE);
    control(id, ReplayCommand.START);
    millis(100);
    assertThat(state(id).status()).isEqualTo(Replay.Status.COMPLETED);
    assertThat(time.pendingTimers()).isZero();
  }

  @Test
  void forbiddenTransitions() {
    fill(300);
    String id = create(ReplayOptions.from("_replay_g", 0)).id();
    forbidden(id, ReplayCommand.PAUSE, ReplayCommand.RESUME);
    control(id, ReplayCommand.START);
    forbidden(id, ReplayCommand.START, ReplayCommand.RESUME, ReplayCommand.DELETE);
    control(id, ReplayCommand.PAUSE);
    forbidden(id, ReplayCommand.PAUSE);
    control(id, ReplayCommand.STOP);
    control(id, ReplayCommand.STOP);
    forbidden(id, ReplayCommand.START, ReplayCommand.PAUSE, ReplayCommand.RESUME);
    assertThat(state(id).status()).isEqualTo(Replay.Status.STOPPED);
    control(id, ReplayCommand.DELETE);
    assertThat(error(streams.replay(id, deadline))).isInstanceOf(NotFoundException.class);
    assertThat(error(streams.control(id, ReplayCommand.STOP, deadline))).isInstanceOf(NotFoundException.class);

    String done = create(ReplayOptions.from("_replay_g", 300)).id();
    control(done, ReplayCommand.START);
    millis(100);
    forbidden(done, ReplayCommand.START, ReplayCommand.STOP);
    control(done, ReplayCommand.DELETE);
  }

  private void forbidden(String id, ReplayCommand... commands) {
    for (ReplayCommand command : commands) {
      assertThat(error(streams.control(id, command, deadline))).as("%s", command).isInstanceOf(ConflictException.class);
    }
  }

  @Test
  void badRangesAreRefused() {
    assertThat(error(streams.createReplay(name("s"), ReplayOptions.range("_replay_g", 5, 4), deadline)))
        .isInstanceOf(InvalidRequestException.class);
    ReplayOptions backwards =
        ReplayOptions.builder("_replay_g", StartAt.time(time.now())).endTime(time.now().minusSeconds(1)).build();
    assertThat(error(streams.createReplay(name("s"), backwards, deadline))).isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void sessionsBelongToTheirStream() {
    String id = create(ReplayOptions.from("_replay_g", 0)).id();
    assertThat(now(streams.replays(name("s"), deadline))).extracting(Replay.State::id).containsExactly(id);
    assertThat(now(streams.replays(name("other"), deadline))).isEqualTo(List.of());
    control(id, ReplayCommand.START);
    now(transport.admin().orElseThrow().delete(ResourceKind.STREAM, name("s"), deadline));
    assertThat(error(streams.replay(id, deadline))).isInstanceOf(NotFoundException.class);
    assertThat(time.pendingTimers()).isZero();
  }
}
