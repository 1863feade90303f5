package dev.tributary.internal;

import dev.tributary.access.AuditEvent;
import dev.tributary.access.AuditQuery;
import dev.tributary.spi.AccessTransport;
import dev.tributary.spi.AccessTransport.AuditPage;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a query finds, page after page. New events move those that are there towards later pages, so that some come again: each counts once. A further
 * try begins anew.
 */
final class AuditPages implements Function<Deadline, CompletableFuture<List<AuditEvent>>> {
  static final int PAGE = 100;

  /** Times of events are no finer. */
  private static final Duration STEP = Duration.ofMillis(1);

  private final AccessTransport transport;
  private final AuditQuery query;
  private final @Nullable AuditEvent before;
  private final int limit;

  AuditPages(AccessTransport transport, AuditQuery query) {
    this.transport = transport;
    this.before = query.before();
    this.limit = query.limit();
    this.query = before == null ? query : untilWith(query, before);
  }

  /** Others may have its time too: they are sorted out by its id. */
  private static AuditQuery untilWith(AuditQuery query, AuditEvent before) {
    Instant end = before.time().plus(STEP);
    Instant to = query.to();
    return to != null && to.isBefore(end) ? query : query.toBuilder().to(end).build();
  }

  @Override
  public CompletableFuture<List<AuditEvent>> apply(Deadline deadline) {
    return new Walk(deadline).begin();
  }

  private final class Walk extends Steps<List<AuditEvent>> {
    private final Deadline deadline;
    private final Set<String> seen = new HashSet<>();
    private final List<AuditEvent> found = new ArrayList<>();
    private boolean older = before == null;
    private int from;

    Walk(Deadline deadline) {
      this.deadline = deadline;
    }

    Walk begin() {
      loop(this::next, this::take);
      return this;
    }

    private CompletableFuture<AuditPage> next() {
      return transport.audit(query, from, PAGE, deadline);
    }

    private void take(@Nullable AuditPage page, @Nullable Throwable error) {
      if (page == null) {
        completeExceptionally(Objects.requireNonNull(error));
        return;
      }
      page.events().stream().filter(event -> seen.add(event.id())).forEach(this::add);
      if (older && found.size() >= limit || page.next().isEmpty()) {
        complete(List.copyOf(found.subList(0, Math.min(limit, found.size()))));
      } else {
        from = page.next().getAsInt();
      }
    }

    private void add(AuditEvent event) {
      if (before != null && event.id().equals(before.id())) {
        older = true;
        found.clear();
        return;
      }
      // It may be gone by now: then those of its time may have come before it or after.
      older = older || before != null && event.time().isBefore(before.time());
      found.add(event);
    }
  }
}
