package dev.tributary.vertx;

import dev.tributary.KeyValueStore;
import dev.tributary.ResourceName;
import dev.tributary.kv.Change;
import dev.tributary.kv.KeyValueEntry;
import dev.tributary.kv.PutOptions;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** {@link KeyValueStore} for verticles; see {@link VertxTributary}. */
public final class VertxKeyValueStore<T> {
  private static final int WINDOW = 64;

  private final Contexts contexts;
  private final KeyValueStore<T> store;

  VertxKeyValueStore(Contexts contexts, KeyValueStore<T> store) {
    this.contexts = contexts;
    this.store = store;
  }

  /** See {@link KeyValueStore#name}. */
  public ResourceName name() {
    return store.name();
  }

  /** See {@link KeyValueStore#put(String, Object)}. */
  public Future<OptionalLong> put(String key, T value) {
    return contexts.future(store.put(key, value));
  }

  /** See {@link KeyValueStore#put(String, Object, PutOptions)}. */
  public Future<OptionalLong> put(String key, T value, PutOptions options) {
    return contexts.future(store.put(key, value, options));
  }

  /** See {@link KeyValueStore#get}. */
  public Future<Optional<T>> get(String key) {
    return contexts.future(store.get(key));
  }

  /** See {@link KeyValueStore#entry}. */
  public Future<Optional<KeyValueEntry<T>>> entry(String key) {
    return contexts.future(store.entry(key));
  }

  /** See {@link KeyValueStore#putIfAbsent(String, Object)}. */
  public Future<OptionalLong> putIfAbsent(String key, T value) {
    return contexts.future(store.putIfAbsent(key, value));
  }

  /** See {@link KeyValueStore#putIfAbsent(String, Object, PutOptions)}. */
  public Future<OptionalLong> putIfAbsent(String key, T value, PutOptions options) {
    return contexts.future(store.putIfAbsent(key, value, options));
  }

  /** See {@link KeyValueStore#replace(String, Object, long)}. */
  public Future<Long> replace(String key, T value, long revision) {
    return contexts.future(store.replace(key, value, revision));
  }

  /** See {@link KeyValueStore#replace(String, Object, long, PutOptions)}. */
  public Future<Long> replace(String key, T value, long revision, PutOptions options) {
    return contexts.future(store.replace(key, value, revision, options));
  }

  /** See {@link KeyValueStore#delete(String)}. */
  public Future<Void> delete(String key) {
    return contexts.future(store.delete(key));
  }

  /** See {@link KeyValueStore#delete(String, long)}. */
  public Future<Void> delete(String key, long revision) {
    return contexts.future(store.delete(key, revision));
  }

  /** See {@link KeyValueStore#exists}. */
  public Future<Boolean> exists(String key) {
    return contexts.future(store.exists(key));
  }

  /** See {@link KeyValueStore#keys(String)}. */
  public Future<List<String>> keys(String prefix) {
    return contexts.future(store.keys(prefix));
  }

  /** See {@link KeyValueStore#keys(String, String, int)}. */
  public Future<List<String>> keys(String prefix, @Nullable String after, int limit) {
    return contexts.future(store.keys(prefix, after, limit));
  }

  /** See {@link KeyValueStore#watch}. */
  public VertxReadStream<Change<T>> watch(String prefix) {
    return contexts.stream(store.watch(prefix), WINDOW, Function.identity(), change -> {});
  }
}
