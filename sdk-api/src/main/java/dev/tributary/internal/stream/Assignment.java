package dev.tributary.internal.stream;

import dev.tributary.error.TributaryException;
import dev.tributary.internal.Buffer;
import dev.tributary.stream.Message;
import java.time.Instant;
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
 * The partitions of a consumer: an {@link AssignedPartition} for each. The demand at the source keeps what waits in them together within the
 * prefetch.
 *
 * <p>This is the one lock of a consumer. It guards the partitions and whatever changes in {@link Polling}, {@link Dispatch},
 * {@link Commits} and {@link Seek}; steps that belong together hold it around several calls. Neither user code nor the source is
 * called while it is held.
 */
final class Assignment<T> {
  private final StreamConsumer<T> consumer;
  private int prefetch;
  /** The bytes of what {@link #used} counts and has been delivered. */
  private final Buffer.Share share;
  private final Map<Integer, AssignedPartition<T>> assignment = new TreeMap<>();
  /** Revoked while a handler was at work in them. */
  private final List<AssignedPartition<T>> gone = new ArrayList<>();
  private final Set<Integer> paused = new HashSet<>();
  /** Asked from the source and neither delivered nor handed out, without what waits in those that are held. */
  private int used;
  private int turn;
  private boolean closed;
  private @Nullable TributaryException end;

  /** All of the prefetch counts as asked for. */
  Assignment(StreamConsumer<T> consumer, int prefetch, Buffer.Share share) {
    this.share = share;
    this.consumer = consumer;
    this.prefetch = prefetch;
    this.used = prefetch;
  }

  /** The state of this partition, made if there is none yet. */
  synchronized AssignedPartition<T> partition(int partition) {
    AssignedPartition<T> assigned = assignment.get(partition);
    if (assigned == null) {
      assigned = new AssignedPartition<>(consumer, partition, paused.contains(partition));
      assignment.put(partition, assigned);
    }
    return assigned;
  }

  /** All partitions, as they are now. */
  synchronized List<AssignedPartition<T>> all() {
    return new ArrayList<>(assignment.values());
  }

  /** Those in which a handler is at work, also if they were revoked since. Holds the lock. */
  Stream<AssignedPartition<T>> busy() {
    return Stream.concat(assignment.values().stream(), gone.stream()).filter(assigned -> assigned.busy);
  }

  synchronized Set<Integer> assignment() {
    return Set.copyOf(assignment.keySet());
  }

  synchronized OptionalLong position(int partition) {
    AssignedPartition<T> assigned = assignment.get(partition);
    long next = assigned == null ? -1 : assigned.position();
    return next < 0 ? OptionalLong.empty() : OptionalLong.of(next);
  }

  /** The partition in which the message waits for somebody to take it; null if it cannot be taken now. */
  synchronized @Nullable AssignedPartition<T> arrive(Message<byte[]> message) {
    if (closed) {
      return null;
    }
    AssignedPartition<T> assigned = partition(message.partition());
    assigned.arrive(message);
    if (!assigned.held) {
      share.add(Incoming.bytes(message));
    }
    if (assigned.held) {
      // It was under way when its partition was held, and must not take the demand of others with it.
      used--;
      return null;
    }
    return assigned;
  }

  /** What lies before this and has not arrived does not match. */
  synchronized void pass(int partition, long next) {
    AssignedPartition<T> assigned = assignment.get(partition);
    if (assigned != null && !closed) {
      assigned.passed = next;
      assigned.arrived++;
    }
  }

  /** Nothing more is handed out from these, and what waits is dropped; which of them there are. */
  synchronized List<AssignedPartition<T>> leave(Set<Integer> partitions) {
    List<AssignedPartition<T>> leaving = new ArrayList<>();
    for (int partition : partitions) {
      AssignedPartition<T> assigned = assignment.get(partition);
      if (assigned != null) {
        assigned.leaving = true;
        drop(assigned);
        leaving.add(assigned);
      }
    }
    return leaving;
  }

  synchronized void revoke(Set<Integer> partitions) {
    for (int partition : partitions) {
      AssignedPartition<T> assigned = assignment.remove(partition);
      if (assigned != null) {
        drop(assigned);
        assigned.revoked = true;
        assigned.forgive();
        gone.removeIf(other -> !other.busy);
        if (assigned.busy) {
          gone.add(assigned);
        }
      }
    }
  }

  /** Drops what waits in a partition. */
  synchronized void drop(AssignedPartition<T> assigned) {
    if (!assigned.held) {
      letGo(assigned);
    }
    assigned.drop();
  }

  private void letGo(AssignedPartition<T> assigned) {
    used -= assigned.waiting.size();
    assigned.waiting.forEach(message -> share.remove(Incoming.bytes(message)));
  }

  synchronized void pause(Set<Integer> partitions) {
    paused.addAll(partitions);
    partitions.forEach(this::weigh);
  }

  synchronized void resume(Set<Integer> partitions) {
    paused.removeAll(partitions);
    partitions.forEach(this::weigh);
  }

  /** The handler of the partition failed at its message, once more or for the first time; null if the message is none of its any more. */
  synchronized @Nullable Failing failed(AssignedPartition<T> assigned, Message<byte[]> message, Instant now) {
    if (closed || assigned.revoked || assigned.leaving || assigned.handlingEpoch != assigned.epoch) {
      return null;
    }
    Failing failing = assigned.failing;
    if (failing == null || failing.offset != message.offset()) {
      failing = new Failing(message.offset(), now);
      assigned.failing = failing;
    }
    failing.attempts++;
    return failing;
  }

  /** The partition waits before its handler gets that message again, or waits no longer. */
  synchronized void waits(AssignedPartition<T> assigned, Failing failing, boolean waits) {
    failing.waits = waits && assigned.failing == failing;
    weigh(assigned.partition);
  }

  /** The partition continues at this offset, and nothing that was before counts. */
  synchronized void continueAt(AssignedPartition<T> assigned, long offset) {
    drop(assigned);
    assigned.continueAt(offset);
    weigh(assigned.partition);
  }

  /** What waits in a partition that is held counts for nothing, so that it takes no demand from the others. */
  private void weigh(int partition) {
    AssignedPartition<T> assigned = assignment.get(partition);
    if (assigned == null || assigned.held == isHeld(assigned)) {
      return;
    }
    assigned.held = !assigned.held;
    if (assigned.held) {
      letGo(assigned);
    } else {
      used += assigned.waiting.size();
      assigned.waiting.forEach(message -> share.add(Incoming.bytes(message)));
    }
  }

  private boolean isHeld(AssignedPartition<T> assigned) {
    return paused.contains(assigned.partition) || assigned.failing != null && assigned.failing.waits;
  }

  /** The partitions of which the source is to deliver nothing now. */
  synchronized Set<Integer> held() {
    Set<Integer> held = new HashSet<>(paused);
    assignment.values().stream().filter(this::isHeld).forEach(assigned -> held.add(assigned.partition));
    return held;
  }

  /** As much may be asked for from now on; what was asked for already stays so. */
  synchronized void resize(int prefetch) {
    this.prefetch = prefetch;
  }

  /** How much to ask for, so that as many messages are under way as fit. In batches: a request may cost the source a message. */
  synchronized int claimDemand() {
    int more = prefetch - used;
    if (closed || more < prefetch - prefetch / 2) {
      return 0;
    }
    used += more;
    return more;
  }

  synchronized boolean anyReady() {
    for (AssignedPartition<T> assigned : assignment.values()) {
      if (assigned.ready()) {
        return true;
      }
    }
    return false;
  }

  /** What a poll would hand out now, the partitions by turns, without these. */
  synchronized List<AssignedPartition.Taken> peek(int max, Set<AssignedPartition<?>> without) {
    List<AssignedPartition<T>> all = all();
    all.removeAll(without);
    List<AssignedPartition.Taken> found = new ArrayList<>();
    int first = turn++;
    for (int i = 0; i < all.size() && found.size() < max; i++) {
      all.get(Math.floorMod(first + i, all.size())).peek(max - found.size(), found);
    }
    return found;
  }

  /** A poll hands out the next message of its partition. */
  synchronized void handOut(AssignedPartition.Taken next) {
    next.assigned().handOut();
    used--;
    share.remove(Incoming.bytes(next.message()));
  }

  /** A handler gets the next message of the partition. */
  synchronized void handle(AssignedPartition<T> assigned) {
    Message<byte[]> message = assigned.take();
    assigned.handling = message;
    assigned.handlingEpoch = assigned.epoch;
    used--;
    share.remove(Incoming.bytes(message));
  }

  /** The handler of the partition is done with its message; one that it did not process waits again, for another handler. */
  synchronized void handled(AssignedPartition<T> assigned, Message<byte[]> message, boolean processed) {
    assigned.handling = null;
    if (assigned.revoked || assigned.handlingEpoch != assigned.epoch) {
      return;
    }
    if (processed) {
      assigned.processed = message.offset() + 1;
    } else {
      assigned.putBack(message);
      if (!assigned.held) {
        used++;
        share.add(Incoming.bytes(message));
      }
    }
  }

  /** What waits first in a partition, if that is still this message, is not handed out but counts as if it had been. */
  synchronized void pass(AssignedPartition.Taken skipped) {
    AssignedPartition<?> assigned = skipped.assigned();
    if (assigned.epoch == skipped.epoch() && !assigned.revoked && assigned.waiting.peekFirst() == skipped.message()) {
      boolean counted = !assigned.held;
      assigned.handOut();
      if (counted) {
        used--;
        share.remove(Incoming.bytes(skipped.message()));
      }
    }
  }

  /** What polls have handed out is processed. */
  synchronized void countHandedOut() {
    assignment.values().forEach(AssignedPartition::countHandedOut);
  }

  /** The offsets to commit: behind what is processed, and not committed yet. */
  synchronized Map<Integer, Long> watermarks() {
    Map<Integer, Long> next = new HashMap<>();
    for (AssignedPartition<T> assigned : assignment.values()) {
      long watermark = assigned.watermark();
      if (watermark >= 0 && watermark != assigned.committed) {
        next.put(assigned.partition, watermark);
      }
    }
    return next;
  }

  synchronized void committed(Map<Integer, Long> next) {
    next.forEach(
        (partition, offset) -> {
          AssignedPartition<T> assigned = assignment.get(partition);
          if (assigned != null) {
            assigned.committed = offset;
          }
        });
  }

  /** Nobody takes what waits any more. */
  synchronized void clear() {
    assignment.values().forEach(this::drop);
    assignment.values().forEach(AssignedPartition::forgive);
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
