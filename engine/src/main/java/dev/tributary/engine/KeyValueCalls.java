package dev.tributary.engine;

import dev.tributary.ResourceName;
import dev.tributary.kv.Change;
import dev.tributary.kv.KeyValueEntry;
import dev.tributary.kv.PutOptions;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.KeyValueTransport;
import dev.tributary.spi.Source;
import dev.tributary.spi.SourceObserver;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One client's calls on key-value stores. */
final class KeyValueCalls implements KeyValueTransport {
  private final MemoryEngine engine;
  private final Connection connection;

  KeyValueCalls(MemoryEngine engine, Connection connection) {
    this.engine = engine;
    this.connection = connection;
  }

  @Override
  public CompletableFuture<OptionalLong> put(
      ResourceName store, String key, byte[] value, PutOptions options, OptionalLong expected, Deadline deadline) {
    return connection.writing(store).call(() -> OptionalLong.of(engine.stores().use(store).put(key, value, options, expected)));
  }

  @Override
  public CompletableFuture<Optional<byte[]>> get(ResourceName store, String key, Deadline deadline) {
    return connection.reading(store).call(() -> engine.stores().use(store).entry(key).map(KeyValueEntry::value));
  }

  @Override
  public CompletableFuture<Optional<KeyValueEntry<byte[]>>> entry(ResourceName store, String key, Deadline deadline) {
    return connection.reading(store).call(() -> engine.stores().use(store).entry(key));
  }

  @Override
  public CompletableFuture<Void> delete(ResourceName store, String key, OptionalLong expected, Deadline deadline) {
    return connection.writing(store).run(() -> engine.stores().use(store).delete(key, expected));
  }

  @Override
  public CompletableFuture<Boolean> exists(ResourceName store, String key, Deadline deadline) {
    return connection.reading(store).call(() -> engine.stores().use(store).exists(key));
  }

  @Override
  public CompletableFuture<List<String>> keys(
      ResourceName store, String prefix, @Nullable String after, int limit, Deadline deadline) {
    return connection.reading(store).call(() -> engine.stores().use(store).keys(prefix, after, limit));
  }

  @Override
  public Source watch(ResourceName store, String prefix, SourceObserver<Change<byte[]>> observer) {
    KeyWatch watch = new KeyWatch(connection, prefix, engine.watchBuffer(), observer);
    connection.reading(store).open(watch, () -> watch.start(engine.stores().use(store)));
    return watch;
  }
}
