package dev.tributary.vertx.internal.flowmesh;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.ResourceName;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.queue.DeadLetter;
import dev.tributary.queue.QueueStats;
import dev.tributary.replay.Replay;
import dev.tributary.schema.Schema;
import dev.tributary.schema.SchemaFormat;
import dev.tributary.spi.DeadLetterHeaders;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.stream.EventKey;
import dev.tributary.stream.GroupState;
import dev.tributary.stream.Message;
import dev.tributary.vertx.internal.flowmesh.proto.ConsumerGroupState;
import dev.tributary.vertx.internal.flowmesh.proto.EnqueueRequest;
import dev.tributary.vertx.internal.flowmesh.proto.Event;
import dev.tributary.vertx.internal.flowmesh.proto.Job;
import dev.tributary.vertx.internal.flowmesh.proto.ReplaySession;
import dev.tributary.vertx.internal.flowmesh.proto.ResourcePath;
import dev.tributary.vertx.internal.flowmesh.proto.RetryPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Between the SPI's values and FlowMesh's messages. */
final class FlowMeshMapping {
  /** The header that carries an event's key: the wire has no field for it. */
  static final String KEY_HEADER = "tributary-key";

  /** The headers that FlowMesh adds to dead letters begin like this. */
  static final String DEAD_PREFIX = "x-flowmesh-";

  private static final long MAX_BACKOFF_SECONDS = 31_536_000;
  private static final long SMALLEST_NANOS = 1_000_000_000_000L;
  private static final String DEFAULT_NAMESPACE = "default";

  private FlowMeshMapping() {}

  static ResourcePath stream(ResourceName name) {
    return path(name, "stream");
  }

  static ResourcePath queue(ResourceName name) {
    return path(name, "queue");
  }

  static ResourcePath store(ResourceName name) {
    return path(name, "kv");
  }

  private static ResourcePath path(ResourceName name, String type) {
    return ResourcePath.newBuilder()
        .setTenant(name.tenant())
        .setNamespace(name.namespace())
        .setResourceType(type)
        .setName(name.name())
        .build();
  }

  /** Without a copy: the SDK hands over its arrays. */
  static ByteString bytes(byte[] value) {
    return UnsafeByteOperations.unsafeWrap(value);
  }

  /** Rounded up, for seconds are the smallest unit; 0 for null. */
  static long seconds(@Nullable Duration duration) {
    return duration == null ? 0 : duration.getSeconds() + (duration.getNano() > 0 ? 1 : 0);
  }

  /** Of nanoseconds since 1970; null if not set. */
  static @Nullable Instant instant(long nanos) {
    return nanos == 0 ? null : Instant.ofEpochSecond(Math.floorDiv(nanos, 1_000_000_000L), Math.floorMod(nanos, 1_000_000_000L));
  }

  static long nanos(Instant instant) {
    return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
  }

  static Event event(dev.tributary.stream.Event<byte[]> event) {
    Event.Builder wire = Event.newBuilder().setPayload(bytes(event.value())).putAllHeaders(event.headers());
    if (event.key() != null) {
      wire.putHeaders(KEY_HEADER, event.key().text());
    }
    return wire.build();
  }

  static Message<byte[]> message(dev.tributary.vertx.internal.flowmesh.proto.Message wire) {
    Map<String, String> headers = wire.getHeadersMap();
    String key = headers.get(KEY_HEADER);
    if (key != null) {
      headers = without(headers, KEY_HEADER);
    }
    return new Message<>(
        wire.getPayload().toByteArray(),
        key == null ? null : EventKey.of(key),
        headers,
        FlowMeshStreams.PARTITION,
        wire.getOffset(),
        instant(wire.getCreatedAt()),
        0);
  }

  static GroupState group(ConsumerGroupState wire) {
    OptionalLong committed = next(wire.getCommittedOffset());
    OptionalLong latest = wire.getLatestOffset() < 0 ? OptionalLong.empty() : OptionalLong.of(wire.getLatestOffset());
    long lag = Math.max(0, wire.getLatestOffset() + 1 - committed.orElse(0));
    return new GroupState(wire.getGroup(), List.of(new GroupState.PartitionState(FlowMeshStreams.PARTITION, committed, latest, lag)), OptionalInt.empty());
  }

  /** The next offset, from the last one processed as the wire has it. */
  static OptionalLong next(long lastProcessed) {
    return lastProcessed < 0 ? OptionalLong.empty() : OptionalLong.of(Math.min(lastProcessed, Long.MAX_VALUE - 1) + 1);
  }

  static EnqueueRequest enqueue(ResourceName queue, byte[] value, Map<String, String> headers, @Nullable Duration delay) {
    return EnqueueRequest.newBuilder()
        .setResourcePath(queue(queue))
        .setPayload(bytes(value))
        .putAllHeaders(headers)
        .setDelaySeconds(seconds(delay))
        .build();
  }

  static LeasedJob job(Job wire, Deadline leaseDeadline) {
    return new LeasedJob(
        wire.getId(),
        "",
        wire.getPayload().toByteArray(),
        wire.getHeadersMap(),
        attempt(wire.getAttempts()),
        0,
        instant(wire.getCreatedAt()),
        leaseDeadline,
        OptionalLong.of(wire.getSeq()));
  }

  /** The wire counts a delivery once when it is made and once when it ends without an ack. */
  static int attempt(int counted) {
    return Math.max(1, counted / 2 + counted % 2);
  }

  static QueueStats stats(dev.tributary.vertx.internal.flowmesh.proto.QueueStats wire) {
    // Completed and failed jobs are not counted there, although there are fields for them.
    return new QueueStats(
        wire.getPendingJobs(),
        wire.getInFlightJobs(),
        OptionalLong.of(wire.getTotalJobs()),
        OptionalLong.empty(),
        OptionalLong.empty(),
        wire.getPendingJobs() == 0 ? null : Duration.ofSeconds(wire.getOldestJobAgeSeconds()));
  }

  /**
   * A policy as the wire means it. It counts each failed delivery twice, so that its limit for m deliveries is 2m - 1, and its multiplier
   * is applied twice a delivery. A linear backoff grows by 1, 3, 5 there, which nothing in the policy can undo.
   */
  static RetryPolicy policy(RedeliveryPolicy policy) {
    long initial = seconds(policy.initialBackoff());
    if (initial > MAX_BACKOFF_SECONDS) {
      throw InvalidRequestException.of("initial backoff " + policy.initialBackoff() + " is longer than 365 days", "Give a shorter one");
    }
    int limit = policy.maxAttempts() == 0 ? 0 : (int) Math.min(Integer.MAX_VALUE, 2L * policy.maxAttempts() - 1);
    boolean exponential = policy.strategy() == RedeliveryPolicy.Strategy.EXPONENTIAL;
    return RetryPolicy.newBuilder()
        .setMaxAttempts(limit)
        .setInitialBackoffSeconds(initial)
        .setMaxBackoffSeconds(Math.min(MAX_BACKOFF_SECONDS, seconds(policy.maxBackoff())))
        .setBackoffMultiplier(exponential ? Math.sqrt(policy.multiplier()) : policy.multiplier())
        .setBackoffStrategy(policy.strategy().name().toLowerCase(Locale.ROOT))
        .build();
  }

  /** What a policy of the wire comes to. */
  static RedeliveryPolicy policy(RetryPolicy wire) {
    RedeliveryPolicy.Strategy strategy =
        switch (wire.getBackoffStrategy()) {
          case "fixed" -> RedeliveryPolicy.Strategy.FIXED;
          case "linear" -> RedeliveryPolicy.Strategy.LINEAR;
          case "exponential" -> RedeliveryPolicy.Strategy.EXPONENTIAL;
          default -> throw unknown("backoff strategy", wire.getBackoffStrategy());
        };
    double multiplier = wire.getBackoffMultiplier();
    if (strategy == RedeliveryPolicy.Strategy.EXPONENTIAL) {
      // The square of a root is a little off.
      multiplier = Math.round(multiplier * multiplier * 1e9) / 1e9;
    }
    int limit = wire.getMaxAttempts() <= 0 ? 0 : wire.getMaxAttempts() / 2 + 1;
    return RedeliveryPolicy.builder()
        .maxAttempts(limit)
        .initialBackoff(Duration.ofSeconds(wire.getInitialBackoffSeconds()))
        .maxBackoff(Duration.ofSeconds(wire.getMaxBackoffSeconds()))
        .multiplier(multiplier)
        .strategy(strategy)
        .build();
  }

  /** A job of a dead-letter listing, which has few of its fields, and its time in seconds. */
  static DeadLetter<byte[]> deadLetter(Job wire) {
    long at = wire.getCreatedAt();
    Map<String, String> headers = wire.getHeadersMap();
    DeadLetter.Builder<byte[]> letter =
        DeadLetter.builder(wire.getPayload().toByteArray())
            .id(wire.getId())
            .headers(alive(headers))
            .reason(headers.getOrDefault(DeadLetterHeaders.REASON, ""))
            .failedAt(at == 0 ? null : at < SMALLEST_NANOS ? Instant.ofEpochSecond(at) : instant(at));
    number(headers.get(DEAD_PREFIX + "attempts")).ifPresent(letter::attempts);
    return letter.build();
  }

  private static OptionalInt number(@Nullable String decimal) {
    try {
      return decimal == null ? OptionalInt.empty() : OptionalInt.of(attempt(Integer.parseInt(decimal)));
    } catch (NumberFormatException somebodyElses) {
      return OptionalInt.empty();
    }
  }

  /** The headers of a dead letter: those of the job, and where it comes from. */
  static Map<String, String> dead(ResourceName queue, LeasedJob job, Instant now, @Nullable String reason) {
    Map<String, String> headers = new HashMap<>(job.headers());
    headers.put(DEAD_PREFIX + "original-queue", queue.tenant() + "/" + queue.namespace() + "/queue/" + queue.name());
    headers.put(DEAD_PREFIX + "original-job-id", job.id());
    headers.put(DEAD_PREFIX + "failed-at", now.toString());
    // As the server would count.
    headers.put(DEAD_PREFIX + "attempts", Integer.toString(2 * job.attempt() - 1));
    if (reason != null && !reason.isEmpty()) {
      headers.put(DeadLetterHeaders.REASON, reason);
    }
    return headers;
  }

  /** The headers that a dead letter had as a job. */
  static Map<String, String> alive(Map<String, String> headers) {
    if (headers.keySet().stream().noneMatch(FlowMeshMapping::ofDead)) {
      return headers;
    }
    Map<String, String> own = new HashMap<>(headers);
    own.keySet().removeIf(FlowMeshMapping::ofDead);
    return Map.copyOf(own);
  }

  private static boolean ofDead(String header) {
    return header.startsWith(DEAD_PREFIX) || header.startsWith(DeadLetterHeaders.PREFIX);
  }

  private static Map<String, String> without(Map<String, String> headers, String name) {
    if (headers.size() == 1) {
      return Map.of();
    }
    Map<String, String> rest = new HashMap<>(headers);
    rest.remove(name);
    return Map.copyOf(rest);
  }

  /** Schemas belong to a tenant and have flat ids there: {@code name} in the namespace default, {@code namespace/name} in another. */
  static String schemaId(ResourceName subject) {
    return subject.namespace().equals(DEFAULT_NAMESPACE) ? subject.name() : subject.namespace() + "/" + subject.name();
  }

  /** The subject of an id; an id that others made up may not be one, and is shown as it is. */
  static String subject(String tenant, String schemaId) {
    try {
      return ResourceName.parse(schemaId, tenant, DEFAULT_NAMESPACE).toString();
    } catch (InvalidRequestException notOurs) {
      return schemaId;
    }
  }

  static Schema schema(String tenant, dev.tributary.vertx.internal.flowmesh.proto.Schema wire) {
    return new Schema(
        subject(tenant, wire.getId()), wire.getVersion(), format(wire.getType()), wire.getDefinition().toStringUtf8(), instant(wire.getCreatedAt()));
  }

  static String type(SchemaFormat format) {
    return switch (format) {
      case JSON -> "jsonschema";
      case AVRO -> "avro";
      case PROTOBUF -> "protobuf";
    };
  }

  private static SchemaFormat format(String type) {
    return switch (type.toLowerCase(Locale.ROOT)) {
      case "jsonschema", "json" -> SchemaFormat.JSON;
      case "avro" -> SchemaFormat.AVRO;
      case "protobuf", "proto" -> SchemaFormat.PROTOBUF;
      default -> throw unknown("schema type", type);
    };
  }

  static Replay.State replay(ReplaySession wire) {
    return new Replay.State(
        wire.getSessionId(),
        wire.getSandboxConsumerGroup(),
        status(wire.getStatus()),
        wire.getProgress().getCurrentOffset(),
        wire.getProgress().getMessagesReplayed(),
        wire.getProgress().getErrors(),
        Instant.EPOCH.plusNanos(wire.getCreatedAt()),
        instant(wire.getProgress().getCompletedAt()));
  }

  private static Replay.Status status(String wire) {
    return switch (wire) {
      case "created" -> Replay.Status.CREATED;
      case "active" -> Replay.Status.ACTIVE;
      case "paused" -> Replay.Status.PAUSED;
      case "stopped" -> Replay.Status.STOPPED;
      case "completed" -> Replay.Status.COMPLETED;
      case "error" -> Replay.Status.FAILED;
      default -> throw unknown("replay status", wire);
    };
  }

  private static ProtocolViolationException unknown(String what, String value) {
    return new ProtocolViolationException(ErrorInfo.of("unknown " + what + " \"" + value + "\"", "Check the server's version"));
  }
}
