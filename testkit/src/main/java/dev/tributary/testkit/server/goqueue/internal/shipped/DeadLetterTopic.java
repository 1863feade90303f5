package dev.tributary.testkit.server.goqueue.internal.shipped;

import dev.tributary.admin.Retention;
import dev.tributary.admin.StreamConfig;
import dev.tributary.error.AlreadyExistsException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventKey;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.testkit.server.goqueue.internal.store.Appends;
import dev.tributary.testkit.server.goqueue.internal.store.GroupPartition;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import dev.tributary.testkit.server.goqueue.internal.store.Topic;
import dev.tributary.testkit.server.goqueue.internal.store.Topics;
import dev.tributary.vertx.internal.goqueue.wire.DeadLetterRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Where messages go that nobody could do anything with: beside their topic, one of the same name and {@code .dlq}. Thread-safe. */
final class DeadLetterTopic {
  private static final Retention RETENTION = Retention.maxAge(Duration.ofHours(336));

  private final Topics topics;
  private final Appends appends;
  private final TimeSource time;
  private final ReliabilityCounts stats;

  DeadLetterTopic(Topics topics, Appends appends, TimeSource time, ReliabilityCounts stats) {
    this.topics = topics;
    this.appends = appends;
    this.time = time;
    this.stats = stats;
  }

  /**
   * What became of a message before.
   *
   * @param member who had it last
   * @param deliveries how often it was delivered
   * @param reason one of {@link DeadLetterRecord}'s
   * @param error what the member said; null if nothing
   */
  record Life(
      GroupPartition place,
      String member,
      int deliveries,
      Instant firstDelivery,
      Instant lastDelivery,
      String reason,
      @Nullable String error) {}

  /** Puts a message there, in the partition that it is from if there is one of that number. */
  CompletableFuture<Void> add(Topic from, Message<byte[]> message, Life life, Deadline deadline) {
    String name = DeadLetterRecord.topicOf(from.name());
    Event.Builder<byte[]> event = Event.builder(record(from, message, life).json().getBytes(StandardCharsets.UTF_8)).key(message.key());
    CompletableFuture<Position> added = topics.with(name, Topics.NOT_FOUND, deadline, topic -> append(topic, message.partition(), event, deadline));
    return Steps.map(
        Steps.otherwise(
            added,
            error ->
                error instanceof Refusal refusal && refusal.status() == 404
                    ? Steps.then(
                        make(name, from.partitions(), deadline), topic -> append(topic, message.partition(), event, deadline))
                    : CompletableFuture.failedFuture(error)),
        position -> {
          stats.buried(from.name(), life.reason());
          return null;
        });
  }

  private CompletableFuture<Position> append(Topic topic, int partition, Event.Builder<byte[]> event, Deadline deadline) {
    if (topic.has(partition)) {
      event.partition(partition);
    }
    return counting(
        stats.publishErrors, Steps.map(appends.append(topic, List.of(event.build()), deadline), outcomes -> outcomes.get(0).orThrow()));
  }

  private DeadLetterRecord record(Topic from, Message<byte[]> message, Life life) {
    EventKey key = message.key();
    Instant publishedAt = message.timestamp();
    return new DeadLetterRecord(
        from.name(),
        message.partition(),
        message.offset(),
        publishedAt == null ? life.firstDelivery() : publishedAt,
        key == null ? null : key.bytes(),
        message.value(),
        life.deliveries(),
        life.firstDelivery(),
        life.lastDelivery(),
        life.member(),
        life.place().group(),
        life.reason(),
        life.error(),
        time.now());
  }

  private CompletableFuture<Topic> make(String name, int partitions, Deadline deadline) {
    CompletableFuture<Topic> made = topics.create(name, StreamConfig.builder().partitions(partitions).retention(RETENTION).build(), deadline);
    return counting(
        stats.createErrors,
        Steps.recover(made, AlreadyExistsException.class, exists -> topics.find(name, Topics.NOT_FOUND, deadline)));
  }

  private static <T> CompletableFuture<T> counting(LongAdder errors, CompletableFuture<T> call) {
    return Steps.otherwise(
        call,
        error -> {
          errors.increment();
          return CompletableFuture.failedFuture(error);
        });
  }
}
