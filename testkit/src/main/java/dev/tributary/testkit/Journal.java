package dev.tributary.testkit;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What was called, in order. Thread-safe. Keeps the last 10,000 calls; counts go on. */
public final class Journal {
  private static final int KEPT = 10_000;

  private final ArrayDeque<CallRecord> calls = new ArrayDeque<>();
  private final Map<String, Integer> counts = new HashMap<>();

  /** An empty one, for a {@link WatchedTransport}. */
  public Journal() {}

  /** All calls. */
  public synchronized List<CallRecord> calls() {
    return List.copyOf(calls);
  }

  /** The calls of one operation. */
  public synchronized List<CallRecord> calls(String operation) {
    return calls.stream().filter(call -> call.operation().equals(operation)).toList();
  }

  /** How many calls there were of one operation. */
  public synchronized int count(String operation) {
    return counts.getOrDefault(operation, 0);
  }

  /** The last call of one operation. */
  public synchronized Optional<CallRecord> last(String operation) {
    List<CallRecord> of = calls(operation);
    return of.isEmpty() ? Optional.empty() : Optional.of(of.get(of.size() - 1));
  }

  /** Forgets everything. */
  public synchronized void clear() {
    calls.clear();
    counts.clear();
  }

  synchronized void add(CallRecord call) {
    if (calls.size() == KEPT) {
      calls.removeFirst();
    }
    calls.add(call);
    counts.merge(call.operation(), 1, Integer::sum);
  }
}
