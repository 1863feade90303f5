package dev.tributary.testkit.server.goqueue.internal.store;

import dev.tributary.Capability;
import dev.tributary.admin.StreamConfig;
import dev.tributary.error.AlreadyExistsException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.stream.Event;
import dev.tributary.vertx.internal.goqueue.wire.Murmur3;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** The topic that public servers make for themselves, and the messages they put into it at every start: all into one partition. */
public final class DemoOrders {
  private static final String NAME = "demo-orders";
  private static final StreamConfig CONFIG = StreamConfig.partitions(3);

  private final Topics topics;
  private final Appends appends;

  public DemoOrders(Topics topics, Appends appends) {
    this.topics = topics;
    this.appends = appends;
  }

  /** Makes it unless it is there, and adds to it; does nothing if the transport cannot. */
  public CompletableFuture<?> begin(Deadline deadline) {
    if (topics.transport().admin().isEmpty() || !topics.can(Capability.CREATE_RESOURCES) || !topics.can(Capability.EVENT_KEYS)) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<Topic> made =
        Steps.otherwise(
            topics.create(NAME, CONFIG, deadline),
            error ->
                error instanceof AlreadyExistsException
                    ? topics.find(NAME, Topics.NOT_FOUND, deadline)
                    : CompletableFuture.failedFuture(error));
    return Steps.then(made, topic -> appends.append(topic, orders(topic), deadline));
  }

  private static List<Event<byte[]>> orders(Topic topic) {
    return Stream.of("order-7", "order-11", "order-12", "order-13", "order-16", "order-18").map(key -> order(key, topic)).toList();
  }

  private static Event<byte[]> order(String key, Topic topic) {
    String value = "{\"order\":\"" + key + "\",\"state\":\"new\"}";
    return Event.builder(value.getBytes(StandardCharsets.UTF_8)).key(key).partition(Murmur3.partition(key, topic.partitions())).build();
  }
}
