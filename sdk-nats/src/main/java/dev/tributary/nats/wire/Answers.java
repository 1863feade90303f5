package dev.tributary.nats.wire;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What JetStream answers, as far as it is looked at. */
public final class Answers {
  private Answers() {}

  /** What every answer may be in place of itself. */
  public interface Answer {
    /** Why there is nothing else; null for no error. */
    @Nullable Failure error();
  }

  /** An error: the status as HTTP has it, and its own number, which says more. */
  public record Failure(int code, int errCode, @Nullable String description) {}

  /** That something was done. */
  public record Done(@Nullable Failure error) implements Answer {}

  /** Where a message was stored; {@code duplicate} if that was before. */
  public record Stored(@Nullable Failure error, long seq, boolean duplicate) implements Answer {}

  /** What the account has; what the server can do. */
  public record Account(@Nullable Failure error, @Nullable Api api) implements Answer {}

  /** The level of what a server understands; 0 for those that do not say. */
  public record Api(int level) {}

  /** A stream. */
  public record Stream(@Nullable Failure error, @Nullable StreamConfiguration config, @Nullable State state, @Nullable String created) implements Answer {
    /** When it was made; null if that is not said. */
    public @Nullable Instant createdAt() {
      return created == null ? null : Instant.parse(created);
    }
  }

  /** What a stream holds. */
  public record State(long messages, long firstSeq, long lastSeq, int numSubjects, @Nullable Map<String, Long> subjects) {}

  /** Some of the streams. */
  public record Streams(@Nullable Failure error, int total, int offset, @Nullable List<Stream> streams) implements Answer {}

  /** A consumer. */
  public record Consumer(@Nullable Failure error, @Nullable String name, long numPending, long numAckPending, @Nullable Sequence delivered)
      implements Answer {}

  /** How far a consumer is. */
  public record Sequence(long consumerSeq, long streamSeq) {}

  /** How many messages were removed. */
  public record Purged(@Nullable Failure error, long purged) implements Answer {}

  /** A message. */
  public record Found(@Nullable Failure error, @Nullable Kept message) implements Answer {}

  /** A message as it is kept. Headers are as on the wire. */
  public record Kept(String subject, long seq, byte @Nullable [] hdrs, byte @Nullable [] data, String time) {}
}
