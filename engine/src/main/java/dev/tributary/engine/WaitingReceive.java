package dev.tributary.engine;

import dev.tributary.error.TributaryException;
import dev.tributary.spi.LeasedJob;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A receive that found nothing ready and waits for something, its time, or a cancel. */
final class WaitingReceive implements Taker {
  private final Connection connection;
  private final Gate gate;
  private final Shelf from;
  private final CompletableFuture<List<LeasedJob>> result = new CompletableFuture<>();
  private Schedule.@Nullable Entry alarm;

  /** What one receive leases from: a queue, or a group of a stream, as it was asked for. Used inside the gate. */
  interface Shelf {
    /** Whether something is ready. */
    boolean ready();

    /** Leases what is ready. */
    List<LeasedJob> lease();

    /** Undoes deliveries that reached nobody. */
    void giveBack(Collection<LeasedJob> unseen);

    /** Has this served whenever something is ready. */
    void enlist(Taker taker);

    /** Has it served no more. */
    void dismiss(Taker taker);
  }

  private WaitingReceive(Connection connection, Shelf from) {
    this.connection = connection;
    this.gate = connection.gate();
    this.from = from;
  }

  /** Leases what is ready, or waits; inside. Whoever waits already goes first: had anything been ready, they would have it. */
  static CompletableFuture<List<LeasedJob>> of(Connection connection, Shelf from, Duration wait) {
    List<LeasedJob> ready = from.lease();
    return ready.isEmpty() && !wait.isZero() && !wait.isNegative()
        ? new WaitingReceive(connection, from).begin(wait)
        : CompletableFuture.completedFuture(ready);
  }

  private CompletableFuture<List<LeasedJob>> begin(Duration wait) {
    alarm = gate.schedule().at(gate.clock().in(wait), () -> finish(() -> result.complete(List.of())));
    connection.attach(this, this::dismiss);
    from.enlist(this);
    result.whenComplete(
        (jobs, error) -> {
          if (result.isCancelled()) {
            gate.run(() -> finish(() -> {}));
          }
        });
    return result;
  }

  @Override
  public boolean ready() {
    return from.ready();
  }

  @Override
  public boolean serve() {
    List<LeasedJob> jobs = from.lease();
    finish(
        () -> {
          if (!result.complete(jobs)) {
            // Cancelled in between: nobody will see them.
            gate.run(() -> from.giveBack(jobs));
          }
        });
    return false;
  }

  @Override
  public void dismiss(TributaryException error) {
    finish(() -> result.completeExceptionally(error));
  }

  private void finish(Runnable signal) {
    if (alarm != null) {
      alarm.cancel();
    }
    connection.detach(this);
    from.dismiss(this);
    gate.after(signal);
  }
}
