package dev.tributary.testkit.server.disheap;

import dev.tributary.RedeliveryPolicy;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.QueueUpdate;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.vertx.internal.disheap.proto.DLQPolicy;
import dev.tributary.vertx.internal.disheap.proto.HeapInfo;
import dev.tributary.vertx.internal.disheap.proto.MakeHeapReq;
import dev.tributary.vertx.internal.disheap.proto.Mode;
import dev.tributary.vertx.internal.disheap.proto.UpdateHeapConfigReq;
import java.time.Duration;

/** What is said of heaps: its limits, its defaults, and what it is as the settings of a queue. */
final class HeapInfos {
  static final Duration MAX_LEASE = Duration.ofHours(12);

  private static final int MAX_PARTITIONS = 1000;
  private static final int MAX_REPLICAS = 7;
  private static final int MAX_TOP_K = 10_000;
  private static final Duration MAX_RETENTION = Duration.ofDays(365);
  private static final long MAX_PAYLOAD = 256L << 20;
  private static final Duration INITIAL_BACKOFF = Duration.ofSeconds(1);
  private static final Duration MAX_BACKOFF = Duration.ofMinutes(5);
  private static final DLQPolicy DEAD_LETTERS = DLQPolicy.newBuilder().setEnabled(true).setRetentionTime(Mapping.wire(Duration.ofDays(7))).build();

  /** What a heap has that nothing was said of. */
  private static final HeapInfo DEFAULT =
      HeapInfo.newBuilder()
          .setMode(Mode.MAX)
          .setPartitions(1)
          .setReplicationFactor(1)
          .setTopKBound(100)
          .setRetentionTime(Mapping.wire(Duration.ofHours(24)))
          .setVisibilityTimeoutDefault(Mapping.wire(Duration.ofSeconds(30)))
          .setMaxRetriesDefault(3)
          .setMaxPayloadBytes(1 << 20)
          .setCompressionEnabled(true)
          .setDlqPolicy(DEAD_LETTERS)
          .build();

  private HeapInfos() {}

  /** One that is made because it is used. */
  static HeapInfo onFirstUse(String topic) {
    return DEFAULT.toBuilder().setTopic(topic).build();
  }

  /** What is asked for, as far as it is allowed. */
  static HeapInfo of(MakeHeapReq request) {
    return check(
        HeapInfo.newBuilder()
            .setTopic(request.getTopic())
            .setMode(request.getMode() == Mode.MAX ? Mode.MAX : Mode.MIN)
            .setPartitions(request.getPartitions())
            .setReplicationFactor(request.getReplicationFactor())
            .setTopKBound(request.getTopKBound())
            .setRetentionTime(request.getRetentionTime())
            .setVisibilityTimeoutDefault(request.getVisibilityTimeoutDefault())
            .setMaxRetriesDefault(request.getMaxRetriesDefault())
            .setMaxPayloadBytes(request.getMaxPayloadBytes())
            .setCompressionEnabled(request.getCompressionEnabled())
            .setDlqPolicy(request.hasDlqPolicy() ? request.getDlqPolicy() : DEAD_LETTERS)
            .build());
  }

  /** The same after an update, as far as that is allowed. */
  static HeapInfo updated(HeapInfo info, UpdateHeapConfigReq update) {
    HeapInfo.Builder changed = info.toBuilder();
    if (update.hasRetentionTime()) {
      changed.setRetentionTime(update.getRetentionTime());
    }
    if (update.hasVisibilityTimeoutDefault()) {
      changed.setVisibilityTimeoutDefault(update.getVisibilityTimeoutDefault());
    }
    if (update.hasMaxRetriesDefault()) {
      changed.setMaxRetriesDefault(update.getMaxRetriesDefault());
    }
    if (update.hasMaxPayloadBytes()) {
      changed.setMaxPayloadBytes(update.getMaxPayloadBytes());
    }
    if (update.hasCompressionEnabled()) {
      changed.setCompressionEnabled(update.getCompressionEnabled());
    }
    if (update.hasDlqPolicy()) {
      changed.setDlqPolicy(update.getDlqPolicy());
    }
    return check(changed.build());
  }

  private static HeapInfo check(HeapInfo info) {
    within("partitions", info.getPartitions(), MAX_PARTITIONS);
    within("replication_factor", info.getReplicationFactor(), MAX_REPLICAS);
    if (info.getReplicationFactor() > info.getPartitions()) {
      throw Rejection.invalid("replication_factor must be at most partitions");
    }
    within("top_k_bound", info.getTopKBound(), MAX_TOP_K);
    Mapping.positive("retention_time", info.getRetentionTime(), MAX_RETENTION);
    Mapping.positive("visibility_timeout_default", info.getVisibilityTimeoutDefault(), MAX_LEASE);
    within("max_payload_bytes", info.getMaxPayloadBytes(), MAX_PAYLOAD);
    if (!info.getDlqPolicy().hasRetentionTime()) {
      return info.toBuilder().setDlqPolicy(info.getDlqPolicy().toBuilder().setRetentionTime(DEAD_LETTERS.getRetentionTime())).build();
    }
    Mapping.positive("dlq_policy.retention_time", info.getDlqPolicy().getRetentionTime(), MAX_RETENTION);
    return info;
  }

  /** The wire's numbers are unsigned: a negative one is too large. */
  private static void within(String what, long value, long most) {
    if (value < 1 || value > most) {
      throw Rejection.invalid(what + " must be between 1 and " + most);
    }
  }

  /**
   * The settings of its queue. Dead letters are kept even where a heap is to have none: there is no other place for them, and what is
   * kept is not lost.
   *
   * @param backoff whether the queue can be given a backoff
   */
  static QueueConfig config(HeapInfo info, boolean backoff) {
    int maxAttempts = Mapping.maxAttempts(info.getMaxRetriesDefault());
    QueueConfig.Builder config =
        QueueConfig.builder()
            .partitions(info.getPartitions())
            .replicas(info.getReplicationFactor())
            .lease(Mapping.duration("visibility_timeout_default", info.getVisibilityTimeoutDefault()))
            .retention(Mapping.duration("retention_time", info.getRetentionTime()))
            .maxAttempts(maxAttempts)
            .deadLetterRetention(Mapping.duration("dlq_policy.retention_time", info.getDlqPolicy().getRetentionTime()));
    return backoff ? config.redelivery(policy(maxAttempts)).build() : config.build();
  }

  private static RedeliveryPolicy policy(int maxAttempts) {
    return RedeliveryPolicy.builder().maxAttempts(maxAttempts).initialBackoff(INITIAL_BACKOFF).maxBackoff(MAX_BACKOFF).build();
  }

  /** The longest wait after this many failed deliveries. */
  static Duration backoff(int attempts) {
    return policy(0).backoff(attempts);
  }

  /** What an update is for the queue. */
  static QueueUpdate update(UpdateHeapConfigReq update, HeapInfo changed) {
    QueueUpdate.Builder queue = QueueUpdate.builder();
    if (update.hasRetentionTime()) {
      queue.retention(Mapping.duration("retention_time", update.getRetentionTime()));
    }
    if (update.hasVisibilityTimeoutDefault()) {
      queue.lease(Mapping.duration("visibility_timeout_default", update.getVisibilityTimeoutDefault()));
    }
    if (update.hasMaxRetriesDefault()) {
      queue.maxAttempts(Mapping.maxAttempts(update.getMaxRetriesDefault()));
    }
    if (update.hasDlqPolicy()) {
      queue.deadLetterRetention(Mapping.duration("dlq_policy.retention_time", changed.getDlqPolicy().getRetentionTime()));
    }
    return queue.build();
  }

  /** What is said of a queue that was made elsewhere. */
  static HeapInfo foreign(String topic, QueueConfig config, int maxPayload) {
    HeapInfo.Builder info =
        DEFAULT.toBuilder()
            .setTopic(topic)
            .setPartitions(config.partitions())
            .setReplicationFactor(config.replicas())
            .setVisibilityTimeoutDefault(Mapping.wire(config.lease()))
            .setMaxPayloadBytes(maxPayload);
    config.maxAttempts().ifPresent(attempts -> info.setMaxRetriesDefault(Mapping.retries(attempts)));
    Duration retention = config.retention();
    if (retention != null) {
      info.setRetentionTime(Mapping.wire(retention));
    }
    Duration deadLetters = config.deadLetterRetention();
    if (deadLetters != null) {
      info.setDlqPolicy(DLQPolicy.newBuilder().setEnabled(true).setRetentionTime(Mapping.wire(deadLetters)));
    }
    return info.build();
  }
}
