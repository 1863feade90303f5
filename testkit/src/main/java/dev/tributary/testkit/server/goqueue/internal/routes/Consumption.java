package dev.tributary.testkit.server.goqueue.internal.routes;

import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.goqueue.internal.delivery.Deliveries;
import dev.tributary.testkit.server.goqueue.internal.delivery.GroupDeliveries;
import dev.tributary.testkit.server.goqueue.internal.delivery.Polls;
import dev.tributary.testkit.server.goqueue.internal.groups.Coordinator;
import dev.tributary.testkit.server.goqueue.internal.groups.Offsets;
import dev.tributary.testkit.server.goqueue.internal.shipped.ShippedCoordinator;
import dev.tributary.testkit.server.goqueue.internal.shipped.ShippedDeliveries;
import dev.tributary.testkit.server.goqueue.internal.shipped.ShippedOffsets;
import dev.tributary.testkit.server.goqueue.internal.store.Appends;
import dev.tributary.testkit.server.goqueue.internal.store.Reads;
import dev.tributary.testkit.server.goqueue.internal.store.Topics;
import java.util.HashSet;
import java.util.Set;

/** All that groups need to consume topics, as it is declared or as it is shipped. It lives as long as any node of the cluster. Thread-safe. */
public final class Consumption {
  private final boolean shipped;
  private final TimeSource time;
  private final Polls polls = new Polls();
  private final Coordinator coordinator;
  private final Offsets offsets;
  private final Deliveries deliveries;
  /** While there are some, time passes for members and for what they hold. */
  private final Set<Object> listening = new HashSet<>();

  public Consumption(Topics topics, Appends appends, Reads reads, ServerOptions options) {
    this.shipped = options.quirks().contains(Quirk.SHIPPED_GOQUEUE);
    this.time = options.time();
    if (shipped) {
      // Who waits does not notice.
      this.coordinator = new ShippedCoordinator(time, moved -> {});
      this.offsets = new ShippedOffsets(topics, time);
      this.deliveries = new ShippedDeliveries(topics, appends, reads, offsets, time);
    } else {
      this.coordinator = new Coordinator(time, polls::moved);
      this.offsets = new Offsets(topics, time);
      this.deliveries = new GroupDeliveries(topics, time);
    }
  }

  boolean shipped() {
    return shipped;
  }

  TimeSource time() {
    return time;
  }

  Coordinator coordinator() {
    return coordinator;
  }

  Offsets offsets() {
    return offsets;
  }

  Deliveries deliveries() {
    return deliveries;
  }

  Polls polls() {
    return polls;
  }

  /** A node begins to listen. */
  public synchronized void start(Object node) {
    if (listening.add(node) && listening.size() == 1) {
      coordinator.start();
      deliveries.start();
    }
  }

  /** A node does not listen any more, for now. */
  public synchronized void stop(Object node) {
    if (listening.remove(node) && listening.isEmpty()) {
      coordinator.stop();
      deliveries.stop();
    }
  }
}
