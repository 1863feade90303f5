package dev.tributary.internal.stream;

import dev.tributary.internal.Calls;
import dev.tributary.internal.Calls.Repeat;
import dev.tributary.replay.Replay;
import dev.tributary.spi.Steps;
import dev.tributary.spi.StreamTransport;
import dev.tributary.spi.StreamTransport.ReplayCommand;
import java.util.concurrent.CompletableFuture;

/** A replay session of the backend. */
record ReplayHandle(Calls calls, StreamTransport transport, String id) implements Replay {
  @Override
  public CompletableFuture<State> state() {
    return calls.call("replay state", id, Repeat.SAFE, deadline -> transport.replay(id, deadline));
  }

  @Override
  public CompletableFuture<Void> start() {
    return control("start replay", ReplayCommand.START);
  }

  @Override
  public CompletableFuture<Void> pause() {
    return control("pause replay", ReplayCommand.PAUSE);
  }

  @Override
  public CompletableFuture<Void> resume() {
    return control("resume replay", ReplayCommand.RESUME);
  }

  @Override
  public CompletableFuture<Void> stop() {
    return control("stop replay", ReplayCommand.STOP);
  }

  @Override
  public CompletableFuture<Void> delete() {
    return calls.call(
        "delete replay",
        id,
        Repeat.UNLESS_APPLIED,
        deadline ->
            Steps.then(
                Steps.then(
                    transport.replay(id, deadline),
                    state ->
                        state.status() == Status.ACTIVE
                            ? transport.control(id, ReplayCommand.STOP, deadline)
                            : CompletableFuture.completedFuture(null)),
                stopped -> transport.control(id, ReplayCommand.DELETE, deadline)));
  }

  private CompletableFuture<Void> control(String operation, ReplayCommand command) {
    // Stopping again is no error; any other command may be refused if it was carried out already.
    Repeat repeat = command == ReplayCommand.STOP ? Repeat.SAFE : Repeat.UNLESS_APPLIED;
    return calls.call(operation, id, repeat, deadline -> transport.control(id, command, deadline));
  }
}
