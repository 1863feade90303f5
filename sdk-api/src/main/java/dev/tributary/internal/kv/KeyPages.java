package dev.tributary.internal.kv;

import dev.tributary.ResourceName;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.OverloadedException;
import dev.tributary.internal.Chain;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.KeyValueTransport;
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
    Walk walk = new Walk(deadline);
    walk.go();
    return walk;
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

  private final class Walk extends Chain<List<String>> {
    private final Deadline deadline;

    Walk(Deadline deadline) {
      this.deadline = deadline;
    }

    /** A loop and not a recursion: a transport may complete at once. */
    void go() {
      while (!isDone()) {
        String after = keys.isEmpty() ? null : keys.get(keys.size() - 1);
        CompletableFuture<List<String>> answer = underWay(transport.keys(store, prefix, after, page, deadline));
        if (!answer.isDone()) {
          answer.whenComplete(
              (more, error) -> {
                if (take(more, error)) {
                  go();
                }
              });
          return;
        }
        boolean goOn = answer.handle(this::take).join();
        if (!goOn) {
          return;
        }
      }
    }

    private boolean take(@Nullable List<String> more, @Nullable Throwable error) {
      if (more == null) {
        completeExceptionally(Objects.requireNonNull(error));
      } else if (!isDone() && last(more)) {
        complete(List.copyOf(keys));
      }
      return !isDone();
    }
  }
}
