package dev.tributary.internal.stream;

import dev.tributary.Capability;
import dev.tributary.ResourceName;
import dev.tributary.internal.Calls;
import dev.tributary.internal.Checks;
import dev.tributary.replay.Replay;
import dev.tributary.replay.ReplayOptions;
import dev.tributary.replay.Replays;
import dev.tributary.spi.StreamTransport;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The replay sessions of a stream, over its transport. */
record ReplaysHandle(Calls calls, StreamTransport transport, ResourceName stream) implements Replays {
  @Override
  public CompletableFuture<Replay> create(ReplayOptions options) {
    return calls.checked(
        "create replay",
        stream,
        () -> {
          calls.checks().require(Capability.REPLAY);
          Checks.notEmpty("group", Checks.present("replay", options).group());
          return calls.call(
              "create replay",
              stream,
              Calls.Repeat.UNLESS_APPLIED,
              deadline -> transport.createReplay(stream, options, deadline),
              made -> new ReplayHandle(calls, transport, made.id()));
        });
  }

  @Override
  public CompletableFuture<List<Replay>> list() {
    return calls.checked(
        "replays",
        stream,
        () -> {
          calls.checks().require(Capability.REPLAY);
          return calls.call(
              "replays",
              stream,
              Calls.Repeat.SAFE,
              deadline -> transport.replays(stream, deadline),
              found -> found.stream().<Replay>map(state -> new ReplayHandle(calls, transport, state.id())).toList());
        });
  }
}
