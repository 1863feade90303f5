package dev.tributary.vertx;

import dev.tributary.trace.Trace;
import dev.tributary.trace.TraceQuery;
import dev.tributary.trace.Traces;
import io.vertx.core.Future;
import java.util.List;

/** {@link Traces} for verticles; see {@link VertxTributary}. */
public final class VertxTraces {
  private final Contexts contexts;
  private final Traces traces;

  VertxTraces(Contexts contexts, Traces traces) {
    this.contexts = contexts;
    this.traces = traces;
  }

  /** See {@link Traces#search}. */
  public Future<List<Trace>> search(TraceQuery query) {
    return contexts.future(traces.search(query));
  }

  /** See {@link Traces#trace}. */
  public Future<Trace> trace(String id) {
    return contexts.future(traces.trace(id));
  }
}
