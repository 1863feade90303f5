package dev.tributary.queue;

import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.UndecodableException;
import dev.tributary.stream.EventKey;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A job or event that failed for good. Made by {@link #builder} to be added.
 *
 * @param id names it in {@link DeadLetters#replay}; empty in one that is to be added and leaves it to the SDK
 * @param value the payload; asking for it throws {@code undecodable} if there is one
 * @param key the key of the event; null if it had none, or where the backend does not say
 * @param headers its headers, where the backend still has them
 * @param position where the event was in its stream; null for a job, and where the backend does not say
 * @param attempts deliveries before it failed for good; empty where the backend does not say
 * @param reason why, where the backend says
 * @param firstFailedAt when it failed first, or null where the backend does not say
 * @param failedAt when it failed for good, or null where the backend does not say
 * @param undecodable why there is no value, with its bytes: the codec could not decode them; null if it could
 */
public record DeadLetter<T>(
    String id,
    T value,
    @Nullable EventKey key,
    Map<String, String> headers,
    @Nullable Position position,
    OptionalInt attempts,
    String reason,
    @Nullable Instant firstFailedAt,
    @Nullable Instant failedAt,
    @Nullable UndecodableException undecodable) {
  public DeadLetter {
    headers = Map.copyOf(headers);
  }

  /** A builder for one with this value, and nothing else known. */
  public static <T> Builder<T> builder(T value) {
    if (value == null) {
      throw InvalidRequestException.of("the value is null", "Give a value; an empty one where the backend allows it");
    }
    return new Builder<>(value, null);
  }

  /** A builder for one that was this message: with its value, or the bytes that could not be decoded, its key, its headers and its place. */
  @SuppressWarnings("NullAway") // without a value there is a reason for that
  public static <T> Builder<T> builder(Message<T> message) {
    UndecodableException undecodable = message.undecodable();
    return new Builder<>(undecodable == null ? message.value() : null, undecodable)
        .key(message.key())
        .headers(message.headers())
        .position(message.position());
  }

  @Override
  public T value() {
    if (undecodable != null) {
      throw undecodable;
    }
    return value;
  }

  /** The same with another value: what a codec does to it. */
  public <U> DeadLetter<U> withValue(U other) {
    return new DeadLetter<>(id, other, key, headers, position, attempts, reason, firstFailedAt, failedAt, null);
  }

  /** The same without a value, because the codec could not decode it. */
  @SuppressWarnings("NullAway") // value() throws then
  public <U> DeadLetter<U> withoutValue(UndecodableException why) {
    return new DeadLetter<>(id, null, key, headers, position, attempts, reason, firstFailedAt, failedAt, why);
  }

  /** A builder that begins with everything of this one. */
  public Builder<T> toBuilder() {
    Builder<T> b = new Builder<>(value, undecodable);
    b.id = id;
    b.key = key;
    b.headers.putAll(headers);
    b.position = position;
    b.attempts = attempts;
    b.reason = reason;
    b.firstFailedAt = firstFailedAt;
    b.failedAt = failedAt;
    return b;
  }

  /** Gathers a {@link DeadLetter}. Not thread-safe. */
  public static final class Builder<T> {
    private final T value;
    private final @Nullable UndecodableException undecodable;
    private final Map<String, String> headers = new HashMap<>();
    private String id = "";
    private @Nullable EventKey key;
    private @Nullable Position position;
    private OptionalInt attempts = OptionalInt.empty();
    private String reason = "";
    private @Nullable Instant firstFailedAt;
    private @Nullable Instant failedAt;

    private Builder(T value, @Nullable UndecodableException undecodable) {
      this.value = value;
      this.undecodable = undecodable;
    }

    /** Names it. By default it is named when it is added, by its place and its value if it has a place. */
    public Builder<T> id(String id) {
      this.id = Objects.requireNonNull(id, "id");
      return this;
    }

    /** The key of the event. */
    public Builder<T> key(@Nullable String key) {
      return key(key == null ? null : EventKey.of(key));
    }

    /** The same for a key that need not be text; of the bytes a copy is made. */
    public Builder<T> key(byte[] key) {
      return key(EventKey.of(key));
    }

    /** The same for the key of an event or message. */
    public Builder<T> key(@Nullable EventKey key) {
      this.key = key;
      return this;
    }

    /** Adds a header; a later one of the same name wins. */
    public Builder<T> header(String name, String value) {
      headers.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
      return this;
    }

    /** Adds headers; later ones of the same name win. */
    public Builder<T> headers(Map<String, String> more) {
      more.forEach(this::header);
      return this;
    }

    /** Where the event was in its stream. */
    public Builder<T> position(@Nullable Position position) {
      if (position != null && (position.partition() < 0 || position.offset() < 0)) {
        throw InvalidRequestException.of(position + " is nowhere", "Leave the position out if it is not known");
      }
      this.position = position;
      return this;
    }

    /** How often it was delivered, at least 1. */
    public Builder<T> attempts(int attempts) {
      if (attempts < 1) {
        throw InvalidRequestException.of(attempts + " attempts are less than 1", "Leave them out if they are not known");
      }
      this.attempts = OptionalInt.of(attempts);
      return this;
    }

    /** Why it failed. */
    public Builder<T> reason(String reason) {
      this.reason = Objects.requireNonNull(reason, "reason");
      return this;
    }

    /** When it failed first. */
    public Builder<T> firstFailedAt(@Nullable Instant time) {
      this.firstFailedAt = time;
      return this;
    }

    /** When it failed for good; by default when it is added. */
    public Builder<T> failedAt(@Nullable Instant time) {
      this.failedAt = time;
      return this;
    }

    /** The dead letter. */
    public DeadLetter<T> build() {
      return new DeadLetter<>(id, value, key, headers, position, attempts, reason, firstFailedAt, failedAt, undecodable);
    }
  }
}
