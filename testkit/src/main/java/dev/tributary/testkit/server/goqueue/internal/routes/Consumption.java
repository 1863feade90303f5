package dev.tributary.testkit.server.goqueue.internal.routes;

import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.goqueue.internal.delivery.Bells;
import dev.tributary.testkit.server.goqueue.internal.delivery.Deliveries;
import dev.tributary.testkit.server.goqueue.internal.delivery.GroupDeliveries;
import dev.tributary.testkit.server.goqueue.internal.groups.Coordinator;
import dev.tributary.testkit.server.goqueue.internal.groups.Offsets;
import dev.tributary.testkit.server.goqueue.internal.shipped.ShippedCoordinator;
import dev.tributary.testkit.server.goqueue.internal.shipped.ShippedDeliveries;
import dev.tributary.testkit.server.goqueue.internal.shipped.ShippedOffsets;
import dev.tributary.testkit.server.goqueue.internal.store.Appends;
import dev.tributary.testkit.server.goqueue.internal.store.DeadLetterTopic;
import dev.tributary.testkit.server.goqueue.internal.store.Reads;
import dev.tributary.testkit.server.goqueue.internal.store.ReliabilityStats;
import dev.tributary.testkit.server.goqueue.internal.store.Topics;

/** All that groups need to consume topics, as it is declared or as it is shipped. It lives as long as the server. Thread-safe. */
public final class Consumption {
  private final boolean shipped;
  private final TimeSource time;
  private final Bells bells = new Bells();
  private final ReliabilityStats stats = new ReliabilityStats();
  private final Coordinator coordinator;
  private final Offsets offsets;
  private final Deliveries deliveries;

  public Consumption(Topics topics, Appends appends, Reads reads, ServerOptions options) {
    this.shipped = options.quirks().contains(Quirk.SHIPPED_GOQUEUE);
    this.time = options.time();
    DeadLetterTopic deadLetters = new DeadLetterTopic(topics, appends, time, stats);
    if (shipped) {
      this.coordinator = new ShippedCoordinator(time, bells::ring);
      this.offsets = new ShippedOffsets(topics, time);
      this.deliveries = new ShippedDeliveries(topics, reads, offsets, deadLetters, time, stats);
    } else {
      this.coordinator = new Coordinator(time, bells::ring);
      this.offsets = new Offsets(topics, time);
      this.deliveries = new GroupDeliveries(topics, reads, offsets, deadLetters, time, stats, bells::ring);
    }
    appends.listen(bells::ring);
    topics.onDelete(deliveries::forgetTopic);
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

  Bells bells() {
    return bells;
  }

  ReliabilityStats stats() {
    return stats;
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
