package dev.tributary.vertx.internal.goqueue.client;

import dev.tributary.Outcome;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.goqueue.wire.GoDuration;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What is said to the server about leased jobs: the verbs of receipts. Thread-safe. */
public final class Receipts {
  private static final Logger LOG = System.getLogger("dev.tributary.goqueue");

  /** How long a job is leased that was polled, unless something else is said; and how often it is delivered at most. */
  public static final Duration POLLED = Duration.ofSeconds(30);

  public static final int MAX_ATTEMPTS = 3;

  /** Requests about leases on their way at a time. */
  public static final int ON_THE_WAY = 64;

  /** A lease that differs by no more than this is as asked for. */
  private static final Duration TOLERANCE = Duration.ofSeconds(1);

  private static final Duration EXTENDING = Duration.ofSeconds(5);

  private static final Duration GIVE_BACK = Duration.ofSeconds(5);

  private static final String NO_REASON = "rejected by the consumer";

  /** Of so many settlements it is remembered that no answer came. */
  private static final int REMEMBERED = 10_000;

  private final Api api;
  private final TimeSource time;
  private final Set<String> unanswered =
      Collections.synchronizedSet(
          Collections.newSetFromMap(
              new LinkedHashMap<>() {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                  return size() > REMEMBERED;
                }
              }));

  public Receipts(Api api, TimeSource time) {
    this.api = api;
    this.time = time;
  }

  public CompletableFuture<Settlement.Result> ack(LeasedJob job, Deadline deadline) {
    return settle("/messages/ack", job, new Messages.Ack(job.receipt()), Messages.Done.class, acked -> Settlement.Result.DONE, deadline);
  }

  /** Null for the server's delay. */
  public CompletableFuture<Settlement.Result> nack(LeasedJob job, @Nullable Duration delay, @Nullable String reason, Deadline deadline) {
    return nack(job, new Messages.Nack(job.receipt(), delay == null ? null : GoDuration.format(delay), reason, null), deadline);
  }

  /** Nobody tried it: a server that keeps count does not count this one. To any other it is a nack. */
  public CompletableFuture<Settlement.Result> release(LeasedJob job, Deadline deadline) {
    return nack(job, new Messages.Nack(job.receipt(), GoDuration.format(Duration.ZERO), null, true), deadline);
  }

  private CompletableFuture<Settlement.Result> nack(LeasedJob job, Messages.Nack nack, Deadline deadline) {
    return settle("/messages/nack", job, nack, Messages.Nacked.class, nacked -> new Settlement.Result(nacked.action().equals("dlq"), null), deadline);
  }

  public CompletableFuture<Settlement.Result> reject(LeasedJob job, @Nullable String reason, Deadline deadline) {
    Messages.Reject reject = new Messages.Reject(job.receipt(), reason == null || reason.isEmpty() ? NO_REASON : reason);
    return settle("/messages/reject", job, reject, Messages.Done.class, rejected -> new Settlement.Result(true, null), deadline);
  }

  /** From now on, in whole seconds. */
  public CompletableFuture<Settlement.Result> extend(LeasedJob job, Duration length, Deadline deadline) {
    long seconds = seconds(length);
    // By our clock, from before the server's begins: never later than the lease really ends.
    Deadline end = Deadline.after(time, Duration.ofSeconds(seconds));
    return Steps.map(
        api.tell("/messages/visibility", new Messages.Extend(job.receipt(), seconds), deadline), extended -> new Settlement.Result(false, end));
  }

  /** The same jobs with leases as long as this from now; without those whose lease is gone. One that cannot be changed is as it came. */
  public CompletableFuture<List<LeasedJob>> asLongAs(List<LeasedJob> jobs, Duration lease) {
    Duration wanted = Duration.ofSeconds(seconds(lease));
    return jobs.stream().allMatch(job -> lasts(job, wanted))
        ? CompletableFuture.completedFuture(jobs)
        : Steps.map(
            Steps.all(jobs, ON_THE_WAY, job -> lasts(job, wanted) ? CompletableFuture.completedFuture(job) : lengthen(job, lease)),
            outcomes -> leased(jobs, outcomes));
  }

  private static boolean lasts(LeasedJob job, Duration wanted) {
    Deadline end = job.leaseDeadline();
    return end != null && end.remaining().minus(wanted).abs().compareTo(TOLERANCE) <= 0;
  }

  private CompletableFuture<LeasedJob> lengthen(LeasedJob job, Duration lease) {
    return Steps.map(
        api.within(EXTENDING, deadline -> extend(job, lease, deadline)), extended -> job.withLeaseDeadline(extended.leaseDeadline()));
  }

  private static List<LeasedJob> leased(List<LeasedJob> jobs, List<Outcome<LeasedJob>> outcomes) {
    List<LeasedJob> leased = new ArrayList<>();
    for (int i = 0; i < jobs.size(); i++) {
      TributaryException error = outcomes.get(i).error();
      if (error == null) {
        leased.add(outcomes.get(i).orThrow());
      } else if (!(error instanceof LeaseLostException)) {
        leased.add(jobs.get(i));
      }
    }
    return leased;
  }

  /** Whatever comes of it: the server finds out by itself when the lease ends. */
  public CompletableFuture<Settlement.Result> quietly(LeasedJob job, Function<Deadline, CompletableFuture<Settlement.Result>> call) {
    return api.within(GIVE_BACK, call)
        .whenComplete(
            (done, error) -> {
              if (error != null) {
                LOG.log(Level.DEBUG, "job " + job.receipt() + " was not settled before its lease ends", error);
              }
            });
  }

  /** Rounded up, and never to 0. */
  public static long seconds(Duration length) {
    return Math.max(1, length.getNano() == 0 ? length.getSeconds() : length.getSeconds() + 1);
  }

  /**
   * One that is made again because no answer came, and of whose receipt the server knows nothing by then, may have been done the first time;
   * or the lease ended before that arrived. Nobody can tell.
   */
  private <A> CompletableFuture<Settlement.Result> settle(
      String path, LeasedJob job, Object verb, Class<A> type, Function<A, Settlement.Result> result, Deadline deadline) {
    String what = path + job.receipt();
    boolean again = !unanswered.add(what);
    CompletableFuture<Settlement.Result> call =
        Steps.map(
            api.post(path, verb, type, deadline),
            answer -> {
              unanswered.remove(what);
              return result.apply(answer);
            });
    return Steps.translate(
        call,
        error -> {
          boolean lost = error instanceof LeaseLostException;
          if (lost || !again && !error.maybeApplied()) {
            unanswered.remove(what);
          }
          return lost && again ? unsure(error) : error;
        });
  }

  private static TributaryException unsure(TributaryException lost) {
    return new LeaseLostException(
        ErrorInfo.of("no answer came to the first try, and now: " + lost.getMessage(), "It may be done, or come again: let the work be repeatable")
            .maybeApplied(true)
            .causedBy(lost));
  }
}
