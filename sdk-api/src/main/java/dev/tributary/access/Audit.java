package dev.tributary.access;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Who did what, as far as the backend wrote it down. It may ask for {@link Permission#ADMIN}, and keep events for a while only. */
public interface Audit {
  /** The events that a query finds, the newest first. Those that come next are found by {@link AuditQuery#before}. */
  CompletableFuture<List<AuditEvent>> search(AuditQuery query);

  /** The same as a file. */
  CompletableFuture<byte[]> export(AuditQuery query, AuditFormat format);
}
