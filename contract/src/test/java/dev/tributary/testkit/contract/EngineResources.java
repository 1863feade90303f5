package dev.tributary.testkit.contract;

import dev.tributary.RedeliveryPolicy;
import dev.tributary.ResourceName;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.StreamConfig;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.GroupTransport;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.ReceiveSpec;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.StreamTransport;
import dev.tributary.spi.TimeSource;
import dev.tributary.spi.Transport;
import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Makes the resources of a test behind the back of the client under test. */
final class EngineResources {
  /** Workers and consumers that are killed on purpose say so at length. Kept, because a logger that nobody has forgets its level. */
  private static final Logger LOG = Logger.getLogger("dev.tributary");

  static {
    LOG.setLevel(Level.OFF);
  }

  private static final String UNDERTAKER = "undertaker";

  private final Transport engine;
  private final AdminTransport admin;
  private final TimeSource time;

  EngineResources(Transport engine, TimeSource time) {
    this.engine = engine;
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

  /** Publishes an event, and has a group reject it. */
  void bury(String stream, byte[] value, Map<String, String> headers, String reason) {
    StreamTransport streams = engine.streams().orElseThrow();
    GroupTransport groups = engine.groups().orElseThrow();
    Event<byte[]> event = Event.builder(value).headers(headers).build();
    Position place = streams.publish(resource(stream), List.of(event), soon()).join().get(0).orThrow();
    streams.commit(resource(stream), UNDERTAKER, place, soon()).join();
    ReceiveSpec one =
        new ReceiveSpec(UNDERTAKER, "one", Set.of(), 1, 1, Duration.ofSeconds(30), RedeliveryPolicy.DEFAULT, Duration.ZERO);
    List<LeasedJob> taken = groups.receive(resource(stream), one, soon()).join();
    groups.settle(resource(stream), List.of(new Settlement(Settlement.Kind.REJECT, taken.get(0), null, reason)), soon()).join().get(0).orThrow();
  }

  /** Publishes as another client does it, to a stream that is made if it is not there. */
  void publish(String stream, byte[] value) {
    admin.createStream(resource(stream), StreamConfig.DEFAULT, soon()).handle((made, there) -> made).join();
    engine.streams().orElseThrow().publish(resource(stream), List.of(Event.of(value)), soon()).join().get(0).orThrow();
  }

  private Deadline soon() {
    return Deadline.after(time, Duration.ofSeconds(30));
  }

  private static ResourceName resource(String name) {
    return ResourceName.parse(name, "default", "default");
  }
}
