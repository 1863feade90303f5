package dev.tributary.vertx.internal.goqueue.client;

import dev.tributary.error.ConflictException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.NotFoundException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The one member of a queue's group that the consumers of all clients poll as, so that any of them may get any job, however few partitions
 * there are. Whoever needs it looks for it in the group, and joins only if there is none. Of several, as there are when two join at once, the
 * smallest stays. Nobody makes the last one leave: it expires when no client says any more that it lives. Thread-safe.
 */
public final class SharedMember {
  private static final Logger LOG = System.getLogger("dev.tributary.goqueue");
  private static final String CLIENT = "tributary-queue";
  private static final int TRIES = 4;

  private final Api api;
  private final Groups groups;
  private final TimeSource time;
  private final Duration timeout;
  private final Duration heartbeat;
  private final String group;
  private final String topic;
  private final BooleanSupplier needed;
  private @Nullable Known known;
  private @Nullable CompletableFuture<Known> finding;
  private TimeSource.@Nullable Timer timer;
  private long beaten;
  private boolean closed;

  private record Known(String id, int generation) {}

  /**
   * Of this group, which reads this topic.
   *
   * @param timeout how long a look for it may take, whoever waits for that
   * @param heartbeat how often to say that it lives
   * @param needed whether that is still to be said
   */
  public SharedMember(
      Api api, Groups groups, TimeSource time, Duration timeout, Duration heartbeat, String group, String topic, BooleanSupplier needed) {
    this.api = api;
    this.groups = groups;
    this.time = time;
    this.timeout = timeout;
    this.heartbeat = heartbeat;
    this.group = group;
    this.topic = topic;
    this.needed = needed;
    this.beaten = time.nanos();
  }

  /** Does something as this member; once more as a new one if the server knows it no longer. */
  public <T> CompletableFuture<T> as(Function<String, CompletableFuture<T>> call) {
    return Steps.then(
        find(),
        member ->
            Steps.recover(
                call.apply(member.id()),
                NotFoundException.class,
                unknown -> {
                  forget(member);
                  return Steps.then(find(), other -> call.apply(other.id()));
                }));
  }

  /** Who it is. Asked once; whoever stops waiting for it stops nobody else. */
  private CompletableFuture<Known> find() {
    CompletableFuture<Known> asked;
    synchronized (this) {
      if (known != null) {
        beatLater();
        return CompletableFuture.completedFuture(known);
      }
      if (finding != null) {
        return finding.copy();
      }
      asked = new CompletableFuture<>();
      finding = asked;
    }
    api.within(timeout, deadline -> look(TRIES, deadline)).whenComplete((found, error) -> learned(asked, found, error));
    return asked.copy();
  }

  private void learned(CompletableFuture<Known> asked, @Nullable Known found, @Nullable Throwable error) {
    synchronized (this) {
      finding = null;
      known = found;
      if (found != null) {
        beatLater();
      }
    }
    if (error == null) {
      asked.complete(found);
    } else {
      asked.completeExceptionally(Steps.unwrap(error));
    }
  }

  private synchronized void forget(Known member) {
    if (member.equals(known)) {
      known = null;
    }
  }

  private CompletableFuture<Known> look(int tries, Deadline deadline) {
    return Steps.then(
        groups.state(group, deadline),
        state -> {
          List<Known> present = state.map(this::ours).orElse(List.of());
          if (!present.isEmpty()) {
            present.stream().skip(1).forEach(larger -> leave(larger.id()));
            return CompletableFuture.completedFuture(present.get(0));
          }
          if (tries == 0) {
            throw new ConflictException(ErrorInfo.of("whoever joins the group " + group + " is gone at once", "Look at the server's log"));
          }
          // Somebody may join at the same time: one of the two is to stay.
          return Steps.then(groups.join(group, CLIENT, topic, deadline), joined -> look(tries - 1, deadline));
        });
  }

  /** The members of this kind, the smallest first. */
  private List<Known> ours(Groups.State state) {
    if (!state.topics().isEmpty() && !state.topics().get(0).equals(topic)) {
      throw new ConflictException(
          ErrorInfo.of(
              "the group " + group + " reads " + state.topics().get(0) + " and not " + topic, "Name another group by the option goqueue.queue-group"));
    }
    return state.members().stream()
        .filter(member -> member.client().equals(CLIENT))
        .map(member -> new Known(member.id(), state.generation()))
        .sorted(Comparator.comparing(Known::id))
        .toList();
  }

  /** Whatever comes of it: one that stays has nobody who speaks for it, and expires. */
  private void leave(String member) {
    api.within(timeout, deadline -> groups.leave(group, member, deadline))
        .whenComplete(
            (left, error) -> {
              if (error != null) {
                LOG.log(Level.DEBUG, "member " + member + " of group " + group + " is one too many, and leaves only when it expires", error);
              }
            });
  }

  /** Begins to say that it lives, if that is not done already. Under the lock. */
  private void beatLater() {
    if (timer == null && !closed) {
      timer = time.scheduleAt(beaten + heartbeat.toNanos(), this::beat);
    }
  }

  private void beat() {
    Known member;
    synchronized (this) {
      timer = null;
      member = known;
      if (closed || member == null || !needed.getAsBoolean()) {
        return;
      }
      beaten = time.nanos();
      beatLater();
    }
    api.within(timeout, deadline -> groups.heartbeat(group, member.id(), member.generation(), deadline))
        .whenComplete(
            (alive, error) -> {
              if (error != null) {
                // Of another generation, or gone: the next who needs it looks again.
                LOG.log(Level.DEBUG, "a heartbeat of group " + group + " failed", error);
                if (Steps.unwrap(error) instanceof NotFoundException || Steps.unwrap(error) instanceof ConflictException) {
                  forget(member);
                  find();
                }
              }
            });
  }

  /** Says nothing any more. */
  public synchronized void close() {
    closed = true;
    if (timer != null) {
      timer.cancel();
    }
  }
}
