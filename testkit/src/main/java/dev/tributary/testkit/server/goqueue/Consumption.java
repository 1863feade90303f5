package dev.tributary.testkit.server.goqueue;

import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.testkit.server.ServerOptions;

/** All that groups need to consume topics, as it is declared or as it is shipped. It lives as long as the server. Thread-safe. */
final class Consumption {
  private final boolean shipped;
  private final TimeSource time;
  private final Bells bells = new Bells();
  private final ReliabilityStats stats = new ReliabilityStats();
  private final Coordinator coordinator;
  private final Offsets offsets;
  private final Deliveries deliveries;

  Consumption(Topics topics, Appends appends, Reads reads, ServerOptions options) {
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
  void start() {
    coordinator.start();
    deliveries.start();
  }

  /** The server does not listen any more, for now. */
  void stop() {
    coordinator.stop();
    deliveries.stop();
  }
}
