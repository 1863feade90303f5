package dev.tributary.internal;

import dev.tributary.SubscriptionState;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * Tells a user of changes of state: in order, on the callback executor, each change once. If the user does not keep up, changes
 * in between are left out, never the last.
 */
public final class StateListener implements Runnable {
  private static final int MAX_WAITING = 64;

  private final Consumer<SubscriptionState> user;
  private final Serial serial;
  private final ArrayDeque<SubscriptionState> waiting = new ArrayDeque<>();
  private volatile SubscriptionState current = SubscriptionState.CONNECTING;

  /** Begins in {@code CONNECTING}, which is not told. */
  public StateListener(Calls calls, Consumer<SubscriptionState> user) {
    this.user = user;
    this.serial = new Serial(calls);
  }

  /** The state now. */
  public SubscriptionState current() {
    return current;
  }

  /** The state is this from now on. Nothing follows {@code CLOSED}. */
  public void change(SubscriptionState state) {
    synchronized (this) {
      if (state == current || current == SubscriptionState.CLOSED) {
        return;
      }
      current = state;
      if (waiting.size() >= MAX_WAITING) {
        waiting.removeLast();
        waiting.addLast(state);
        return;
      }
      waiting.addLast(state);
    }
    serial.execute(this);
  }

  /** Tells the next change. */
  @Override
  public void run() {
    SubscriptionState next;
    synchronized (this) {
      next = waiting.pollFirst();
    }
    if (next != null) {
      user.accept(next);
    }
  }
}
