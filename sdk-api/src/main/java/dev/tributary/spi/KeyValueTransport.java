package dev.tributary.spi;

import dev.tributary.Capability;
import dev.tributary.ResourceName;
import dev.tributary.kv.Change;
import dev.tributary.kv.KeyValueEntry;
import dev.tributary.kv.PutOptions;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Key-value stores of a backend. See {@link Transport} for what holds for every method. */
public interface KeyValueTransport {
  /** The revision of a key that must not exist, in {@link #put(ResourceName, String, byte[], PutOptions, OptionalLong, Deadline)}. */
  long ABSENT = 0;

  /**
   * Puts a key; any former ttl ends.
   *
   * @param expected the revision the key must have, or {@link #ABSENT}, with {@code KEY_REVISIONS}; empty for any. If it does not
   *     match, {@code ConflictException}.
   * @return the new revision; empty without {@code KEY_REVISIONS}
   */
  CompletableFuture<OptionalLong> put(
      ResourceName store, String key, byte[] value, PutOptions options, OptionalLong expected, Deadline deadline);

  /** The value; empty if there is no such key or it expired. */
  CompletableFuture<Optional<byte[]>> get(ResourceName store, String key, Deadline deadline);

  /** The value with its revision and expiry, with {@code KEY_REVISIONS}; empty if there is no such key or it expired. */
  default CompletableFuture<Optional<KeyValueEntry<byte[]>>> entry(ResourceName store, String key, Deadline deadline) {
    throw Unsupported.without(Capability.KEY_REVISIONS);
  }

  /**
   * Removes a key; no error if there is none.
   *
   * @param expected the revision the key must have, with {@code KEY_REVISIONS}; empty for any. If it does not match, {@code
   *     ConflictException}.
   */
  CompletableFuture<Void> delete(ResourceName store, String key, OptionalLong expected, Deadline deadline);

  /** Whether there is such a key and it has not expired. */
  CompletableFuture<Boolean> exists(ResourceName store, String key, Deadline deadline);

  /** Up to {@code limit} keys with this prefix, ascending, after {@code after} if it is not null. */
  CompletableFuture<List<String>> keys(ResourceName store, String prefix, @Nullable String after, int limit, Deadline deadline);

  /** Opens a source of changes from now on, with {@code KEY_WATCH}; each change once, in order of revision. */
  default Source watch(ResourceName store, String prefix, SourceObserver<Change<byte[]>> observer) {
    throw Unsupported.without(Capability.KEY_WATCH);
  }
}
