package dev.tributary.vertx.internal.goqueue.shipped;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.LeaseLostException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.goqueue.client.Api;
import dev.tributary.vertx.internal.goqueue.client.Deliveries;
import dev.tributary.vertx.internal.goqueue.client.Groups;
import dev.tributary.vertx.internal.goqueue.client.Polling;
import dev.tributary.vertx.internal.goqueue.client.Receipts;
import dev.tributary.vertx.internal.goqueue.client.SharedMember;
import dev.tributary.vertx.internal.goqueue.client.UnbrokenPolls;
import dev.tributary.vertx.internal.net.LoopTimer;
import dev.tributary.vertx.internal.net.Network;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The published server hands out from what is committed on, whatever was acked since, and keeps neither attempts nor delays. So this client
 * does: what is settled is committed as {@link Progress} says, a poll brings that much more as it brings again, and a job that is nacked stays
 * here, leased, for its delay. Each call asks first how the endpoint speaks, and leaves all of it to one that keeps count. Thread-safe.
 */
final class ShippedDeliveries implements Deliveries {
  /** It hands jobs to a poll whose client is gone, and cannot be told to end it: so its polls are short. */
  private static final Duration SHORT_POLL = Duration.ofSeconds(1);

  /** A poll brings more than was asked for: what is done with, and what lies beyond. */
  private static final Duration KEPT = Duration.ofSeconds(5);

  /** How long a job rests after its first attempt, unless somebody says otherwise. */
  private static final Duration FIRST_BACKOFF = Duration.ofSeconds(1);

  /** Of so many jobs this client keeps the delays itself. */
  private static final int MOST_RESTING = 1_000;

  private final Deliveries declared;
  private final Api api;
  private final Groups groups;
  private final Receipts receipts;
  private final Polling polling;
  private final TimeSource time;
  private final Duration timeout;
  private final String group;
  private final String topic;
  private final SharedMember member;
  private final LateJobs late;
  private final Progress progress;
  private final Consumer<LeasedJob> again;
  private final UnbrokenPolls polls;
  /** Those that are kept here for their delay. */
  private final Set<LeasedJob> resting = ConcurrentHashMap.newKeySet();
  /** How the endpoint spoke that was asked last. */
  private volatile Dialect dialect = Dialect.DECLARED;

  ShippedDeliveries(
      Deliveries declared,
      Api api,
      Groups groups,
      Receipts receipts,
      Network network,
      String group,
      String topic,
      SharedMember member,
      LateJobs late,
      Progress progress,
      Consumer<LeasedJob> again) {
    this.declared = declared;
    this.api = api;
    this.groups = groups;
    this.receipts = receipts;
    this.polling = new Polling(api, network.time());
    this.time = network.time();
    this.timeout = network.config().timeout();
    this.group = group;
    this.topic = topic;
    this.member = member;
    this.late = late;
    this.progress = progress;
    this.again = again;
    this.polls = new UnbrokenPolls(time, this::giveBack);
  }

  @Override
  public Duration longest() {
    return dialect == Dialect.DECLARED ? declared.longest() : SHORT_POLL;
  }

  @Override
  public Duration kept() {
    return dialect == Dialect.DECLARED ? declared.kept() : KEPT;
  }

  private CompletableFuture<Dialect> spoken(Deadline deadline) {
    return Steps.map(
        Dialect.of(api, deadline),
        spoken -> {
          dialect = spoken;
          return spoken;
        });
  }

  // Polls.

  @Override
  public CompletableFuture<List<LeasedJob>> poll(int most, Duration lease, Duration stay) {
    // It may end well while this is being cancelled.
    return Steps.then(
        api.within(timeout, this::spoken),
        spoken ->
            spoken == Dialect.DECLARED
                ? declared.poll(most, lease, stay)
                : polls.poll(committed(most, shorter(stay)), () -> CompletableFuture.completedFuture(true)),
        unclaimed -> unclaimed.forEach(this::giveBack));
  }

  private static Duration shorter(Duration stay) {
    return stay.compareTo(SHORT_POLL) < 0 ? stay : SHORT_POLL;
  }

  private CompletableFuture<List<LeasedJob>> committed(int most, Duration stay) {
    return Steps.then(
        api.within(timeout, deadline -> Steps.then(groups.committed(group, topic, deadline), base -> progress.commit(base, deadline))),
        committed ->
            Steps.then(
                api.within(timeout, deadline -> late.take(most, deadline)),
                due -> due.isEmpty() ? beyond(committed, most, stay) : CompletableFuture.completedFuture(counted(due))));
  }

  private CompletableFuture<List<LeasedJob>> beyond(Map<Integer, Long> committed, int most, Duration stay) {
    int more = (int) Math.min(MOST, (long) most + progress.finishedBeyond(committed));
    return Steps.then(
        member.as(id -> polling.poll(group, id, more, Receipts.POLLED, stay, "")),
        jobs -> {
          CompletableFuture<Void> looked = new CompletableFuture<>();
          // What is not found out now is next time; the jobs are here.
          api.within(timeout, deadline -> progress.lookForGaps(committed, jobs, deadline)).whenComplete((found, error) -> looked.complete(null));
          return Steps.map(looked, over -> counted(jobs));
        });
  }

  private List<LeasedJob> counted(List<LeasedJob> jobs) {
    return jobs.stream().map(this::counted).filter(Objects::nonNull).toList();
  }

  /** The job with the attempts it had; null for one that is done with, or failed too often. */
  private @Nullable LeasedJob counted(LeasedJob job) {
    if (progress.isFinished(job)) {
      receipts.quietly(job, deadline -> receipts.ack(job, deadline));
      return null;
    }
    int attempt = progress.attempt(job);
    if (attempt > Receipts.MAX_ATTEMPTS) {
      receipts.quietly(job, deadline -> bury(job, "delivered " + Receipts.MAX_ATTEMPTS + " times", deadline));
      return null;
    }
    return Polling.withAttempt(job, attempt, job.leaseDeadline());
  }

  // Settlements.

  @Override
  public CompletableFuture<Settlement.Result> settle(Settlement settlement, Deadline deadline) {
    return Steps.then(
        spoken(deadline), spoken -> spoken == Dialect.DECLARED ? declared.settle(settlement, deadline) : settleHere(settlement, deadline));
  }

  private CompletableFuture<Settlement.Result> settleHere(Settlement settlement, Deadline deadline) {
    LeasedJob job = settlement.job();
    if (settlement.kind() == Settlement.Kind.RELEASE) {
      progress.notAttempted(job);
    }
    Deadline end = job.leaseDeadline();
    if (end != null && end.expired()) {
      throw new LeaseLostException(ErrorInfo.of("the lease of job " + job.id() + " ended " + end, "Ask for a longer lease, or work faster"));
    }
    return switch (settlement.kind()) {
      // First the commit: what is acked and not committed would be handed out once more.
      case ACK -> Steps.then(progress.finish(job), committed -> acked(job, committed, deadline));
      case NACK -> job.attempt() >= Receipts.MAX_ATTEMPTS
          ? bury(job, settlement.reason() == null ? "failed " + job.attempt() + " times" : settlement.reason(), deadline)
          : rest(job, settlement.duration(), deadline);
      // One that is acked and not committed is handed out again at once; one that is nacked may come as a dead letter too.
      case RELEASE -> receipts.ack(job, deadline);
      case REJECT -> bury(job, settlement.reason(), deadline);
      case EXTEND -> receipts.extend(job, Objects.requireNonNull(settlement.duration()), deadline);
    };
  }

  private CompletableFuture<Settlement.Result> giveBack(LeasedJob job) {
    return receipts.quietly(job, deadline -> settle(new Settlement(Settlement.Kind.RELEASE, job, null, null), deadline));
  }

  private CompletableFuture<Settlement.Result> acked(LeasedJob job, boolean committed, Deadline deadline) {
    return Steps.recover(
        receipts.ack(job, deadline),
        LeaseLostException.class,
        lost -> {
          // The commit is what counts. Behind a gap it is this client's to make, and somebody else may have the job before that.
          if (!committed) {
            throw lost.orMaybeApplied();
          }
          return CompletableFuture.completedFuture(Settlement.Result.DONE);
        });
  }

  /** First the dead letter, then the commit: who fails in between gets the job once more, and nobody never. */
  private CompletableFuture<Settlement.Result> bury(LeasedJob job, @Nullable String reason, Deadline deadline) {
    return Steps.then(receipts.reject(job, reason, deadline), rejected -> Steps.map(progress.finish(job), committed -> rejected));
  }

  /** Keeps it for the delay, and hands it out again then. */
  private CompletableFuture<Settlement.Result> rest(LeasedJob job, @Nullable Duration delay, Deadline deadline) {
    Duration pause = delay == null ? FIRST_BACKOFF.multipliedBy(1L << (job.attempt() - 1)) : delay;
    if (resting.size() >= MOST_RESTING) {
      return receipts.ack(job, deadline);
    }
    resting.add(job);
    CompletableFuture<Settlement.Result> call = receipts.extend(job, pause.plus(Receipts.POLLED), deadline);
    call.whenComplete(
        (extended, error) -> {
          if (error != null) {
            resting.remove(job);
            return;
          }
          LoopTimer.after(
              time,
              api.loop(),
              pause,
              () -> {
                // When this is closed it is given back before.
                if (resting.remove(job)) {
                  again.accept(Polling.withAttempt(job, progress.attempt(job), extended.leaseDeadline()));
                }
              });
        });
    return Steps.map(call, extended -> Settlement.Result.DONE);
  }

  @Override
  public boolean idle() {
    return resting.isEmpty() && progress.idle() && declared.idle();
  }

  @Override
  public CompletableFuture<?> close() {
    return declared
        .close()
        .thenCompose(over -> polls.over())
        .thenCompose(over -> giveBackResting())
        .thenRun(late::close);
  }

  private CompletableFuture<?> giveBackResting() {
    List<LeasedJob> kept = resting.stream().filter(resting::remove).toList();
    return Steps.all(kept, Receipts.ON_THE_WAY, job -> receipts.quietly(job, deadline -> receipts.ack(job, deadline)));
  }
}
