package dev.tributary.testkit.server.goqueue.internal.transactions;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The numbers that producers gave to what they published, from 0 in every partition, so that a publish that is made again stores nothing.
 * They go on when a producer begins anew.
 *
 * <p>A number counts as used when its message is stored. After an abort, a producer that gives the numbers of the aborted transaction again
 * and one that goes on counting are both right: the first number decides, and from there on there are no gaps again. What was left out is
 * out of order if it comes later. So nobody is told that something is a duplicate whose message was dropped with a transaction.
 *
 * <p>Of {@value #MOST} partitions; the one that was quiet for longest is forgotten first, and expects 0. Thread-safe.
 */
public final class Sequences {
  static final int MOST = 100_000;

  private static final long NONE = -1;

  private final Map<Key, State> states =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, State> eldest) {
          return size() > MOST;
        }
      };

  /** What numbers are counted in. */
  public record Key(long producer, String topic, int partition) {}

  /** What becomes of a number. */
  public enum Verdict {
    /** It is the next one. */
    NEW,
    /** It was used. */
    DUPLICATE,
    /** It is not its turn. */
    GAP
  }

  private static final class State {
    /** The first that was used since the last commit or abort; -1 if none was. */
    private long first = NONE;
    /** Numbers below it are used. */
    private long next;
    /** The one after the last that was ever used: more than the next one only after an abort. */
    private long last;
    /** What was left out last, up to the number of {@link #skippedTo}. */
    private long skippedFrom;
    private long skippedTo;

    boolean skipped(int sequence) {
      return sequence >= skippedFrom && sequence < skippedTo;
    }
  }

  public synchronized Verdict judge(Key key, int sequence) {
    State state = states.getOrDefault(key, new State());
    if (sequence == state.next || sequence == state.last) {
      return Verdict.NEW;
    }
    return sequence < 0 || sequence > state.next || state.skipped(sequence) ? Verdict.GAP : Verdict.DUPLICATE;
  }

  /** The number that is to come. */
  synchronized long expected(Key key) {
    return states.getOrDefault(key, new State()).next;
  }

  /** A message with this number is stored. */
  public synchronized void use(Key key, int sequence) {
    State state = states.computeIfAbsent(key, first -> new State());
    if (state.first == NONE) {
      state.first = sequence;
    }
    if (sequence > state.next) {
      state.skippedFrom = state.next;
      state.skippedTo = sequence;
    }
    state.next = sequence + 1L;
    state.last = state.next;
  }

  /** What was used is committed. */
  synchronized void commit(Key key) {
    State state = states.get(key);
    if (state != null) {
      state.first = NONE;
    }
  }

  /** What was used since the last commit or abort may be used again. */
  synchronized void abort(Key key) {
    State state = states.get(key);
    if (state != null && state.first != NONE) {
      state.next = state.first;
      state.first = NONE;
    }
  }

  /** How many partitions are counted in. */
  public synchronized int size() {
    return states.size();
  }
}
