package dev.tributary.vertx.internal.goqueue.client;

import dev.tributary.ResourceName;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.internal.driver.Ends;
import dev.tributary.internal.driver.FlatNames;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.goqueue.wire.BadAnswer;
import dev.tributary.vertx.internal.goqueue.wire.DeadLetterRecord;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import dev.tributary.vertx.internal.goqueue.wire.PathSegment;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Topics: what streams and queues are called on the wire, and how many partitions they have. That number is fixed for the life of a topic,
 * so it is asked for once, and again when something says that the topic is not the one it was. Thread-safe.
 */
public final class Topics {
  private static final int LONGEST = 249;

  private final Api api;
  private final FlatNames names;
  private final Map<String, Integer> partitions = new ConcurrentHashMap<>();

  public Topics(Api api, String tenant, String namespace) {
    this.api = api;
    this.names = new FlatNames(tenant, namespace, LONGEST).withDots();
  }

  /**
   * The topic of a stream or queue: they are the same where their names are.
   *
   * @throws InvalidRequestException if the name is too long
   */
  public String of(ResourceName name) {
    return names.flat(name);
  }

  /** The stream or queue that a topic is; whoever made it may have taken characters that none of ours has, then it is none. */
  public ResourceName name(String topic) {
    return names.full(topic);
  }

  /** Where a topic's routes begin. */
  public static String path(String topic) {
    return "/topics/" + PathSegment.encode(topic);
  }

  /** Where the dead letters of a topic are. */
  public static String deadLettersOf(String topic) {
    return DeadLetterRecord.topicOf(topic);
  }

  /** How many partitions it has; {@code NotFoundException} if there is no such topic. */
  public CompletableFuture<Integer> partitions(String topic, Deadline deadline) {
    Integer known = partitions.get(topic);
    return known != null ? CompletableFuture.completedFuture(known) : Steps.map(ask(topic, deadline), Details::partitions);
  }

  /**
   * This partition, if the topic has it.
   *
   * @return fails with {@code InvalidRequestException} if not
   */
  public CompletableFuture<Integer> partition(String topic, int partition, Deadline deadline) {
    Integer known = partitions.get(topic);
    if (known != null && partition >= 0 && partition < known) {
      return CompletableFuture.completedFuture(partition);
    }
    // What is known may be of another topic of that name.
    return Steps.map(ask(topic, deadline), details -> details.checked(partition));
  }

  /** What the server says of a topic now. */
  public CompletableFuture<Details> ask(String topic, Deadline deadline) {
    return Steps.translate(
        Steps.map(
            api.get(path(topic), Messages.Topic.class, deadline),
            answer -> {
              Details details = Details.of(topic, answer);
              partitions.put(topic, details.partitions());
              return details;
            }),
        error -> {
          if (error instanceof NotFoundException) {
            forget(topic);
          }
          return error;
        });
  }

  /** It is gone, or not what it was. */
  public void forget(String topic) {
    partitions.remove(topic);
  }

  /**
   * What the server says of a topic.
   *
   * @param ends those of each partition; where nothing is all may be too old, or nothing ever was there
   */
  public record Details(String topic, int partitions, long messages, long bytes, Map<Integer, Ends> ends) {
    static Details of(String topic, Messages.Topic answer) {
      if (!answer.name().equals(topic)) {
        throw BadAnswer.of("topic " + BadAnswer.shortened(answer.name()) + ", where " + topic + " was asked for");
      }
      Map<Integer, Ends> ends = new HashMap<>();
      answer.partitionOffsets().forEach((partition, there) -> ends.put(partition, new Ends(Math.max(0, there.earliest()), Math.max(0, there.latest() + 1))));
      return new Details(topic, answer.partitions(), answer.totalMessages(), answer.totalSizeBytes(), ends);
    }

    public int checked(int partition) {
      if (partition < 0 || partition >= partitions) {
        throw InvalidRequestException.of(
            "there is no partition " + partition + " of " + topic, "It has " + partitions + ", which are counted from 0");
      }
      return partition;
    }

    /** The ends of a partition that there is. */
    public Ends of(int partition) {
      Ends known = ends.get(checked(partition));
      if (known == null) {
        throw BadAnswer.of("no offsets of partition " + partition);
      }
      return known;
    }
  }
}
