package dev.tributary.internal;

import dev.tributary.Capability;
import dev.tributary.access.Audit;
import dev.tributary.access.AuditEvent;
import dev.tributary.access.AuditFormat;
import dev.tributary.access.AuditQuery;
import dev.tributary.spi.AccessTransport;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Who did what, over the transport. Files are written here, so that they have all that was found, whatever the backend would put into one. */
record AuditHandle(Calls calls, AccessTransport transport) implements Audit {
  @Override
  public CompletableFuture<List<AuditEvent>> search(AuditQuery query) {
    return find("search audit", query, events -> events);
  }

  @Override
  public CompletableFuture<byte[]> export(AuditQuery query, AuditFormat format) {
    return calls.checked(
        "export audit",
        null,
        () -> {
          AuditFormat chosen = Checks.present("format", format);
          return find("export audit", query, chosen::write);
        });
  }

  private <R> CompletableFuture<R> find(String operation, AuditQuery query, Function<List<AuditEvent>, R> convert) {
    return calls.checked(
        operation,
        null,
        () -> {
          calls.checks().require(Capability.AUDIT);
          AuditPages pages = new AuditPages(transport, checked(query));
          return calls.call(operation, null, Calls.Repeat.SAFE, pages, convert);
        });
  }

  private static AuditQuery checked(AuditQuery query) {
    Checks.present("query", query).types().forEach(type -> Checks.notEmpty("type", type));
    for (String text : new String[] {query.user(), query.resource(), query.text()}) {
      if (text != null) {
        Checks.notEmpty("text of a condition", text);
      }
    }
    return query;
  }
}
