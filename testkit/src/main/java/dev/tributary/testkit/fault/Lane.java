package dev.tributary.testkit.fault;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/** What holds for one direction of every link of a proxy. Only the event loop touches it, but for the counters. */
final class Lane {
  static final long NO_CUT = -1;

  final LongAdder bytes = new LongAdder();
  final LongAdder held = new LongAdder();
  boolean stalled;
  Duration delay = Duration.ZERO;
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
    delay = Duration.ZERO;
    cutAfter = NO_CUT;
  }
}
