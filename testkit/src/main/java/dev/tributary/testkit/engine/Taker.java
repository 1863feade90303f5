package dev.tributary.testkit.engine;

import dev.tributary.error.TributaryException;

/** Somebody who waits for jobs. Those of one queue take turns. */
interface Taker {
  /** From where it takes. */
  Scope scope();

  /**
   * Takes jobs, of which at least one is ready in its scope; inside the gate.
   *
   * @return whether it wants another turn. If it took nothing, it must not.
   */
  boolean serve(QueueState queue);

  /** The queue is gone; inside the gate. */
  void dismiss(TributaryException error);
}
