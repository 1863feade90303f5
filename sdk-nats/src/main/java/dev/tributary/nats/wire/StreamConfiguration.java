package dev.tributary.nats.wire;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a JetStream stream is made. Durations are nanoseconds; what is null is the server's default. */
public record StreamConfiguration(
    String name,
    List<String> subjects,
    String retention,
    String storage,
    int numReplicas,
    @Nullable String discard,
    @Nullable Long maxAge,
    @Nullable Long maxMsgs,
    @Nullable Long maxBytes,
    @Nullable Long maxMsgsPerSubject,
    @Nullable Integer maxConsumers,
    @Nullable Boolean denyDelete,
    boolean allowRollupHdrs,
    boolean allowDirect,
    boolean allowMsgTtl,
    @Nullable Boolean allowMsgSchedules,
    @Nullable Boolean allowAtomic,
    @Nullable Long subjectDeleteMarkerTtl,
    @Nullable Republish republish,
    @Nullable Map<String, String> metadata) {
  /** So many readers may a stream have; a server from 2.15 on has another limit if none is said. */
  private static final int CONSUMERS = 100_000;

  /** Published again, without its body, where whoever waits hears it. */
  public record Republish(String src, String dest, boolean headersOnly) {}

  /** Keeps messages until a limit, on disk. */
  public static StreamConfiguration log(
      String name, List<String> subjects, int replicas, @Nullable Long maxAge, @Nullable Long maxMsgs, @Nullable Long maxBytes, Map<String, String> metadata) {
    return new StreamConfiguration(
        name, subjects, "limits", "file", replicas, null, maxAge, maxMsgs, maxBytes, null, CONSUMERS, null, true, true, true, true, null, null, null, metadata);
  }

  /** Keeps the last message of each subject, as a bucket of keys does. */
  public static StreamConfiguration bucket(String bucket, int replicas, long markerTtl, @Nullable Map<String, String> metadata) {
    return new StreamConfiguration(
        "KV_" + bucket,
        List.of("$KV." + bucket + ".>"),
        "limits",
        "file",
        replicas,
        "new",
        null,
        null,
        null,
        1L,
        CONSUMERS,
        true,
        true,
        true,
        true,
        null,
        null,
        markerTtl,
        null,
        metadata);
  }

  /** Keeps messages until they are acked. */
  public static StreamConfiguration work(String name, List<String> subjects, int replicas, Republish bell, Map<String, String> metadata) {
    return new StreamConfiguration(
        name, subjects, "workqueue", "file", replicas, null, null, null, null, null, null, null, true, true, true, true, true, null, bell, metadata);
  }

  /** The same with other metadata. */
  public StreamConfiguration withMetadata(Map<String, String> other) {
    return new StreamConfiguration(
        name,
        subjects,
        retention,
        storage,
        numReplicas,
        discard,
        maxAge,
        maxMsgs,
        maxBytes,
        maxMsgsPerSubject,
        maxConsumers,
        denyDelete,
        allowRollupHdrs,
        allowDirect,
        allowMsgTtl,
        allowMsgSchedules,
        allowAtomic,
        subjectDeleteMarkerTtl,
        republish,
        other);
  }
}
