package dev.tributary.engine;

import dev.tributary.error.TributaryException;

/** Somebody who waits for something to lease. Those of one queue, or of one group, take {@link Takers turns}. */
interface Taker {
  /** Whether something is ready for it; inside the gate. */
  boolean ready();

  /**
   * Leases, when something is ready; inside the gate.
   *
   * @return whether it wants another turn. If it took nothing, it must not.
   */
  boolean serve();

  /** What it waits for is gone; inside the gate. */
  void dismiss(TributaryException error);
}
