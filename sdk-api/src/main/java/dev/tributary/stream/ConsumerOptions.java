package dev.tributary.stream;

import dev.tributary.SubscriptionState;
import dev.tributary.error.InvalidRequestException;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How to consume. Immutable. Defaults: from where the group stopped, commits every 5 s what was processed, the client's prefetch.
 */
public final class ConsumerOptions {
  private final @Nullable String group;
  private final StartAt start;
  private final Set<Integer> partitions;
  private final int prefetch;
  private final @Nullable Duration autoCommit;
  private final Consumer<SubscriptionState> onState;

  private ConsumerOptions(Builder b) {
    group = b.group;
    start = b.start != null ? b.start : b.group != null ? StartAt.committed() : StartAt.latest();
    partitions = Set.copyOf(b.partitions);
    prefetch = b.prefetch;
    autoCommit = b.group == null ? null : b.autoCommit;
    onState = b.onState;
  }

  /** The defaults, in this group. */
  public static ConsumerOptions group(String group) {
    return builder().group(group).build();
  }

  /** A builder with the defaults and no group. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder that begins with everything of these options. */
  public Builder toBuilder() {
    Builder b = new Builder();
    b.group = group;
    b.start = start;
    b.partitions = partitions;
    b.prefetch = prefetch;
    b.autoCommit = autoCommit;
    b.onState = onState;
    return b;
  }

  /** The group that is committed to, or null: then nothing is ever committed. */
  public @Nullable String group() {
    return group;
  }

  /** Where to begin. */
  public StartAt start() {
    return start;
  }

  /** The partitions to read; empty for all, or for those the group assigns. */
  public Set<Integer> partitions() {
    return partitions;
  }

  /** How many messages may wait in the client; 0 for the client's default. */
  public int prefetch() {
    return prefetch;
  }

  /** How often processed offsets are committed; null for only by {@code commit}. */
  public @Nullable Duration autoCommit() {
    return autoCommit;
  }

  /** Told of every change of state, on the callback executor. */
  public Consumer<SubscriptionState> onState() {
    return onState;
  }

  /** Gathers {@link ConsumerOptions}. Not thread-safe. */
  public static final class Builder {
    private @Nullable String group;
    private @Nullable StartAt start;
    private Set<Integer> partitions = Set.of();
    private int prefetch;
    private @Nullable Duration autoCommit = Duration.ofSeconds(5);
    private Consumer<SubscriptionState> onState = state -> {};

    private Builder() {}

    /** The group that is committed to. */
    public Builder group(@Nullable String group) {
      this.group = group;
      return this;
    }

    /** Where to begin: by default where the group stopped, or the latest without a group. */
    public Builder start(StartAt start) {
      this.start = Objects.requireNonNull(start, "start");
      return this;
    }

    /** Reads only these partitions. */
    public Builder partitions(Integer... partitions) {
      this.partitions = Set.of(partitions);
      return this;
    }

    /** How many messages may wait in the client, at least 1. */
    public Builder prefetch(int messages) {
      if (messages < 1) {
        throw InvalidRequestException.of("prefetch " + messages + " is less than 1", "Give at least 1");
      }
      this.prefetch = messages;
      return this;
    }

    /** Commits what was processed this often, and on close. */
    public Builder autoCommit(Duration interval) {
      if (interval.isNegative() || interval.isZero()) {
        throw InvalidRequestException.of("the commit interval " + interval + " is not positive", "Use manualCommit() to commit only when told to");
      }
      this.autoCommit = interval;
      return this;
    }

    /** Commits only when told to. */
    public Builder manualCommit() {
      this.autoCommit = null;
      return this;
    }

    /** Told of every change of state, on the callback executor. */
    public Builder onState(Consumer<SubscriptionState> listener) {
      this.onState = Objects.requireNonNull(listener, "listener");
      return this;
    }

    /** The options. */
    public ConsumerOptions build() {
      return new ConsumerOptions(this);
    }
  }
}
