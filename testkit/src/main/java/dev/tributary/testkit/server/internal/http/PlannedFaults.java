package dev.tributary.testkit.server.internal.http;

import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.ServerFaults;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/** Has operations begin as late, and fail as they were told to. */
public final class PlannedFaults {
  private final ServerFaults faults;
  private final TimeSource time;
  private final Function<ServerFaults.Fault, ? extends Throwable> failure;

  /** {@code failure} is what a fault is for whoever called. */
  public PlannedFaults(ServerFaults faults, TimeSource time, Function<ServerFaults.Fault, ? extends Throwable> failure) {
    this.faults = faults;
    this.time = time;
    this.failure = failure;
  }

  /** Begins the operation of this name. Cancelling the future cancels it. */
  public <A> CompletableFuture<A> begin(String name, Supplier<CompletableFuture<A>> operation) {
    ServerFaults.Fault fault = faults.next(name);
    CompletableFuture<Boolean> begun = after(faults.delayOf(name));
    if (fault == null) {
      return Steps.then(begun, go -> operation.get());
    }
    CompletableFuture<Boolean> done =
        fault.applied()
            ? Steps.otherwise(
                Steps.then(begun, go -> Steps.map(operation.get(), answer -> true)),
                // Whatever comes of it, this is what is heard.
                failed -> CompletableFuture.completedFuture(false))
            : begun;
    return Steps.then(done, lost -> CompletableFuture.failedFuture(failure.apply(fault)));
  }

  private CompletableFuture<Boolean> after(Duration delay) {
    CompletableFuture<Boolean> passed = new CompletableFuture<>();
    if (delay.isZero()) {
      passed.complete(true);
    } else {
      TimeSource.Timer timer = time.schedule(delay, () -> passed.complete(true));
      passed.whenComplete((done, cancelled) -> timer.cancel());
    }
    return passed;
  }
}
