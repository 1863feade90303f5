package dev.tributary.vertx.internal.source;

import dev.tributary.error.ConflictException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.OffsetOutOfRangeException;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.driver.Ends;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.Steps;
import dev.tributary.spi.StreamSource;
import dev.tributary.spi.SubscribeSpec;
import dev.tributary.stream.Message;
import dev.tributary.stream.OffsetReset;
import dev.tributary.stream.StartAt;
import dev.tributary.vertx.internal.net.LoopTimer;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.OnLoop;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A subscription that reads pages: of each partition it is assigned, from a {@link Cursor} that is kept here, so that every session goes on
 * where delivery stopped. A few partitions are read at a time, no more than fits into the window and the room; what is dropped is read again.
 * Where nothing comes it is looked again after a pause that grows, and now and then whether the positions are still there: a server that came
 * back without its data answers as if there was nothing new.
 */
public abstract class PagedSource extends ResumingSource<Message<byte[]>> implements StreamSource, Membership.Listener {
  /** How many partitions are read at a time. */
  private static final int CONCURRENT = 4;

  /** Where nothing comes, it is looked this often whether the positions are still there. */
  private static final Duration LOOK = Duration.ofSeconds(5);

  private final Network network;
  private final SubscribeSpec spec;
  private final int window;
  private final long largest;
  private final Map<Integer, Cursor> cursors = new TreeMap<>();
  private @Nullable CompletableFuture<?> finding;
  private boolean running;
  private boolean taking;
  private boolean began;
  /** Whether the positions are to be looked at before anything is read. */
  private boolean unchecked;
  /** When they were looked at; null for never since the last of them was told to go elsewhere. */
  private @Nullable Long looked;
  /** Bytes that are here and not delivered. */
  private long waiting;
  private int reads;
  private int asked;
  private int turn;

  /**
   * Not started yet.
   *
   * @param page how many messages the server gives at a time
   * @param largest how many bytes a message may have
   */
  protected PagedSource(
      ContextInternal loop, Network network, SubscribeSpec spec, int page, long largest, SourceObserver<Message<byte[]>> observer) {
    super(loop, network, observer);
    this.network = network;
    this.spec = spec;
    this.window = Math.max(1, Math.min(page, spec.prefetch()));
    this.largest = largest;
  }

  /** Where to begin, of those partitions that are still this source's; {@code ahead} may lie ahead of what there is. */
  public record Starts(Map<Integer, Long> offsets, Set<Integer> ahead) {}

  // What the backend says.

  /** Finds out which partitions to read, unless that is known, and tells {@link #assigned}. */
  protected abstract void open(int session);

  /** Where to begin in these, which have no position yet. */
  protected abstract CompletableFuture<Starts> starts(Collection<Cursor> fresh);

  /** The offsets of these places now. */
  protected abstract CompletableFuture<Map<Integer, Long>> find(Map<Integer, StartAt> places, Deadline deadline);

  /** What these partitions hold now; without those of which the server cannot say it. */
  protected abstract CompletableFuture<Map<Integer, Ends>> ends(Set<Integer> partitions);

  /** Up to so many messages from this offset on; fewer if they are larger than this client takes at a time. */
  protected abstract CompletableFuture<Page> fetch(int partition, long offset, int max);

  /** A cursor for a partition that is assigned. */
  protected Cursor cursor(int partition, boolean first) {
    return new Cursor(this, partition, first);
  }

  /** The position was not there any more, and it is read on here. */
  protected void resetTo(int partition, long offset) {}

  /** A page came: the server works. */
  protected void answered() {}

  /** Nothing lies behind what was read: looks again after a pause. */
  protected void atEnd(int session, Cursor cursor) {
    cursor.idle =
        LoopTimer.after(
            network.time(),
            loop,
            cursor.pause(),
            () -> {
              if (current(session) && isOurs(cursor)) {
                cursor.idle = null;
                wanted();
              }
            });
  }

  /** A call failed that the session needs. */
  protected void broke(int session, TributaryException error) {
    failed(session, error);
  }

  // Sessions.

  @Override
  protected void begin(int session) {
    running = true;
    unchecked = began;
    open(session);
  }

  @Override
  protected CompletableFuture<Void> stop() {
    running = false;
    if (finding != null) {
      finding.cancel(true);
      finding = null;
    }
    cursors.values().forEach(this::rest);
    waiting = 0;
    return CompletableFuture.completedFuture(null);
  }

  /** Whether there is a session. */
  protected final boolean running() {
    return running;
  }

  /** Whether partitions were assigned once. */
  protected final boolean began() {
    return began;
  }

  /** What was asked for. */
  protected final SubscribeSpec spec() {
    return spec;
  }

  protected final Network network() {
    return network;
  }

  /** How many messages may be here. */
  protected final int window() {
    return window;
  }

  final long largest() {
    return largest;
  }

  /** How many bytes more may be fetched: what the observer can hold, without what waits here for it. */
  protected final long bytesLeft() {
    return observer().room() - waiting;
  }

  /** One question at a time, besides the pages; its result counts if the session is still the one that counts. */
  protected final <R> void ask(int session, CompletableFuture<R> question, Consumer<R> then) {
    finding = question;
    question.whenComplete(
        (result, error) ->
            OnLoop.run(
                loop,
                question,
                mine -> {
                  if (finding == mine) {
                    finding = null;
                    if (error == null) {
                      guarded(session, () -> then.accept(result));
                    } else {
                      broke(session, Steps.known(error));
                    }
                  }
                }));
  }

  /** Whether a question is on its way. */
  protected final boolean asking() {
    return finding != null;
  }

  /** What goes wrong here is not passed over in silence, with nothing more to come. */
  private void guarded(int session, Runnable step) {
    try {
      step.run();
    } catch (Throwable defect) {
      failed(session, Steps.known(defect));
    }
  }

  // What is read.

  /** The partitions that were asked for, each {@code checked}; of a stream of so many, all of them if none were. */
  protected final Set<Integer> chosen(int partitions, IntConsumer checked) {
    Set<Integer> chosen = new HashSet<>(spec.partitions());
    chosen.forEach(checked::accept);
    for (int partition = 0; partition < partitions && spec.partitions().isEmpty(); partition++) {
      chosen.add(partition);
    }
    return chosen;
  }

  @Override
  public void assigned(Set<Integer> partitions) {
    if (ended()) {
      return;
    }
    Set<Integer> lost = new HashSet<>(cursors.keySet());
    lost.removeAll(partitions);
    if (!lost.isEmpty()) {
      // They are somebody else's already: nobody can wait for anything.
      revoking(lost);
      revoked(lost);
    }
    Set<Integer> gained = new HashSet<>(partitions);
    gained.removeAll(cursors.keySet());
    boolean first = !began;
    began = true;
    for (int partition : gained) {
      cursors.put(partition, cursor(partition, first));
    }
    if (first || !gained.isEmpty()) {
      observer().onAssigned(Set.copyOf(gained));
    }
    if (running && !ended()) {
      position(session());
    }
  }

  @Override
  public CompletableFuture<?> revoking(Set<Integer> partitions) {
    Set<Integer> going = ours(partitions);
    if (going.isEmpty() || ended()) {
      return CompletableFuture.completedFuture(null);
    }
    each(
        going,
        cursor -> {
          cursor.revoking = true;
          rest(cursor);
        });
    forget(going);
    return observer().onRevoking(Set.copyOf(going));
  }

  @Override
  public void revoked(Set<Integer> partitions) {
    Set<Integer> gone = ours(partitions);
    each(gone, this::rest);
    cursors.keySet().removeAll(gone);
    if (!gone.isEmpty() && !ended()) {
      forget(gone);
      observer().onRevoked(Set.copyOf(gone));
      wanted();
    }
  }

  @Override
  public void expelled(TributaryException error) {
    end(error);
  }

  private Set<Integer> ours(Set<Integer> partitions) {
    Set<Integer> ours = new HashSet<>(partitions);
    ours.retainAll(cursors.keySet());
    return ours;
  }

  private boolean isOurs(Cursor cursor) {
    return cursors.get(cursor.partition()) == cursor;
  }

  /** The cursor of a partition; null for one that is not read here. */
  protected final @Nullable Cursor cursorOf(int partition) {
    return cursors.get(partition);
  }

  /** Does this with each of these that is read here. */
  protected final void each(Set<Integer> partitions, Consumer<Cursor> what) {
    for (int partition : partitions) {
      Cursor cursor = cursors.get(partition);
      if (cursor != null) {
        what.accept(cursor);
      }
    }
  }

  /** What is here of these and not delivered is not. */
  private void forget(Set<Integer> partitions) {
    drop(
        message -> {
          boolean which = partitions.contains(message.partition());
          waiting -= which ? size(message) : 0;
          return which;
        });
  }

  private static long size(Message<byte[]> message) {
    return message.value().length;
  }

  /** Reads where the positions are known, and finds out those that are not. */
  protected final void position(int session) {
    cursors.values().forEach(Cursor::wake);
    if (finding == null) { // Else those that came since are looked for behind it.
      List<Cursor> fresh = cursors.values().stream().filter(cursor -> cursor.start != null).toList();
      unchecked &= fresh.size() < cursors.size();
      if (unchecked) {
        look(
            session,
            () -> {
              unchecked = false;
              live(session);
              position(session);
            });
      } else if (!fresh.isEmpty()) {
        CompletableFuture<Starts> starts = starts(fresh);
        // A start that is an offset already says nothing of the server.
        boolean asked = !starts.isDone();
        ask(
            session,
            starts,
            found -> {
              if (asked) {
                live(session);
              }
              begin(session, fresh, found);
            });
      } else if (cursors.values().stream().allMatch(cursor -> cursor.paused)) {
        works(session);
      }
    }
    wanted();
  }

  private void begin(int session, List<Cursor> fresh, Starts found) {
    for (Cursor cursor : fresh) {
      Long offset = found.offsets().get(cursor.partition());
      if (offset != null && cursor.start != null && isOurs(cursor)) {
        moveTo(cursor, offset, found.ahead().contains(cursor.partition()));
      }
    }
    position(session);
  }

  private void moveTo(Cursor cursor, long offset, boolean mayWait) {
    rest(cursor);
    cursor.moveTo(offset, mayWait);
    looked = null;
  }

  /** Leaves what is under way; what was read and not delivered is read again. */
  private void rest(Cursor cursor) {
    cursor.rest();
    CompletableFuture<?> call = cursor.call;
    if (call != null) {
      over(cursor);
      call.cancel(true);
    }
  }

  private void over(Cursor cursor) {
    cursor.call = null;
    reads--;
    asked -= cursor.asked;
  }

  // Whether what is to be read on is still there.

  /** Where a cursor was, and how often it was told to go elsewhere by then. */
  private record Noted(Cursor cursor, long readAt, int moves) {}

  private void look(int session, Runnable then) {
    Map<Integer, Noted> noted = new HashMap<>();
    cursors.forEach(
        (partition, cursor) -> {
          if (cursor.start == null && !cursor.ahead) {
            noted.put(partition, new Noted(cursor, cursor.readAt, cursor.moves));
          }
        });
    ask(
        session,
        noted.isEmpty() ? CompletableFuture.completedFuture(Map.<Integer, Ends>of()) : ends(Set.copyOf(noted.keySet())),
        ends -> {
          looked = network.time().nanos();
          if (noted.values().stream().allMatch(one -> isThere(session, one, ends))) {
            then.run();
          }
        });
  }

  /** Whether this position is, as the partition was after it was noted; goes elsewhere if not, or ends. */
  private boolean isThere(int session, Noted one, Map<Integer, Ends> known) {
    Cursor cursor = one.cursor();
    Ends ends = known.get(cursor.partition());
    boolean there = ends == null || ends.has(one.readAt()) || one.readAt() <= ends.next() && !cursor.delivered;
    return there || !isOurs(cursor) || cursor.moves != one.moves() || reset(session, cursor, one.readAt(), ends);
  }

  private boolean reset(int session, Cursor cursor, long position, Ends ends) {
    int partition = cursor.partition();
    try {
      long instead = ends.instead(spec.reset(), "partition " + partition + " of " + spec.stream().name(), position);
      forget(Set.of(partition));
      moveTo(cursor, instead, false);
      resetTo(partition, instead);
      return true;
    } catch (OffsetOutOfRangeException gone) {
      failed(session, gone);
      return false;
    }
  }

  // Reading.

  @Override
  protected void delivered(Message<byte[]> message) {
    waiting -= size(message);
    Cursor cursor = cursors.get(message.partition());
    if (cursor != null) {
      cursor.delivered(message.offset());
    }
  }

  /** Says how far it has come where nothing that is wanted came. */
  private void pass() {
    if (spec.filter() != null && running && !taking) {
      List.copyOf(cursors.values())
          .forEach(
              cursor -> {
                if (running && isOurs(cursor) && cursor.pass()) {
                  observer().onPassed(cursor.partition(), cursor.position());
                }
              });
    }
  }

  @Override
  protected void wanted() {
    pass();
    long bytes = bytesLeft();
    if (!running || taking || unchecked || bytes <= 0 || cursors.isEmpty()) {
      return;
    }
    List<Cursor> all = new ArrayList<>(cursors.values());
    int together = Math.min(all.size(), CONCURRENT);
    int share = Math.max(1, window / together);
    for (int i = 0; i < all.size() && reads < CONCURRENT; i++) {
      Cursor cursor = all.get((turn + i) % all.size());
      int room = window - held() - asked;
      if (cursor.readable() && room >= (share + 1) / 2) {
        read(session(), cursor, cursor.page(Math.min(share, room), bytes / together));
      }
    }
    turn++;
  }

  /**
   * What was read.
   *
   * @param page null if the server does not have the position, as {@code refused} says
   * @param ends what the partition was like after it; null if nothing speaks against the page
   */
  private record Read(@Nullable Page page, @Nullable Ends ends, @Nullable TributaryException refused) {}

  private void read(int session, Cursor cursor, int max) {
    reads++;
    asked += max;
    cursor.asked = max;
    CompletableFuture<Read> reading = seen(cursor, cursor.readAt, fetch(cursor.partition(), cursor.readAt, max));
    cursor.call = reading;
    reading.whenComplete(
        (read, error) ->
            OnLoop.run(
                loop,
                reading,
                mine -> {
                  if (cursor.call == mine) {
                    over(cursor);
                    if (error == null) {
                      guarded(session, () -> take(session, cursor, read));
                    } else {
                      broke(session, Steps.known(error));
                    }
                  }
                }));
  }

  private static long begins(Page page) {
    return page.messages().isEmpty() ? page.next() : page.messages().get(0).offset();
  }

  /** A page that begins later than it was asked for may have lost what was there. */
  private CompletableFuture<Read> seen(Cursor cursor, long from, CompletableFuture<Page> reading) {
    Set<Integer> partition = Set.of(cursor.partition());
    return Steps.recover(
        Steps.then(
            reading,
            page ->
                cursor.delivered && begins(page) > from
                    ? Steps.map(ends(partition), ends -> new Read(page, ends.get(cursor.partition()), null))
                    : CompletableFuture.completedFuture(new Read(page, null, null))),
        error ->
            error instanceof OffsetOutOfRangeException && spec.reset() != OffsetReset.FAIL && !cursor.elsewhere
                ? Steps.map(ends(partition), ends -> new Read(null, ends.get(cursor.partition()), error))
                : CompletableFuture.failedFuture(error));
  }

  private void take(int session, Cursor cursor, Read read) {
    answered();
    Page page = read.page();
    Ends ends = read.ends();
    if (page == null) {
      if (ends == null) {
        failed(session, Objects.requireNonNull(read.refused()));
        return;
      }
      if (!reset(session, cursor, cursor.readAt, ends)) {
        return;
      }
      cursor.elsewhere = true;
    } else {
      int moves = cursor.moves;
      if (ends == null || isThere(session, new Noted(cursor, cursor.readAt, moves), Map.of(cursor.partition(), ends)) && cursor.moves == moves) {
        take(session, cursor, page);
      }
    }
    if (current(session)) {
      wanted();
    }
  }

  private void take(int session, Cursor cursor, Page page) {
    works(session);
    cursor.passed(page);
    boolean nothing = page.messages().isEmpty() && page.next() == cursor.readAt;
    cursor.readAt = page.next();
    if (!nothing) {
      cursor.learn(page);
      // What to do next is decided behind the page, not within it.
      taking = true;
      try {
        observer().onBurst(() -> here(session, cursor, page));
      } finally {
        taking = false;
      }
    }
    if (page.last() && current(session) && isOurs(cursor)) {
      if (nothing && !cursor.ahead && cursor.readAt > 0 && finding == null && lookIsDue()) {
        cursor.looking = true;
        look(
            session,
            () -> {
              if (cursor.looking && isOurs(cursor)) {
                cursor.looking = false;
                atEnd(session, cursor);
              }
              position(session);
            });
      } else {
        atEnd(session, cursor);
      }
    }
  }

  private void here(int session, Cursor cursor, Page page) {
    for (Message<byte[]> message : page.messages()) {
      if (isOurs(cursor) && !cursor.paused && !cursor.revoking && message.offset() >= cursor.position()) {
        here(session, cursor, message);
      }
    }
  }

  private boolean lookIsDue() {
    return looked == null || network.time().nanos() - looked >= LOOK.toNanos();
  }

  /** One more that did not come in a page of its cursor's. */
  protected final void here(int session, Cursor cursor, Message<byte[]> message) {
    if (current(session)) {
      long bytes = size(message);
      cursor.here(message.offset());
      cursor.saw(bytes);
      waiting += bytes;
      arrived(session, message);
    }
  }

  /** One more that did not come in a page, next in turn. */
  protected final void next(int session, Cursor cursor, Message<byte[]> message) {
    if (current(session)) {
      cursor.readAt = message.offset() + 1;
      here(session, cursor, message);
    }
  }

  // What the application says.

  @Override
  public CompletableFuture<Map<Integer, Long>> seek(Map<Integer, StartAt> to, Deadline deadline) {
    return OnLoop.then(find(to, deadline), loop, (offsets, moved) -> move(to, offsets, moved));
  }

  private void move(Map<Integer, StartAt> to, Map<Integer, Long> offsets, CompletableFuture<Map<Integer, Long>> moved) {
    if (!cursors.keySet().containsAll(offsets.keySet())) {
      Set<Integer> others = new HashSet<>(offsets.keySet());
      others.removeAll(cursors.keySet());
      moved.completeExceptionally(
          new ConflictException(ErrorInfo.of("partitions " + others + " are not read here", "Another member of the group reads them")));
      return;
    }
    forget(offsets.keySet());
    each(offsets.keySet(), cursor -> moveTo(cursor, offsets.get(cursor.partition()), to.get(cursor.partition()) instanceof StartAt.Offset));
    moved.complete(offsets);
    wanted();
  }

  @Override
  public void pause(Set<Integer> partitions) {
    OnLoop.run(
        loop,
        partitions,
        which -> {
          forget(which);
          each(
              which,
              cursor -> {
                cursor.paused = true;
                rest(cursor);
              });
          wanted();
        });
  }

  @Override
  public void resume(Set<Integer> partitions) {
    OnLoop.run(
        loop,
        partitions,
        which -> {
          each(
              which,
              cursor -> {
                cursor.paused = false;
                cursor.wake();
              });
          wanted();
        });
  }
}
