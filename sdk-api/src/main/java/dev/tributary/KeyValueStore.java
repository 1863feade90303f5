package dev.tributary;

import dev.tributary.kv.Change;
import dev.tributary.kv.KeyValueEntry;
import dev.tributary.kv.PutOptions;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * A key-value store of one type. A cheap handle: make it where it is needed; nothing is sent by making it.
 *
 * <p>Thread-safe. Every future completes within the client's deadline, on its callback executor; cancelling it cancels the call.
 * Keys are not empty; values are not null.
 */
public interface KeyValueStore<T> {
  /** The full name. */
  ResourceName name();

  /** Puts a key that never expires; any former ttl ends. The result is that of {@link #put(String, Object, PutOptions)}. */
  default CompletableFuture<OptionalLong> put(String key, T value) {
    return put(key, value, PutOptions.DEFAULT);
  }

  /**
   * Puts a key; any former ttl ends.
   *
   * @return its new revision; empty without {@code KEY_REVISIONS}
   */
  CompletableFuture<OptionalLong> put(String key, T value, PutOptions options);

  /** The value; empty if there is no such key or it expired. */
  CompletableFuture<Optional<T>> get(String key);

  /** The value with its revision and expiry; empty if there is no such key or it expired. */
  CompletableFuture<Optional<KeyValueEntry<T>>> entry(String key);

  /** Puts a key that never expires, only if it does not exist. The result is that of {@link #putIfAbsent(String, Object, PutOptions)}. */
  default CompletableFuture<OptionalLong> putIfAbsent(String key, T value) {
    return putIfAbsent(key, value, PutOptions.DEFAULT);
  }

  /**
   * Puts a key only if it does not exist.
   *
   * @return its revision; empty if there is one already, which stays as it is
   */
  CompletableFuture<OptionalLong> putIfAbsent(String key, T value, PutOptions options);

  /** Replaces a key by one that never expires. The result is that of {@link #replace(String, Object, long, PutOptions)}. */
  default CompletableFuture<Long> replace(String key, T value, long revision) {
    return replace(key, value, revision, PutOptions.DEFAULT);
  }

  /**
   * Puts a key only if it has this revision; any former ttl ends.
   *
   * @return the new revision. Fails with {@code ConflictException} if it has another or does not exist.
   */
  CompletableFuture<Long> replace(String key, T value, long revision, PutOptions options);

  /** Removes a key; no error if there is none. */
  CompletableFuture<Void> delete(String key);

  /** Removes a key only if it has this revision; fails with {@code ConflictException} if it has another or does not exist. */
  CompletableFuture<Void> delete(String key, long revision);

  /** Whether there is such a key. */
  CompletableFuture<Boolean> exists(String key);

  /** All keys with this prefix, ascending. Fails with {@code OverloadedException} beyond 100,000: page through them instead. */
  CompletableFuture<List<String>> keys(String prefix);

  /** Up to {@code limit} keys with this prefix, ascending, that come after {@code after}; null to begin. */
  CompletableFuture<List<String>> keys(String prefix, @Nullable String after, int limit);

  /** Changes of keys with this prefix from now on, in order. Each subscriber watches for itself; resumes after any fault. */
  Flow.Publisher<Change<T>> watch(String prefix);
}
