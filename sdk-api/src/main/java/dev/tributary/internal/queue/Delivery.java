package dev.tributary.internal.queue;

import dev.tributary.Capability;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.LeaseLostException;
import dev.tributary.internal.Calls;
import dev.tributary.internal.Checks;
import dev.tributary.internal.Payloads;
import dev.tributary.queue.Job;
import dev.tributary.queue.NackOutcome;
import dev.tributary.queue.ProducerSequence;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A job as the application has it.
 *
 * <p>It is settled once: {@link #settlement} holds the verb that won, and a later one gets its future or is refused. A verb that failed
 * without losing the lease makes way for another. Extensions move the end of the lease and settle nothing. What moves is published by volatile
 * writes and needs no lock: whoever swaps the verb in is the only one to settle, and once the lease is known to be lost every verb is told so.
 */
final class Delivery<T> implements Job<T> {
  private final Leasing leasing;
  private final LeasedJob job;
  private final AtomicReference<@Nullable Verb> settlement = new AtomicReference<>();
  private @Nullable T value;
  private volatile @Nullable Deadline leaseDeadline;
  /** The same by the wall clock as it was then: what the user sees does not move by itself. */
  private volatile @Nullable Instant shownDeadline;
  private final AtomicInteger extensions = new AtomicInteger();
  private volatile @Nullable LeaseLostException lost;
  private volatile Renewal.@Nullable Held held;
  private volatile @Nullable Long handedOver;

  Delivery(Leasing leasing, LeasedJob job) {
    this.leasing = leasing;
    this.job = job;
    leasedUntil(job.leaseDeadline());
  }

  /** Fills in the value, before the application gets the job. */
  Delivery<T> decode(Payloads<T> payloads) {
    value = payloads.decode(job.value(), "job", job.id());
    return this;
  }

  LeasedJob leased() {
    return job;
  }

  /** The job with the end of its lease as of the last extension. */
  private LeasedJob current() {
    Deadline end = leaseDeadline;
    return end == job.leaseDeadline() ? job : job.withLeaseDeadline(end);
  }

  private void leasedUntil(@Nullable Deadline end) {
    leaseDeadline = end;
    shownDeadline = end == null ? null : end.instant();
  }

  /** When the lease ends, as of the last extension; null where leases do not end. */
  @Nullable Deadline leasedUntil() {
    return leaseDeadline;
  }

  @Override
  public String id() {
    return job.id();
  }

  @Override
  public T value() {
    return Objects.requireNonNull(value);
  }

  @Override
  public Map<String, String> headers() {
    return job.headers();
  }

  @Override
  public int attempt() {
    return job.attempt();
  }

  @Override
  public OptionalInt maxAttempts() {
    return job.maxAttempts();
  }

  @Override
  public int partition() {
    return job.partition();
  }

  @Override
  public @Nullable ProducerSequence producer() {
    return job.producer();
  }

  @Override
  public int priority() {
    return job.priority();
  }

  @Override
  public @Nullable Instant enqueuedAt() {
    return job.enqueuedAt();
  }

  @Override
  public @Nullable Instant leaseDeadline() {
    return shownDeadline;
  }

  @Override
  public boolean leaseEndsWithin(Duration time) {
    Deadline end = leaseDeadline;
    return end != null && end.remaining().compareTo(Checks.present("time", time)) <= 0;
  }

  @Override
  public OptionalLong sequence() {
    return job.sequence();
  }

  @Override
  public CompletableFuture<Void> ack() {
    return settled(Settlement.Kind.ACK, null, null, Delivery::nothing);
  }

  @Override
  public CompletableFuture<NackOutcome> nack() {
    return nackAfter(null, null);
  }

  @Override
  public CompletableFuture<NackOutcome> nack(Duration delay) {
    return checked("nack", () -> nackAfter(leasing.checks().delay(Checks.present("delay", delay)), null));
  }

  @Override
  public CompletableFuture<NackOutcome> nack(@Nullable Duration delay, String reason) {
    return checked(
        "nack",
        () -> nackAfter(delay == null ? null : leasing.checks().delay(delay), Checks.wellFormed("reason", reason)));
  }

  private CompletableFuture<NackOutcome> nackAfter(@Nullable Duration delay, @Nullable String reason) {
    return settled(
        Settlement.Kind.NACK,
        delay,
        reason,
        result -> result.deadLettered() ? NackOutcome.DEAD_LETTERED : NackOutcome.REQUEUED);
  }

  @Override
  public CompletableFuture<Void> release() {
    return settled(Settlement.Kind.RELEASE, null, null, Delivery::nothing);
  }

  @Override
  public CompletableFuture<Void> reject(String reason) {
    return checked(
        "reject",
        () -> {
          Checks.wellFormed("reason", reason);
          leasing.checks().require(Capability.DEAD_LETTERS);
          return settled(Settlement.Kind.REJECT, null, reason, Delivery::nothing);
        });
  }

  private static @Nullable Void nothing(Settlement.Result result) {
    return null;
  }

  @Override
  public CompletableFuture<Instant> extend(Duration lease) {
    return checked(
        "extend",
        () -> {
          leasing.checks().require(Capability.LEASE_EXTENSION);
          Duration whole = leasing.checks().lease(Checks.present("lease", lease));
          if (whole.isZero()) {
            throw InvalidRequestException.of("lease " + lease + " is not positive", "Give the time that is still needed");
          }
          return extend(leasing.calls(), whole);
        });
  }

  /** The same for the SDK, whose next step depends on it. */
  CompletableFuture<Instant> renew(Duration lease) {
    return checked("extend", () -> extend(leasing.steps(), leasing.checks().lease(lease)));
  }

  private CompletableFuture<Instant> extend(Calls client, Duration lease) {
    Verb settled = settlement();
    if (settled != null) {
      throw settledBy(settled.kind);
    }
    LeaseLostException gone = lost;
    if (gone != null) {
      throw gone;
    }
    return client.call(
        "extend",
        leasing.queue(),
        Calls.Repeat.SAFE,
        leasing.observations().settling("extend", job, null),
        leasing.calls().deadline(),
        deadline -> leasing.settler().settle(new Settlement(Settlement.Kind.EXTEND, current(), lease, null), deadline),
        result -> extended(result, lease));
  }

  private <R> CompletableFuture<R> checked(String verb, Supplier<CompletableFuture<R>> call) {
    return leasing.calls().checked(verb, leasing.queue(), call);
  }

  private Instant extended(Settlement.Result result, Duration lease) {
    Deadline end = result.leaseDeadline() == null ? Deadline.after(leasing.time(), lease) : result.leaseDeadline();
    leasedUntil(end);
    extensions.incrementAndGet();
    return Objects.requireNonNull(shownDeadline);
  }

  /** How often the lease was extended, by whomever. */
  int extensions() {
    return extensions.get();
  }

  /** The application has it from this time on, by the client's clock in nanoseconds. Only told if somebody watches. */
  void handedOver(long now) {
    handedOver = now;
  }

  /** How the job is being or was settled; null if it is not, or that failed and may be tried again. */
  @Nullable Verb settlement() {
    Verb latest = settlement.get();
    return latest == null || latest.mayBeTriedAgain() ? null : latest;
  }

  /** The lease is gone, as the backend says. */
  void lose(LeaseLostException error) {
    lost = error;
  }

  /** Whether the lease turned out to be gone before the job was settled. */
  boolean knownLost() {
    return lost != null;
  }

  /** Renews the lease no more. */
  void stopRenewal() {
    Renewal.Held renewed = held;
    if (renewed != null) {
      renewed.release();
    }
  }

  /** What to release when the job is settled. */
  void heldBy(Renewal.Held renewed) {
    held = renewed;
  }

  /** By the user, who may not settle it in two ways. */
  private <R> CompletableFuture<R> settled(
      Settlement.Kind kind, @Nullable Duration duration, @Nullable String reason, Function<Settlement.Result, R> convert) {
    Verb verb = settle(kind, duration, reason);
    return verb.kind == kind
        ? verb.shown(convert)
        : CompletableFuture.failedFuture(leasing.located(name(kind), settledBy(verb.kind)));
  }

  /** Settles it, unless it is being or was settled already: then that is what it gives. */
  Verb settle(Settlement.Kind kind, @Nullable Duration duration, @Nullable String reason) {
    Verb mine = new Verb(new Settlement(kind, current(), duration, reason));
    while (true) {
      Verb latest = settlement.get();
      if (latest != null && !latest.mayBeTriedAgain()) {
        return latest;
      }
      if (settlement.compareAndSet(latest, mine)) {
        mine.start();
        return mine;
      }
    }
  }

  private static LeaseLostException settledBy(Settlement.Kind kind) {
    return new LeaseLostException(
        ErrorInfo.of(
            "the job was settled already, by " + name(kind), "Settle a job once, by one of ack, nack, release and reject"));
  }

  private static String name(Settlement.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  /** One settlement. */
  final class Verb {
    final Settlement.Kind kind;
    private final Settlement what;
    private final CompletableFuture<Settlement.Result> done = new CompletableFuture<>();
    private @Nullable CompletableFuture<?> shown;
    private volatile @Nullable CompletableFuture<?> call;
    private volatile @Nullable Throwable failure;

    private Verb(Settlement what) {
      this.kind = what.kind();
      this.what = what;
    }

    /** Completes on the thread that has the answer, for the SDK's next step. */
    CompletableFuture<Settlement.Result> done() {
      return done;
    }

    /** As the application holds it: completes on the callback executor. Cancelling it cancels the call. */
    @SuppressWarnings("unchecked") // verbs of one kind have one result type
    private synchronized <R> CompletableFuture<R> shown(Function<Settlement.Result, R> convert) {
      CompletableFuture<?> before = shown;
      if (before == null) {
        Shown<R> first = new Shown<>();
        shown = first;
        done.whenComplete((result, error) -> leasing.calls().callback(() -> first.end(result, error, convert)));
        return first;
      }
      return (CompletableFuture<R>) before;
    }

    private void start() {
      LeaseLostException gone = lost;
      CompletableFuture<Settlement.Result> running =
          gone != null
              ? CompletableFuture.failedFuture(leasing.located(name(kind), gone))
              : leasing
                  .steps()
                  .call(
                      name(kind),
                      leasing.queue(),
                      leasing.repeat(kind),
                      leasing.observations().settling(name(kind), job, handedOver),
                      leasing.calls().deadline(),
                      this::send,
                      result -> result);
      call = running;
      running.whenComplete(this::finish);
    }

    private CompletableFuture<Settlement.Result> send(Deadline deadline) {
      Handover handover = kind == Settlement.Kind.RELEASE ? leasing.handover() : null;
      if (handover != null) {
        // Whoever has it next renews it.
        stopRenewal();
        if (handover.hold(leasing, what.job())) {
          return CompletableFuture.completedFuture(Settlement.Result.DONE);
        }
      }
      return leasing.settler().settle(what, deadline);
    }

    private void finish(Settlement.@Nullable Result result, @Nullable Throwable error) {
      if (error == null || error instanceof LeaseLostException) {
        stopRenewal();
      }
      if (error == null) {
        if (kind == Settlement.Kind.REJECT || Objects.requireNonNull(result).deadLettered()) {
          leasing.deadLettered(job, what.reason());
        }
        done.complete(Objects.requireNonNull(result));
      } else {
        failure = error;
        done.completeExceptionally(error);
      }
    }

    boolean mayBeTriedAgain() {
      Throwable why = failure;
      return why != null && !(why instanceof LeaseLostException);
    }

    private final class Shown<R> extends CompletableFuture<R> {
      void end(Settlement.Result result, @Nullable Throwable error, Function<Settlement.Result, R> convert) {
        if (error == null) {
          complete(convert.apply(result));
        } else {
          completeExceptionally(error);
        }
      }

      @Override
      public boolean cancel(boolean mayInterrupt) {
        boolean cancelled = super.cancel(mayInterrupt);
        CompletableFuture<?> running = call;
        if (running != null) {
          running.cancel(mayInterrupt);
        }
        return cancelled;
      }
    }
  }
}
