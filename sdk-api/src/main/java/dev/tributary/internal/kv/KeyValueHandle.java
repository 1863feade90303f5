package dev.tributary.internal.kv;

import dev.tributary.Capability;
import dev.tributary.KeyValueStore;
import dev.tributary.ResourceName;
import dev.tributary.codec.Codec;
import dev.tributary.error.ConflictException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.UndecodableException;
import dev.tributary.internal.Buffer;
import dev.tributary.internal.Calls;
import dev.tributary.internal.Checks;
import dev.tributary.internal.Payloads;
import dev.tributary.internal.SourcePublisher;
import dev.tributary.kv.Change;
import dev.tributary.kv.KeyValueEntry;
import dev.tributary.kv.PutOptions;
import dev.tributary.observe.Observation;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.KeyValueTransport;
import dev.tributary.spi.Steps;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A key-value store, over the transport. What cannot be sent is refused before an attempt is made. A put or a delete is repeated, for twice is the
 * same as once; what depends on a revision is not once it may have been applied, because its own first try would look like somebody else's change.
 */
public final class KeyValueHandle<T> implements KeyValueStore<T> {
  private final Calls calls;
  private final KeyValueTransport transport;
  private final ResourceName name;
  private final Payloads<T> payloads;

  /** The store of this name; refused if the backend has no key-value stores. */
  public KeyValueHandle(Calls calls, ResourceName name, Codec<T> codec) {
    this.calls = calls;
    this.transport = calls.transport().keyValues().orElseThrow(() -> calls.checks().unsupported(Capability.KEY_VALUE));
    this.name = name;
    this.payloads = new Payloads<>(Checks.present("codec", codec), calls);
  }

  @Override
  public ResourceName name() {
    return name;
  }

  @Override
  public CompletableFuture<OptionalLong> put(String key, T value, PutOptions options) {
    return checked(
        "put",
        () -> {
          Putting put = putting(key, value, options, OptionalLong.empty());
          return calls.call("put", name, Calls.Repeat.SAFE, Observation.NONE, put.bytes(), put, Function.identity());
        });
  }

  @Override
  public CompletableFuture<OptionalLong> putIfAbsent(String key, T value, PutOptions options) {
    return checked(
        "put if absent",
        () -> {
          calls.checks().require(Capability.KEY_REVISIONS);
          var put = putting(key, value, options, OptionalLong.of(KeyValueTransport.ABSENT));
          return calls.call(
              "put if absent",
              name,
              Calls.Repeat.UNLESS_APPLIED,
              Observation.NONE,
              put.bytes(),
              deadline ->
                  Steps.map(
                      put.apply(deadline),
                      Function.identity(),
                      error -> {
                        if (error instanceof ConflictException) {
                          return OptionalLong.empty();
                        }
                        throw error;
                      }),
              Function.identity());
        });
  }

  @Override
  public CompletableFuture<Long> replace(String key, T value, long revision, PutOptions options) {
    return checked(
        "replace",
        () -> {
          Putting put = putting(key, value, options, expected(revision));
          return calls.call("replace", name, Calls.Repeat.UNLESS_APPLIED, Observation.NONE, put.bytes(), put, OptionalLong::orElseThrow);
        });
  }

  /** The revision that a key must have. */
  private OptionalLong expected(long revision) {
    calls.checks().require(Capability.KEY_REVISIONS);
    if (revision < 1) {
      throw InvalidRequestException.of(
          "revision " + revision + " is less than 1", "Take it from entry(), or use putIfAbsent for a key that does not exist");
    }
    return OptionalLong.of(revision);
  }

  /** A put that was checked. */
  private record Putting(long bytes, Function<Deadline, CompletableFuture<OptionalLong>> send)
      implements Function<Deadline, CompletableFuture<OptionalLong>> {
    @Override
    public CompletableFuture<OptionalLong> apply(Deadline deadline) {
      return send.apply(deadline);
    }
  }

  /** Checks what is to be put, and says how. */
  private Putting putting(String key, T value, PutOptions options, OptionalLong expected) {
    Checks.notEmpty("key", key);
    Checks.present("options", options);
    byte[] bytes = payloads.encode(value);
    PutOptions rounded = rounded(options);
    return new Putting(bytes.length + (long) Payloads.utf8(key), deadline -> transport.put(name, key, bytes, rounded, expected, deadline));
  }

  private PutOptions rounded(PutOptions options) {
    if (options.ttl() == null) {
      return options;
    }
    calls.checks().require(Capability.KEY_TTL);
    return PutOptions.ttl(calls.checks().ttl(options.ttl()));
  }

  @Override
  public CompletableFuture<Optional<T>> get(String key) {
    return checked(
        "get",
        () -> {
          Checks.notEmpty("key", key);
          return calls.call(
              "get",
              name,
              Calls.Repeat.SAFE,
              deadline -> transport.get(name, key, deadline),
              found -> found.map(value -> payloads.decode(value, "key", key)));
        });
  }

  @Override
  public CompletableFuture<Optional<KeyValueEntry<T>>> entry(String key) {
    return checked(
        "entry",
        () -> {
          calls.checks().require(Capability.KEY_REVISIONS);
          Checks.notEmpty("key", key);
          return calls.call(
              "entry",
              name,
              Calls.Repeat.SAFE,
              deadline -> transport.entry(name, key, deadline),
              found -> found.map(this::decodeEntry));
        });
  }

  private KeyValueEntry<T> decodeEntry(KeyValueEntry<byte[]> entry) {
    try {
      return entry.withValue(payloads.decode(entry.value(), "key", entry.key()));
    } catch (UndecodableException why) {
      return entry.withoutValue(located("entry", why));
    }
  }

  @Override
  public CompletableFuture<Void> delete(String key) {
    return checked("delete", () -> delete(key, OptionalLong.empty(), Calls.Repeat.SAFE));
  }

  @Override
  public CompletableFuture<Void> delete(String key, long revision) {
    return checked("delete", () -> delete(key, expected(revision), Calls.Repeat.UNLESS_APPLIED));
  }

  private CompletableFuture<Void> delete(String key, OptionalLong expected, Calls.Repeat repeat) {
    Checks.notEmpty("key", key);
    return calls.call("delete", name, repeat, deadline -> transport.delete(name, key, expected, deadline));
  }

  @Override
  public CompletableFuture<Boolean> exists(String key) {
    return checked(
        "exists",
        () -> {
          Checks.notEmpty("key", key);
          return calls.call("exists", name, Calls.Repeat.SAFE, deadline -> transport.exists(name, key, deadline));
        });
  }

  @Override
  public CompletableFuture<List<String>> keys(String prefix) {
    return checked(
        "keys",
        () -> {
          Checks.wellFormed("prefix", prefix);
          KeyPages pages = new KeyPages(transport, name, prefix, pageSize());
          return calls.call("keys", name, Calls.Repeat.SAFE, pages, pages::result);
        });
  }

  @Override
  public CompletableFuture<List<String>> keys(String prefix, @Nullable String after, int limit) {
    return checked(
        "keys",
        () -> {
          Checks.wellFormed("prefix", prefix);
          if (after != null) {
            Checks.wellFormed("key", after);
          }
          int count = Math.min(Checks.atLeastOne("limit", limit), KeyPages.MAX_KEYS);
          return calls.call(
              "keys", name, Calls.Repeat.SAFE, deadline -> transport.keys(name, prefix, after, count, deadline));
        });
  }

  private int pageSize() {
    return Math.min(KeyPages.PAGE, calls.checks().limits().maxReceive());
  }

  @Override
  public Flow.Publisher<Change<T>> watch(String prefix) {
    return SourcePublisher.fetchingAhead(
        calls,
        "watch",
        name,
        observer -> {
          calls.checks().require(Capability.KEY_WATCH);
          return transport.watch(name, Checks.wellFormed("prefix", prefix), observer);
        },
        this::decodeChange,
        KeyValueHandle::held,
        calls.config().prefetch(),
        state -> {});
  }

  private Change<T> decodeChange(Change<byte[]> change) {
    byte[] bytes = change.value();
    T value = null;
    UndecodableException undecodable = null;
    if (bytes != null) {
      try {
        value = payloads.decode(bytes, "key", change.key());
      } catch (UndecodableException why) {
        undecodable = located("watch", why);
      }
    }
    return new Change<>(change.kind(), change.key(), value, change.revision(), undecodable);
  }

  private static long held(Change<byte[]> change) {
    byte[] value = change.value();
    return Buffer.ITEM + change.key().length() + (value == null ? 0 : value.length);
  }

  private UndecodableException located(String operation, UndecodableException why) {
    return why.at(calls.transport().backend(), operation, name.toString());
  }

  private <R> CompletableFuture<R> checked(String operation, Supplier<CompletableFuture<R>> call) {
    return calls.checked(operation, name, call);
  }
}
