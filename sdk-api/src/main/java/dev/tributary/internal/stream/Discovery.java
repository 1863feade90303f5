package dev.tributary.internal.stream;

import dev.tributary.ResourceName;
import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.Calls;
import dev.tributary.internal.Calls.Repeat;
import dev.tributary.internal.Serial;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.stream.StreamPattern;
import dev.tributary.stream.StreamSelection;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Looks which streams match the patterns of a consumer of several: at first, by the clock, and when asked. One look at a time. */
final class Discovery {
  private static final System.Logger LOG = System.getLogger("dev.tributary.consumer");

  private final ManyConsumer<?> whole;
  private final Calls calls;
  private final AdminTransport admin;
  private final List<StreamPattern> patterns;
  private final StreamSelection selection;
  private final Serial listeners;
  // Guarded by this.
  private @Nullable CompletableFuture<Void> current;
  /** For who asked since the look under way began, which may have missed what they know of. */
  private @Nullable CompletableFuture<Void> next;
  private TimeSource.@Nullable Timer timer;
  private boolean stopped;
  private boolean settled;
  private int failures;

  Discovery(ManyConsumer<?> whole, AdminTransport admin, List<StreamPattern> patterns, StreamSelection selection) {
    this.whole = whole;
    this.calls = whole.calls;
    this.admin = admin;
    this.patterns = patterns;
    this.selection = selection;
    this.listeners = new Serial(calls);
  }

  /** Whether a look has succeeded yet. */
  synchronized boolean isSettled() {
    return settled;
  }

  /** Whether the last look has failed. */
  synchronized boolean isFailing() {
    return failures > 0;
  }

  /** A look that begins now or later; completes when what it found is being read. */
  CompletableFuture<Void> refresh() {
    CompletableFuture<Void> asked;
    synchronized (this) {
      if (stopped) {
        return CompletableFuture.failedFuture(whole.closedError());
      }
      if (current != null) {
        next = next == null ? new CompletableFuture<>() : next;
        return next.copy();
      }
      asked = begun();
    }
    look();
    return asked.copy();
  }

  /** Holds the lock. */
  private CompletableFuture<Void> begun() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
    current = new CompletableFuture<>();
    return current;
  }

  private void look() {
    calls.steps()
        .call("list streams", null, Repeat.SAFE, deadline -> admin.list(ResourceKind.STREAM, deadline))
        .whenComplete((listed, error) -> looked(listed, error == null ? null : Steps.known(error)));
  }

  private void looked(@Nullable List<ResourceInfo> listed, @Nullable TributaryException failed) {
    TributaryException error = failed;
    if (listed != null && !isStopped()) {
      try {
        whole.members.found(matching(listed), !isSettled());
      } catch (TributaryException refused) {
        error = whole.located("refresh", refused);
      }
    }
    CompletableFuture<Void> done;
    boolean again = false;
    boolean fatal;
    synchronized (this) {
      done = current;
      current = null;
      failures = error == null ? 0 : failures + 1;
      settled |= error == null;
      fatal = error != null && !settled && !calls.passes(error);
      if (!stopped && !fatal) {
        again = next != null;
        if (again) {
          current = next;
          next = null;
        } else {
          timer = calls.time().schedule(pause(error), this::byTheClock);
        }
      }
    }
    if (error != null && !isStopped()) {
      tell(error);
    }
    if (fatal) {
      whole.fail(null, error);
    }
    whole.tellState();
    complete(done, error);
    if (again) {
      look();
    }
  }

  private Set<ResourceName> matching(List<ResourceInfo> listed) {
    Set<ResourceName> matching = new LinkedHashSet<>();
    for (ResourceInfo info : listed) {
      if (patterns.stream().anyMatch(pattern -> pattern.matches(info.name()))) {
        matching.add(info.name());
      }
    }
    return matching;
  }

  /** Holds the lock. */
  private Duration pause(@Nullable TributaryException error) {
    Duration every = selection.refresh();
    if (error == null || !error.retryable()) {
      return every;
    }
    Duration soon = calls.pause(failures, error);
    return soon.compareTo(every) < 0 ? soon : every;
  }

  private void byTheClock() {
    refresh();
  }

  private void tell(TributaryException error) {
    listeners.execute(
        () -> {
          try {
            selection.onRefreshFailed().accept(error);
          } catch (Throwable thrown) {
            LOG.log(System.Logger.Level.ERROR, "A listener of the streams of a consumer threw", thrown);
          }
        });
  }

  private static void complete(@Nullable CompletableFuture<Void> asked, @Nullable TributaryException error) {
    if (asked != null && error == null) {
      asked.complete(null);
    } else if (asked != null) {
      asked.completeExceptionally(error);
    }
  }

  private synchronized boolean isStopped() {
    return stopped;
  }

  /** No more looks; who waits for one is told why. */
  void stop(TributaryException why) {
    CompletableFuture<Void> underWay;
    CompletableFuture<Void> waiting;
    synchronized (this) {
      stopped = true;
      underWay = current;
      waiting = next;
      current = null;
      next = null;
      if (timer != null) {
        timer.cancel();
      }
    }
    complete(underWay, why);
    complete(waiting, why);
  }
}
