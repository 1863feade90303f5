package dev.tributary.nats;

import dev.tributary.ResourceName;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.TributaryException;
import dev.tributary.nats.client.Link;
import dev.tributary.nats.client.Names;
import dev.tributary.nats.client.NatsCaller;
import dev.tributary.nats.client.Turns;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One member of a group. All members see the same list of who lives, and work out the same shares of it; each gives up what is not its own any more, and
 * takes what nobody has. Who has a partition is written down where it is committed, so that a member that was slow, or away, cannot do harm. Belongs to the
 * turns of its source.
 */
final class Member {
  private static final Duration EVERY = Duration.ofSeconds(4);
  private static final Duration SOON = Duration.ofMillis(250);

  /** The longest that partitions are kept from others for the sake of what is finished and not committed. */
  private static final Duration HANDOVER = Duration.ofSeconds(3);

  /** Long enough to say goodbye; who is not heard in this time is found out by its session. */
  private static final Duration GOODBYE = Duration.ofSeconds(5);

  private final NatsCaller caller;
  private final Groups groups;
  private final Turns turns;
  private final ResourceName stream;
  private final String group;
  private final int partitions;
  private final String id = Names.fresh();
  private final Listener listener;
  private final Map<Integer, Groups.Held> owned = new HashMap<>();
  private final Set<Integer> handing = new HashSet<>();

  private int session;
  /** Whether the group had no other members when it joined; null until that is known. */
  private @Nullable Boolean alone;
  private boolean running;
  private boolean beating;
  private boolean again;
  private long lived;
  private boolean lives;
  /** Whether others may know it. */
  private boolean known;
  private @Nullable Link on;
  private Link.@Nullable Inbox news;
  private TimeSource.@Nullable Timer expiry;
  private TimeSource.@Nullable Timer next;

  /** Whose it is. Called in turns. */
  interface Listener {
    /** All that it has now. */
    void assigned(Set<Integer> partitions);

    /** These are to be handed over: nothing is delivered from them any more. Commits for them count until the future completes. */
    CompletableFuture<?> revoking(Set<Integer> partitions);

    /** These are somebody else's from now on. */
    void revoked(Set<Integer> partitions);

    /** A call failed that it needs. */
    void failed(TributaryException error);
  }

  Member(NatsCaller caller, Groups groups, Turns turns, ResourceName stream, String group, int partitions, Listener listener) {
    this.caller = caller;
    this.groups = groups;
    this.turns = turns;
    this.stream = stream;
    this.group = group;
    this.partitions = partitions;
    this.listener = listener;
  }

  /** Lives, as long as this connection does. */
  void join(Link link) {
    session++;
    running = true;
    beating = false;
    lives = false;
    on = link;
    beat();
  }

  /** Rests; what it has it keeps. */
  void rest() {
    session++;
    running = false;
    if (next != null) {
      next.cancel();
      next = null;
    }
    on = null;
    if (news != null) {
      news.close();
      news = null;
    }
  }

  /** Gives up everything, and is a member no more; whoever waits for that does not wait long. */
  CompletableFuture<Void> leave() {
    rest();
    if (expiry != null) {
      expiry.cancel();
    }
    if (!known) {
      return CompletableFuture.completedFuture(null);
    }
    Map<Integer, Groups.Held> mine = Map.copyOf(owned);
    owned.clear();
    CompletableFuture<Void> left =
        caller.within(
            GOODBYE,
            deadline -> {
              List<CompletableFuture<Boolean>> given = new ArrayList<>();
              mine.forEach((partition, held) -> given.add(give(partition, held, deadline)));
              return Steps.then(Steps.together(given), done -> groups.leave(stream, group, id, deadline));
            });
    return left.exceptionally(unheard -> null);
  }

  /** Hands a partition over, if it is still this member's. */
  private CompletableFuture<Boolean> give(int partition, Groups.Held held, Deadline deadline) {
    return Steps.recover(
        Steps.map(groups.replace(stream, group, partition, held, held.place().given(), deadline), done -> true),
        ConflictException.class,
        changed ->
            Steps.then(
                groups.place(stream, group, partition, deadline),
                now ->
                    ours(now, held) ? give(partition, now, deadline) : CompletableFuture.completedFuture(false)));
  }

  private boolean ours(Groups.Held now, Groups.Held held) {
    return now.place().owner().equals(id) && now.place().epoch() == held.place().epoch();
  }

  // The rounds.

  private void beat() {
    if (!running) {
      return;
    }
    if (beating) {
      again = true;
      return;
    }
    beating = true;
    again = false;
    known = true;
    if (next != null) {
      next.cancel();
      next = null;
    }
    int mine = session;
    boolean due = !lives || caller.time().nanos() - lived >= EVERY.toNanos() / 2;
    long now = caller.time().nanos();
    CompletableFuture<Groups.State> round =
        caller.within(
            Groups.SESSION.dividedBy(3),
            deadline ->
                due
                    ? Steps.then(groups.live(stream, group, id, deadline), alive -> groups.state(stream, group, deadline))
                    : groups.state(stream, group, deadline));
    in(
        mine,
        round,
        state -> {
          if (due) {
            lived(now);
          }
          share(mine, state);
        });
  }

  private void lived(long at) {
    lives = true;
    lived = at;
    if (expiry != null) {
      expiry.cancel();
    }
    expiry = caller.time().scheduleAt(at + Groups.SESSION.toNanos(), () -> turns.run(this::expired));
    Link link = on;
    if (news == null && link != null) {
      // Not before the bucket is there: whoever listens makes a message to nowhere look as if it had arrived.
      news = link.subscribe(groups.news(stream, group), message -> turns.run(this::beat));
      again = true;
    }
  }

  /** It could not be heard for so long that others take it for dead. */
  private void expired() {
    if (caller.time().nanos() - lived >= Groups.SESSION.toNanos()) {
      gone(Set.copyOf(owned.keySet()));
    }
  }

  /** Goes on in a turn, if the session still counts. */
  private <R> void in(int mine, CompletableFuture<R> call, Consumer<R> then) {
    call.whenComplete(
        (result, error) ->
            turns.run(
                () -> {
                  if (mine != session || !running) {
                    return;
                  }
                  if (error == null) {
                    then.accept(result);
                  } else {
                    beating = false;
                    listener.failed(Steps.known(error));
                  }
                }));
  }

  private void share(int mine, Groups.State state) {
    Set<String> members = new TreeSet<>(state.members());
    members.add(id);
    List<String> order = List.copyOf(members);
    if (alone == null) {
      alone = order.size() == 1;
    }
    lose(state);
    if (mine != session) {
      return;
    }
    Set<Integer> give = new HashSet<>();
    List<CompletableFuture<Boolean>> taking = new ArrayList<>();
    boolean settled = true;
    for (int partition = 0; partition < partitions; partition++) {
      boolean share = order.get(partition % order.size()).equals(id);
      if (owned.containsKey(partition)) {
        if (!share && !handing.contains(partition)) {
          give.add(partition);
        }
      } else if (share) {
        Groups.Held held = state.places().getOrDefault(partition, Groups.Held.NOTHING);
        String owner = held.place().owner();
        if (owner.isEmpty() || owner.equals(id) || !members.contains(owner)) {
          taking.add(take(partition, held));
        } else {
          settled = false;
        }
      }
    }
    if (!give.isEmpty()) {
      handOver(mine, give);
    }
    boolean waits = !settled;
    in(
        mine,
        Steps.together(taking),
        taken -> {
          listener.assigned(Set.copyOf(owned.keySet()));
          if (mine == session) {
            beating = false;
            boolean missed = waits || taken.contains(false);
            next = caller.time().schedule(missed ? SOON : EVERY, () -> turns.run(() -> onTime(mine)));
            if (again) {
              beat();
            }
          }
        });
  }

  private void onTime(int mine) {
    if (mine == session) {
      beat();
    }
  }

  /** What others have taken is not read any more. */
  private void lose(Groups.State state) {
    Set<Integer> lost = new HashSet<>();
    owned.forEach(
        (partition, held) -> {
          Groups.Held now = state.places().get(partition);
          if (now != null && now.revision() > held.revision() && !ours(now, held)) {
            lost.add(partition);
          }
        });
    gone(lost);
  }

  private void gone(Set<Integer> lost) {
    owned.keySet().removeAll(lost);
    handing.removeAll(lost);
    if (!lost.isEmpty()) {
      listener.revoked(Set.copyOf(lost));
    }
  }

  private CompletableFuture<Boolean> take(int partition, Groups.Held held) {
    int mine = session;
    CompletableFuture<Groups.Held> taken =
        caller.within(
            Groups.SESSION.dividedBy(3), deadline -> groups.replace(stream, group, partition, held, held.place().taken(id), deadline));
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    taken.whenComplete(
        (got, error) ->
            turns.run(
                () -> {
                  if (error == null && mine == session) {
                    owned.put(partition, got);
                  }
                  if (error == null || Steps.unwrap(error) instanceof ConflictException) {
                    done.complete(error == null);
                  } else {
                    done.completeExceptionally(Steps.known(error));
                  }
                }));
    return done;
  }

  private void handOver(int mine, Set<Integer> give) {
    handing.addAll(give);
    CompletableFuture<?> finished = listener.revoking(Set.copyOf(give));
    CompletableFuture<Void> over = new CompletableFuture<>();
    finished.whenComplete((done, error) -> over.complete(null));
    TimeSource.Timer late = caller.time().schedule(HANDOVER, () -> over.complete(null));
    over.whenComplete((done, error) -> late.cancel());
    in(
        mine,
        over,
        done -> {
          for (int partition : give) {
            Groups.Held held = owned.get(partition);
            if (held != null) {
              caller.within(GOODBYE, deadline -> give(partition, held, deadline)).whenComplete((given, error) -> turns.run(this::beat));
            }
          }
          gone(give);
        });
  }

  // Places.

  /** What was written down of a partition when it was taken, or since by this member; null if it is not this member's. */
  Groups.@Nullable Held held(int partition) {
    return owned.get(partition);
  }

  /** Whether the group had no other members when it joined: then nobody has begun anything that is to go on. */
  boolean alone() {
    return Boolean.TRUE.equals(alone);
  }

  /** Writes down where the group begins in a partition, unless it has, or that is somebody else's by now. */
  CompletableFuture<Boolean> began(int partition, long start) {
    Groups.Held held = owned.get(partition);
    if (held == null || held.place().next() != null || Objects.equals(held.place().start(), start)) {
      return CompletableFuture.completedFuture(false);
    }
    return Steps.recover(
        Steps.map(
            caller.within(GOODBYE, deadline -> groups.replace(stream, group, partition, held, held.place().from(start), deadline)),
            now -> {
              turns.run(() -> changed(partition, held, now));
              return true;
            }),
        ConflictException.class,
        changed -> CompletableFuture.completedFuture(false));
  }

  private void changed(int partition, Groups.Held before, Groups.Held now) {
    Groups.Held known = owned.get(partition);
    if (known != null && known.place().epoch() == before.place().epoch() && known.revision() < now.revision()) {
      owned.put(partition, now);
    }
  }

  /** Commits as the member this is; {@code ConflictException} for what it has not. */
  CompletableFuture<Void> commit(Map<Integer, Long> offsets, Deadline deadline) {
    CompletableFuture<Void> all = new CompletableFuture<>();
    turns.run(
        () -> {
          List<CompletableFuture<Boolean>> commits = new ArrayList<>();
          offsets.forEach((partition, next) -> commits.add(commit(partition, next, owned.get(partition), deadline)));
          CompletableFuture.allOf(commits.toArray(CompletableFuture[]::new))
              .whenComplete(
                  (done, error) -> {
                    if (error == null) {
                      all.complete(null);
                    } else {
                      all.completeExceptionally(Steps.unwrap(error));
                    }
                  });
          all.whenComplete((done, error) -> commits.forEach(commit -> commit.cancel(true)));
        });
    return all;
  }

  private CompletableFuture<Boolean> commit(int partition, long next, Groups.@Nullable Held held, Deadline deadline) {
    if (held == null) {
      return CompletableFuture.failedFuture(notOurs(partition));
    }
    return Steps.recover(
        Steps.map(
            groups.replace(stream, group, partition, held, held.place().at(next), deadline),
            now -> {
              turns.run(() -> changed(partition, held, now));
              return true;
            }),
        ConflictException.class,
        changed ->
            Steps.then(
                groups.place(stream, group, partition, deadline),
                now -> {
                  if (!ours(now, held)) {
                    turns.run(this::beat);
                    throw notOurs(partition);
                  }
                  return commit(partition, next, now, deadline);
                }));
  }

  private static ConflictException notOurs(int partition) {
    return new ConflictException(ErrorInfo.of("partition " + partition + " is not read here", "Another member of the group reads it"));
  }
}
