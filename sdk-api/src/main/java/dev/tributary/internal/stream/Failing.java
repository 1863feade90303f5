package dev.tributary.internal.stream;

import dev.tributary.spi.TimeSource;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A message at which its handler failed, and may fail again. Guarded by the {@link Assignment}. */
final class Failing {
  final long offset;
  final Instant since;
  int attempts;
  /** Whether there is a pause before the handler gets it again. */
  boolean waits;

  private TimeSource.@Nullable Timer timer;
  private boolean over;

  Failing(long offset, Instant since) {
    this.offset = offset;
    this.since = since;
  }

  void waitsFor(TimeSource.Timer pause) {
    timer = pause;
    if (over) {
      pause.cancel();
    }
  }

  /** Nobody waits for it any more. */
  void end() {
    over = true;
    waits = false;
    if (timer != null) {
      timer.cancel();
    }
  }
}
