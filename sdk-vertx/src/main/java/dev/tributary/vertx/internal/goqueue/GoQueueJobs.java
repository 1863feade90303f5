package dev.tributary.vertx.internal.goqueue;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.goqueue.client.Api;
import dev.tributary.vertx.internal.goqueue.client.Delays;
import dev.tributary.vertx.internal.goqueue.client.Dialect;
import dev.tributary.vertx.internal.goqueue.client.Groups;
import dev.tributary.vertx.internal.goqueue.client.Publisher;
import dev.tributary.vertx.internal.goqueue.client.Reading;
import dev.tributary.vertx.internal.goqueue.client.Receipts;
import dev.tributary.vertx.internal.goqueue.client.SharedMember;
import dev.tributary.vertx.internal.goqueue.client.Topics;
import dev.tributary.vertx.internal.goqueue.shipped.LateJobs;
import dev.tributary.vertx.internal.goqueue.shipped.Progress;
import dev.tributary.vertx.internal.goqueue.shipped.ShortPolls;
import dev.tributary.vertx.internal.goqueue.wire.GoDuration;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import dev.tributary.vertx.internal.net.Gather;
import dev.tributary.vertx.internal.net.LoopTimer;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.Steps;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One queue as this client has to do with it: who it polls as, what it holds, and who waits for jobs. Thread-safe. */
final class GoQueueJobs implements QueuePoller.Jobs {
  private static final Logger LOG = System.getLogger("dev.tributary.goqueue");

  /** Beyond the time that a poll may wait. */
  private static final Duration POLL_GRACE = Duration.ofSeconds(5);

  private static final Duration GIVE_BACK = Duration.ofSeconds(5);

  /** How long a job that a poll of the public server brought beyond what was asked for waits for the next who wants one. */
  static final Duration SHELF_LIFE = Duration.ofSeconds(5);

  /** The public server hands jobs to a poll whose client is gone, and cannot be told to end it: so its polls are short. */
  private static final Duration SHORT_POLL = Duration.ofSeconds(1);

  /** How long a job rests after its first attempt, unless somebody says otherwise. */
  private static final Duration FIRST_BACKOFF = Duration.ofSeconds(1);

  /** Of so many jobs this client keeps the delays itself. */
  private static final int MOST_RESTING = 1_000;

  private final Api api;
  private final Groups groups;
  private final Receipts leases;
  private final TimeSource time;
  private final Duration timeout;
  private final String topic;
  private final String group;
  private final SharedMember member;
  private final QueuePoller poller;
  private final ShortPolls polls;
  private final String name = UUID.randomUUID().toString();
  private final AtomicLong asked = new AtomicLong();
  private final LateJobs late;
  private final Progress progress;
  /** Those that are kept here for their delay. */
  private final Set<LeasedJob> resting = ConcurrentHashMap.newKeySet();
  private final AtomicInteger users = new AtomicInteger();
  private volatile Dialect dialect = Dialect.SHIPPED;

  /** Until when this client holds which receipts. The server lets a member hold only so many. */
  private final Map<String, Deadline> held = new ConcurrentHashMap<>();

  GoQueueJobs(
      Api api,
      Topics topics,
      Groups groups,
      Publisher publisher,
      Delays delayed,
      Receipts leases,
      Network network,
      GoQueueOptions options,
      String topic) {
    this.api = api;
    this.groups = groups;
    this.leases = leases;
    this.time = network.time();
    this.timeout = network.config().timeout();
    this.topic = topic;
    this.group = groups.wire(options.queueGroup(), topic);
    this.poller = new QueuePoller(this, time, api.loop());
    this.polls = new ShortPolls(time, this::giveBack);
    this.member = new SharedMember(api, groups, time, timeout, options.heartbeat(), group, topic, this::needsMember);
    Reading reading = new Reading(api, topics);
    this.late = new LateJobs(api, groups, reading, publisher, delayed, time, timeout, options.queueGroup(), options.heartbeat(), topic, new Late());
    this.progress = new Progress(api, groups, topics, reading, delayed, late, time, timeout, group, topic, member);
  }

  String topic() {
    return topic;
  }

  String group() {
    return group;
  }

  private boolean needsMember() {
    return poller.busy() || inFlight() > 0;
  }

  CompletableFuture<List<LeasedJob>> receive(int max, Duration lease, Duration wait) {
    return poller.receive(max, lease, wait);
  }

  @Override
  public CompletableFuture<List<LeasedJob>> poll(int most, Duration lease, Duration wait) {
    Duration rounded = Duration.ofSeconds(Receipts.seconds(lease));
    // The poll may end well while this is being cancelled.
    return Steps.then(
        spoken(),
        dialect -> polls.poll(dialect == Dialect.DECLARED ? new Declared(most, rounded) : new Shipped(most), wait),
        unclaimed -> unclaimed.forEach(this::giveBack));
  }

  /** A server that can be told to end a poll. */
  private final class Declared implements ShortPolls.Server {
    private final int most;
    private final Duration lease;
    private final String poll = name + asked.incrementAndGet();

    Declared(int most, Duration lease) {
      this.most = most;
      this.lease = lease;
    }

    @Override
    public Duration longest() {
      return QueuePoller.LONGEST_WAIT;
    }

    @Override
    public CompletableFuture<List<LeasedJob>> ask(Duration stay) {
      return Steps.map(member.as(id -> polledAs(group, id, most, lease, stay, "&poll=" + poll)), GoQueueJobs.this::held);
    }

    @Override
    public CompletableFuture<Boolean> hurry() {
      return api.within(
          GIVE_BACK,
          deadline ->
              Steps.map(
                  api.post(Groups.path(group) + "/poll/end", new Messages.EndPoll(poll), Messages.PollEnded.class, deadline), Messages.PollEnded::ended));
    }
  }

  /** A server that hands out from what is committed on. */
  private final class Shipped implements ShortPolls.Server {
    private final int most;

    Shipped(int most) {
      this.most = most;
    }

    @Override
    public Duration longest() {
      return SHORT_POLL;
    }

    @Override
    public CompletableFuture<List<LeasedJob>> ask(Duration stay) {
      return pollCounting(most, stay);
    }

    @Override
    public CompletableFuture<Boolean> hurry() {
      return CompletableFuture.completedFuture(true);
    }
  }

  @Override
  public Duration shelfLife() {
    return dialect == Dialect.DECLARED ? Duration.ZERO : SHELF_LIFE;
  }

  private CompletableFuture<Dialect> spoken() {
    return Steps.map(
        api.within(timeout, api::dialect),
        spoken -> {
          dialect = spoken;
          return spoken;
        });
  }

  private CompletableFuture<List<LeasedJob>> polled(int most, Duration lease, Duration wait) {
    return member.as(id -> polledAs(group, id, most, lease, wait, ""));
  }

  private CompletableFuture<List<LeasedJob>> polledAs(String group, String member, int most, Duration lease, Duration wait, String more) {
    // Whole milliseconds: finer ones have a unit that is no ASCII.
    Duration stay = Duration.ofMillis(wait.plusNanos(999_999).toMillis());
    String query =
        "&limit=" + most + "&max_messages=" + most + "&timeout=" + GoDuration.format(stay) + "&visibility=" + GoDuration.format(lease) + more;
    String path = Groups.path(group) + "/poll?member_id=" + URLEncoder.encode(member, StandardCharsets.UTF_8) + query;
    return api.within(
        stay.plus(POLL_GRACE),
        deadline ->
            Steps.map(
                stay.isZero() ? api.get(path, Messages.Polled.class, deadline) : api.poll(path, Messages.Polled.class, deadline),
                polled -> PolledJobs.of(polled, Deadline.after(time, lease))));
  }

  /** Where late jobs come from. */
  private final class Late implements LateJobs.Jobs {
    @Override
    public CompletableFuture<List<LeasedJob>> poll(String group, String member, int most) {
      return polledAs(group, member, most, Receipts.POLLED, Duration.ZERO, "");
    }

    @Override
    public CompletableFuture<?> giveBack(LeasedJob job) {
      return GoQueueJobs.this.giveBack(job);
    }
  }

  private List<LeasedJob> held(List<LeasedJob> jobs) {
    jobs.forEach(this::hold);
    return jobs;
  }

  /** Of a server that does not keep count: it hands out from what is committed on, whatever was acked since. */
  private CompletableFuture<List<LeasedJob>> pollCounting(int most, Duration wait) {
    return Steps.then(
        api.within(
            timeout,
            deadline -> Steps.then(groups.committed(group, topic, deadline), base -> progress.commit(base, deadline))),
        committed ->
            Steps.then(
                api.within(timeout, deadline -> late.take(most, deadline)),
                due -> due.isEmpty() ? pollBeyond(committed, most, wait) : CompletableFuture.completedFuture(counted(due))));
  }

  private CompletableFuture<List<LeasedJob>> pollBeyond(Map<Integer, Long> committed, int most, Duration wait) {
    return Steps.then(
        polled((int) Math.min(QueuePoller.MOST, (long) most + progress.finishedBeyond(committed)), Receipts.POLLED, wait),
        jobs -> {
          CompletableFuture<Void> looked = new CompletableFuture<>();
          // What is not found out now is next time; the jobs are here.
          api.within(timeout, deadline -> progress.lookForGaps(committed, jobs, deadline)).whenComplete((found, error) -> looked.complete(null));
          return Steps.map(looked, over -> counted(jobs));
        });
  }

  private List<LeasedJob> counted(List<LeasedJob> jobs) {
    return held(jobs.stream().map(this::again).filter(Objects::nonNull).toList());
  }

  /** The job with the attempts it had; null for one that is done with, or failed too often. */
  private @Nullable LeasedJob again(LeasedJob job) {
    if (progress.isFinished(job)) {
      quietly(job, deadline -> leases.ack(job, deadline));
      return null;
    }
    int attempt = progress.attempt(job);
    if (attempt > Receipts.MAX_ATTEMPTS) {
      quietly(job, deadline -> bury(job, "delivered " + Receipts.MAX_ATTEMPTS + " times", deadline));
      return null;
    }
    return PolledJobs.withAttempt(job, attempt, job.leaseDeadline());
  }

  private void hold(LeasedJob job) {
    Deadline end = job.leaseDeadline();
    if (end != null) {
      held.put(job.receipt(), end);
    }
  }

  @Override
  public CompletableFuture<List<LeasedJob>> lease(List<LeasedJob> jobs, Duration lease) {
    return Steps.map(
        leases.asLongAs(jobs, lease),
        leased -> {
          jobs.forEach(job -> held.remove(job.receipt()));
          return held(leased);
        });
  }

  @Override
  public CompletableFuture<?> giveBack(LeasedJob job) {
    return quietly(job, deadline -> release(job, deadline));
  }

  /** Nobody tried it. */
  private CompletableFuture<Settlement.Result> release(LeasedJob job, Deadline deadline) {
    held.remove(job.receipt());
    if (dialect == Dialect.DECLARED) {
      return leases.release(job, deadline);
    }
    // One that is acked and not committed is handed out again at once; one that is nacked may come as a dead letter too.
    progress.notAttempted(job);
    return leases.ack(job, deadline);
  }

  /** Whatever comes of it: the server finds out by itself when the lease ends. */
  private CompletableFuture<Settlement.Result> quietly(LeasedJob job, Function<Deadline, CompletableFuture<Settlement.Result>> call) {
    return api.within(GIVE_BACK, call)
        .whenComplete(
            (done, error) -> {
              if (error != null) {
                LOG.log(Level.DEBUG, "job " + job.id() + " of " + group + " was not settled before its lease ends", error);
              }
            });
  }

  CompletableFuture<Settlement.Result> settle(Settlement settlement, Deadline deadline) {
    LeasedJob job = settlement.job();
    CompletableFuture<Settlement.Result> call =
        Steps.then(
            api.dialect(deadline), spoken -> spoken == Dialect.DECLARED ? settleThere(settlement, deadline) : settleHere(settlement, deadline));
    call.whenComplete(
        (result, error) -> {
          if (error == null && settlement.kind() == Settlement.Kind.EXTEND) {
            hold(job.withLeaseDeadline(result.leaseDeadline()));
          } else if (error == null || Steps.unwrap(error) instanceof LeaseLostException) {
            held.remove(job.receipt());
          }
        });
    return call;
  }

  private CompletableFuture<Settlement.Result> settleThere(Settlement settlement, Deadline deadline) {
    LeasedJob job = settlement.job();
    return switch (settlement.kind()) {
      case ACK -> leases.ack(job, deadline);
      case NACK -> leases.nack(job, settlement.duration(), settlement.reason(), deadline);
      case RELEASE -> release(job, deadline);
      case REJECT -> leases.reject(job, settlement.reason(), deadline);
      case EXTEND -> leases.extend(job, Objects.requireNonNull(settlement.duration()), deadline);
    };
  }

  /** Where the server keeps neither count nor time: what is settled is committed here, and a job that is nacked stays here for its delay. */
  private CompletableFuture<Settlement.Result> settleHere(Settlement settlement, Deadline deadline) {
    LeasedJob job = settlement.job();
    Deadline end = job.leaseDeadline();
    if (end != null && end.expired()) {
      return CompletableFuture.failedFuture(
          new LeaseLostException(ErrorInfo.of("the lease of job " + job.id() + " ended " + end, "Ask for a longer lease, or work faster")));
    }
    return switch (settlement.kind()) {
      // First the commit: what is acked and not committed would be handed out once more.
      case ACK -> Steps.then(progress.finish(job), committed -> acked(job, committed, deadline));
      case NACK -> job.attempt() >= Receipts.MAX_ATTEMPTS
          ? bury(job, settlement.reason() == null ? "failed " + job.attempt() + " times" : settlement.reason(), deadline)
          : rest(job, settlement.duration(), deadline);
      case RELEASE -> release(job, deadline);
      case REJECT -> bury(job, settlement.reason(), deadline);
      case EXTEND -> leases.extend(job, Objects.requireNonNull(settlement.duration()), deadline);
    };
  }

  private CompletableFuture<Settlement.Result> acked(LeasedJob job, boolean committed, Deadline deadline) {
    return Steps.recover(
        leases.ack(job, deadline),
        error ->
            error instanceof LeaseLostException
                // The commit is what counts. Behind a gap it is this client's to make, and somebody else may have the job before that.
                ? committed ? CompletableFuture.completedFuture(Settlement.Result.DONE) : CompletableFuture.failedFuture(error.orMaybeApplied())
                : CompletableFuture.failedFuture(error));
  }

  /** First the dead letter, then the commit: who fails in between gets the job once more, and nobody never. */
  private CompletableFuture<Settlement.Result> bury(LeasedJob job, @Nullable String reason, Deadline deadline) {
    return Steps.then(leases.reject(job, reason, deadline), rejected -> Steps.map(progress.finish(job), committed -> rejected));
  }

  /** Keeps it for the delay, and hands it out again then. */
  private CompletableFuture<Settlement.Result> rest(LeasedJob job, @Nullable Duration delay, Deadline deadline) {
    Duration pause = delay == null ? FIRST_BACKOFF.multipliedBy(1L << (job.attempt() - 1)) : delay;
    if (resting.size() >= MOST_RESTING) {
      return leases.ack(job, deadline);
    }
    resting.add(job);
    CompletableFuture<Settlement.Result> call = leases.extend(job, pause.plus(Receipts.POLLED), deadline);
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
                  LeasedJob again = PolledJobs.withAttempt(job, progress.attempt(job), extended.leaseDeadline());
                  hold(again);
                  poller.offer(again);
                }
              });
        });
    return Steps.map(call, extended -> Settlement.Result.DONE);
  }

  /** How many jobs this client holds. */
  int inFlight() {
    held.values().removeIf(Deadline::expired);
    return held.size();
  }

  /** Somebody begins a call about it. */
  GoQueueJobs enter() {
    users.incrementAndGet();
    return this;
  }

  /** And that is over. */
  void leave() {
    users.decrementAndGet();
  }

  /** Whether nobody has anything to do with it, and nothing is known here that a new one would have to know. */
  boolean idle() {
    return users.get() == 0 && !needsMember() && resting.isEmpty() && progress.idle();
  }

  /** Ends everybody's wait; completes when what this client holds and nobody works on is given back, or could not be in time. */
  CompletableFuture<Void> close(TributaryException reason) {
    return poller.close(reason).thenCompose(given -> polls.over()).thenCompose(over -> giveBackResting()).thenRun(this::silence);
  }

  private CompletableFuture<?> giveBackResting() {
    List<LeasedJob> kept = resting.stream().filter(resting::remove).toList();
    return Gather.of(kept, Receipts.ON_THE_WAY, job -> quietly(job, deadline -> leases.ack(job, deadline)));
  }

  /** Says nothing of itself any more. */
  void silence() {
    member.close();
    late.close();
  }
}
