package dev.tributary.vertx.internal.goqueue.shipped;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.stream.Event;
import dev.tributary.vertx.internal.goqueue.client.Api;
import dev.tributary.vertx.internal.goqueue.client.Publisher;
import dev.tributary.vertx.internal.goqueue.client.Topics;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Refuses what the published server would store elsewhere than was said, and warns of what it would lose. */
final class ShippedPublisher extends Publisher {
  private static final Logger LOG = System.getLogger("dev.tributary.goqueue");

  private final Api api;
  private final Set<String> warned = ConcurrentHashMap.newKeySet();

  ShippedPublisher(Api api, Topics topics) {
    super(api, topics);
    this.api = api;
  }

  @Override
  protected CompletableFuture<Consumer<Event<byte[]>>> check(String topic, List<Event<byte[]>> events, Deadline deadline) {
    return events.stream().anyMatch(event -> event.priority() != 0 || placed(event))
        ? Steps.then(
            Dialect.of(api, deadline),
            dialect ->
                dialect == Dialect.DECLARED
                    ? super.check(topic, events, deadline)
                    : CompletableFuture.completedFuture(event -> check(topic, event)))
        : super.check(topic, events, deadline);
  }

  private static boolean placed(Event<byte[]> event) {
    return event.delay() != null && event.partition().isPresent();
  }

  private void check(String topic, Event<byte[]> event) {
    if (placed(event)) {
      throw new UnsupportedFeatureException(
          ErrorInfo.of("this server chooses the partition of a delayed event itself", "Leave out the partition or the delay, or give a key"));
    }
    if (event.priority() != 0 && warned.add(topic)) {
      LOG.log(
          Level.WARNING,
          "The server at hand loses messages of topic {0} that are followed by one of a higher priority in their partition: use a topic for each priority",
          topic);
    }
  }
}
