package dev.tributary.examples.bench.disheap;

import dev.tributary.examples.bench.Work;

/**
 * What a hand-written consumer counts: it holds as many jobs as it has credits, gives credits back by the quarter, so that not every ack
 * costs a message, and asks for no more jobs in all than it wants. Not thread-safe.
 */
final class CreditWindow {
  private final int size;
  private int left;
  private int ungranted;
  private int freed;

  CreditWindow(Work work) {
    this.left = work.taken();
    this.size = Math.min(work.credits(), left);
    this.ungranted = left - size;
  }

  /** The credits to begin with. */
  int size() {
    return size;
  }

  /** A job is acked; says how many credits to grant now. */
  int acked() {
    left--;
    freed++;
    if (freed < Math.max(1, size / 4)) {
      return 0;
    }
    int grant = Math.min(freed, ungranted);
    freed = 0;
    ungranted -= grant;
    return grant;
  }

  /** All jobs are acked. */
  boolean done() {
    return left == 0;
  }
}
