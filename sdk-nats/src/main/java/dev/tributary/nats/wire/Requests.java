package dev.tributary.nats.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What JetStream is asked, as far as it is more than a name. Durations are nanoseconds; what is null is not said. */
public final class Requests {
  private Requests() {}

  /** Which message; the first that all of this holds of. */
  public record Get(@Nullable Long seq, @Nullable String lastBySubj, @Nullable String nextBySubj, @Nullable String startTime) {
    /** The last of a subject. */
    public static Get last(String subject) {
      return new Get(null, subject, null, null);
    }

    /** The first of a subject from this sequence on. */
    public static Get next(long seq, String subject) {
      return new Get(seq, null, subject, null);
    }

    /** The first of a subject from this time on. */
    public static Get since(String time, String subject) {
      return new Get(null, null, subject, time);
    }
  }

  /** Some messages of a subject from this sequence on. */
  public record GetBatch(long seq, int batch, String nextBySubj, long maxBytes) {}

  /** The last messages of these subjects. */
  public record GetLast(List<String> multiLast) {}

  /** Which subjects to count. */
  public record Subjects(String subjectsFilter, @Nullable Integer offset) {}

  /** A page. */
  public record Page(int offset) {}

  /** What to remove: messages of a subject. */
  public record Purge(String filter) {}

  /** What to delete. */
  public record Delete(long seq, boolean noErase) {}

  /** A pull: so many messages, within this time. */
  public record Pull(int batch, @Nullable Long expires, @Nullable Long idleHeartbeat, @Nullable Boolean noWait) {}

  /** A consumer to be made. */
  public record Create(String streamName, ConsumerConfiguration config, @Nullable String action) {}

  /** How a consumer is made. */
  public record ConsumerConfiguration(
      String name,
      @Nullable String durableName,
      String deliverPolicy,
      @Nullable Long optStartSeq,
      String ackPolicy,
      @Nullable Long ackWait,
      int maxDeliver,
      String filterSubject,
      String replayPolicy,
      @Nullable Integer maxAckPending,
      @Nullable Integer maxWaiting,
      @Nullable Boolean headersOnly,
      @Nullable Long inactiveThreshold,
      int numReplicas,
      @Nullable Boolean memStorage) {
    private static final long UNUSED = 60_000_000_000L;

    /** For one reader, from this sequence on; gone some time after nobody asks. */
    public static ConsumerConfiguration reader(String name, String subject, long from) {
      return new ConsumerConfiguration(name, null, "by_start_sequence", from, "none", null, 1, subject, "instant", null, null, null, UNUSED, 1, true);
    }

    /** For one look at the last message of each subject. */
    public static ConsumerConfiguration last(String name, String subject, boolean headersOnly) {
      return new ConsumerConfiguration(
          name, null, "last_per_subject", null, "none", null, 1, subject, "instant", null, null, headersOnly ? true : null, UNUSED, 1, true);
    }

    /** For workers: what is not acked within this time comes again. */
    public static ConsumerConfiguration worker(String name, String subject, long ackWait, int waiting) {
      return new ConsumerConfiguration(name, name, "all", null, "explicit", ackWait, -1, subject, "instant", -1, waiting, null, null, 0, null);
    }
  }
}
