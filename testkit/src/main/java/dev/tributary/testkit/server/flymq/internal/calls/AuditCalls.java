package dev.tributary.testkit.server.flymq.internal.calls;

import dev.tributary.access.AuditEvent;
import dev.tributary.access.AuditFormat;
import dev.tributary.engine.access.Trail;
import dev.tributary.testkit.server.flymq.internal.store.Refusal;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** What users did. */
public final class AuditCalls {
  private static final int USUAL_LIMIT = 100;
  private static final int MOST_EXPORTED = 100;
  private static final long LAST_SECOND = Instant.MAX.getEpochSecond() - 1;

  private final Trail trail;

  public AuditCalls(Trail trail) {
    this.trail = trail;
  }

  public void on(Operations operations) {
    operations
        .on(Opcode.AUDIT_QUERY, Requests.AuditQuery.class, (query, call) -> CompletableFuture.completedFuture(query(query)))
        .on(Opcode.AUDIT_EXPORT, Requests.AuditExport.class, (request, call) -> CompletableFuture.completedFuture(export(request)));
  }

  private Message query(Requests.AuditQuery query) {
    if (query.limit() < 0 || query.offset() < 0) {
      throw new Refusal("invalid audit query request: limit and offset are not negative");
    }
    List<AuditEvent> found = trail.find(filter(query));
    int limit = query.limit() == 0 ? USUAL_LIMIT : query.limit();
    List<Answers.AuditEvent> page = found.stream().skip(query.offset()).limit(limit).map(AuditCalls::shown).toList();
    return new Answers.AuditEvents(page, found.size(), query.offset() + (long) page.size() < found.size());
  }

  private Message export(Requests.AuditExport request) {
    AuditFormat format = request.format().equals("csv") ? AuditFormat.CSV : AuditFormat.JSON;
    return new Answers.AuditFile(
        request.format(), format.write(trail.find(filter(request.query())).stream().limit(MOST_EXPORTED).toList()));
  }

  /** Seconds of the wire count from their first moment to their last. */
  private static Trail.Filter filter(Requests.AuditQuery query) {
    return new Trail.Filter(
        second(query.start()),
        query.end() == 0 ? null : second(query.end()).plusSeconds(1),
        query.types(),
        query.user(),
        query.resource(),
        query.result(),
        query.search());
  }

  private static Instant second(long second) {
    return Instant.ofEpochSecond(Math.max(0, Math.min(second, LAST_SECOND)));
  }

  private static Answers.AuditEvent shown(AuditEvent event) {
    return new Answers.AuditEvent(
        event.id(),
        event.time().toEpochMilli(),
        event.type(),
        event.user(),
        event.address(),
        event.resource(),
        event.action(),
        Trail.text(event.result()),
        event.node(),
        new TreeMap<>(event.details()).entrySet().stream().map(detail -> new Answers.Detail(detail.getKey(), detail.getValue())).toList());
  }
}
