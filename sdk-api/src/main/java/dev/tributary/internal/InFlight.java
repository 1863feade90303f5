package dev.tributary.internal;

import dev.tributary.config.ClientConfig;
import dev.tributary.error.OverloadedException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The calls of a client that are under way or wait, by count and by the bytes they hold. A user's call that would go past a limit is refused at
 * once; the SDK's own steps, which other limits bound, are counted but never refused. Thread-safe.
 */
final class InFlight {
  /** What a call holds besides its payload, roughly. */
  private static final int CALL_BYTES = 512;

  private final int maxCalls;
  private final long maxBytes;
  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicReference<@Nullable CompletableFuture<Void>> idle = new AtomicReference<>();

  InFlight(ClientConfig config) {
    this.maxCalls = config.maxInFlightCalls();
    this.maxBytes = config.maxInFlightBytes();
  }

  /** What a call with this payload weighs. */
  static long weight(long payload) {
    return CALL_BYTES + payload;
  }

  /** Counts a call. The first one is let in whatever it weighs, so that what is allowed at all can be sent. */
  void enter(long weight) {
    calls.incrementAndGet();
    bytes.addAndGet(weight);
  }

  /**
   * Counts a call, if there is room for it.
   *
   * @return why there is none; null if it is counted
   */
  @Nullable OverloadedException tryEnter(long weight) {
    int before = calls.getAndIncrement();
    long held = bytes.getAndAdd(weight);
    if (before < maxCalls && (before == 0 || held + weight <= maxBytes)) {
      return null;
    }
    leave(weight);
    return OverloadedException.byClient(
        before + " calls with " + held + " bytes are under way, and " + maxCalls + " calls or " + maxBytes + " bytes may be",
        "Wait for some of them before making more, or raise max-in-flight-calls and max-in-flight-bytes");
  }

  /** A call is over. */
  void leave(long weight) {
    bytes.addAndGet(-weight);
    if (calls.decrementAndGet() == 0) {
      CompletableFuture<Void> waiting = idle.get();
      if (waiting != null) {
        waiting.complete(null);
      }
    }
  }

  /** Completes when no call is under way; asked once, when no more are made. */
  CompletableFuture<Void> idle() {
    CompletableFuture<Void> waiting = new CompletableFuture<>();
    idle.set(waiting);
    if (calls.get() == 0) {
      waiting.complete(null);
    }
    return waiting;
  }
}
