package dev.tributary.vertx.internal.goqueue;

import dev.tributary.error.TributaryException;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.goqueue.client.Deliveries;
import dev.tributary.vertx.internal.net.LoopTimer;
import dev.tributary.vertx.internal.net.OnLoop;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Takes jobs of one queue for everybody in this client who wants some, in the order in which they asked. At most one poll waits at the
 * server, for all of them, and at most one more looks what is there just now, for those who came meanwhile; one that ends without jobs is followed
 * by the next for those who have time left. What comes when nobody wants it any more is kept for a moment, and given back then. Invariant: who
 * waits is asked for by one poll at most, so that no more jobs come than are wanted, and gets an answer by its time's end or that of the poll that
 * asks for it. Lives on one event loop.
 */
final class QueuePoller {
  private final Jobs jobs;
  private final TimeSource time;
  private final ContextInternal loop;
  private final Set<Receive> waiting = new LinkedHashSet<>();
  private final Backlog backlog = new Backlog();
  private @Nullable Poll looking;
  private @Nullable Poll staying;
  private TimeSource.@Nullable Timer clearing;
  private @Nullable TributaryException closed;
  private volatile boolean busy;

  /** Where jobs come from. */
  interface Jobs {
    Deliveries deliveries();

    /** The same jobs with leases as long as asked for; without those whose lease is gone. */
    CompletableFuture<List<LeasedJob>> lease(List<LeasedJob> jobs, Duration lease);

    /** Nobody wants this one; completes when the server knows, or could not be told. */
    CompletableFuture<?> giveBack(LeasedJob job);
  }

  QueuePoller(Jobs jobs, TimeSource time, ContextInternal loop) {
    this.jobs = jobs;
    this.time = time;
    this.loop = loop;
  }

  /** Somebody who wants jobs. All but the future itself belongs to the loop. */
  private final class Receive extends CompletableFuture<List<LeasedJob>> {
    final int max;
    final Duration lease;
    final long end;

    /** The poll that asks for this one too; null if none does. */
    @Nullable Poll poll;
    /** Whether one has asked for it. */
    boolean looked;
    TimeSource.@Nullable Timer timer;

    Receive(int max, Duration lease, long end) {
      this.max = max;
      this.lease = lease;
      this.end = end;
    }

    @Override
    public boolean cancel(boolean mayInterrupt) {
      boolean cancelled = super.cancel(mayInterrupt);
      if (cancelled) {
        left(this);
      }
      return cancelled;
    }
  }

  /** A request on its way, and whom it asks for. */
  private static final class Poll {
    private final List<Receive> receives;
    private final long began;
    private final long until;
    private @Nullable CompletableFuture<?> call;

    private Poll(List<Receive> receives, long began, long until) {
      this.receives = receives;
      this.began = began;
      this.until = until;
    }

    /** Whether it came back long before it was to, at a server where none stays for longer than this. */
    private boolean early(long now, Duration longest) {
      return now - began < Math.min(until - began, longest.toNanos()) / 2;
    }
  }

  /** Up to {@code max} jobs, best first; none if none came within this time. */
  CompletableFuture<List<LeasedJob>> receive(int max, Duration lease, Duration wait) {
    Receive receive = new Receive(max, lease, time.nanos() + wait.toNanos());
    OnLoop.run(loop, receive, this::come, receive);
    return receive;
  }

  private void come(Receive receive) {
    if (closed != null) {
      receive.completeExceptionally(closed);
    } else if (!receive.isDone()) {
      waiting.add(receive);
      long wait = receive.end - time.nanos();
      if (wait > 0) {
        receive.timer = LoopTimer.after(time, loop, Duration.ofNanos(wait), this::step);
      }
      step();
    }
  }

  /** A job that did not come by a poll. */
  void offer(LeasedJob job) {
    OnLoop.run(
        loop,
        job,
        back -> {
          put(List.of(back));
          step();
        });
  }

  /** It was cancelled. */
  private void left(Receive receive) {
    OnLoop.run(
        loop,
        receive,
        gone -> {
          leave(gone);
          step();
        });
  }

  private void leave(Receive receive) {
    waiting.remove(receive);
    if (receive.timer != null) {
      receive.timer.cancel();
    }
  }

  private void step() {
    serve();
    long now = time.nanos();
    // One whose time is over still gets what a poll brings that asks for it.
    those(receive -> receive.poll == null && receive.looked && receive.end - now <= 0).forEach(receive -> settle(receive, List.of()));
    if (waiting.isEmpty()) {
      letGo();
    }
    ask(now);
    clear(time.nanos());
    busy = !waiting.isEmpty() || looking != null || staying != null || !backlog.isEmpty();
  }

  private List<Receive> those(Predicate<Receive> which) {
    return waiting.stream().filter(which).toList();
  }

  /** First come, first served. */
  private void serve() {
    while (!backlog.isEmpty() && !waiting.isEmpty()) {
      Receive first = waiting.iterator().next();
      leave(first);
      List<LeasedJob> taken = backlog.take(first.max);
      jobs.lease(taken, first.lease)
          .whenComplete((leased, error) -> OnLoop.run(loop, error == null ? leased : taken, ready -> handOver(first, ready), first));
    }
  }

  private void handOver(Receive receive, List<LeasedJob> ready) {
    if (!receive.complete(ready)) {
      put(ready);
      step();
    }
  }

  private void settle(Receive receive, List<LeasedJob> result) {
    leave(receive);
    receive.complete(result);
  }

  private void ask(long now) {
    List<Receive> fresh = those(receive -> receive.poll == null && !receive.looked);
    boolean canStay = staying == null && fresh.stream().allMatch(receive -> receive.end - now > 0);
    if (!fresh.isEmpty() && !canStay && looking == null) {
      looking = new Poll(fresh, now, now);
      begin(looking);
    }
    List<Receive> patient = those(receive -> receive.poll == null && receive.end - now > 0);
    if (staying == null && !patient.isEmpty()) {
      long end = patient.stream().mapToLong(receive -> receive.end - now).min().orElseThrow();
      staying = new Poll(patient, now, now + Math.min(end, jobs.deliveries().longest().toNanos()));
      begin(staying);
    }
  }

  private void begin(Poll poll) {
    poll.receives.forEach(receive -> receive.poll = poll);
    int most = (int) Math.min(Deliveries.MOST, poll.receives.stream().mapToLong(receive -> receive.max).sum());
    CompletableFuture<List<LeasedJob>> call;
    try {
      call = jobs.deliveries().poll(most, poll.receives.get(0).lease, Duration.ofNanos(Math.max(0, poll.until - time.nanos())));
    } catch (Throwable defect) {
      call = CompletableFuture.failedFuture(defect);
    }
    poll.call = call;
    call.whenComplete((taken, error) -> OnLoop.run(loop, poll, over -> end(over, taken, error)));
  }

  private void end(Poll poll, @Nullable List<LeasedJob> taken, @Nullable Throwable error) {
    if (poll == looking) {
      looking = null;
    } else if (poll == staying) {
      staying = null;
    }
    boolean early = poll.early(time.nanos(), jobs.deliveries().longest());
    for (Receive receive : poll.receives) {
      if (receive.poll == poll) {
        receive.poll = null;
        receive.looked = true;
      }
      if (waiting.contains(receive)) {
        if (error != null) {
          leave(receive);
          receive.completeExceptionally(Steps.unwrap(error));
        } else if (Objects.requireNonNull(taken).isEmpty() && early) {
          // A server that did not wait: the client above makes its pauses.
          settle(receive, List.of());
        }
      }
    }
    if (taken != null) {
      put(taken);
    }
    step();
  }

  private void put(List<LeasedJob> more) {
    if (closed == null) {
      backlog.add(more, time.nanos());
    } else {
      more.forEach(jobs::giveBack);
    }
  }

  /** Nobody waits: what comes of these all the same is not for us. */
  private void letGo() {
    for (Poll poll : new Poll[] {looking, staying}) {
      if (poll != null && poll.call != null) {
        poll.call.cancel(true);
      }
    }
  }

  /** Whether somebody waits, a poll is on its way, or a job is here. From any thread. */
  boolean busy() {
    return busy;
  }

  /** Ends everybody's wait with this, and gives back what is here; completes when that is done. */
  CompletableFuture<Void> close(TributaryException reason) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    boolean begun =
        OnLoop.run(
            loop,
            reason,
            why -> {
              closed = why;
              List.copyOf(waiting)
                  .forEach(
                      receive -> {
                        leave(receive);
                        receive.completeExceptionally(why);
                      });
              letGo();
              List<CompletableFuture<?>> back = new ArrayList<>();
              backlog.take(Integer.MAX_VALUE).forEach(job -> back.add(jobs.giveBack(job)));
              if (clearing != null) {
                clearing.cancel();
              }
              CompletableFuture.allOf(back.toArray(CompletableFuture[]::new)).whenComplete((given, error) -> done.complete(null));
            });
    if (!begun) {
      done.complete(null); // Nobody is there any more who could give something back.
    }
    return done;
  }

  /** Gives back what nobody came for. */
  private void clear(long now) {
    if (clearing != null) {
      clearing.cancel();
      clearing = null;
    }
    long life = jobs.deliveries().kept().toNanos();
    backlog.takeOld(now - life).forEach(jobs::giveBack);
    Long oldest = backlog.oldest();
    if (oldest != null) {
      clearing = LoopTimer.after(time, loop, Duration.ofNanos(oldest + life - now), this::step);
    }
  }
}
