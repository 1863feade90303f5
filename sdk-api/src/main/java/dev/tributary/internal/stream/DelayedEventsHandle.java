package dev.tributary.internal.stream;

import dev.tributary.Capability;
import dev.tributary.ResourceName;
import dev.tributary.internal.Calls;
import dev.tributary.internal.Checks;
import dev.tributary.spi.DelayedEventTransport;
import dev.tributary.stream.DelayedEvent;
import dev.tributary.stream.DelayedEvents;
import dev.tributary.stream.Position;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** The delayed events of a stream, over its transport. */
final class DelayedEventsHandle implements DelayedEvents {
  private final Calls calls;
  private final Supplier<DelayedEventTransport> transport;
  private final ResourceName stream;

  /** Of this stream; the transport is only asked for them if the backend has what is needed. */
  DelayedEventsHandle(Calls calls, Supplier<DelayedEventTransport> transport, ResourceName stream) {
    this.calls = calls;
    this.transport = transport;
    this.stream = stream;
  }

  @Override
  public CompletableFuture<List<DelayedEvent>> list(int max) {
    return calls.checked(
        "list delayed",
        stream,
        () -> {
          DelayedEventTransport delayed = delayed();
          Checks.atLeastOne("max", max);
          return calls.call("list delayed", stream, Calls.Repeat.SAFE, deadline -> delayed.list(stream, max, deadline));
        });
  }

  @Override
  public CompletableFuture<Optional<DelayedEvent>> find(Position position) {
    return calls.checked(
        "find delayed",
        stream,
        () -> {
          DelayedEventTransport delayed = delayed();
          checkPosition(position);
          return calls.call("find delayed", stream, Calls.Repeat.SAFE, deadline -> delayed.find(stream, position, deadline));
        });
  }

  @Override
  public CompletableFuture<Void> cancel(Position position) {
    return calls.checked(
        "cancel delayed",
        stream,
        () -> {
          DelayedEventTransport delayed = delayed();
          checkPosition(position);
          return calls.call(
              "cancel delayed", stream, Calls.Repeat.UNLESS_APPLIED, deadline -> delayed.cancel(stream, position, deadline));
        });
  }

  private static void checkPosition(Position position) {
    Checks.present("position", position);
    Checks.notNegative("partition", position.partition());
    Checks.notNegative("offset", position.offset());
  }

  private DelayedEventTransport delayed() {
    calls.checks().require(Capability.DELAYED_EVENTS);
    return transport.get();
  }
}
