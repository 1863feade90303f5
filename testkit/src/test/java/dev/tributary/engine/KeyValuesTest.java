package dev.tributary.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.admin.ResourceKind;
import dev.tributary.error.ConflictException;
import dev.tributary.error.OverloadedException;
import dev.tributary.kv.Change;
import dev.tributary.kv.KeyValueEntry;
import dev.tributary.kv.PutOptions;
import dev.tributary.spi.KeyValueTransport;
import dev.tributary.spi.Source;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class KeyValuesTest extends EngineFixture {
  private final KeyValueTransport stores = transport.keyValues().orElseThrow();
  private final Recorder<Change<byte[]>> seen =
      new Recorder<>(
          change -> change.kind() + " " + change.key() + (change.value() == null ? "" : "=" + text(change.value())) + " " + change.revision());

  @Override
  MemoryEngine build(MemoryEngine.Builder builder) {
    return builder.watchBuffer(3).build();
  }

  private long put(String key, String value) {
    return put(key, value, PutOptions.DEFAULT, OptionalLong.empty());
  }

  private long put(String key, String value, PutOptions options, OptionalLong expected) {
    return now(stores.put(name("kv"), key, bytes(value), options, expected, deadline)).orElseThrow();
  }

  private Optional<KeyValueEntry<byte[]>> get(String key) {
    return now(stores.entry(name("kv"), key, deadline));
  }

  private List<String> keys(String prefix) {
    return now(stores.keys(name("kv"), prefix, null, 100, deadline));
  }

  @Test
  void revisionsGrowWithEveryChangeOfTheStore() {
    assertThat(put("a", "1")).isEqualTo(1);
    assertThat(put("b", "1")).isEqualTo(2);
    now(stores.delete(name("kv"), "a", OptionalLong.empty(), deadline));
    now(stores.delete(name("kv"), "a", OptionalLong.empty(), deadline));
    assertThat(put("a", "2")).isEqualTo(4);
    KeyValueEntry<byte[]> entry = get("a").orElseThrow();
    assertThat(text(entry.value())).isEqualTo("2");
    assertThat(entry.revision()).isEqualTo(4);
    assertThat(entry.expiresAt()).isNull();
  }

  @Test
  void aKeyIsGoneExactlyWhenItsTtlEnds() {
    put("a", "1", PutOptions.ttl(Duration.ofSeconds(10)), OptionalLong.empty());
    assertThat(get("a").orElseThrow().expiresAt()).isEqualTo(time.now().plusSeconds(10));
    time.advance(Duration.ofSeconds(10).minusNanos(1));
    assertThat(now(stores.exists(name("kv"), "a", deadline))).isTrue();
    time.advance(Duration.ofNanos(1));
    assertThat(get("a")).isEmpty();
    assertThat(now(stores.exists(name("kv"), "a", deadline))).isFalse();
    assertThat(keys("")).isEmpty();
  }

  @Test
  void aTimerOfTheSameMomentSeesTheKeyGone() {
    boolean[] there = {true};
    time.schedule(Duration.ofSeconds(10), () -> there[0] = get("a").isPresent());
    put("a", "1", PutOptions.ttl(Duration.ofSeconds(10)), OptionalLong.empty());
    seconds(10);
    assertThat(there[0]).isFalse();
  }

  @Test
  void aPutEndsTheTtlBefore() {
    put("a", "1", PutOptions.ttl(Duration.ofSeconds(10)), OptionalLong.empty());
    put("a", "2");
    seconds(10);
    assertThat(get("a")).isPresent();
    assertThat(time.pendingTimers()).isZero();
  }

  @Test
  void compareAndSet() {
    OptionalLong absent = OptionalLong.of(KeyValueTransport.ABSENT);
    long first = put("a", "1", PutOptions.DEFAULT, absent);
    assertThat(error(stores.put(name("kv"), "a", bytes("2"), PutOptions.DEFAULT, absent, deadline)))
        .isInstanceOf(ConflictException.class);
    long second = put("a", "2", PutOptions.DEFAULT, OptionalLong.of(first));
    assertThat(error(stores.put(name("kv"), "a", bytes("3"), PutOptions.DEFAULT, OptionalLong.of(first), deadline)))
        .isInstanceOf(ConflictException.class);
    assertThat(error(stores.delete(name("kv"), "a", OptionalLong.of(first), deadline))).isInstanceOf(ConflictException.class);
    now(stores.delete(name("kv"), "a", OptionalLong.of(second), deadline));
    assertThat(error(stores.delete(name("kv"), "a", OptionalLong.of(second), deadline))).isInstanceOf(ConflictException.class);
    assertThat(error(stores.put(name("kv"), "a", bytes("3"), PutOptions.DEFAULT, OptionalLong.of(second), deadline)))
        .isInstanceOf(ConflictException.class);
    put("a", "4", PutOptions.ttl(Duration.ofSeconds(1)), absent);
    seconds(1);
    put("a", "5", PutOptions.DEFAULT, absent);
  }

  @Test
  void keysAscendByTheirBytesAndComeInPages() {
    String[] all = {"b", "a", "ab", "a\uFFFD", "a\uD83D\uDE00", "aé", "aZ"};
    for (String key : all) {
      put(key, "v");
    }
    List<String> byBytes =
        Arrays.stream(all)
            .filter(key -> key.startsWith("a"))
            .sorted((x, y) -> Arrays.compareUnsigned(x.getBytes(StandardCharsets.UTF_8), y.getBytes(StandardCharsets.UTF_8)))
            .toList();
    assertThat(keys("a")).isEqualTo(byBytes);
    List<String> first = now(stores.keys(name("kv"), "a", null, 2, deadline));
    List<String> rest = now(stores.keys(name("kv"), "a", first.get(1), 100, deadline));
    assertThat(first).isEqualTo(byBytes.subList(0, 2));
    assertThat(rest).isEqualTo(byBytes.subList(2, byBytes.size()));
    assertThat(now(stores.keys(name("kv"), "b", "a", 100, deadline))).containsExactly("b");
    assertThat(keys("c")).isEmpty();
  }

  @Test
  void aWatchSeesEveryChangeOfItsKeysOnDemand() {
    put("k/before", "0");
    Source watch = stores.watch(name("kv"), "k/", seen);
    watch.request(2);
    put("other", "x");
    put("k/a", "1", PutOptions.ttl(Duration.ofSeconds(5)), OptionalLong.empty());
    put("k/b", "2");
    now(stores.delete(name("kv"), "k/b", OptionalLong.empty(), deadline));
    assertThat(seen.news()).containsExactly("LIVE", "PUT k/a=1 3", "PUT k/b=2 4");
    seconds(5);
    watch.request(10);
    assertThat(seen.news()).containsExactly("DELETED k/b 5", "EXPIRED k/a 6");
    now(watch.close());
    put("k/c", "3");
    assertThat(seen.news()).containsExactly("end");
  }

  @Test
  void aWatchThatFallsTooFarBehindEnds() {
    Source watch = stores.watch(name("kv"), "", seen);
    for (int i = 0; i < 3; i++) {
      put("k" + i, "v");
    }
    assertThat(seen.news()).containsExactly("LIVE");
    put("k3", "v");
    assertThat(seen.news()).containsExactly("end OverloadedException");
    assertThat(seen.error).isInstanceOf(OverloadedException.class);
    watch.request(10);
    assertThat(seen.news()).isEmpty();
  }

  @Test
  void deletingTheStoreEndsItsWatchesAndTimers() {
    put("a", "1", PutOptions.ttl(MINUTE), OptionalLong.empty());
    stores.watch(name("kv"), "", seen);
    now(transport.admin().orElseThrow().delete(ResourceKind.KEY_VALUE, name("kv"), deadline));
    assertThat(seen.news()).containsExactly("LIVE", "end NotFoundException");
    assertThat(time.pendingTimers()).isZero();
    assertThat(get("a")).isEmpty();
  }
}
