package dev.tributary.internal;

import dev.tributary.Capability;
import dev.tributary.ResourceName;
import dev.tributary.spi.TraceTransport;
import dev.tributary.trace.Trace;
import dev.tributary.trace.TraceQuery;
import dev.tributary.trace.Traces;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Traces, over the transport. */
final class TracesHandle implements Traces {
  private final Calls calls;
  private final TraceTransport transport;
  private final Function<String, ResourceName> names;

  TracesHandle(Calls calls, Function<String, ResourceName> names) {
    this.calls = calls;
    this.transport = calls.transport().traces().orElseThrow(() -> calls.checks().unsupported(Capability.TRACES));
    this.names = names;
  }

  @Override
  public CompletableFuture<List<Trace>> search(TraceQuery query) {
    return calls.checked(
        "search traces",
        null,
        () -> {
          String name = Checks.present("query", query).stream();
          ResourceName stream = name == null ? null : names.apply(name);
          return calls.call("search traces", stream, Calls.Repeat.SAFE, deadline -> transport.search(query, stream, deadline));
        });
  }

  @Override
  public CompletableFuture<Trace> trace(String id) {
    return calls.checked(
        "get trace",
        null,
        () -> {
          Checks.notEmpty("id", id);
          return calls.call("get trace", id, Calls.Repeat.SAFE, deadline -> transport.trace(id, deadline));
        });
  }
}
