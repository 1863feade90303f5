package dev.tributary.testkit.server.internal.grpc;

import dev.tributary.spi.LeasedJob;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The jobs of one receive on their way to its client: given back if it is cancelled, even if they come only then. Thread-safe. */
public final class Handover {
  private final Consumer<List<LeasedJob>> giveBack;
  private final List<LeasedJob> jobs = new ArrayList<>();
  private boolean cancelled;

  public Handover(Consumer<List<LeasedJob>> giveBack) {
    this.giveBack = giveBack;
  }

  public void leased(List<LeasedJob> more) {
    synchronized (this) {
      if (!cancelled) {
        jobs.addAll(more);
        return;
      }
    }
    giveBack.accept(more);
  }

  public void cancel() {
    synchronized (this) {
      cancelled = true;
    }
    giveBack.accept(List.copyOf(jobs));
  }
}
