package dev.tributary.engine;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Those who wait for something to lease, in the order of their turns. Used inside the gate. */
final class Takers {
  private final LinkedHashSet<Taker> waiting = new LinkedHashSet<>();

  void add(Taker taker) {
    waiting.add(taker);
  }

  void remove(Taker taker) {
    waiting.remove(taker);
  }

  /** Serves them in turn, as long as there is anything and somebody for whom it is. */
  void serve(BooleanSupplier anything) {
    boolean served = true;
    while (served && anything.getAsBoolean()) {
      served = serveOne();
    }
  }

  private boolean serveOne() {
    for (Taker taker : waiting) {
      if (taker.ready()) {
        waiting.remove(taker);
        if (taker.serve()) {
          waiting.add(taker);
        }
        return true;
      }
    }
    return false;
  }

  Collection<Taker> all() {
    return List.copyOf(waiting);
  }
}
