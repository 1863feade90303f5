package dev.tributary.nats;

import dev.tributary.error.ConflictException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.driver.Ends;
import dev.tributary.internal.driver.Fit;
import dev.tributary.nats.client.Link;
import dev.tributary.nats.client.NatsCaller;
import dev.tributary.nats.client.Reader;
import dev.tributary.nats.wire.Entry;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.Steps;
import dev.tributary.spi.StreamSource;
import dev.tributary.spi.SubscribeSpec;
import dev.tributary.stream.Message;
import dev.tributary.stream.StartAt;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A subscription: a {@link Reader} for each partition it is assigned, from a {@link Cursor} that is kept here, so that every session goes on where delivery stopped. */
final class NatsSource extends Resuming<Message<byte[]>> implements StreamSource, Member.Listener {
  /** The number of the first session. */
  private static final int FIRST = 1;

  private final Logs logs;
  private final Groups groups;
  private final NatsMapping mapping;
  private final SubscribeSpec spec;
  private final int window;
  private final Consumer<NatsSource> onOver;
  private final Map<Integer, Cursor> cursors = new TreeMap<>();
  private final Fit fit = new Fit(NatsDriver.PAYLOAD_BYTES);
  private volatile @Nullable Member member;
  private @Nullable Link link;
  private boolean began;
  /** Bytes that are here and not delivered. */
  private long waiting;

  NatsSource(
      NatsCaller caller,
      Logs logs,
      Groups groups,
      NatsMapping mapping,
      SubscribeSpec spec,
      SourceObserver<Message<byte[]>> observer,
      Consumer<NatsSource> onOver) {
    super(caller, observer);
    this.logs = logs;
    this.groups = groups;
    this.mapping = mapping;
    this.spec = spec;
    this.window = Math.max(1, spec.prefetch());
    this.onOver = onOver;
  }

  private <R> CompletableFuture<R> soon(Function<Deadline, CompletableFuture<R>> call) {
    return caller.within(caller.config().timeout(), call);
  }

  // Sessions.

  @Override
  void begin(int session, Link there) {
    link = there;
    ask(
        session,
        // What was asked before may be over by the time something failed.
        soon(deadline -> session == FIRST ? logs.partitions(spec.stream(), deadline) : logs.ask(spec.stream(), deadline)),
        count -> {
          spec.partitions().forEach(partition -> Logs.checked(spec.stream(), partition, count));
          if (spec.group() == null) {
            Set<Integer> chosen = new HashSet<>(spec.partitions());
            for (int partition = 0; partition < count && spec.partitions().isEmpty(); partition++) {
              chosen.add(partition);
            }
            assigned(chosen);
          } else {
            if (member == null) {
              member = new Member(caller, groups, turns, spec.stream(), spec.group(), count, this);
            }
            member.join(there);
          }
        });
  }

  @Override
  CompletableFuture<Void> stop(boolean last) {
    link = null;
    cursors.values().forEach(Cursor::rest);
    waiting = 0;
    if (member != null && last) {
      return member.leave();
    }
    if (member != null) {
      member.rest();
    }
    return CompletableFuture.completedFuture(null);
  }

  @Override
  void over() {
    onOver.accept(this);
  }

  // What is read.

  @Override
  public void assigned(Set<Integer> partitions) {
    if (ended()) {
      return;
    }
    Set<Integer> wanted = new HashSet<>(partitions);
    if (!spec.partitions().isEmpty()) {
      wanted.retainAll(spec.partitions());
    }
    Set<Integer> lost = new HashSet<>(cursors.keySet());
    lost.removeAll(wanted);
    if (!lost.isEmpty()) {
      revoking(lost);
      revoked(lost);
    }
    Set<Integer> gained = new HashSet<>(wanted);
    gained.removeAll(cursors.keySet());
    boolean first = !began;
    began = true;
    gained.forEach(partition -> cursors.put(partition, new Cursor(partition, first, spec.start())));
    if (first || !gained.isEmpty()) {
      observer.onAssigned(Set.copyOf(gained));
    }
    int session = session();
    for (Cursor cursor : cursors.values().toArray(Cursor[]::new)) {
      if (cursor.reader == null && current(session)) {
        place(session, cursor);
      }
    }
    placed(session);
  }

  /** It works once it reads everywhere. */
  private void placed(int session) {
    if (link != null && cursors.values().stream().allMatch(cursor -> cursor.paused || cursor.revoking || cursor.reader != null && cursor.reader.ready())) {
      works(session);
    }
  }

  @Override
  public CompletableFuture<?> revoking(Set<Integer> partitions) {
    Set<Integer> going = new HashSet<>(partitions);
    going.retainAll(cursors.keySet());
    if (going.isEmpty() || ended()) {
      return CompletableFuture.completedFuture(null);
    }
    each(going, cursor -> cursor.revoking = true);
    leave(going);
    return observer.onRevoking(Set.copyOf(going));
  }

  @Override
  public void revoked(Set<Integer> partitions) {
    Set<Integer> gone = new HashSet<>(partitions);
    gone.retainAll(cursors.keySet());
    leave(gone);
    cursors.keySet().removeAll(gone);
    if (!gone.isEmpty() && !ended()) {
      observer.onRevoked(Set.copyOf(gone));
      placed(session());
      wanted();
    }
  }

  @Override
  public void failed(TributaryException error) {
    failed(session(), error);
  }

  private boolean isOurs(Cursor cursor) {
    return cursors.get(cursor.partition) == cursor;
  }

  private void each(Set<Integer> partitions, Consumer<Cursor> what) {
    for (int partition : partitions) {
      Cursor cursor = cursors.get(partition);
      if (cursor != null) {
        what.accept(cursor);
      }
    }
  }

  /** What is here of these and not delivered is not, and nothing more comes. */
  private void leave(Set<Integer> partitions) {
    drop(
        message -> {
          boolean which = partitions.contains(message.partition());
          waiting -= which ? message.value().length : 0;
          return which;
        });
    each(partitions, Cursor::rest);
  }

  // Places.

  /** Finds out where to read, and reads there. */
  private void place(int session, Cursor cursor) {
    Link on = link;
    if (on == null || cursor.paused || cursor.revoking || cursor.reader != null) {
      return;
    }
    int rests = ++cursor.rests;
    if (cursor.start != null) {
      when(session, cursor, rests, soon(deadline -> begins(cursor, deadline)), offset -> {
        cursor.moveTo(offset, cursor.start instanceof StartAt.Offset);
        if (member == null) {
          read(session, on, cursor);
        } else {
          // Whoever takes it over is to find that before anything can be lost.
          when(session, cursor, rests, member.began(cursor.partition, offset), written -> read(session, on, cursor));
        }
      });
    } else if (cursor.ahead) {
      read(session, on, cursor);
    } else {
      when(session, cursor, rests, soon(deadline -> logs.ends(spec.stream(), cursor.partition, deadline)), ends -> {
        look(cursor, ends);
        read(session, on, cursor);
      });
    }
  }

  private <R> void when(int session, Cursor cursor, int rests, CompletableFuture<R> question, Consumer<R> then) {
    ask(
        session,
        question,
        answer -> {
          if (isOurs(cursor) && cursor.rests == rests) {
            then.accept(answer);
          }
        });
  }

  /** Goes elsewhere if the position is not there any more. */
  private void look(Cursor cursor, Ends ends) {
    boolean there = ends.has(cursor.position) || cursor.position <= ends.next() && !cursor.delivered;
    if (!there) {
      long instead = ends.instead(spec.reset(), "partition " + cursor.partition + " of " + spec.stream().name(), cursor.position);
      cursor.moveTo(instead, false);
      if (member != null) {
        member.commit(Map.of(cursor.partition, instead), Deadline.after(caller.time(), caller.config().timeout()));
      }
    }
  }

  private CompletableFuture<Long> begins(Cursor cursor, Deadline deadline) {
    Groups.Held held = member == null ? null : member.held(cursor.partition);
    StartAt start = Objects.requireNonNull(cursor.start);
    if (held != null) {
      Groups.Place place = held.place();
      boolean kept = start.ofGroup() || !cursor.first || !member.alone();
      if (kept && place.next() != null) {
        return still(cursor.partition, place.next(), deadline);
      }
      if (kept && place.start() != null) {
        return still(cursor.partition, place.start(), deadline);
      }
    }
    return find(cursor.partition, start, null, deadline);
  }

  /** What a group committed must still be there. */
  private CompletableFuture<Long> still(int partition, long next, Deadline deadline) {
    return Steps.map(
        logs.ends(spec.stream(), partition, deadline),
        // Where nothing is that cannot be said: all may be too old.
        ends ->
            ends.next() == 0 || ends.has(next) ? next : ends.instead(spec.reset(), "partition " + partition + " of " + spec.stream().name(), next));
  }

  /** The offset of a place. */
  private CompletableFuture<Long> find(int partition, StartAt place, @Nullable Long committed, Deadline deadline) {
    if (place instanceof StartAt.Offset exact) {
      return CompletableFuture.completedFuture(exact.offset());
    }
    if (place instanceof StartAt.Time since) {
      return logs.since(spec.stream(), partition, since.time(), deadline);
    }
    if (place.ofGroup() && committed != null) {
      return CompletableFuture.completedFuture(committed);
    }
    boolean latest = place == StartAt.latest() || place == StartAt.committedElseLatest();
    return Steps.map(logs.ends(spec.stream(), partition, deadline), ends -> latest ? ends.next() : ends.earliest());
  }

  // Reading.

  private void read(int session, Link on, Cursor cursor) {
    if (cursor.paused || cursor.revoking || cursor.reader != null) {
      return;
    }
    Reader reader =
        new Reader(
            caller,
            on,
            turns,
            mapping.log(spec.stream(), cursor.partition),
            new Reader.Owner() {
              @Override
              public void opened() {
                placed(session);
                wanted();
              }

              @Override
              public void read(Entry entry) {
                came(session, cursor, entry);
              }

              @Override
              public void unused() {
                wanted();
              }

              @Override
              public void broke(TributaryException error) {
                NatsSource.this.failed(session, error);
              }
            });
    cursor.reader = reader;
    cursor.readAt = cursor.position;
    reader.open(mapping.events(spec.stream(), cursor.partition), cursor.position + 1);
  }

  private void came(int session, Cursor cursor, Entry entry) {
    long offset = entry.seq() - 1;
    if (!current(session) || !isOurs(cursor)) {
      return;
    }
    if (offset > cursor.readAt && cursor.delivered && cursor.seen < offset) {
      // It may have lost what was there: that is to be known before more is delivered.
      cursor.seen = offset;
      leave(Set.of(cursor.partition));
      place(session, cursor);
      return;
    }
    cursor.readAt = offset + 1;
    cursor.here++;
    waiting += entry.data().length;
    fit.saw(entry.data().length);
    arrived(session, NatsMapping.message(entry, cursor.partition));
  }

  @Override
  void delivered(Message<byte[]> message) {
    waiting -= message.value().length;
    Cursor cursor = cursors.get(message.partition());
    if (cursor != null) {
      cursor.here--;
      cursor.position = message.offset() + 1;
      cursor.delivered = true;
      cursor.ahead = false;
    }
  }

  @Override
  void wanted() {
    if (link == null || cursors.isEmpty()) {
      return;
    }
    long bytes = observer.room() - waiting;
    int share = Math.max(1, window / cursors.size());
    for (Cursor cursor : cursors.values().toArray(Cursor[]::new)) {
      Reader reader = cursor.reader;
      if (reader != null && reader.ready()) {
        int under = cursor.here + reader.outstanding();
        long more = Math.min(share, fit.in(bytes / cursors.size())) - under;
        if (more >= (share + 1) / 2 || under == 0 && more > 0) {
          reader.ask((int) more);
        }
      }
    }
  }

  // What the application says.

  @Override
  public CompletableFuture<Map<Integer, Long>> seek(Map<Integer, StartAt> places, Deadline deadline) {
    Map<Integer, CompletableFuture<Long>> found = new HashMap<>();
    places.forEach(
        (partition, place) ->
            found.put(
                partition,
                place.ofGroup()
                    ? Steps.then(
                        groups.place(spec.stream(), group(), partition, deadline), held -> find(partition, place, held.place().next(), deadline))
                    : find(partition, place, null, deadline)));
    return Steps.then(
        Steps.together(List.copyOf(found.values())),
        all -> {
          CompletableFuture<Map<Integer, Long>> moved = new CompletableFuture<>();
          Map<Integer, Long> offsets = new HashMap<>();
          found.forEach((partition, offset) -> offsets.put(partition, offset.join()));
          turns.run(() -> move(places, offsets, moved));
          return moved;
        });
  }

  private String group() {
    if (spec.group() == null) {
      throw InvalidRequestException.of("no group whose commit could be the start", "Give a group, or start elsewhere");
    }
    return spec.group();
  }

  private void move(Map<Integer, StartAt> to, Map<Integer, Long> offsets, CompletableFuture<Map<Integer, Long>> moved) {
    if (!cursors.keySet().containsAll(offsets.keySet())) {
      Set<Integer> others = new HashSet<>(offsets.keySet());
      others.removeAll(cursors.keySet());
      moved.completeExceptionally(
          new ConflictException(ErrorInfo.of("partitions " + others + " are not read here", "Another member of the group reads them")));
      return;
    }
    leave(offsets.keySet());
    each(
        offsets.keySet(),
        cursor -> {
          cursor.moveTo(Objects.requireNonNull(offsets.get(cursor.partition)), to.get(cursor.partition) instanceof StartAt.Offset);
          place(session(), cursor);
        });
    moved.complete(offsets);
    wanted();
  }

  @Override
  public void pause(Set<Integer> partitions) {
    turns.run(
        () -> {
          each(partitions, cursor -> cursor.paused = true);
          leave(partitions);
          placed(session());
          wanted();
        });
  }

  @Override
  public void resume(Set<Integer> partitions) {
    turns.run(
        () ->
            each(
                partitions,
                cursor -> {
                  cursor.paused = false;
                  place(session(), cursor);
                }));
  }

  @Override
  public CompletableFuture<Void> commit(Map<Integer, Long> nextOffsets, Deadline deadline) {
    Member self = member;
    if (spec.group() == null) {
      return CompletableFuture.failedFuture(InvalidRequestException.of("a commit without a group", "Subscribe with a group to commit"));
    }
    return self == null
        ? CompletableFuture.failedFuture(new ConflictException(ErrorInfo.of("this is no member of the group yet", "Commit what was delivered")))
        : self.commit(nextOffsets, deadline);
  }
}
