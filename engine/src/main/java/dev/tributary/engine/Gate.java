package dev.tributary.engine;

import dev.tributary.spi.TimeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The one way into the engine's state. Inside, one thread at a time; what becomes due is done first. Observers and futures of
 * others are never called inside: they are put off with {@link #after} and run on the way out.
 */
final class Gate {
  private final ReentrantLock lock = new ReentrantLock();
  private final Clock clock;
  private final Schedule schedule;
  private List<Runnable> signals = new ArrayList<>();

  Gate(TimeSource time) {
    this.clock = new Clock(time);
    this.schedule = new Schedule(clock, () -> run(() -> {}));
  }

  Clock clock() {
    return clock;
  }

  Schedule schedule() {
    return schedule;
  }

  /** Does something inside. */
  <R> R enter(Supplier<R> work) {
    List<Runnable> leaving = List.of();
    try {
      lock.lock();
      try {
        schedule.runDue();
        return work.get();
      } finally {
        schedule.arm();
        if (!signals.isEmpty()) {
          leaving = signals;
          signals = new ArrayList<>();
        }
        lock.unlock();
      }
    } finally {
      leaving.forEach(Runnable::run);
    }
  }

  /** Does something inside. */
  void run(Runnable work) {
    enter(
        () -> {
          work.run();
          return true;
        });
  }

  /** Only inside: runs this once outside. */
  void after(Runnable signal) {
    signals.add(signal);
  }
}
