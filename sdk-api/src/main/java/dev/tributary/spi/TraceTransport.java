package dev.tributary.spi;

import dev.tributary.ResourceName;
import dev.tributary.trace.Trace;
import dev.tributary.trace.TraceQuery;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Traces that a backend keeps. See {@link Transport} for what holds for every method. */
public interface TraceTransport {
  /**
   * Finds traces, the latest first.
   *
   * @param stream the full name of the stream that the query names, or null
   */
  CompletableFuture<List<Trace>> search(TraceQuery query, @Nullable ResourceName stream, Deadline deadline);

  /** One trace with its spans; {@code NotFoundException} if there is none. */
  CompletableFuture<Trace> trace(String id, Deadline deadline);
}
