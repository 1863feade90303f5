package dev.tributary.testkit.engine;

import dev.tributary.error.TributaryException;
import dev.tributary.spi.LeasedJob;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A receive that found nothing ready and waits for a job, its time, or a cancel. */
final class WaitingReceive implements Taker {
  private final Connection connection;
  private final Gate gate;
  private final QueueState queue;
  private final Scope scope;
  private final int max;
  private final Duration lease;
  private final CompletableFuture<List<LeasedJob>> result = new CompletableFuture<>();
  private Agenda.@Nullable Entry alarm;

  WaitingReceive(Connection connection, QueueState queue, Scope scope, int max, Duration lease) {
    this.connection = connection;
    this.gate = connection.gate();
    this.queue = queue;
    this.scope = scope;
    this.max = max;
    this.lease = lease;
  }

  /** Waits; inside. */
  CompletableFuture<List<LeasedJob>> begin(Duration wait) {
    alarm = gate.agenda().at(gate.clock().in(wait), () -> finish(() -> result.complete(List.of())));
    connection.attach(this, this::dismiss);
    queue.enlist(this);
    result.whenComplete(
        (jobs, error) -> {
          if (result.isCancelled()) {
            gate.run(() -> finish(() -> {}));
          }
        });
    return result;
  }

  @Override
  public Scope scope() {
    return scope;
  }

  @Override
  public boolean serve(QueueState from) {
    List<LeasedJob> jobs = from.lease(scope, max, lease);
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
    queue.dismiss(this);
    gate.after(signal);
  }
}
