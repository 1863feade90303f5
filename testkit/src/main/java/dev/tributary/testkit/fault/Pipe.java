package dev.tributary.testkit.fault;

import dev.tributary.spi.TimeSource;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One direction of one connection. Holds back what is not due yet or cannot be written, at most {@link #ROOM} bytes and a read more;
 * then it stops reading, so that the sender feels it. Only the event loop calls it.
 */
final class Pipe {
  static final int ROOM = 256 * 1024;

  private final Conditions conditions;
  private final TimeSource time;
  private final Context loop;
  private final Runnable cut;
  private final NetSocket from;
  private final NetSocket to;
  private final ArrayDeque<Chunk> held = new ArrayDeque<>();
  private long heldBytes;
  private boolean swallow;
  private boolean lost;
  private boolean ended;
  private boolean targetClosed;
  private TimeSource.@Nullable Timer timer;
  private long timerDue;
  private int epoch = -1;
  private long passed;

  private record Chunk(Buffer bytes, long arrivedNanos) {}

  Pipe(Conditions conditions, TimeSource time, Context loop, NetSocket from, NetSocket to, Runnable cut) {
    this.conditions = conditions;
    this.time = time;
    this.loop = loop;
    this.from = from;
    this.to = to;
    this.cut = cut;
  }

  void open() {
    from.handler(this::arrived);
    from.endHandler(
        end -> {
          ended = true;
          flow();
        });
    to.drainHandler(drained -> flow());
    flow();
  }

  /** There is nowhere to write to any more: what still comes is dropped. */
  void targetClosed() {
    targetClosed = true;
    flow();
  }

  /** From now on bytes vanish, or no more. */
  void swallow(boolean vanish) {
    swallow = vanish;
    flow();
  }

  /** Whether bytes have vanished, or the end that follows them, so that what comes later would make no sense. */
  boolean lossy() {
    return lost;
  }

  private void arrived(Buffer bytes) {
    held.add(new Chunk(bytes, time.nanos()));
    holds(bytes.length());
    flow();
  }

  /** Moves what may move, and reads on if there is room. */
  void flow() {
    if (conditions.epoch != epoch) {
      epoch = conditions.epoch;
      passed = 0;
    }
    if (conditions.cutAfter == 0) {
      conditions.cutAfter = Conditions.NO_CUT;
      cut.run();
      return;
    }
    while (!conditions.stalled && !held.isEmpty() && !waits(held.peek())) {
      if (!pass(take())) {
        return;
      }
    }
    if (conditions.stalled || heldBytes > ROOM) {
      from.pause();
    } else {
      from.resume();
      if (ended && held.isEmpty()) {
        if (swallow) {
          lost = true;
        } else {
          to.close();
        }
      }
    }
  }

  private Chunk take() {
    Chunk chunk = held.remove();
    holds(-chunk.bytes.length());
    return chunk;
  }

  private void holds(long more) {
    heldBytes += more;
    conditions.held.add(more);
  }

  private boolean waits(Chunk chunk) {
    if (swallow || targetClosed) {
      return false;
    }
    long now = time.nanos();
    // Measured by the delay that holds now: what was held back under a longer one does not wait for that one's end.
    long early = chunk.arrivedNanos - now + conditions.delayNanos;
    if (early > 0) {
      wakeIn(early, now + early);
      return true;
    }
    return to.writeQueueFull();
  }

  private void wakeIn(long nanos, long due) {
    if (timer != null) {
      if (timerDue == due) {
        return;
      }
      timer.cancel();
    }
    timerDue = due;
    timer =
        time.schedule(
            Duration.ofNanos(nanos),
            () ->
                loop.runOnContext(
                    wake -> {
                      timer = null;
                      flow();
                    }));
  }

  /** Passes one chunk on; false if that was the end of the connection. */
  private boolean pass(Chunk chunk) {
    if (swallow || targetClosed) {
      lost = true;
      return true;
    }
    Buffer bytes = chunk.bytes;
    boolean last = conditions.cutAfter >= 0 && passed + bytes.length() >= conditions.cutAfter;
    if (last) {
      bytes = bytes.slice(0, (int) (conditions.cutAfter - passed));
      conditions.cutAfter = Conditions.NO_CUT;
    }
    passed += bytes.length();
    conditions.bytes.add(bytes.length());
    if (last) {
      to.write(bytes).onComplete(written -> cut.run());
      from.pause();
      held.clear();
      holds(-heldBytes);
      return false;
    }
    to.write(bytes);
    return true;
  }
}
