package dev.tributary.vertx;

import dev.tributary.access.Audit;
import dev.tributary.access.AuditEvent;
import dev.tributary.access.AuditFormat;
import dev.tributary.access.AuditQuery;
import io.vertx.core.Future;
import java.util.List;

/** {@link Audit} for verticles; see {@link VertxTributary}. */
public final class VertxAudit {
  private final Contexts contexts;
  private final Audit audit;

  VertxAudit(Contexts contexts, Audit audit) {
    this.contexts = contexts;
    this.audit = audit;
  }

  /** See {@link Audit#search}. */
  public Future<List<AuditEvent>> search(AuditQuery query) {
    return contexts.future(audit.search(query));
  }

  /** See {@link Audit#export}. */
  public Future<byte[]> export(AuditQuery query, AuditFormat format) {
    return contexts.future(audit.export(query, format));
  }
}
