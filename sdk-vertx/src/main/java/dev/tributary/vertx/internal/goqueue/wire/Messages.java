package dev.tributary.vertx.internal.goqueue.wire;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What GoQueue's routes take and give. Names are in snake_case on the wire where nothing else is said. An answer has only what somebody reads;
 * what must be in it is {@link Required}. Where a number would do harm if it were not what it can be, it is refused here.
 */
public final class Messages {
  /** What is kept for each partition must not be as much as a damaged answer says. */
  private static final int MOST_PARTITIONS = 100_000;

  private Messages() {}

  private static void checkPartition(int partition) {
    if (partition < 0 || partition >= MOST_PARTITIONS) {
      throw BadAnswer.of("partition is " + partition);
    }
  }

  private static void checkOffset(long offset) {
    if (offset < 0 || offset == Long.MAX_VALUE) {
      throw BadAnswer.of("offset is " + offset);
    }
  }

  /** An answer that means no more than that it is done. */
  public record Done() {}

  /** An error. */
  public record Problem(@Required String error) {}

  // The server.

  public record Version(@Required String version) {}

  public record Health(@Required String status, Map<String, Check> checks) {
    public boolean passes() {
      return status.equals("pass");
    }
  }

  public record Check(@Required String status, String message, @Nullable Duration latency) {
    public boolean passes() {
      return status.equals("pass");
    }
  }

  public record Stats(
      @Required String nodeId, @Required Duration uptime, @Required long totalSizeBytes, @Required Map<String, TopicStats> topicStats) {}

  public record TopicStats(
      @Required @JsonProperty("Partitions") int partitions,
      @Required @JsonProperty("TotalMessages") long messages,
      @Required @JsonProperty("TotalSize") long bytes) {}

  public record DelayStats(
      @Required long totalScheduled,
      @Required long totalDelivered,
      @Required long totalCanceled,
      @Required long totalPending,
      Map<String, Long> byTopic) {}

  public record PriorityStats(@Required Map<String, TopicPriorities> topics) {}

  /** Of each priority, in the order of {@link Priorities#NAMES}. */
  public record TopicPriorities(List<Long> totalByPriority) {}

  public record ReliabilityStats(@Required AckStats ackManager, @Required LeaseStats visibilityTracker) {}

  public record AckStats(@Required long totalAcks, @Required long totalNacks, @Required long totalRejects, @Required long totalDlq) {}

  public record LeaseStats(@Required long totalExpired, @Required long currentInFlight) {}

  // Topics.

  /** Null hours are the server's choice. */
  public record NewTopic(String name, int numPartitions, @Nullable Long retentionHours) {}

  public record TopicNames(List<String> topics) {}

  /** The offsets are those of each partition. */
  public record Topic(
      @Required String name,
      @Required int partitions,
      long totalMessages,
      long totalSizeBytes,
      @Required Map<Integer, Ends> partitionOffsets) {
    public Topic {
      if (partitions < 1 || partitions > MOST_PARTITIONS) {
        throw BadAnswer.of("a topic of " + partitions + " partitions");
      }
      partitionOffsets.keySet().forEach(Messages::checkPartition);
    }
  }

  /** The first and the last offset; the last is -1 if there never was a message. */
  public record Ends(@Required long earliest, @Required long latest) {}

  public record Publish(List<NewMessage> messages) {}

  /**
   * A message to publish. Its times are texts, since what is wrong with one is told of this message, and not of all.
   *
   * @param partition null to leave it to the server
   * @param delay how long it waits, as {@link GoDuration} has it
   * @param deliverAt when it is due, as {@link GoTime} has it; a delay wins over it
   * @param priority one of {@link Priorities#NAMES}
   */
  public record NewMessage(
      @Utf8 byte[] value,
      @Nullable String key,
      @Nullable Integer partition,
      @Nullable String delay,
      @JsonProperty("deliverAt") @Nullable String deliverAt,
      @Nullable String priority) {}

  /** Where each message of a request is now, in its order. */
  public record Published(@Required List<Place> results) {}

  /** A place, which means nothing if there is an error, and otherwise must be there. */
  @JsonDeserialize(using = PlaceReader.class)
  public record Place(int partition, long offset, String error) {
    static final int NOWHERE = -1;

    public Place {
      if (error.isEmpty() && (partition < 0 || offset < 0)) {
        throw BadAnswer.of("a message at partition " + partition + ", offset " + offset);
      }
    }
  }

  /** Messages of a partition, and where to read on if that is not right behind the last. */
  public record Read(@Required List<ReadMessage> messages, long nextOffset) {}

  public record ReadMessage(
      @Required long offset, @Nullable Instant timestamp, String key, @Required @Utf8 byte[] value, String priority) {}

  public record Delayed(List<DelayedMessage> messages) {}

  public record DelayedMessage(@Required int partition, @Required long offset, @Required Instant deliverAt) {
    public DelayedMessage {
      checkPartition(partition);
      checkOffset(offset);
    }
  }

  // Groups.

  public record TopicPartition(@Required String topic, @Required int partition) {
    public TopicPartition {
      checkPartition(partition);
    }
  }

  public record GroupList(List<GroupName> groups) {}

  public record GroupName(@Required String id, List<String> topics) {}

  public record Group(@Required int generation, List<String> topics, List<Member> members) {}

  public record Member(@Required String id, String clientId, List<Integer> assignedPartitions) {
    public Member {
      assignedPartitions.forEach(Messages::checkPartition);
    }
  }

  /** Null is the eager protocol. */
  public record Join(String clientId, List<String> topics, @Nullable String protocol) {}

  /** There are no partitions yet in the cooperative protocol. */
  public record Joined(@Required String memberId, @Required int generation, List<String> members, List<Integer> partitions) {
    public Joined {
      partitions.forEach(Messages::checkPartition);
    }
  }

  public record Heartbeat(String memberId, int generation) {}

  public record Leave(String memberId) {}

  /** Of each topic the next offset of each partition, whose number is a text, since the server says itself that it is none. */
  public record Commit(String memberId, Map<String, Map<String, Long>> offsets) {
    /** Of one topic. */
    public static Commit of(String memberId, String topic, Map<Integer, Long> next) {
      Map<String, Long> offsets = new TreeMap<>();
      next.forEach((partition, offset) -> offsets.put(Integer.toString(partition), offset));
      return new Commit(memberId, Map.of(topic, offsets));
    }
  }

  public record Committed(@Required Map<String, Map<Integer, Long>> topics) {
    public Committed {
      topics.values().forEach(
          offsets -> {
            offsets.keySet().forEach(Messages::checkPartition);
            offsets.values().forEach(Messages::checkOffset);
          });
    }
  }

  /** Null for assigned partitions that did not change. */
  public record Rebalance(
      @Required int generation,
      boolean rebalanceRequired,
      List<TopicPartition> partitionsToRevoke,
      @JsonSetter(nulls = Nulls.SET) @Nullable List<TopicPartition> partitionsAssigned) {}

  public record Revoked(String memberId, int generation, List<TopicPartition> revokedPartitions) {}

  /** Who is in it, and who has partitions. */
  public record CooperativeGroup(List<CooperativeMember> members, Map<String, List<TopicPartition>> memberAssignments) {}

  public record CooperativeMember(@Required String id) {}

  // Jobs.

  /** The messages of each partition. */
  public record Polled(@Required Map<Integer, List<PolledMessage>> messages) {
    public Polled {
      messages.keySet().forEach(Messages::checkPartition);
    }
  }

  public record PolledMessage(
      @Required long offset, @Required Instant timestamp, @Required @Utf8 byte[] value, @Required String receiptHandle, String priority) {
    public PolledMessage {
      checkOffset(offset);
    }
  }

  /** Of this name, which the poll was given. */
  public record EndPoll(String poll) {}

  public record PollEnded(boolean ended) {}

  public record Ack(String receiptHandle) {}

  /** A delay is as {@link GoDuration} has it; a release is one that counts no delivery, where the server knows that. */
  public record Nack(String receiptHandle, @Nullable String delay, @Nullable String reason, @Nullable Boolean release) {}

  public record Nacked(@Required String action) {}

  public record Reject(String receiptHandle, String reason) {}

  public record Extend(String receiptHandle, long extensionSeconds) {}

  // Schemas.

  public record NewSchema(String schema) {}

  public record Registered(@Required int version, @Required long id) {}

  public record Schema(@Required String subject, @Required int version, @Required String schema, @Required long id) {}

  public record SetCompatibility(String compatibility) {}

  public record CompatibilityMode(@Required String compatibility) {}

  public record Compatible(@Required @JsonProperty("is_compatible") boolean compatible) {}

  public record Subjects(@JsonValue List<String> names) {
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public Subjects {
      names = List.copyOf(names);
    }
  }

  public record Versions(@JsonValue List<Integer> numbers) {
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public Versions {
      numbers = List.copyOf(numbers);
    }
  }

  // Transactions.

  public record InitProducer(String transactionalId, long transactionTimeoutMs) {}

  public record Producer(@Required long producerId, @Required int epoch) {}

  public record ProducerHeartbeat(String transactionalId, int epoch) {}

  /** Begins, commits or aborts. */
  public record Transact(long producerId, int epoch, String transactionalId) {}

  public record Begun(@Required String transactionId) {}

  public record TransactionalMessage(
      long producerId, int epoch, String topic, int partition, @Nullable String key, @Utf8 byte[] value, int sequence) {}

  public record Stored(@Required long offset, boolean duplicate) {}

  // Administration.

  public record NewTenant(String id, String name) {}

  public record NewKey(String name, List<String> roles, String expiresIn) {}

  // Traces.

  public record Traces(List<Trace> traces) {}

  public record Trace(
      @Required String traceId,
      @Required String topic,
      @Required int partition,
      @Required long offset,
      @Required Instant startTime,
      @Required Instant endTime,
      @Required String status,
      @Nullable Integer spanCount,
      List<Span> spans) {}

  public record Span(
      @Required String spanId,
      String parentSpanId,
      @Required String eventType,
      @Required Instant timestamp,
      String consumerGroup,
      String consumerId,
      @Nullable Long durationNs,
      String error,
      Map<String, String> attributes) {}
}
