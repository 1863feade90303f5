package dev.tributary.vertx.internal.disheap;

import com.google.protobuf.Duration;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.QueueUpdate;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.vertx.internal.disheap.proto.DLQPolicy;
import dev.tributary.vertx.internal.disheap.proto.HeapInfo;
import dev.tributary.vertx.internal.disheap.proto.MakeHeapReq;
import dev.tributary.vertx.internal.disheap.proto.Mode;
import dev.tributary.vertx.internal.disheap.proto.UpdateHeapConfigReq;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Settings of queues as those of heaps. A server has no defaults of its own, so that here are all of them. */
final class HeapConfigs {
  static final String DEAD_LETTERS = "dead-letters";

  private static final String MODE = "mode";
  private static final String TOP_K = "top-k";
  private static final String MAX_PAYLOAD = "max-payload-bytes";
  private static final String COMPRESSION = "compression";
  private static final Set<String> FIXED = Set.of(MODE, TOP_K);
  private static final Set<String> CHANGING = Set.of(MAX_PAYLOAD, COMPRESSION, DEAD_LETTERS);

  private static final int MAX_PARTITIONS = 1_000;
  private static final int MAX_REPLICAS = 7;
  private static final int MAX_TOP_K = 10_000;
  private static final long MAX_PAYLOAD_BYTES = 256L << 20;
  private static final java.time.Duration MAX_LEASE = java.time.Duration.ofHours(12);
  private static final java.time.Duration MAX_RETENTION = java.time.Duration.ofDays(365);
  private static final java.time.Duration RETENTION = java.time.Duration.ofDays(7);
  private static final int MAX_ATTEMPTS = 4;

  private HeapConfigs() {}

  static MakeHeapReq make(String topic, QueueConfig config, Mode otherwise) {
    Map<String, String> options = config.options();
    options.keySet().stream().sorted().filter(name -> !FIXED.contains(name) && !CHANGING.contains(name)).findFirst().ifPresent(HeapConfigs::unknown);
    if (config.redelivery() != null) {
      throw DisheapQueues.fixedPolicy();
    }
    int partitions = within("partitions", config.partitions(), MAX_PARTITIONS);
    int replicas = within("replicas", config.replicas(), MAX_REPLICAS);
    if (replicas > partitions) {
      throw InvalidRequestException.of(
          replicas + " replicas of a queue with " + partitions + " partitions", "Give it as many partitions, or fewer replicas");
    }
    java.time.Duration retention = config.retention() == null ? RETENTION : config.retention();
    java.time.Duration dead = config.deadLetterRetention() == null ? RETENTION : config.deadLetterRetention();
    return MakeHeapReq.newBuilder()
        .setTopic(topic)
        .setMode(options.containsKey(MODE) ? DisheapOptions.mode(MODE, options.get(MODE)) : otherwise)
        .setPartitions(partitions)
        .setReplicationFactor(replicas)
        .setTopKBound((int) DisheapOptions.number(TOP_K, options.getOrDefault(TOP_K, "100"), 1, MAX_TOP_K))
        .setRetentionTime(within("retention", retention, MAX_RETENTION))
        .setVisibilityTimeoutDefault(within("lease", config.lease(), MAX_LEASE))
        .setMaxRetriesDefault(DisheapMapping.retries(config.maxAttempts().orElse(MAX_ATTEMPTS)))
        .setMaxPayloadBytes(maxPayload(options.getOrDefault(MAX_PAYLOAD, Integer.toString(1 << 20))))
        .setCompressionEnabled(DisheapOptions.flag(COMPRESSION, options.getOrDefault(COMPRESSION, "false")))
        .setDlqPolicy(deadLetters(DisheapOptions.flag(DEAD_LETTERS, options.getOrDefault(DEAD_LETTERS, "true")), dead))
        .build();
  }

  static QueueConfig config(HeapInfo info) {
    QueueConfig.Builder config =
        QueueConfig.builder()
            .partitions(Math.max(1, DisheapMapping.count(info.getPartitions())))
            .replicas(Math.max(1, DisheapMapping.count(info.getReplicationFactor())))
            .maxAttempts(DisheapMapping.maxAttempts(info.getMaxRetriesDefault()).orElse(0))
            .option(MODE, Heaps.mode(info).name().toLowerCase(Locale.ROOT))
            .option(TOP_K, Integer.toUnsignedString(info.getTopKBound()))
            .option(MAX_PAYLOAD, Long.toUnsignedString(info.getMaxPayloadBytes()))
            .option(COMPRESSION, Boolean.toString(info.getCompressionEnabled()));
    if (positive(info.getVisibilityTimeoutDefault())) {
      config.lease(DisheapMapping.duration(info.getVisibilityTimeoutDefault()));
    }
    if (positive(info.getRetentionTime())) {
      config.retention(DisheapMapping.duration(info.getRetentionTime()));
    }
    if (info.hasDlqPolicy()) {
      config.option(DEAD_LETTERS, Boolean.toString(info.getDlqPolicy().getEnabled()));
      if (positive(info.getDlqPolicy().getRetentionTime())) {
        config.deadLetterRetention(DisheapMapping.duration(info.getDlqPolicy().getRetentionTime()));
      }
    }
    return config.build();
  }

  private static boolean positive(Duration wire) {
    return wire.getSeconds() > 0 || wire.getSeconds() == 0 && wire.getNanos() > 0;
  }

  /** Whether an update says one half of what the wire wants said together. */
  static boolean needsPresent(QueueUpdate update) {
    return update.deadLetterRetention() != null && !update.options().containsKey(DEAD_LETTERS);
  }

  /**
   * What changes.
   *
   * @param deadLetters whether dead letters are kept as it is, for an update that does not say
   */
  static UpdateHeapConfigReq update(String topic, QueueUpdate update, boolean deadLetters) {
    Map<String, String> options = update.options();
    for (String name : new TreeSet<>(options.keySet())) {
      if (FIXED.contains(name)) {
        throw InvalidRequestException.of("the " + name + " of a queue cannot be changed", "Make another queue");
      }
      if (!CHANGING.contains(name)) {
        unknown(name);
      }
    }
    UpdateHeapConfigReq.Builder request = UpdateHeapConfigReq.newBuilder().setTopic(topic);
    if (update.retention() != null) {
      request.setRetentionTime(within("retention", update.retention(), MAX_RETENTION));
    }
    if (update.lease() != null) {
      request.setVisibilityTimeoutDefault(within("lease", update.lease(), MAX_LEASE));
    }
    update.maxAttempts().ifPresent(attempts -> request.setMaxRetriesDefault(DisheapMapping.retries(attempts)));
    if (options.containsKey(MAX_PAYLOAD)) {
      request.setMaxPayloadBytes(maxPayload(options.get(MAX_PAYLOAD)));
    }
    if (options.containsKey(COMPRESSION)) {
      request.setCompressionEnabled(DisheapOptions.flag(COMPRESSION, options.get(COMPRESSION)));
    }
    java.time.Duration dead = update.deadLetterRetention();
    boolean keep = options.containsKey(DEAD_LETTERS) ? DisheapOptions.flag(DEAD_LETTERS, options.get(DEAD_LETTERS)) : deadLetters;
    if (dead != null) {
      request.setDlqPolicy(deadLetters(keep, dead));
    } else if (options.containsKey(DEAD_LETTERS)) {
      request.setDlqPolicy(DLQPolicy.newBuilder().setEnabled(keep));
    }
    return request.build();
  }

  private static DLQPolicy deadLetters(boolean enabled, java.time.Duration retention) {
    return DLQPolicy.newBuilder().setEnabled(enabled).setRetentionTime(within("dead letter retention", retention, MAX_RETENTION)).build();
  }

  private static long maxPayload(String value) {
    return DisheapOptions.number(MAX_PAYLOAD, value, 1, MAX_PAYLOAD_BYTES);
  }

  private static int within(String what, int number, int most) {
    if (number > most) {
      throw InvalidRequestException.of(number + " " + what + " of a queue", "Give at most " + most);
    }
    return number;
  }

  private static Duration within(String what, java.time.Duration duration, java.time.Duration most) {
    if (duration.compareTo(most) > 0) {
      throw InvalidRequestException.of(what + " " + duration + " is longer than Disheap allows", "Give at most " + most);
    }
    return DisheapMapping.wire(duration);
  }

  private static void unknown(String name) {
    throw InvalidRequestException.of(
        "unknown option " + name + " of a queue", "Known are mode, top-k, max-payload-bytes, compression and dead-letters");
  }
}
