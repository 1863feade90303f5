package dev.tributary.engine;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.OverloadedException;
import dev.tributary.kv.Change;
import dev.tributary.spi.SourceObserver;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Watches keys. Changes that its observer does not want yet are kept, each of them, up to a limit; beyond it the watch ends, because
 * a watch that left out changes would be no watch.
 */
final class KeyWatch extends MemorySource<Change<byte[]>> {
  private final Connection connection;
  private final String prefix;
  private final int limit;
  private final ArrayDeque<Change<byte[]>> kept = new ArrayDeque<>();
  private @Nullable KeyStore store;

  KeyWatch(Connection connection, String prefix, int limit, SourceObserver<Change<byte[]>> observer) {
    super(connection.gate(), observer);
    this.connection = connection;
    this.prefix = prefix;
    this.limit = limit;
  }

  /** Begins; inside. */
  void start(KeyStore of) {
    store = of;
    of.add(this);
    live();
  }

  /** Something changed; inside. */
  void changed(Change<byte[]> change) {
    if (!change.key().startsWith(prefix)) {
      return;
    }
    if (kept.size() >= limit) {
      end(
          new OverloadedException(
              ErrorInfo.of(
                  "the watch is more than " + limit + " changes behind", "Take changes faster; watch again and read the keys anew")));
      return;
    }
    kept.add(change);
    wake();
  }

  @Override
  @Nullable Change<byte[]> take() {
    Change<byte[]> change = kept.poll();
    return change == null || change.value() == null
        ? change
        : new Change<>(change.kind(), change.key(), change.value().clone(), change.revision());
  }

  @Override
  void release() {
    connection.detach(this);
    kept.clear();
    if (store != null) {
      store.remove(this);
    }
  }
}
