package dev.tributary.stream;

import dev.tributary.RedeliveryPolicy;
import dev.tributary.SubscriptionState;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.filter.EventFilter;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalInt;
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
  private final OptionalInt prefetch;
  private final OptionalInt prefetchBytes;
  private final OffsetReset onOffsetOutOfRange;
  private final OnUndecodable onUndecodable;
  private final @Nullable RedeliveryPolicy redelivery;
  private final @Nullable EventFilter filter;
  private final Consumer<Set<Integer>> onAssigned;
  private final Consumer<Set<Integer>> onRevoked;
  private final @Nullable Duration drainTimeout;
  private final @Nullable Duration autoCommit;
  private final Consumer<SubscriptionState> onState;

  private ConsumerOptions(Builder b) {
    group = b.group;
    start = b.start != null ? b.start : b.group != null ? StartAt.committed() : StartAt.latest();
    partitions = Set.copyOf(b.partitions);
    prefetch = b.prefetch;
    prefetchBytes = b.prefetchBytes;
    onOffsetOutOfRange = b.onOffsetOutOfRange;
    onUndecodable = b.onUndecodable;
    redelivery = b.redelivery;
    filter = b.filter;
    onAssigned = b.onAssigned;
    onRevoked = b.onRevoked;
    drainTimeout = b.drainTimeout;
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
    b.prefetchBytes = prefetchBytes;
    b.onOffsetOutOfRange = onOffsetOutOfRange;
    b.onUndecodable = onUndecodable;
    b.redelivery = redelivery;
    b.filter = filter;
    b.onAssigned = onAssigned;
    b.onRevoked = onRevoked;
    b.drainTimeout = drainTimeout;
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

  /** How many messages may wait in the client; empty for the client's default. */
  public OptionalInt prefetch() {
    return prefetch;
  }

  /** How often processed offsets are committed; null for only by {@code commit}. */
  public @Nullable Duration autoCommit() {
    return autoCommit;
  }

  /** How many bytes of messages may wait in the client; empty for the client's default. */
  public OptionalInt prefetchBytes() {
    return prefetchBytes;
  }

  /** What happens when its place is not in the stream any more. */
  public OffsetReset onOffsetOutOfRange() {
    return onOffsetOutOfRange;
  }

  /** What becomes of a message that cannot be decoded. */
  public OnUndecodable onUndecodable() {
    return onUndecodable;
  }

  /** How a message whose handler failed comes again; null if the failure ends the {@code forEach}. */
  public @Nullable RedeliveryPolicy redelivery() {
    return redelivery;
  }

  /** Which messages are wanted; null for all. */
  public @Nullable EventFilter filter() {
    return filter;
  }

  /** Told of partitions that are read from now on, on the callback executor, before the first message of each. */
  public Consumer<Set<Integer>> onAssigned() {
    return onAssigned;
  }

  /** Told of partitions that are not read any more, on the callback executor. */
  public Consumer<Set<Integer>> onRevoked() {
    return onRevoked;
  }

  /** How long a close waits for running handlers; null for most of the time that the close has. */
  public @Nullable Duration drainTimeout() {
    return drainTimeout;
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
    private OptionalInt prefetch = OptionalInt.empty();
    private OptionalInt prefetchBytes = OptionalInt.empty();
    private OffsetReset onOffsetOutOfRange = OffsetReset.FAIL;
    private OnUndecodable onUndecodable = OnUndecodable.fail();
    private @Nullable RedeliveryPolicy redelivery;
    private @Nullable EventFilter filter;
    private Consumer<Set<Integer>> onAssigned = partitions -> {};
    private Consumer<Set<Integer>> onRevoked = partitions -> {};
    private @Nullable Duration drainTimeout;
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
      this.prefetch = OptionalInt.of(messages);
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

    /** How many bytes of messages may wait in the client, at least 1; one message may go past it. */
    public Builder prefetchBytes(int bytes) {
      if (bytes < 1) {
        throw InvalidRequestException.of("prefetch of " + bytes + " bytes is less than 1", "Give at least 1");
      }
      this.prefetchBytes = OptionalInt.of(bytes);
      return this;
    }

    /** What happens when its place is not in the stream any more; {@link OffsetReset#FAIL} by default. */
    public Builder onOffsetOutOfRange(OffsetReset reset) {
      this.onOffsetOutOfRange = Objects.requireNonNull(reset, "reset");
      return this;
    }

    /** What becomes of a message that cannot be decoded; {@link OnUndecodable#fail()} by default. */
    public Builder onUndecodable(OnUndecodable policy) {
      this.onUndecodable = Objects.requireNonNull(policy, "policy");
      return this;
    }

    /**
     * Gives a message whose handler failed to the handler of {@code forEach} again, after a pause in which its partition waits and the others go on; by
     * default the first failure ends the {@code forEach}. After {@code maxAttempts} calls it becomes a dead letter of the stream, with {@code
     * DEAD_LETTER_ADD}, and counts as processed once that is confirmed. If it cannot be added, that ends the {@code forEach}, and the message stays
     * uncommitted. With unlimited attempts nothing becomes a dead letter, and no capability is needed.
     *
     * <p>A crash between the dead letter and the commit gives the message to the handler again. Attempts are counted by this consumer, until the
     * partition goes or a seek moves it.
     */
    public Builder redelivery(@Nullable RedeliveryPolicy policy) {
      this.redelivery = policy;
      return this;
    }

    /**
     * Which messages are wanted, with {@code EVENT_FILTER}; all by default, or with null. What does not match counts as processed as soon as
     * everything before it is, so that commits move over it: a group keeps to one filter.
     */
    public Builder filter(@Nullable EventFilter filter) {
      this.filter = filter;
      return this;
    }

    /**
     * Told of partitions that are read from now on, on the callback executor, before the first message of each; the first time also if there
     * are none. What it throws is logged.
     */
    public Builder onAssigned(Consumer<Set<Integer>> listener) {
      this.onAssigned = Objects.requireNonNull(listener, "listener");
      return this;
    }

    /**
     * Told of partitions that are handed over, on the callback executor. Where the backend waits for it, it is told before they go, and may
     * commit for them until it returns; what it throws is logged.
     */
    public Builder onRevoked(Consumer<Set<Integer>> listener) {
      this.onRevoked = Objects.requireNonNull(listener, "listener");
      return this;
    }

    /**
     * How long a close waits for running handlers, at most; by default most of the time that the close has. A handler that still runs then
     * is left alone, and its message is not committed.
     */
    public Builder drainTimeout(Duration timeout) {
      if (timeout.isNegative()) {
        throw InvalidRequestException.of("drain timeout " + timeout + " is negative", "Use Duration.ZERO not to wait");
      }
      this.drainTimeout = timeout;
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
