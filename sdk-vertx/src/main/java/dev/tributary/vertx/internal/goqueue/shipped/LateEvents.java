package dev.tributary.vertx.internal.goqueue.shipped;

import dev.tributary.spi.TimeSource;
import dev.tributary.stream.DelayedEvent;
import dev.tributary.stream.Message;
import dev.tributary.vertx.internal.goqueue.client.Gaps;
import dev.tributary.vertx.internal.goqueue.wire.Sizes;
import dev.tributary.vertx.internal.net.LoopTimer;
import dev.tributary.vertx.internal.net.OnLoop;
import dev.tributary.vertx.internal.source.Page;
import io.vertx.core.internal.ContextInternal;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Gaps that are filled later: on the published server a delayed event appears where it was stored when it is due. What a page leaves out is
 * {@link #unknown} until the list of those that wait is asked for, and then waits or stays empty for ever, as places of aborted transactions do; a
 * place that is not in the list is read once more, since its event may have come meanwhile. What waits is read again when it is due, and delivered
 * out of turn. Invariant: nothing is committed beyond a gap that is unknown or waits, nor beyond a late event that is not processed yet. Event
 * loop only.
 */
final class LateEvents implements Gaps {
  private static final Logger LOG = System.getLogger("dev.tributary.goqueue");

  /** With so many events that wait, or so many ranges that are unknown, reading goes no further. */
  private static final int MOST = 100_000;

  private static final int UNKNOWN = 1_000;

  /** So many late events are remembered for commits, and so many are here at a time. */
  private static final int REMEMBERED = 10_000;

  private static final int HERE = 100;

  /** How often an event that is due is looked for before it is taken for gone, and when it is looked for again. */
  private static final int TRIES = 60;

  private static final Duration AGAIN = Duration.ofSeconds(1);

  /** The server's timer is as coarse as that. */
  private static final Duration SLACK = Duration.ofMillis(20);

  private final String what;
  private final TimeSource time;
  private final ContextInternal loop;
  private final Reader reader;
  private final NavigableMap<Long, Long> unknown = new TreeMap<>();
  private final NavigableMap<Long, Waiting> waiting = new TreeMap<>();
  /** In the order of delivery. */
  private final Map<Long, Late> late =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Late> eldest) {
          return size() > REMEMBERED;
        }
      };
  private int here;
  private long asked;
  private @Nullable CompletableFuture<?> call;
  /** The ranges that are being sorted; what is delivered meanwhile must not have them sorted once more. */
  private @Nullable NavigableMap<Long, Long> sorting;
  private TimeSource.@Nullable Timer next;

  private static final class Late {
    /** What was next in turn when it was delivered. */
    final long next;
    boolean processed;

    Late(long next) {
      this.next = next;
    }
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

  LateEvents(String what, TimeSource time, ContextInternal loop, Reader reader) {
    this.what = what;
    this.time = time;
    this.loop = loop;
    this.reader = reader;
  }

  @Override
  public boolean full() {
    return unknown.size() >= UNKNOWN || waiting.size() >= MOST;
  }

  @Override
  public void passed(long from, Page page) {
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

  @Override
  public void delivered(long offset, long next) {
    Waiting waited = waiting.remove(offset);
    if (waited != null && waited.here) {
      here--;
      if (offset < next) {
        late.put(offset, new Late(next));
      }
      go();
    }
  }

  /** What may be committed where this was asked for: nothing is left behind that still waits, or came late and is not processed yet. */
  @Override
  public long committable(long offset) {
    Late last = late.get(offset - 1);
    if (last == null) {
      late.values().removeIf(one -> one.processed || one.next < offset);
      asked = offset;
    } else {
      // Behind a late event the application asks for less than it did before. What was delivered until then is processed.
      for (Iterator<Late> inTurn = late.values().iterator(); !last.processed; ) {
        inTurn.next().processed = true;
      }
      asked = Math.max(asked, last.next);
    }
    long meant = asked;
    for (Map.Entry<Long, Late> one : late.entrySet()) {
      meant = one.getValue().processed ? meant : Math.min(meant, one.getKey());
    }
    if (!waiting.isEmpty()) {
      meant = Math.min(meant, waiting.firstKey());
    }
    return unknown.isEmpty() ? meant : Math.min(meant, unknown.firstKey());
  }

  @Override
  public void rest(long from) {
    if (next != null) {
      next.cancel();
      next = null;
    }
    CompletableFuture<?> running = call;
    call = null;
    sorting = null;
    if (running != null) {
      running.cancel(true);
    }
    waiting.tailMap(from).clear();
    waiting.values().forEach(wait -> wait.here = false);
    here = 0;
    unknown.tailMap(from).clear();
    unknown.replaceAll((start, end) -> Math.min(end, from));
  }

  @Override
  public void clear() {
    rest(0);
    late.clear();
    asked = 0;
  }

  @Override
  public void go() {
    if (sorting != null || call != null || next != null && unknown.isEmpty()) {
      return;
    }
    if (!unknown.isEmpty()) {
      NavigableMap<Long, Long> ranges = new TreeMap<>(unknown);
      sorting = ranges;
      await(reader.pending(), pending -> sort(ranges, pending), error -> unsorted());
      return;
    }
    Map.Entry<Long, Waiting> first = first();
    if (first == null || here >= HERE) {
      return;
    }
    Duration left = Duration.between(time.now(), first.getValue().dueAt.plus(SLACK));
    if (left.isNegative() || left.isZero()) {
      await(reader.page(first.getKey(), neighbours(first.getKey())), page -> read(first.getKey(), page), error -> pause(AGAIN));
    } else {
      pause(left);
    }
  }

  /** How many that wait follow each other from this one on; they may be due together. */
  private int neighbours(long offset) {
    int count = 1;
    while (count < HERE - here && waiting.containsKey(offset + count)) {
      count++;
    }
    return count;
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
    waiting.putIfAbsent(offset, new Waiting(dueAt));
  }

  private void unsorted() {
    sorting = null;
    pause(AGAIN);
  }

  private void reread(NavigableMap<Long, Long> ranges, List<Map.Entry<Long, Long>> empty) {
    if (sorting != ranges) {
      return;
    }
    if (empty.isEmpty()) {
      sorting = null;
      unknown.keySet().removeAll(ranges.keySet());
      go();
      reader.emptied();
      return;
    }
    Map.Entry<Long, Long> range = empty.remove(empty.size() - 1);
    int size = (int) Math.min(Sizes.PAGE, range.getValue() - range.getKey());
    await(
        reader.page(range.getKey(), size),
        page -> {
          for (Message<byte[]> message : page.messages()) {
            if (message.offset() < range.getValue() && sorting == ranges) {
              keep(message.offset(), time.now());
              came(message);
            }
          }
          if (page.next() > range.getKey() && page.next() < range.getValue()) {
            empty.add(Map.entry(page.next(), range.getValue()));
          }
          reread(ranges, empty);
        },
        error -> unsorted());
  }

  private void read(long offset, Page page) {
    Waiting wait = waiting.get(offset);
    if (wait == null) {
      go();
      return;
    }
    page.messages().stream().filter(message -> waiting.containsKey(message.offset())).forEach(this::came);
    if (wait.here) {
      wait.tries = 0;
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
      here++;
      reader.late(message);
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
            OnLoop.run(
                loop,
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
