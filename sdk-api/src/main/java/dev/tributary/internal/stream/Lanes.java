package dev.tributary.internal.stream;

import dev.tributary.error.TributaryException;
import dev.tributary.internal.Buffer;
import dev.tributary.stream.Message;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The partitions of a consumer: a {@link Lane} for each. The demand at the source keeps what waits in them together within the
 * prefetch.
 *
 * <p>This is the one lock of a consumer. It guards the lanes and whatever changes in {@link Polling}, {@link Dispatch},
 * {@link Commits} and {@link Seek}; steps that belong together hold it around several calls. Neither user code nor the source is
 * called while it is held.
 */
final class Lanes<T> {
  private final StreamConsumer<T> consumer;
  private final int prefetch;
  private final int batch;
  /** The bytes of what {@link #used} counts and has been delivered. */
  private final Buffer.Share share;
  private final Map<Integer, Lane<T>> lanes = new TreeMap<>();
  /** Revoked while a handler was at work in them. */
  private final List<Lane<T>> gone = new ArrayList<>();
  private final Set<Integer> paused = new HashSet<>();
  /** Asked from the source and neither delivered nor handed out, without what waits in paused lanes. */
  private int used;
  private int turn;
  private boolean closed;
  private @Nullable TributaryException end;

  /** All of the prefetch counts as asked for. */
  Lanes(StreamConsumer<T> consumer, int prefetch, Buffer.Share share) {
    this.share = share;
    this.consumer = consumer;
    this.prefetch = prefetch;
    this.batch = prefetch - prefetch / 2;
    this.used = prefetch;
  }

  /** The lane of a partition, a new one if there is none. */
  synchronized Lane<T> lane(int partition) {
    Lane<T> lane = lanes.get(partition);
    if (lane == null) {
      lane = new Lane<>(consumer, partition, paused.contains(partition));
      lanes.put(partition, lane);
    }
    return lane;
  }

  /** All lanes, as they are now. */
  synchronized List<Lane<T>> all() {
    return new ArrayList<>(lanes.values());
  }

  /** Those in which a handler is at work, also if they were revoked since. Holds the lock. */
  Stream<Lane<T>> busy() {
    return Stream.concat(lanes.values().stream(), gone.stream()).filter(lane -> lane.busy);
  }

  synchronized Set<Integer> assignment() {
    return Set.copyOf(lanes.keySet());
  }

  synchronized OptionalLong position(int partition) {
    Lane<T> lane = lanes.get(partition);
    long next = lane == null ? -1 : lane.position();
    return next < 0 ? OptionalLong.empty() : OptionalLong.of(next);
  }

  /** The lane in which the message waits for somebody to take it; null if it cannot be taken now. */
  synchronized @Nullable Lane<T> arrive(Message<byte[]> message) {
    if (closed) {
      return null;
    }
    Lane<T> lane = lane(message.partition());
    lane.arrive(message);
    if (!lane.paused) {
      share.add(Incoming.bytes(message));
    }
    if (lane.paused) {
      // It was under way when its partition was paused, and must not take the demand of others with it.
      used--;
      return null;
    }
    return lane;
  }

  /** Nothing more is handed out from these, and what waits is dropped; which of them there are. */
  synchronized List<Lane<T>> leave(Set<Integer> partitions) {
    List<Lane<T>> leaving = new ArrayList<>();
    for (int partition : partitions) {
      Lane<T> lane = lanes.get(partition);
      if (lane != null) {
        lane.leaving = true;
        drop(lane);
        leaving.add(lane);
      }
    }
    return leaving;
  }

  synchronized void revoke(Set<Integer> partitions) {
    for (int partition : partitions) {
      Lane<T> lane = lanes.remove(partition);
      if (lane != null) {
        drop(lane);
        lane.revoked = true;
        gone.removeIf(other -> !other.busy);
        if (lane.busy) {
          gone.add(lane);
        }
      }
    }
  }

  /** Drops what waits in a lane. */
  synchronized void drop(Lane<T> lane) {
    if (!lane.paused) {
      letGo(lane);
    }
    lane.waiting.clear();
  }

  private void letGo(Lane<T> lane) {
    used -= lane.waiting.size();
    lane.waiting.forEach(message -> share.remove(Incoming.bytes(message)));
  }

  synchronized void pause(Set<Integer> partitions) {
    for (int partition : partitions) {
      Lane<T> lane = lanes.get(partition);
      if (paused.add(partition) && lane != null) {
        lane.paused = true;
        letGo(lane);
      }
    }
  }

  synchronized void resume(Set<Integer> partitions) {
    for (int partition : partitions) {
      Lane<T> lane = lanes.get(partition);
      if (paused.remove(partition) && lane != null) {
        lane.paused = false;
        used += lane.waiting.size();
        lane.waiting.forEach(message -> share.add(Incoming.bytes(message)));
      }
    }
  }

  /** How much to ask for, so that as many messages are under way as fit. In batches: a request may cost the source a message. */
  synchronized int claimDemand() {
    int more = prefetch - used;
    if (closed || more < batch) {
      return 0;
    }
    used += more;
    return more;
  }

  synchronized boolean anyReady() {
    for (Lane<T> lane : lanes.values()) {
      if (lane.ready()) {
        return true;
      }
    }
    return false;
  }

  /** What a poll would hand out now, the lanes by turns, without these. */
  synchronized List<Lane.Taken> peek(int max, Set<Lane<?>> without) {
    List<Lane<T>> all = all();
    all.removeAll(without);
    List<Lane.Taken> found = new ArrayList<>();
    int first = turn++;
    for (int i = 0; i < all.size() && found.size() < max; i++) {
      all.get(Math.floorMod(first + i, all.size())).peek(max - found.size(), found);
    }
    return found;
  }

  /** A poll hands out the next message of its lane. */
  synchronized void handOut(Lane.Taken next) {
    next.lane().handOut();
    used--;
    share.remove(Incoming.bytes(next.message()));
  }

  /** A handler gets the next message of the lane. */
  synchronized void handle(Lane<T> lane) {
    Message<byte[]> message = lane.take();
    lane.handling = message;
    lane.handlingEpoch = lane.epoch;
    used--;
    share.remove(Incoming.bytes(message));
  }

  /** The handler of the lane is done with its message; one that it did not process waits again, for another handler. */
  synchronized void handled(Lane<T> lane, Message<byte[]> message, boolean processed) {
    lane.handling = null;
    if (lane.revoked || lane.handlingEpoch != lane.epoch) {
      return;
    }
    if (processed) {
      lane.processed = message.offset() + 1;
    } else {
      lane.putBack(message);
      if (!lane.paused) {
        used++;
        share.add(Incoming.bytes(message));
      }
    }
  }

  /** What waits first in a lane, if that is still this message, is not handed out but counts as if it had been. */
  synchronized void pass(Lane.Taken skipped) {
    Lane<?> lane = skipped.lane();
    if (lane.epoch == skipped.epoch() && !lane.revoked && lane.waiting.peekFirst() == skipped.message()) {
      boolean counted = !lane.paused;
      lane.handOut();
      if (counted) {
        used--;
        share.remove(Incoming.bytes(skipped.message()));
      }
    }
  }

  /** What polls have handed out is processed. */
  synchronized void countHandedOut() {
    lanes.values().forEach(Lane::countHandedOut);
  }

  /** The offsets to commit: behind what is processed, and not committed yet. */
  synchronized Map<Integer, Long> watermarks() {
    Map<Integer, Long> next = new HashMap<>();
    for (Lane<T> lane : lanes.values()) {
      if (lane.processed >= 0 && lane.processed != lane.committed) {
        next.put(lane.partition, lane.processed);
      }
    }
    return next;
  }

  synchronized void committed(Map<Integer, Long> next) {
    next.forEach(
        (partition, offset) -> {
          Lane<T> lane = lanes.get(partition);
          if (lane != null) {
            lane.committed = offset;
          }
        });
  }

  /** Nobody takes what waits any more. */
  synchronized void clear() {
    lanes.values().forEach(this::drop);
  }

  synchronized void close() {
    closed = true;
  }

  synchronized boolean isClosed() {
    return closed;
  }

  /** The source delivers no more. */
  synchronized void end(TributaryException why) {
    end = why;
  }

  /** Why the source delivers no more; null if it does. */
  synchronized @Nullable TributaryException end() {
    return end;
  }
}
