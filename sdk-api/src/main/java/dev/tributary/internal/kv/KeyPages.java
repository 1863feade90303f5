package dev.tributary.internal.kv;

import dev.tributary.ResourceName;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.OverloadedException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.KeyValueTransport;
import dev.tributary.spi.Steps;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** All keys with a prefix, page after page. A further try goes on where the one before stopped. */
final class KeyPages implements Function<Deadline, CompletableFuture<List<String>>> {
  static final int MAX_KEYS = 100_000;
  static final int PAGE = 1_000;

  private final KeyValueTransport transport;
  private final ResourceName store;
  private final String prefix;
  private final int page;
  private final List<String> keys = new ArrayList<>();

  KeyPages(KeyValueTransport transport, ResourceName store, String prefix, int page) {
    this.transport = transport;
    this.store = store;
    this.prefix = prefix;
    this.page = page;
  }

  @Override
  public CompletableFuture<List<String>> apply(Deadline deadline) {
    return new Walk(deadline).begin();
  }

  /** Takes a page; whether it is the last that matters. */
  private boolean last(List<String> more) {
    keys.addAll(more);
    return more.size() < page || keys.size() > MAX_KEYS;
  }

  /** All of them, unless there are too many: no try would change that. */
  List<String> result(List<String> all) {
    if (all.size() > MAX_KEYS) {
      throw new OverloadedException(
          ErrorInfo.of("more than " + MAX_KEYS + " keys begin with \"" + prefix + "\"", "Use keys(prefix, after, limit) page by page"));
    }
    return all;
  }

  private final class Walk extends Steps<List<String>> {
    private final Deadline deadline;

    Walk(Deadline deadline) {
      this.deadline = deadline;
    }

    Walk begin() {
      loop(this::next, this::take);
      return this;
    }

    private CompletableFuture<List<String>> next() {
      return transport.keys(store, prefix, keys.isEmpty() ? null : keys.get(keys.size() - 1), page, deadline);
    }

    private void take(@Nullable List<String> more, @Nullable Throwable error) {
      if (more == null) {
        completeExceptionally(Objects.requireNonNull(error));
      } else if (last(more)) {
        complete(List.copyOf(keys));
      }
    }
  }
}
