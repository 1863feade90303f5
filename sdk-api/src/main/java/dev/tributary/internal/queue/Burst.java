package dev.tributary.internal.queue;

import dev.tributary.internal.Reason;
import dev.tributary.spi.TimeSource;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;

/** Says what happens to many jobs at once, a broken connection for instance, once and not for each of them. Thread-safe. */
final class Burst {
  private static final long PAUSE = Duration.ofSeconds(10).toNanos();

  private final Logger log;
  private final TimeSource time;
  private boolean said;
  private long last;
  private int unsaid;

  Burst(Logger log, TimeSource time) {
    this.log = log;
    this.time = time;
  }

  /** A warning without a stack, unless there was one just now; with the stack for those who want details. */
  void warn(String what, Throwable why) {
    log.log(Level.DEBUG, what, why);
    int before;
    synchronized (this) {
      long now = time.nanos();
      if (said && now - last < PAUSE) {
        unsaid++;
        return;
      }
      said = true;
      last = now;
      before = unsaid;
      unsaid = 0;
    }
    log.log(Level.WARNING, what + " (" + Reason.of(why) + ")" + (before == 0 ? "" : "; so it was with " + before + " others since the last warning"));
  }
}
