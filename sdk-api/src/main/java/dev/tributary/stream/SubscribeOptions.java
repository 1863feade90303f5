package dev.tributary.stream;

import dev.tributary.SubscriptionState;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.filter.EventFilter;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How to subscribe. Immutable. Defaults: no group, all partitions, from the latest, or from where the group stopped if there is one; the client's
 * prefetch.
 *
 * <p>A subscription never commits by itself; {@link EventConsumer} does. One for whose group nothing of the client commits is named in a warning, once.
 */
public final class SubscribeOptions {
  /** No group, all partitions, from the latest. */
  public static final SubscribeOptions DEFAULT = builder().build();

  private final @Nullable String group;
  private final StartAt start;
  private final Set<Integer> partitions;
  private final OptionalInt prefetch;
  private final OptionalInt prefetchBytes;
  private final OffsetReset onOffsetOutOfRange;
  private final OnUndecodable onUndecodable;
  private final @Nullable EventFilter filter;
  private final Consumer<Set<Integer>> onAssigned;
  private final Consumer<Set<Integer>> onRevoked;
  private final Consumer<SubscriptionState> onState;

  private SubscribeOptions(Builder b) {
    group = b.group;
    start = b.start != null ? b.start : b.group != null ? StartAt.committed() : StartAt.latest();
    partitions = Set.copyOf(b.partitions);
    prefetch = b.prefetch;
    prefetchBytes = b.prefetchBytes;
    onOffsetOutOfRange = b.onOffsetOutOfRange;
    onUndecodable = b.onUndecodable;
    filter = b.filter;
    onAssigned = b.onAssigned;
    onRevoked = b.onRevoked;
    onState = b.onState;
  }

  /** All partitions, no group. */
  public static SubscribeOptions from(StartAt start) {
    return builder().start(start).build();
  }

  /** A builder with the defaults. */
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
    b.filter = filter;
    b.onAssigned = onAssigned;
    b.onRevoked = onRevoked;
    b.onState = onState;
    return b;
  }

  /** The group whose committed offsets count, and whose members share partitions where the backend balances; or null. */
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

  /** Told of every change of state, on the callback executor. */
  public Consumer<SubscriptionState> onState() {
    return onState;
  }

  /** Gathers {@link SubscribeOptions}. Not thread-safe. */
  public static final class Builder {
    private @Nullable String group;
    private @Nullable StartAt start;
    private Set<Integer> partitions = Set.of();
    private OptionalInt prefetch = OptionalInt.empty();
    private OptionalInt prefetchBytes = OptionalInt.empty();
    private OffsetReset onOffsetOutOfRange = OffsetReset.FAIL;
    private OnUndecodable onUndecodable = OnUndecodable.fail();
    private @Nullable EventFilter filter;
    private Consumer<Set<Integer>> onAssigned = partitions -> {};
    private Consumer<Set<Integer>> onRevoked = partitions -> {};
    private Consumer<SubscriptionState> onState = state -> {};

    private Builder() {}

    /** The group whose committed offsets count, and whose members share partitions where the backend balances. */
    public Builder group(@Nullable String group) {
      this.group = group;
      return this;
    }

    /** Where to begin; by default where the group stopped, or at the latest without one. */
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

    /** Which messages are wanted, with {@code EVENT_FILTER}; all by default, or with null. */
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

    /** Told of every change of state, on the callback executor. */
    public Builder onState(Consumer<SubscriptionState> listener) {
      this.onState = Objects.requireNonNull(listener, "listener");
      return this;
    }

    /** The options. */
    public SubscribeOptions build() {
      return new SubscribeOptions(this);
    }
  }
}
