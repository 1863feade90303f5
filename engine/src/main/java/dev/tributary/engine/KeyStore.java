package dev.tributary.engine;

import dev.tributary.ResourceName;
import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.NotFoundException;
import dev.tributary.kv.Change;
import dev.tributary.kv.KeyValueEntry;
import dev.tributary.kv.PutOptions;
import dev.tributary.spi.KeyValueTransport;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A key-value store. Every change, be it a put, a delete or an expiry, has a revision of its own. Used inside the gate. */
final class KeyStore {
  private final Gate gate;
  private final ResourceName name;
  private final Instant createdAt;
  private final TreeMap<String, Stored> keys = new TreeMap<>(Utf8Order.ASCENDING);
  private final Set<KeyWatch> watches = new LinkedHashSet<>();
  private long revision;

  KeyStore(Gate gate, ResourceName name) {
    this.gate = gate;
    this.name = name;
    this.createdAt = gate.clock().wall();
  }

  ResourceInfo info() {
    return new ResourceInfo(ResourceKind.KEY_VALUE, name, 1, createdAt);
  }

  long put(String key, byte[] value, PutOptions options, OptionalLong expected) {
    Stored before = keys.get(key);
    require(key, before, expected);
    if (before != null) {
      before.forget();
    }
    Stored stored = new Stored(value.clone(), ++revision);
    if (options.ttl() != null) {
      stored.expiresAt = gate.clock().wall().plus(options.ttl());
      stored.expiry = gate.schedule().at(gate.clock().in(options.ttl()), () -> remove(key, Change.Kind.EXPIRED));
    }
    keys.put(key, stored);
    tell(new Change<>(Change.Kind.PUT, key, stored.value, revision));
    return revision;
  }

  private static void require(String key, @Nullable Stored stored, OptionalLong expected) {
    long current = stored == null ? KeyValueTransport.ABSENT : stored.revision;
    if (expected.isPresent() && expected.getAsLong() != current) {
      throw new ConflictException(
          ErrorInfo.of(
              stored == null ? "there is no key \"" + key + "\"" : "the key \"" + key + "\" has the revision " + current,
              "Read it again and decide anew"));
    }
  }

  Optional<KeyValueEntry<byte[]>> entry(String key) {
    Stored stored = keys.get(key);
    return stored == null
        ? Optional.empty()
        : Optional.of(new KeyValueEntry<>(key, stored.value.clone(), stored.revision, stored.expiresAt));
  }

  void delete(String key, OptionalLong expected) {
    Stored stored = keys.get(key);
    require(key, stored, expected);
    if (stored != null) {
      remove(key, Change.Kind.DELETED);
    }
  }

  private void remove(String key, Change.Kind kind) {
    java.util.Objects.requireNonNull(keys.remove(key)).forget();
    tell(new Change<>(kind, key, null, ++revision));
  }

  boolean exists(String key) {
    return keys.containsKey(key);
  }

  List<String> keys(String prefix, @Nullable String after, int limit) {
    boolean inside = after != null && Utf8Order.ASCENDING.compare(after, prefix) >= 0;
    return keys.tailMap(inside ? after : prefix, !inside).keySet().stream()
        .takeWhile(key -> key.startsWith(prefix))
        .limit(limit)
        .toList();
  }

  void add(KeyWatch watch) {
    watches.add(watch);
  }

  void remove(KeyWatch watch) {
    watches.remove(watch);
  }

  private void tell(Change<byte[]> change) {
    List.copyOf(watches).forEach(watch -> watch.changed(change));
  }

  /** The store is deleted. */
  void delete() {
    keys.values().forEach(Stored::forget);
    NotFoundException gone = new NotFoundException(ErrorInfo.of("the store " + name + " was deleted", "Watch another"));
    List.copyOf(watches).forEach(watch -> watch.end(gone));
  }

  private static final class Stored {
    private final byte[] value;
    private final long revision;
    private @Nullable Instant expiresAt;
    private Schedule.@Nullable Entry expiry;

    Stored(byte[] value, long revision) {
      this.value = value;
      this.revision = revision;
    }

    void forget() {
      if (expiry != null) {
        expiry.cancel();
      }
    }
  }
}
