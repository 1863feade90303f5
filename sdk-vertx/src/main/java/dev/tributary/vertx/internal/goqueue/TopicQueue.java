package dev.tributary.vertx.internal.goqueue;

import dev.tributary.Outcome;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.goqueue.wire.Envelope;
import dev.tributary.vertx.internal.goqueue.wire.GoDuration;
import dev.tributary.vertx.internal.goqueue.wire.Priorities;
import dev.tributary.vertx.internal.net.Gather;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.Steps;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One queue as this client has to do with it: who it polls as, what it holds, and who waits for jobs. Thread-safe. */
final class TopicQueue implements QueuePoller.Jobs {
  private static final Logger LOG = System.getLogger("dev.tributary.goqueue");

  /** Beyond the time that a poll may wait. */
  private static final Duration POLL_GRACE = Duration.ofSeconds(5);

  private static final Duration GIVE_BACK = Duration.ofSeconds(5);

  /** A lease that differs by no more than this is as asked for. */
  private static final Duration TOLERANCE = Duration.ofSeconds(1);

  private static final Pattern DELIVERY = Pattern.compile(":(\\d{1,9}):[^:]*$");

  /** Requests about leases on their way at a time. */
  static final int ON_THE_WAY = 64;

  /** How long a job rests after its first attempt, unless somebody says otherwise. */
  private static final Duration FIRST_BACKOFF = Duration.ofSeconds(1);

  /** Of so many jobs this client keeps the delays itself. */
  private static final int MOST_RESTING = 1_000;

  private final Api api;
  private final Groups groups;
  private final Leases leases;
  private final TimeSource time;
  private final Duration timeout;
  private final String topic;
  private final String group;
  private final SharedMember member;
  private final QueuePoller poller;
  private final ShortPolls shortPolls;
  private final LateJobs late;
  private final Progress progress;
  private final AtomicInteger resting = new AtomicInteger();
  private volatile Dialect dialect = Dialect.SHIPPED;

  /** Until when this client holds which receipts. The server lets a member hold only so many. */
  private final Map<String, Deadline> held = new ConcurrentHashMap<>();

  TopicQueue(
      Api api,
      Topics topics,
      Groups groups,
      Publisher publisher,
      GoQueueDelayed delayed,
      Leases leases,
      Network network,
      Options options,
      String topic) {
    this.api = api;
    this.groups = groups;
    this.leases = leases;
    this.time = network.time();
    this.timeout = network.config().timeout();
    this.topic = topic;
    this.group = groups.wire(options.queueGroup(), topic);
    this.poller = new QueuePoller(this, time, api.loop());
    this.shortPolls = new ShortPolls(time, this::pollCounting, this::giveBack);
    this.member = new SharedMember(api, groups, time, timeout, options.heartbeat(), group, topic, this::needsMember);
    Reading reading = new Reading(api, topics);
    this.late = new LateJobs(api, groups, reading, publisher, delayed, time, timeout, options, topic, new Late());
    this.progress = new Progress(api, groups, topics, reading, delayed, late, time, timeout, group, topic, member);
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
    Duration rounded = Duration.ofSeconds(Leases.seconds(lease));
    return Steps.then(
        spoken(),
        dialect ->
            dialect == Dialect.DECLARED ? Steps.map(polled(most, rounded, wait), this::held) : shortPolls.poll(most, wait));
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
    return member.as(id -> polledAs(group, id, most, lease, wait));
  }

  private CompletableFuture<List<LeasedJob>> polledAs(String group, String member, int most, Duration lease, Duration wait) {
    // Whole milliseconds: finer ones have a unit that is no ASCII.
    Duration stay = Duration.ofMillis(wait.plusNanos(999_999).toMillis());
    String query =
        "&limit=" + most + "&max_messages=" + most + "&timeout=" + GoDuration.format(stay) + "&visibility=" + GoDuration.format(lease);
    String path = Groups.path(group) + "/poll?member_id=" + URLEncoder.encode(member, StandardCharsets.UTF_8) + query;
    return api.within(
        stay.plus(POLL_GRACE),
        deadline -> Steps.map(stay.isZero() ? api.get(path, deadline) : api.poll(path, deadline), answer -> taken(answer, lease)));
  }

  /** Where late jobs come from. */
  private final class Late implements LateJobs.Jobs {
    @Override
    public CompletableFuture<List<LeasedJob>> poll(String group, String member, int most) {
      return polledAs(group, member, most, Leases.POLLED, Duration.ZERO);
    }

    @Override
    public CompletableFuture<?> giveBack(LeasedJob job) {
      return TopicQueue.this.giveBack(job);
    }
  }

  private List<LeasedJob> taken(Answer answer, Duration lease) {
    Deadline until = Deadline.after(time, lease);
    Answer messages = answer.object("messages");
    List<LeasedJob> jobs = new ArrayList<>();
    messages
        .byPartition(messages::objects)
        .forEach((partition, some) -> some.forEach(message -> jobs.add(job(partition, message, until))));
    return jobs;
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
        polled((int) Math.min(QueuePoller.MOST, (long) most + progress.finishedBeyond(committed)), Leases.POLLED, wait),
        jobs -> Steps.map(api.within(timeout, deadline -> progress.lookForGaps(committed, jobs, deadline)), looked -> counted(jobs)));
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
    if (attempt > Leases.MAX_ATTEMPTS) {
      quietly(job, deadline -> bury(job, "delivered " + Leases.MAX_ATTEMPTS + " times", deadline));
      return null;
    }
    return withAttempt(job, attempt, job.leaseDeadline());
  }

  private static LeasedJob job(int partition, Answer message, Deadline until) {
    long offset = message.number("offset");
    String receipt = message.text("receipt_handle");
    Envelope envelope = Envelope.decode(message.text("value"));
    return new LeasedJob(
        partition + ":" + offset,
        receipt,
        envelope.value(),
        envelope.headers(),
        attempt(receipt),
        Leases.MAX_ATTEMPTS,
        Priorities.parse(message.text("priority", "")).orElse(0),
        message.time("timestamp"),
        until,
        OptionalLong.of(offset),
        partition,
        null);
  }

  /** The receipt says which delivery it is of: {@code topic:partition:offset:delivery:random}. */
  private static int attempt(String receipt) {
    Matcher found = DELIVERY.matcher(receipt);
    return found.find() ? Math.max(1, Integer.parseInt(found.group(1))) : 1;
  }

  private void hold(LeasedJob job) {
    Deadline end = job.leaseDeadline();
    if (end != null) {
      held.put(job.receipt(), end);
    }
  }

  @Override
  public CompletableFuture<List<LeasedJob>> lease(List<LeasedJob> jobs, Duration lease) {
    Duration wanted = Duration.ofSeconds(Leases.seconds(lease));
    return jobs.stream().allMatch(job -> lasts(job, wanted))
        ? CompletableFuture.completedFuture(jobs)
        : Steps.map(
            Gather.of(jobs, ON_THE_WAY, job -> lasts(job, wanted) ? CompletableFuture.completedFuture(job) : lengthen(job, lease)),
            outcomes -> leased(jobs, outcomes));
  }

  private static boolean lasts(LeasedJob job, Duration wanted) {
    Deadline end = job.leaseDeadline();
    return end != null && end.remaining().minus(wanted).abs().compareTo(TOLERANCE) <= 0;
  }

  private CompletableFuture<LeasedJob> lengthen(LeasedJob job, Duration lease) {
    return Steps.map(
        api.within(GIVE_BACK, deadline -> leases.extend(job, lease, deadline)),
        extended -> {
          LeasedJob longer = job.withLeaseDeadline(extended.leaseDeadline());
          hold(longer);
          return longer;
        });
  }

  /** A job whose lease could not be changed has the one it came with; it is left out if that is gone. */
  private List<LeasedJob> leased(List<LeasedJob> jobs, List<Outcome<LeasedJob>> outcomes) {
    List<LeasedJob> leased = new ArrayList<>();
    for (int i = 0; i < jobs.size(); i++) {
      TributaryException error = outcomes.get(i).error();
      if (error == null) {
        leased.add(outcomes.get(i).orThrow());
      } else if (error instanceof LeaseLostException) {
        held.remove(jobs.get(i).receipt());
      } else {
        leased.add(jobs.get(i));
      }
    }
    return leased;
  }

  @Override
  public CompletableFuture<?> giveBack(LeasedJob job) {
    held.remove(job.receipt());
    if (dialect == Dialect.DECLARED) {
      return quietly(job, deadline -> leases.nack(job, Duration.ZERO, null, deadline));
    }
    // One that is acked and not committed is handed out again at once; one that is nacked may come as a dead letter too.
    progress.notAttempted(job);
    return quietly(job, deadline -> leases.ack(job, deadline));
  }

  /** Whatever comes of it: the server finds out by itself when the lease ends. */
  private CompletableFuture<?> quietly(LeasedJob job, Function<Deadline, CompletableFuture<Settlement.Result>> call) {
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
      case RELEASE -> leases.nack(job, Duration.ZERO, null, deadline);
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
          new LeaseLostException(ErrorInfo.of("the lease of job " + job.id() + " ended at " + end, "Ask for a longer lease, or work faster")));
    }
    return switch (settlement.kind()) {
      // First the commit: what is acked and not committed would be handed out once more.
      case ACK -> Steps.then(progress.finish(job), committed -> acked(job, deadline));
      case NACK -> job.attempt() >= Leases.MAX_ATTEMPTS
          ? bury(job, settlement.reason() == null ? "failed " + job.attempt() + " times" : settlement.reason(), deadline)
          : rest(job, settlement.duration(), deadline);
      case RELEASE -> rest(job, Duration.ZERO, deadline);
      case REJECT -> bury(job, settlement.reason(), deadline);
      case EXTEND -> leases.extend(job, Objects.requireNonNull(settlement.duration()), deadline);
    };
  }

  private CompletableFuture<Settlement.Result> acked(LeasedJob job, Deadline deadline) {
    return Steps.recover(
        leases.ack(job, deadline),
        error ->
            error instanceof LeaseLostException
                ? CompletableFuture.completedFuture(Settlement.Result.DONE)
                : CompletableFuture.failedFuture(error));
  }

  /** The place of a dead letter stays: unless it is committed before, the job comes again, and is a second dead letter. */
  private CompletableFuture<Settlement.Result> bury(LeasedJob job, @Nullable String reason, Deadline deadline) {
    return Steps.then(progress.finish(job), committed -> leases.reject(job, reason, deadline));
  }

  /** Keeps it for the delay, and hands it out again then. */
  private CompletableFuture<Settlement.Result> rest(LeasedJob job, @Nullable Duration delay, Deadline deadline) {
    Duration pause = delay == null ? FIRST_BACKOFF.multipliedBy(1L << (job.attempt() - 1)) : delay;
    if (resting.incrementAndGet() > MOST_RESTING) {
      resting.decrementAndGet();
      return leases.ack(job, deadline);
    }
    CompletableFuture<Settlement.Result> call = leases.extend(job, pause.plus(Leases.POLLED), deadline);
    call.whenComplete(
        (extended, error) -> {
          if (error != null) {
            resting.decrementAndGet();
            return;
          }
          time.schedule(
              pause,
              () -> {
                resting.decrementAndGet();
                LeasedJob again = withAttempt(job, progress.attempt(job), extended.leaseDeadline());
                hold(again);
                poller.offer(again);
              });
        });
    return Steps.map(call, extended -> Settlement.Result.DONE);
  }

  private static LeasedJob withAttempt(LeasedJob job, int attempt, @Nullable Deadline end) {
    return new LeasedJob(
        job.id(),
        job.receipt(),
        job.value(),
        job.headers(),
        attempt,
        job.maxAttempts(),
        job.priority(),
        job.enqueuedAt(),
        end,
        job.sequence(),
        job.partition(),
        null);
  }

  /** How many jobs this client holds. */
  int inFlight() {
    held.values().removeIf(Deadline::expired);
    return held.size();
  }

  /** Whether anybody has anything to do with it. */
  boolean idle() {
    return !needsMember();
  }

  CompletableFuture<Void> close(TributaryException reason) {
    return poller.close(reason).thenCompose(given -> shortPolls.over()).thenRun(this::silence);
  }

  private void silence() {
    member.close();
    late.close();
  }
}
