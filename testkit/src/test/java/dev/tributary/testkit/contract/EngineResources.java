package dev.tributary.testkit.contract;

import dev.tributary.ResourceName;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.StreamConfig;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.TimeSource;
import dev.tributary.spi.Transport;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Makes the resources of a test behind the back of the client under test. */
final class EngineResources {
  /** Workers and consumers that are killed on purpose say so at length. Kept, because a logger that nobody has forgets its level. */
  private static final Logger LOG = Logger.getLogger("dev.tributary");

  static {
    LOG.setLevel(Level.OFF);
  }

  private final AdminTransport admin;
  private final TimeSource time;

  EngineResources(Transport engine, TimeSource time) {
    this.admin = engine.admin().orElseThrow();
    this.time = time;
  }

  void createStream(String name, int partitions) {
    createStream(name, StreamConfig.partitions(partitions));
  }

  void createStream(String name, StreamConfig config) {
    admin.createStream(resource(name), config, soon()).join();
  }

  void createQueue(String name, QueueConfig config) {
    admin.createQueue(resource(name), config, soon()).join();
  }

  void createKeyValue(String name) {
    admin.createKeyValue(resource(name), soon()).join();
  }

  private Deadline soon() {
    return Deadline.after(time, Duration.ofSeconds(30));
  }

  private static ResourceName resource(String name) {
    return ResourceName.parse(name, "default", "default");
  }
}
