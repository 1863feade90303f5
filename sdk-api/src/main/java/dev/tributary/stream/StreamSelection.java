package dev.tributary.stream;

import dev.tributary.ResourceName;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.TributaryException;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Which streams to consume: by name, by pattern, or both. Immutable. Defaults: patterns are looked up every 30 s, and 256 streams are the most.
 */
public final class StreamSelection {
  private final Set<String> names;
  private final Set<String> patterns;
  private final Duration refresh;
  private final int maxStreams;
  private final Consumer<ResourceName> onJoined;
  private final Consumer<ResourceName> onLeft;
  private final Consumer<TributaryException> onRefreshFailed;

  private StreamSelection(Builder b) {
    names = Collections.unmodifiableSet(new LinkedHashSet<>(b.names));
    patterns = Collections.unmodifiableSet(new LinkedHashSet<>(b.patterns));
    refresh = b.refresh;
    maxStreams = b.maxStreams;
    onJoined = b.onJoined;
    onLeft = b.onLeft;
    onRefreshFailed = b.onRefreshFailed;
  }

  /** The streams of these names, at least one; short names get the defaults of the client. */
  public static StreamSelection of(String... names) {
    return builder().streams(names).build();
  }

  /** The streams that match one of these patterns, at least one; see {@link StreamPattern}. Short ones get the defaults of the client. */
  public static StreamSelection matching(String... patterns) {
    return builder().matching(patterns).build();
  }

  /** A builder with the defaults and no streams. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder that begins with everything of this selection. */
  public Builder toBuilder() {
    Builder b = new Builder();
    b.names.addAll(names);
    b.patterns.addAll(patterns);
    b.refresh = refresh;
    b.maxStreams = maxStreams;
    b.onJoined = onJoined;
    b.onLeft = onLeft;
    b.onRefreshFailed = onRefreshFailed;
    return b;
  }

  /** The names, as they were given. */
  public Set<String> names() {
    return names;
  }

  /** The patterns, as they were given. */
  public Set<String> patterns() {
    return patterns;
  }

  /** How often streams are looked up that match a pattern. */
  public Duration refresh() {
    return refresh;
  }

  /** How many streams there may be. */
  public int maxStreams() {
    return maxStreams;
  }

  /** Told of each stream that is read from now on, on the callback executor, before its first message. */
  public Consumer<ResourceName> onJoined() {
    return onJoined;
  }

  /** Told of each stream that is not read any more because it was deleted, on the callback executor. */
  public Consumer<ResourceName> onLeft() {
    return onLeft;
  }

  /** Told of each look at the streams that failed, on the callback executor. */
  public Consumer<TributaryException> onRefreshFailed() {
    return onRefreshFailed;
  }

  /** Gathers a {@link StreamSelection}. Not thread-safe. */
  public static final class Builder {
    private final Set<String> names = new LinkedHashSet<>();
    private final Set<String> patterns = new LinkedHashSet<>();
    private Duration refresh = Duration.ofSeconds(30);
    private int maxStreams = 256;
    private Consumer<ResourceName> onJoined = stream -> {};
    private Consumer<ResourceName> onLeft = stream -> {};
    private Consumer<TributaryException> onRefreshFailed = error -> {};

    private Builder() {}

    /** Adds the streams of these names. */
    public Builder streams(String... names) {
      for (String name : names) {
        ResourceName.parse(Objects.requireNonNull(name, "name"), "default", "default");
        this.names.add(name);
      }
      return this;
    }

    /** Adds the streams that match these patterns, now and later; see {@link StreamPattern}. */
    public Builder matching(String... patterns) {
      for (String pattern : patterns) {
        StreamPattern.parse(Objects.requireNonNull(pattern, "pattern"), "default", "default");
        this.patterns.add(pattern);
      }
      return this;
    }

    /** How often streams are looked up that match a pattern; 30 s by default. */
    public Builder refresh(Duration every) {
      if (every.isNegative() || every.isZero()) {
        throw InvalidRequestException.of("the refresh interval " + every + " is not positive", "Give a long one to refresh only by refresh()");
      }
      this.refresh = every;
      return this;
    }

    /** How many streams there may be, at least 1, 256 by default. More are refused, and none of them is left out without a word. */
    public Builder maxStreams(int most) {
      if (most < 1) {
        throw InvalidRequestException.of("maxStreams " + most + " is less than 1", "Give at least 1");
      }
      this.maxStreams = most;
      return this;
    }

    /** Told of each stream that is read from now on, on the callback executor, before its first message. What it throws is logged. */
    public Builder onJoined(Consumer<ResourceName> listener) {
      this.onJoined = Objects.requireNonNull(listener, "listener");
      return this;
    }

    /** Told of each stream that is not read any more because it was deleted, on the callback executor. What it throws is logged. */
    public Builder onLeft(Consumer<ResourceName> listener) {
      this.onLeft = Objects.requireNonNull(listener, "listener");
      return this;
    }

    /** Told of each look at the streams that failed, on the callback executor; the streams stay what they are. What it throws is logged. */
    public Builder onRefreshFailed(Consumer<TributaryException> listener) {
      this.onRefreshFailed = Objects.requireNonNull(listener, "listener");
      return this;
    }

    /** The selection; refused if it selects nothing, or names more streams than there may be. */
    public StreamSelection build() {
      if (names.isEmpty() && patterns.isEmpty()) {
        throw InvalidRequestException.of("a selection of no streams", "Name a stream, or give a pattern");
      }
      if (names.size() > maxStreams) {
        throw InvalidRequestException.of(names.size() + " streams are more than " + maxStreams, "Raise maxStreams, or use several consumers");
      }
      return new StreamSelection(this);
    }
  }
}
