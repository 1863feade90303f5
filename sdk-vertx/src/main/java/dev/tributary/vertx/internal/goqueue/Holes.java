package dev.tributary.vertx.internal.goqueue;

import dev.tributary.spi.TimeSource;
import dev.tributary.stream.DelayedEvent;
import dev.tributary.stream.Message;
import dev.tributary.vertx.internal.net.LoopTimer;
import io.vertx.core.internal.ContextInternal;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Offsets of one partition that a reader passed and that held nothing. On the published server a delayed event appears there when it is due.
 * So whoever reads looks up which of them wait, reads these again when they are due, and commits nothing beyond them before. Others stay
 * empty for ever, as those of aborted transactions do. Event loop only.
 */
final class Holes {
  private static final Logger LOG = System.getLogger("dev.tributary.goqueue");

  /** How many events that wait are kept in mind, how many ranges may be unknown, and how many late events are remembered for commits. */
  private static final int MOST = 10_000;

  private static final int UNKNOWN = 1_000;
  private static final int REMEMBERED = 1_000;

  /** How often an event that is due is looked for before it is taken for gone, and when it is looked for again. */
  private static final int TRIES = 60;

  private static final Duration AGAIN = Duration.ofSeconds(1);

  /** The server's timer is as coarse as that. */
  private static final Duration SLACK = Duration.ofMillis(20);

  private final String what;
  private final TimeSource time;
  private final ContextInternal loop;
  private final Calls calls;
  private final NavigableMap<Long, Long> unknown = new TreeMap<>();
  private final NavigableMap<Long, Waiting> waiting = new TreeMap<>();
  private final Set<Long> late =
      Collections.newSetFromMap(
          new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Long, Boolean> eldest) {
              return size() > REMEMBERED;
            }
          });
  private long asked;
  private boolean forgetful;
  private @Nullable CompletableFuture<?> call;
  private TimeSource.@Nullable Timer next;

  /** What the reader does for it. */
  interface Calls {
    /** All events of the topic that wait. */
    CompletableFuture<List<DelayedEvent>> pending();

    /** Messages from this offset on. */
    CompletableFuture<Page> page(long offset, int max);

    /** This one came late; it goes to the application when it wants more. */
    void late(Message<byte[]> message);
  }

  private static final class Waiting {
    Instant dueAt;
    int tries;
    /** Read, and not delivered yet. */
    boolean here;

    Waiting(Instant dueAt) {
      this.dueAt = dueAt;
    }
  }

  Holes(String what, TimeSource time, ContextInternal loop, Calls calls) {
    this.what = what;
    this.time = time;
    this.loop = loop;
    this.calls = calls;
  }

  /** Whether so much is unknown that reading must wait. */
  boolean full() {
    return unknown.size() >= UNKNOWN;
  }

  /** What a page leaves out from this offset on. */
  void passed(long from, Page page) {
    long expected = from;
    for (Message<byte[]> message : page.messages()) {
      missing(expected, message.offset());
      expected = message.offset() + 1;
    }
    missing(expected, page.next());
    go();
  }

  private void missing(long from, long to) {
    if (from < to) {
      unknown.put(from, to);
    }
  }

  /** It went to the application. */
  void delivered(long offset) {
    waiting.remove(offset);
    late.add(offset);
  }

  /** What may be committed where this was asked for: nothing that still waits is left behind. */
  long committable(long offset) {
    // Behind a late event the application asks for less than it did before.
    long meant = late.contains(offset - 1) ? Math.max(offset, asked) : offset;
    asked = meant;
    if (!waiting.isEmpty()) {
      meant = Math.min(meant, waiting.firstKey());
    }
    return unknown.isEmpty() ? meant : Math.min(meant, unknown.firstKey());
  }

  /** Leaves what is under way; what was read and not delivered is read again. */
  void rest() {
    if (next != null) {
      next.cancel();
      next = null;
    }
    CompletableFuture<?> running = call;
    call = null;
    if (running != null) {
      running.cancel(true);
    }
    waiting.values().forEach(wait -> wait.here = false);
  }

  /** Reading goes on elsewhere. */
  void clear() {
    rest();
    unknown.clear();
    waiting.clear();
    late.clear();
    asked = 0;
  }

  /** Looks up or reads what is to be, unless it does already. */
  void go() {
    if (call != null || next != null && unknown.isEmpty()) {
      return;
    }
    if (!unknown.isEmpty()) {
      NavigableMap<Long, Long> ranges = new TreeMap<>(unknown);
      await(calls.pending(), pending -> sort(ranges, pending), error -> pause(AGAIN));
      return;
    }
    Map.Entry<Long, Waiting> first = first();
    if (first == null) {
      return;
    }
    Duration left = Duration.between(time.now(), first.getValue().dueAt.plus(SLACK));
    if (left.isNegative() || left.isZero()) {
      await(calls.page(first.getKey(), 1), page -> read(first.getKey(), page), error -> pause(AGAIN));
    } else {
      pause(left);
    }
  }

  private Map.@Nullable Entry<Long, Waiting> first() {
    Map.Entry<Long, Waiting> first = null;
    for (Map.Entry<Long, Waiting> one : waiting.entrySet()) {
      if (!one.getValue().here && (first == null || one.getValue().dueAt.isBefore(first.getValue().dueAt))) {
        first = one;
      }
    }
    return first;
  }

  /** Those that wait are kept in mind; the others are read once more, for one may have come since. */
  private void sort(NavigableMap<Long, Long> ranges, List<DelayedEvent> pending) {
    NavigableMap<Long, Instant> due = new TreeMap<>();
    // Of any partition: there the server does not tell them apart.
    pending.forEach(event -> due.merge(event.position().offset(), event.dueAt(), (one, other) -> one.isBefore(other) ? one : other));
    Map<Long, Long> empty = new TreeMap<>();
    ranges.forEach(
        (from, to) -> {
          long start = from;
          for (Map.Entry<Long, Instant> one : due.subMap(from, to).entrySet()) {
            keep(one.getKey(), one.getValue());
            if (start < one.getKey()) {
              empty.put(start, one.getKey());
            }
            start = one.getKey() + 1;
          }
          if (start < to) {
            empty.put(start, to);
          }
        });
    reread(ranges, new ArrayList<>(empty.entrySet()));
  }

  private void keep(long offset, Instant dueAt) {
    if (waiting.size() < MOST) {
      waiting.putIfAbsent(offset, new Waiting(dueAt));
    } else if (!forgetful) {
      forgetful = true;
      LOG.log(Level.WARNING, "More than {0} delayed events of {1} wait behind its reader: further ones will be missed", MOST, what);
    }
  }

  private void reread(NavigableMap<Long, Long> ranges, List<Map.Entry<Long, Long>> empty) {
    if (empty.isEmpty()) {
      unknown.keySet().removeAll(ranges.keySet());
      go();
      return;
    }
    Map.Entry<Long, Long> range = empty.remove(empty.size() - 1);
    int size = (int) Math.min(GoQueueDriver.PAGE, range.getValue() - range.getKey());
    await(
        calls.page(range.getKey(), size),
        page -> {
          for (Message<byte[]> message : page.messages()) {
            if (message.offset() < range.getValue()) {
              keep(message.offset(), time.now());
              came(message);
            }
          }
          reread(ranges, empty);
        },
        error -> pause(AGAIN));
  }

  private void read(long offset, Page page) {
    Waiting wait = waiting.get(offset);
    if (wait == null) {
      go();
      return;
    }
    Message<byte[]> message = page.messages().isEmpty() ? null : page.messages().get(0);
    if (message != null && message.offset() == offset) {
      came(message);
    } else if (++wait.tries < TRIES) {
      wait.dueAt = time.now().plus(AGAIN);
    } else {
      waiting.remove(offset);
      LOG.log(Level.WARNING, "A delayed event at offset {0} of {1} is due and does not come: it is given up", offset, what);
    }
    go();
  }

  private void came(Message<byte[]> message) {
    Waiting wait = waiting.get(message.offset());
    if (wait != null && !wait.here) {
      wait.here = true;
      calls.late(message);
    }
  }

  private void pause(Duration time) {
    if (next != null) {
      next.cancel();
    }
    next =
        LoopTimer.after(
            this.time,
            loop,
            time,
            () -> {
              next = null;
              go();
            });
  }

  private <R> void await(CompletableFuture<R> work, Consumer<R> then, Consumer<Throwable> otherwise) {
    if (next != null) {
      next.cancel();
      next = null;
    }
    call = work;
    work.whenComplete(
        (result, error) ->
            loop.emit(
                work,
                mine -> {
                  if (call == mine) {
                    call = null;
                    if (error == null) {
                      then.accept(result);
                    } else {
                      otherwise.accept(error);
                    }
                  }
                }));
  }
}
