package dev.tributary.stream;

import dev.tributary.SubscriptionState;
import dev.tributary.error.InvalidRequestException;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How to subscribe. Immutable. Defaults: no group, all partitions, from the latest, the client's prefetch.
 *
 * <p>A subscription never commits by itself; {@link EventConsumer} does.
 */
public final class SubscribeOptions {
  private final @Nullable String group;
  private final StartAt start;
  private final Set<Integer> partitions;
  private final int prefetch;
  private final Consumer<SubscriptionState> onState;

  private SubscribeOptions(Builder b) {
    group = b.group;
    start = b.start;
    partitions = Set.copyOf(b.partitions);
    prefetch = b.prefetch;
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

  /** How many messages may wait in the client; 0 for the client's default. */
  public int prefetch() {
    return prefetch;
  }

  /** Told of every change of state, on the callback executor. */
  public Consumer<SubscriptionState> onState() {
    return onState;
  }

  /** Gathers {@link SubscribeOptions}. Not thread-safe. */
  public static final class Builder {
    private @Nullable String group;
    private StartAt start = StartAt.latest();
    private Set<Integer> partitions = Set.of();
    private int prefetch;
    private Consumer<SubscriptionState> onState = state -> {};

    private Builder() {}

    /** The group whose committed offsets count, and whose members share partitions where the backend balances. */
    public Builder group(@Nullable String group) {
      this.group = group;
      return this;
    }

    /** Where to begin. */
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
