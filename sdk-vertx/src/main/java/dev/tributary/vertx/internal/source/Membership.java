package dev.tributary.vertx.internal.source;

import dev.tributary.error.ConflictException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.net.LoopTimer;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.OnLoop;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The life of one member of a group: it joins, says in the background that it lives, learns what it reads, joins again when the server forgot
 * it, and leaves. All state belongs to one event loop, where the listener is called too.
 */
public final class Membership {
  /** Soon enough for a rebalance that others wait for. */
  private static final Duration SOON = Duration.ofMillis(200);

  /** The longest that partitions are kept from others for the sake of what is finished and not committed. */
  private static final Duration HANDOVER = Duration.ofSeconds(3);

  /** Long enough to say goodbye; who is not heard in this time is found out by its session. */
  public static final Duration GOODBYE = Duration.ofSeconds(5);

  private final Network network;
  private final GroupProtocol protocol;
  private final String group;
  private final ContextInternal loop;
  private final TimeSource time;
  private final Duration every;
  private final Duration session;
  private final Duration timeout;
  private final Listener listener;

  /** Nobody else is called so: by this it finds members that it made and does not know. */
  private final String client;

  private @Nullable String member;
  /** Whether there may be some, since no answer came to a join. */
  private boolean haunted;
  private int generation;
  /** What it reads, once that is known. */
  private @Nullable Set<Integer> partitions;
  private boolean alone;
  private boolean left;
  /** Whether partitions wait to be handed over. */
  private boolean handing;
  private @Nullable CompletableFuture<GroupProtocol.Joined> joining;
  private @Nullable CompletableFuture<?> beating;
  private TimeSource.@Nullable Timer next;
  /** What waits for the next heartbeat to be answered. */
  private final List<Runnable> beforeNews = new ArrayList<>();

  /** Who reads what the member is assigned. */
  public interface Listener {
    /** These are to be handed over: nothing is delivered from them any more. Commits for them count until the future completes. */
    CompletableFuture<?> revoking(Set<Integer> partitions);

    /** These others wait for: they are not read from now on. */
    void revoked(Set<Integer> partitions);

    /** These are all that it reads from now on. */
    void assigned(Set<Integer> partitions);

    /** It can be no member any more. */
    void expelled(TributaryException error);
  }

  /**
   * Of nobody yet.
   *
   * @param group its name, for people
   * @param client a name that nobody else has
   * @param every how often to say that it lives
   * @param session after how long of silence it is taken for dead
   */
  public Membership(
      Network network, GroupProtocol protocol, String group, String client, ContextInternal loop, Duration every, Duration session, Listener listener) {
    this.network = network;
    this.protocol = protocol;
    this.group = group;
    this.client = client;
    this.loop = loop;
    this.time = network.time();
    this.every = every;
    this.session = session;
    this.timeout = network.config().timeout();
    this.listener = listener;
  }

  /** Whether it is a member that knows what it reads. */
  public boolean settled() {
    return member != null && partitions != null;
  }

  /** Whether the group had no other members when it joined. */
  public boolean alone() {
    return alone;
  }

  /** Becomes a member, unless it is one or about to be; the listener is told what it reads. An error is for this try only. */
  public void join(Consumer<TributaryException> failed) {
    if (left || joining != null || member != null) {
      return;
    }
    CompletableFuture<GroupProtocol.Joined> call =
        network.within(
            timeout,
            deadline ->
                haunted
                    ? Steps.then(leaveGhosts(null, deadline), gone -> protocol.join(client, deadline))
                    : protocol.join(client, deadline));
    joining = call;
    onLoop(
        call,
        joined -> {
          joining = null;
          joined(joined);
        },
        error -> {
          joining = null;
          haunted |= error.maybeApplied();
          if (!left) {
            failed.accept(error);
          }
        });
  }

  /** Those that a join made whose answer was lost: each would have its share of the partitions until its session ends. */
  private CompletableFuture<Void> leaveGhosts(@Nullable String self, Deadline deadline) {
    return protocol.leaveUnknown(client, self, deadline);
  }

  private void joined(GroupProtocol.Joined joined) {
    member = joined.member();
    generation = joined.generation();
    alone = joined.alone();
    if (left) {
      return; // Whoever leaves waits for this, and leaves then.
    }
    if (joined.partitions() == null) {
      beat();
    } else {
      adopt(joined.partitions());
      schedule(every);
    }
  }

  private void adopt(Set<Integer> now) {
    if (!now.equals(partitions)) {
      partitions = now;
      listener.assigned(now);
    }
  }

  private void schedule(Duration after) {
    cancelTimer();
    if (!left) {
      next = LoopTimer.after(time, loop, after, this::beat);
    }
  }

  private void cancelTimer() {
    if (next != null) {
      next.cancel();
      next = null;
    }
  }

  private void beat() {
    String self = member;
    if (left || self == null) {
      newsCame();
      return;
    }
    if (beating != null) {
      return;
    }
    cancelTimer();
    CompletableFuture<GroupProtocol.News> call =
        network.within(shorter(timeout, session.dividedBy(3)), deadline -> protocol.heartbeat(self, generation, deadline));
    beating = call;
    onLoop(
        call,
        news -> {
          beating = null;
          if (!left && self.equals(member)) {
            learned(news);
          }
          newsCame();
        },
        error -> {
          beating = null;
          if (!left && self.equals(member)) {
            notHeard(error);
          }
          newsCame();
        });
  }

  private void newsCame() {
    List<Runnable> waited = List.copyOf(beforeNews);
    beforeNews.clear();
    waited.forEach(Runnable::run);
  }

  private void learned(GroupProtocol.News news) {
    if (haunted && news.generation() != generation) {
      // A request that was long on its way may have arrived only now.
      network.within(timeout, deadline -> leaveGhosts(member, deadline));
    }
    generation = news.generation();
    Set<Integer> mine = partitions;
    Set<Integer> revoke = new HashSet<>(news.revoke());
    if (mine != null) {
      revoke.retainAll(mine);
    }
    if (mine == null || revoke.isEmpty()) {
      handedOver(news);
      return;
    }
    // What is finished is committed before somebody else begins there; the server waits for much longer than this does.
    CompletableFuture<?> ready = listener.revoking(Set.copyOf(revoke));
    CompletableFuture<Void> waited = network.within(HANDOVER, deadline -> Steps.map(ready.copy(), committed -> null));
    beating = waited;
    handing = true;
    String self = member;
    Runnable goOn =
        () -> {
          beating = null;
          handing = false;
          if (!left && Objects.equals(self, member)) {
            Set<Integer> kept = new HashSet<>(Objects.requireNonNull(partitions));
            kept.removeAll(revoke);
            partitions = Set.copyOf(kept);
            listener.revoked(Set.copyOf(revoke));
            handedOver(news);
          }
          newsCame();
        };
    onLoop(waited, committed -> goOn.run(), error -> goOn.run());
  }

  private void handedOver(GroupProtocol.News news) {
    if (news.partitions() != null && !left) {
      Set<Integer> now = new HashSet<>(news.partitions());
      now.removeAll(news.revoke());
      adopt(Set.copyOf(now));
    }
    if (left) {
      return;
    }
    if (news.revoke().isEmpty()) {
      schedule(news.settled() ? every : shorter(every, SOON));
      return;
    }
    CompletableFuture<Void> call =
        network.within(timeout, deadline -> protocol.revoked(Objects.requireNonNull(member), generation, news.revoke(), deadline));
    beating = call;
    Runnable goOn =
        () -> {
          beating = null;
          newsCame();
          schedule(shorter(every, SOON));
        };
    // Who cannot say it is asked again by the next heartbeat.
    onLoop(call, known -> goOn.run(), error -> goOn.run());
  }

  private void notHeard(TributaryException error) {
    if (error instanceof NotFoundException) {
      // The server was restarted, or took it for dead.
      member = null;
      rejoin();
    } else if (network.passes(error) || error instanceof ServerErrorException) {
      schedule(shorter(every, Duration.ofSeconds(1)));
    } else {
      listener.expelled(error);
    }
  }

  private void rejoin() {
    partitions = null;
    join(
        error -> {
          if (network.passes(error) || error instanceof ServerErrorException) {
            cancelTimer();
            next = LoopTimer.after(time, loop, shorter(every, Duration.ofSeconds(1)), this::rejoin);
          } else {
            listener.expelled(error);
          }
        });
  }

  /** Commits the next offset of each of these partitions, as the member that has them; if it has some of them only, theirs all the same. */
  public CompletableFuture<Void> commit(Map<Integer, Long> offsets, Deadline deadline) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    OnLoop.run(
        loop,
        this,
        self -> {
          String as = member;
          if (as == null || partitions == null) {
            done.completeExceptionally(
                new ConnectionFailedException(ErrorInfo.of("joining group " + group + " at the moment", "It is tried again")));
            return;
          }
          Map<Integer, Long> own = new HashMap<>(offsets);
          own.keySet().retainAll(partitions);
          ConflictException lost = own.size() < offsets.size() ? lost(offsets.keySet()) : null;
          if (own.isEmpty() && lost != null) {
            done.completeExceptionally(lost);
            return;
          }
          onLoop(
              protocol.commit(as, own, deadline),
              now -> {
                if (lost == null) {
                  done.complete(now);
                } else {
                  done.completeExceptionally(lost);
                }
              },
              error -> {
                if (handing && error instanceof ConflictException) {
                  done.completeExceptionally(lost(offsets.keySet()));
                } else if (error instanceof ConflictException || error instanceof NotFoundException) {
                  // News that no heartbeat has brought yet. Whoever tries again knows what is still this member's.
                  beforeNews.add(
                      () ->
                          done.completeExceptionally(
                              new ConnectionFailedException(
                                  ErrorInfo.of("group " + group + " has changed", "It is tried again with what this member has now").causedBy(error))));
                  beat();
                } else {
                  done.completeExceptionally(error);
                }
              });
        },
        done);
    return done;
  }

  private ConflictException lost(Set<Integer> asked) {
    Set<Integer> gone = new HashSet<>(asked);
    if (partitions != null) {
      gone.removeAll(partitions);
    }
    return new ConflictException(
        ErrorInfo.of("partitions " + gone + " are not this member's", "Another member of the group has them, and reads them again"));
  }

  /** Leaves for good; completes on the event loop when the server took note, or could not be told in time. */
  public CompletableFuture<Void> leave() {
    left = true;
    cancelTimer();
    if (beating != null) {
      beating.cancel(true);
      beating = null;
    }
    newsCame();
    CompletableFuture<Void> gone = new CompletableFuture<>();
    CompletableFuture<GroupProtocol.Joined> call = joining;
    if (call == null) {
      leaveAs(member, gone);
    } else {
      // It may be a member before it hears of it.
      CompletableFuture<GroupProtocol.Joined> heard = network.within(GOODBYE, deadline -> call);
      onLoop(
          heard,
          joined -> leaveAs(joined.member(), gone),
          error -> {
            haunted |= error.maybeApplied();
            leaveAs(null, gone);
          });
    }
    return gone;
  }

  private void leaveAs(@Nullable String self, CompletableFuture<Void> gone) {
    onLoop(
        network.within(
            shorter(timeout, GOODBYE),
            deadline -> {
              CompletableFuture<Void> left = self == null ? CompletableFuture.completedFuture(null) : protocol.leave(self, deadline);
              return haunted ? Steps.then(left, known -> leaveGhosts(self, deadline)) : left;
            }),
        left -> gone.complete(null),
        // The server finds out by itself, when no more heartbeats come.
        error -> gone.complete(null));
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private <R> void onLoop(CompletableFuture<R> call, Consumer<? super R> then, Consumer<TributaryException> otherwise) {
    call.whenComplete(
        (result, error) ->
            OnLoop.run(
                loop,
                result,
                value -> {
                  try {
                    if (error == null) {
                      then.accept(value);
                    } else {
                      otherwise.accept(Steps.known(error));
                    }
                  } catch (Throwable defect) {
                    // No heartbeat would follow.
                    listener.expelled(Steps.known(defect));
                  }
                }));
  }
}
