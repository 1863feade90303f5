package dev.tributary.testkit.server.flymq.internal.calls;

import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.stream.Position;
import dev.tributary.testkit.server.flymq.internal.calls.Operations.Call;
import dev.tributary.testkit.server.flymq.internal.store.Records.NewRecord;
import dev.tributary.testkit.server.flymq.internal.store.Records;
import dev.tributary.testkit.server.flymq.internal.store.Refusal;
import dev.tributary.testkit.server.flymq.internal.store.Topics;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import dev.tributary.vertx.internal.goqueue.wire.GoDuration;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Records: added at once, later or for a while, and read one by one or many at a time. */
public final class RecordCalls {
  private static final Duration MOST_DELAY = Duration.ofHours(24);
  /** What is said where it is not known yet. */
  private static final Position LATER = new Position(0, 0);

  private static final int NO_KEY = -1;

  private final Topics topics;
  private final Records records;
  private final TimeSource time;
  private final boolean delays;
  private final boolean asShipped;

  /**
   * Without {@code delays} what is to come later comes at once. {@code asShipped} a chosen partition and a ttl have no effect, and what is
   * added in a special way is said to be in the first partition.
   */
  public RecordCalls(Topics topics, Records records, TimeSource time, boolean delays, boolean asShipped) {
    this.topics = topics;
    this.records = records;
    this.time = time;
    this.delays = delays;
    this.asShipped = asShipped;
  }

  public void on(Operations operations) {
    operations
        .on(Opcode.PRODUCE, Requests.Produce.class, Requests.Produce::topic, this::produce)
        .on(Opcode.PRODUCE_DELAYED, Requests.ProduceTimed.class, Requests.ProduceTimed::topic, this::produceDelayed)
        .on(Opcode.PRODUCE_WITH_TTL, Requests.ProduceTimed.class, Requests.ProduceTimed::topic, this::produceWithTtl)
        .on(Opcode.CONSUME, Requests.Consume.class, Requests.Consume::topic, this::consume)
        .on(Opcode.CONSUME_ZERO_COPY, Requests.Consume.class, Requests.Consume::topic, this::consume)
        .on(Opcode.FETCH, Requests.Fetch.class, Requests.Fetch::topic, this::fetch)
        .on(Opcode.FETCH_BINARY, Requests.Fetch.class, Requests.Fetch::topic, this::fetch);
  }

  private CompletableFuture<Answers.Produced> produce(Requests.Produce request, Call call) {
    int partition = asShipped ? Records.ANY_PARTITION : request.partition();
    return Steps.map(
        records.add(request.topic(), new NewRecord(request.key(), request.value(), partition, null, null), call.deadline()),
        position -> produced(request.topic(), position, request.key().length == 0 ? NO_KEY : request.key().length, request.value()));
  }

  private Answers.Produced produced(String topic, Position position, int keySize, byte[] value) {
    return new Answers.Produced(topic, position.partition(), position.offset(), time.now().toEpochMilli(), keySize, value.length);
  }

  /** Adds a record in a special way. */
  CompletableFuture<Answers.Produced> produceSpecially(String topic, NewRecord record, Call call) {
    return Steps.map(
        records.add(topic, record, call.deadline()), position -> produced(topic, special(position, record.delay()), NO_KEY, record.value()));
  }

  private Position special(Position position, @Nullable Duration delay) {
    return new Position(asShipped ? LATER.partition() : position.partition(), delay == null ? position.offset() : LATER.offset());
  }

  /** What is said of a record that comes with a commit. */
  Answers.Produced pending(String topic, Optional<Position> position, byte[] value) {
    return produced(topic, asShipped ? LATER : position.orElse(LATER), NO_KEY, value);
  }

  private CompletableFuture<Answers.Produced> produceDelayed(Requests.ProduceTimed request, Call call) {
    Duration delay = request.millis() <= 0 ? Duration.ZERO : Duration.ofMillis(request.millis());
    if (delay.compareTo(MOST_DELAY) > 0) {
      throw new Refusal(
          "delay " + GoDuration.format(delay) + " exceeds maximum allowed delay " + GoDuration.format(MOST_DELAY));
    }
    NewRecord record = NewRecord.of(request.value());
    return produceSpecially(request.topic(), delays && !delay.isZero() ? record.withDelay(delay) : record, call);
  }

  private CompletableFuture<Answers.Produced> produceWithTtl(Requests.ProduceTimed request, Call call) {
    if (request.millis() < 0 && !asShipped) {
      throw new Refusal("invalid ttl: " + request.millis());
    }
    NewRecord record = NewRecord.of(request.value());
    boolean kept = asShipped || request.millis() == 0;
    return produceSpecially(request.topic(), kept ? record : record.withTtl(Duration.ofMillis(request.millis())), call);
  }

  private CompletableFuture<Answers.Consumed> consume(Requests.Consume request, Call call) {
    return Steps.otherwise(
        topics.with(
            request.topic(),
            call.deadline(),
            topic -> {
              if (!topic.has(request.partition())) {
                throw new Refusal("partition " + request.partition() + " out of range");
              }
              return records.at(topic, request.partition(), request.offset(), call.deadline());
            }),
        // This operation does not say which.
        error -> CompletableFuture.failedFuture(error instanceof Refusal.NoTopic ? new Refusal("topic not found") : error));
  }

  private CompletableFuture<Answers.Fetched> fetch(Requests.Fetch request, Call call) {
    return topics.with(
        request.topic(),
        call.deadline(),
        topic -> {
          topic.require(request.partition());
          return records.fetch(topic, request.partition(), request.offset(), request.max(), request.filter(), call.deadline());
        });
  }
}
