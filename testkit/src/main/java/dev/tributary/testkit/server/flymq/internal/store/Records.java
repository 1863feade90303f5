package dev.tributary.testkit.server.flymq.internal.store;

import dev.tributary.Capability;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Limits;
import dev.tributary.spi.ReadSpec;
import dev.tributary.spi.Steps;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventKey;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.vertx.internal.flymq.wire.Answers.Consumed;
import dev.tributary.vertx.internal.flymq.wire.Answers.Fetched;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The records of topics. Thread-safe. */
public final class Records {
  /** The partition of a record that leaves it to the server. */
  public static final int ANY_PARTITION = -1;

  private static final byte[] NO_KEY = {};

  private final Topics topics;
  private final Executor workers;

  /** {@code workers} do what is too long for an event loop. */
  public Records(Topics topics, Executor workers) {
    this.topics = topics;
    this.workers = workers;
  }

  /**
   * Something to add.
   *
   * @param key empty for none
   * @param partition {@link #ANY_PARTITION} to leave it to the server
   * @param delay null for none
   * @param ttl null for none
   */
  public record NewRecord(byte[] key, byte[] value, int partition, @Nullable Duration delay, @Nullable Duration ttl) {
    /** Only a value. */
    public static NewRecord of(byte[] value) {
      return new NewRecord(NO_KEY, value, ANY_PARTITION, null, null);
    }

    public NewRecord withKey(byte[] other) {
      return new NewRecord(other, value, partition, delay, ttl);
    }

    public NewRecord withPartition(int chosen) {
      return new NewRecord(key, value, chosen, delay, ttl);
    }

    public NewRecord withDelay(@Nullable Duration later) {
      return new NewRecord(key, value, partition, later, ttl);
    }

    public NewRecord withTtl(@Nullable Duration kept) {
      return new NewRecord(key, value, partition, delay, kept);
    }
  }

  /** Adds a record to a topic, which is made if it is not there. */
  public CompletableFuture<Position> add(String name, NewRecord record, Deadline deadline) {
    return topics.withNew(
        name,
        deadline,
        topic -> Steps.only(topics.streams().publish(topic.stream(), List.of(event(topic, record)), deadline)));
  }

  /** A record as the transport takes it, or why it does not. */
  Event<byte[]> event(Topic topic, NewRecord record) {
    Limits limits = topics.transport().limits();
    if (record.value().length > limits.maxPayloadBytes() || record.value().length < limits.minPayloadBytes()) {
      throw new Refusal("value of " + record.value().length + " bytes: " + limits.minPayloadBytes() + " to " + limits.maxPayloadBytes() + " allowed");
    }
    Event.Builder<byte[]> event = Event.builder(record.value());
    putKey(event, record.key());
    choosePartition(topic, record, event);
    if (record.delay() != null) {
      require(Capability.EVENT_DELAY, "delays");
      event.delay(steps(record.delay(), limits.maxDelay()));
    }
    if (record.ttl() != null) {
      require(Capability.EVENT_TTL, "ttls");
      event.ttl(steps(record.ttl(), limits.maxTtl()));
    }
    return event.build();
  }

  private void putKey(Event.Builder<byte[]> event, byte[] bytes) {
    if (bytes.length > 0) {
      EventKey key = EventKey.of(bytes);
      if (!topics.can(key.isText() ? Capability.EVENT_KEYS : Capability.BINARY_EVENT_KEYS)) {
        throw new Refusal(topics.transport().backend() + " does not keep this key");
      }
      event.key(key);
    }
  }

  /** The key of a message as it is on this wire. */
  static byte[] key(Message<byte[]> message) {
    EventKey key = message.key();
    return key == null ? NO_KEY : key.bytes();
  }

  /** A duration in whole steps of the transport, of which none is cut off. */
  private Duration steps(Duration duration, Duration most) {
    Duration step = topics.transport().limits().step();
    long steps = duration.dividedBy(step);
    Duration whole = step.multipliedBy(steps);
    Duration rounded = whole.compareTo(duration) < 0 ? whole.plus(step) : whole;
    if (rounded.compareTo(most) > 0) {
      throw new Refusal(topics.transport().backend() + " waits or keeps for " + most.toMillis() + " ms at most");
    }
    return rounded;
  }

  private void choosePartition(Topic topic, NewRecord record, Event.Builder<byte[]> event) {
    boolean chosen = record.partition() != ANY_PARTITION;
    if (chosen) {
      topic.require(record.partition());
    }
    if (topic.partitions() > 1 && topics.can(Capability.EVENT_PARTITION)) {
      event.partition(chosen ? record.partition() : topic.choose(record.key()));
    } else if (topic.partitions() > 1 && chosen) {
      throw new Refusal(topics.transport().backend() + " chooses partitions itself");
    }
  }

  private void require(Capability capability, String what) {
    if (!topics.can(capability)) {
      throw new Refusal(topics.transport().backend() + " has no " + what);
    }
  }

  /** The record at this offset. */
  public CompletableFuture<Consumed> at(Topic topic, int partition, long offset, Deadline deadline) {
    if (offset < 0) {
      throw new Refusal("EOF");
    }
    return Steps.map(
        topics.streams().read(new ReadSpec(topic.stream(), partition, offset, 1, 0), deadline),
        read -> {
          if (read.messages().isEmpty()) {
            throw new Refusal("EOF");
          }
          Message<byte[]> message = read.messages().get(0);
          if (message.offset() != offset) {
            throw new Refusal("no record at offset " + offset);
          }
          return new Consumed(key(message), message.value());
        });
  }

  /**
   * Up to so many records from this offset on, 10 if that is no number of records, and where to read on, which may lie behind what the filter
   * left out.
   */
  public CompletableFuture<Fetched> fetch(Topic topic, int partition, long offset, int max, String filter, Deadline deadline) {
    return offset < 0
        ? CompletableFuture.completedFuture(new Fetched(offset, List.of()))
        : new Fetch(topics, workers, topic, partition, max, filter, deadline).from(offset);
  }
}
