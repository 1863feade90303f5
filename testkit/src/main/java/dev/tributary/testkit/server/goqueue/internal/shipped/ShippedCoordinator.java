package dev.tributary.testkit.server.goqueue.internal.shipped;

import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.goqueue.internal.groups.CooperativeRebalance;
import dev.tributary.testkit.server.goqueue.internal.groups.Coordinator;
import dev.tributary.testkit.server.goqueue.internal.groups.Group;
import dev.tributary.testkit.server.goqueue.internal.groups.RebalanceStats;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Groups as they are shipped: none outlives a restart, who joins last says whether members cooperate, and once a group whose members do
 * was deleted, no other of its name can.
 */
public final class ShippedCoordinator extends Coordinator {
  /** Guarded by this; the oldest are forgotten beyond {@link #MOST_GROUPS}. */
  private final Set<String> dead = new LinkedHashSet<>();

  public ShippedCoordinator(TimeSource time, Consumer<String> moved) {
    super(time, moved);
  }

  @Override
  public synchronized void start() {
    forget();
    dead.clear();
    super.start();
  }

  @Override
  protected void admit(Group group, boolean cooperative) {
    if (cooperative && dead.contains(group.id())) {
      throw refused("group " + group.id() + " is dead");
    } else if (!cooperative || group.rebalance() == null) {
      follow(group, cooperative);
    }
  }

  @Override
  protected CooperativeRebalance cooperation(Group group, TimeSource clock, RebalanceStats counted) {
    return new ShippedRebalance(group, clock, counted);
  }

  @Override
  public Group delete(String id) {
    Group deleted = super.delete(id);
    if (deleted.rebalance() != null) {
      bury(id);
    }
    return deleted;
  }

  private synchronized void bury(String id) {
    dead.add(id);
    if (dead.size() > MOST_GROUPS) {
      dead.remove(dead.iterator().next());
    }
  }
}
