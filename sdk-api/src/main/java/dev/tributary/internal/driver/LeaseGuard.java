package dev.tributary.internal.driver;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Steps;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Calls that settle a job by its id, whoever has it: only our clock tells whose it is. Nothing is sent once its lease has ended, for that
 * would take the job from whoever has it by then. What was sent before the end and answered after it may have been carried out on either
 * side of it.
 */
public final class LeaseGuard {
  private LeaseGuard() {}

  /**
   * A call about a job, as long as it is ours.
   *
   * @param call is given the end of the lease as its deadline, if that is earlier, so that nothing waits to be sent until it is late
   */
  public static <T> CompletableFuture<T> whileOurs(LeasedJob job, Deadline deadline, Function<Deadline, CompletableFuture<T>> call) {
    Deadline end = job.leaseDeadline();
    if (end == null) {
      return call.apply(deadline);
    }
    if (end.expired()) {
      return CompletableFuture.failedFuture(lost(job, false, null));
    }
    return Steps.translate(
        Steps.map(
            call.apply(end.isAfter(deadline) ? deadline : end),
            done -> {
              if (end.expired()) {
                throw lost(job, true, null);
              }
              return done;
            }),
        error -> end.expired() && !(error instanceof LeaseLostException) ? lost(job, error.maybeApplied(), error) : error);
  }

  private static LeaseLostException lost(LeasedJob job, boolean maybeApplied, @Nullable TributaryException cause) {
    return new LeaseLostException(
        ErrorInfo.of("the lease of job " + job.id() + " ended " + job.leaseDeadline(), "Ask for a longer lease, or work faster")
            .maybeApplied(maybeApplied)
            .causedBy(cause));
  }
}
