package dev.tributary.testkit.fault;

import java.util.concurrent.atomic.LongAdder;

/** What holds for one direction of every link of a proxy. Only the event loop touches it, but for the counters. */
final class Conditions {
  static final long NO_CUT = -1;

  final LongAdder bytes = new LongAdder();
  final LongAdder held = new LongAdder();
  boolean stalled;
  long delayNanos;
  /** The first link to pass this many bytes since {@link #epoch} is cut. */
  long cutAfter = NO_CUT;
  /** Grows with every new {@link #cutAfter}: links count from there. */
  int epoch;

  void cutAfter(long count) {
    cutAfter = count;
    epoch++;
  }

  void heal() {
    stalled = false;
    delayNanos = 0;
    cutAfter = NO_CUT;
  }
}
