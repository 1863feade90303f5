package dev.tributary.trace;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What became of messages, as far as the server wrote it down. Servers keep traces for a while only. */
public interface Traces {
  /** The traces that a query finds, the latest first, without their spans. */
  CompletableFuture<List<Trace>> search(TraceQuery query);

  /** One trace with its spans; fails with {@code NotFoundException} if there is none, or none any more. */
  CompletableFuture<Trace> trace(String id);
}
