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

/** All that groups need to consume topics, as it is declared or as it is shipped. It lives as long as the server. Thread-safe. */
public final class Consumption {
  private final boolean shipped;
  private final TimeSource time;
  private final Polls polls = new Polls();
  private final Coordinator coordinator;
  private final Offsets offsets;
  private final Deliveries deliveries;

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

  /** The server begins to listen. */
  public void start() {
    coordinator.start();
    deliveries.start();
  }

  /** The server does not listen any more, for now. */
  public void stop() {
    coordinator.stop();
    deliveries.stop();
  }
}
