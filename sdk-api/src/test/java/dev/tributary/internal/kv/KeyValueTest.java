package dev.tributary.internal.kv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.KeyValueStore;
import dev.tributary.ResourceName;
import dev.tributary.codec.Codecs;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.OverloadedException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.internal.FakeTransport;
import dev.tributary.kv.Change;
import dev.tributary.kv.KeyValueEntry;
import dev.tributary.kv.PutOptions;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.KeyValueTransport;
import dev.tributary.spi.Source;
import dev.tributary.spi.SourceObserver;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Flow;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KeyValueTest {
  private final FakeTransport transport = new FakeTransport();
  private final TreeMap<String, KeyValueEntry<byte[]>> stored = new TreeMap<>();
  private final List<PutOptions> puts = new ArrayList<>();
  private final ArrayDeque<RuntimeException> faults = new ArrayDeque<>();
  private SourceObserver<Change<byte[]>> watcher;
  private int asked;

  /** Entries in a map. */
  private final class Store implements KeyValueTransport {
    private <R> CompletableFuture<R> answer(java.util.function.Supplier<R> work) {
      asked++;
      RuntimeException fault = faults.poll();
      if (fault != null) {
        return CompletableFuture.failedFuture(fault);
      }
      try {
        return CompletableFuture.completedFuture(work.get());
      } catch (RuntimeException thrown) {
        return CompletableFuture.failedFuture(thrown);
      }
    }

    @Override
    public CompletableFuture<OptionalLong> put(
        ResourceName store, String key, byte[] value, PutOptions options, OptionalLong expected, Deadline deadline) {
      return answer(
          () -> {
            puts.add(options);
            long has = require(key, expected);
            stored.put(key, new KeyValueEntry<>(key, value, has + 1, null));
            return OptionalLong.of(has + 1);
          });
    }

    private long require(String key, OptionalLong expected) {
      long has = stored.containsKey(key) ? stored.get(key).revision() : ABSENT;
      if (expected.isPresent() && expected.getAsLong() != has) {
        throw new ConflictException(ErrorInfo.of("it has " + has, ""));
      }
      return has;
    }

    @Override
    public CompletableFuture<Optional<byte[]>> get(ResourceName store, String key, Deadline deadline) {
      return answer(() -> Optional.ofNullable(stored.get(key)).map(KeyValueEntry::value));
    }

    @Override
    public CompletableFuture<Optional<KeyValueEntry<byte[]>>> entry(ResourceName store, String key, Deadline deadline) {
      return answer(() -> Optional.ofNullable(stored.get(key)));
    }

    @Override
    public CompletableFuture<Void> delete(ResourceName store, String key, OptionalLong expected, Deadline deadline) {
      return answer(
          () -> {
            require(key, expected);
            stored.remove(key);
            return null;
          });
    }

    @Override
    public CompletableFuture<Boolean> exists(ResourceName store, String key, Deadline deadline) {
      return answer(() -> stored.containsKey(key));
    }

    @Override
    public CompletableFuture<List<String>> keys(ResourceName store, String prefix, String after, int limit, Deadline deadline) {
      return answer(
          () ->
              (after == null ? stored : stored.tailMap(after, false))
                  .keySet().stream().filter(key -> key.startsWith(prefix)).limit(limit).toList());
    }

    @Override
    public Source watch(ResourceName store, String prefix, SourceObserver<Change<byte[]>> observer) {
      watcher = observer;
      return new Source() {
        @Override
        public void request(long n) {}

        @Override
        public CompletableFuture<Void> close() {
          observer.onEnd(null);
          return CompletableFuture.completedFuture(null);
        }
      };
    }
  }

  private KeyValueStore<String> store() {
    transport.keyValues = new Store();
    return transport.client().keyValue("kv", Codecs.text());
  }

  private static Throwable failure(CompletableFuture<?> future) {
    assertThat(future).isCompletedExceptionally();
    return future.handle((value, error) -> error instanceof CompletionException c ? c.getCause() : error).join();
  }

  private static ConnectionFailedException broken(boolean maybeApplied) {
    return new ConnectionFailedException(ErrorInfo.of("broken", "").maybeApplied(maybeApplied));
  }

  @Test
  void putsGetsAndDeletes() {
    KeyValueStore<String> store = store();
    store.put("a", "1").join();
    assertThat(store.get("a").join()).hasValue("1");
    assertThat(store.exists("a").join()).isTrue();
    assertThat(store.entry("a").join()).map(KeyValueEntry::revision).hasValue(1L);
    store.delete("a").join();
    assertThat(store.get("a").join()).isEmpty();
    assertThat(store.entry("a").join()).isEmpty();
  }

  @Test
  void comparesAndSets() {
    KeyValueStore<String> store = store();
    assertThat(store.putIfAbsent("a", "1").join()).hasValue(1);
    assertThat(store.putIfAbsent("a", "2").join()).isEmpty();
    assertThat(store.replace("a", "3", 1).join()).isEqualTo(2);
    assertThat(failure(store.replace("a", "4", 1))).isInstanceOf(ConflictException.class);
    assertThat(store.get("a").join()).hasValue("3");
    assertThat(store.put("a", "5").join()).hasValue(3);
    assertThat(failure(store.delete("a", 2))).isInstanceOf(ConflictException.class);
    store.delete("a", 3).join();
    assertThat(store.exists("a").join()).isFalse();
  }

  @Test
  void ttlsAreRoundedUp() {
    store().put("a", "1", PutOptions.ttl(Duration.ofMillis(1_001))).join();
    assertThat(puts).extracting(PutOptions::ttl).containsExactly(Duration.ofSeconds(2));
    store().replace("a", "1", 1, PutOptions.ttl(Duration.ofMillis(2_001))).join();
    assertThat(puts).last().isEqualTo(PutOptions.ttl(Duration.ofSeconds(3)));
  }

  @Test
  void whatCannotBeRightIsRefused() {
    KeyValueStore<String> store = store();
    for (CompletableFuture<?> call :
        List.of(
            store.put("", "1"),
            store.put(null, "1"),
            store.put("a", null),
            store.put("a", ""),
            store.put("a", "1", null),
            store.put("a", "1", PutOptions.ttl(Duration.ofMillis(999))),
            store.put("a", "1", PutOptions.ttl(Duration.ofDays(2))),
            store.get(""),
            store.entry(null),
            store.putIfAbsent("", "1", PutOptions.DEFAULT),
            store.replace("a", "1", 0),
            store.replace("a", "1", 1, null),
            store.delete("a", 0),
            store.delete(""),
            store.exists(""),
            store.keys(null),
            store.keys("", null, 0))) {
      assertThat(failure(call)).isInstanceOf(InvalidRequestException.class);
    }
    assertThat(failure(store.put("a", "x".repeat(2_000)))).isInstanceOf(PayloadTooLargeException.class);
    assertThat(asked).isZero();
  }

  @Test
  void lackingCapabilitiesAreSaid() {
    transport.capabilities.removeAll(List.of(Capability.KEY_TTL, Capability.KEY_REVISIONS));
    KeyValueStore<String> store = store();
    for (CompletableFuture<?> call :
        List.of(
            store.put("a", "1", PutOptions.ttl(Duration.ofSeconds(1))),
            store.entry("a"),
            store.putIfAbsent("a", "1", PutOptions.DEFAULT),
            store.replace("a", "1", 1),
            store.delete("a", 1))) {
      assertThat(failure(call)).isInstanceOf(UnsupportedFeatureException.class);
    }
    assertThat(asked).isZero();
    store.put("a", "1").join();
    assertThat(store.get("a").join()).hasValue("1");
  }

  @Test
  void putsAreRetriedCompareAndSetOnlyIfNotApplied() {
    KeyValueStore<String> store = store();
    faults.add(broken(true));
    CompletableFuture<OptionalLong> put = store.put("a", "1");
    transport.time.advance(Duration.ofSeconds(1));
    assertThat(put).isCompleted();
    faults.add(broken(true));
    assertThat(failure(store.replace("a", "2", 1))).isInstanceOf(ConnectionFailedException.class);
    faults.add(broken(true));
    assertThat(failure(store.delete("a", 1))).isInstanceOf(ConnectionFailedException.class);
    faults.add(broken(true));
    assertThat(failure(store.putIfAbsent("b", "2", PutOptions.DEFAULT))).isInstanceOf(ConnectionFailedException.class);
  }

  private void fill(int count) {
    IntStream.range(0, count).forEach(i -> stored.put("k%06d".formatted(i), new KeyValueEntry<>("", new byte[1], 1, null)));
  }

  @Test
  void allKeysComePageByPage() {
    fill(250);
    stored.put("other", new KeyValueEntry<>("", new byte[1], 1, null));
    assertThat(store().keys("k").join()).hasSize(250).isSorted();
    assertThat(asked).as("pages of what one call may ask for").isEqualTo(3);
    assertThat(store().keys("k", "k000100", 2).join()).containsExactly("k000101", "k000102");
  }

  @Test
  void aFaultBetweenPagesLosesNoneAndRepeatsNone() {
    fill(250);
    KeyValueStore<String> store = store();
    faults.add(broken(true));
    faults.add(broken(true));
    CompletableFuture<List<String>> keys = store.keys("");
    transport.time.advance(Duration.ofSeconds(1));
    assertThat(keys.join()).hasSize(250).doesNotHaveDuplicates();
  }

  @Test
  void tooManyKeysAreRefused() {
    fill(100_000);
    assertThat(store().keys("").join()).hasSize(100_000);
    fill(100_001);
    assertThat(failure(store().keys(""))).isInstanceOf(OverloadedException.class);
  }

  @Test
  void watches() {
    List<Object> seen = new ArrayList<>();
    subscribe(store(), seen);
    watcher.onItem(new Change<>(Change.Kind.PUT, "a", "1".getBytes(StandardCharsets.UTF_8), 7));
    watcher.onItem(new Change<>(Change.Kind.DELETED, "a", null, 8));
    assertThat(seen).containsExactly(new Change<>(Change.Kind.PUT, "a", "1", 7), new Change<>(Change.Kind.DELETED, "a", null, 8));
  }

  @Test
  void watchingNeedsItsCapability() {
    transport.capabilities.remove(Capability.KEY_WATCH);
    List<Object> seen = new ArrayList<>();
    subscribe(store(), seen);
    assertThat(seen).singleElement().isInstanceOf(UnsupportedFeatureException.class);
    assertThat(watcher).isNull();
  }

  private static void subscribe(KeyValueStore<String> store, List<Object> seen) {
    store
        .watch("")
        .subscribe(
            new Flow.Subscriber<>() {
              @Override
              public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(10);
              }

              @Override
              public void onNext(Change<String> change) {
                seen.add(change);
              }

              @Override
              public void onError(Throwable error) {
                seen.add(error);
              }

              @Override
              public void onComplete() {
                seen.add("complete");
              }
            });
  }
}
