package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.Capability;
import dev.tributary.KeyValueStore;
import dev.tributary.codec.Codecs;
import dev.tributary.error.ConflictException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.UndecodableException;
import dev.tributary.kv.Change;
import dev.tributary.kv.KeyValueEntry;
import dev.tributary.kv.PutOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What key-value stores do. */
public abstract class KeyValueContract extends Contract {
  private static final Duration TTL = Duration.ofSeconds(2);
  private static final Duration PAST_TTL = Duration.ofSeconds(3);

  @BeforeEach
  final void requireKeyValue() {
    requires(Capability.KEY_VALUE);
  }

  @Nested
  class Keys {
    @Test
    void whatIsPutIsGot() {
      KeyValueStore<String> store = store();
      get(store.put("k", "v"));
      assertThat(get(store.get("k"))).contains("v");
      assertThat(get(store.exists("k"))).isTrue();
    }

    @Test
    void whatWasNeverPutIsNotThere() {
      KeyValueStore<String> store = store();
      assertThat(get(store.get("k"))).isEmpty();
      assertThat(get(store.exists("k"))).isFalse();
    }

    @Test
    void aPutReplacesTheValue() {
      KeyValueStore<String> store = store();
      get(store.put("k", "one"));
      get(store.put("k", "two"));
      assertThat(get(store.get("k"))).contains("two");
    }

    @Test
    void aDeletedKeyIsGone() {
      KeyValueStore<String> store = store();
      get(store.put("k", "v"));
      get(store.delete("k"));
      get(store.delete("k"));
      assertThat(get(store.get("k"))).isEmpty();
      assertThat(get(store.exists("k"))).isFalse();
      assertThat(get(store.keys(""))).isEmpty();
    }

    @Test
    void anyBytesComeBack() {
      KeyValueStore<byte[]> store = client().keyValue(store().name().toString());
      byte[] all = new byte[512];
      for (int i = 0; i < all.length; i++) {
        all[i] = (byte) i;
      }
      get(store.put("k", all));
      assertThat(get(store.get("k")).orElseThrow()).isEqualTo(all);
    }

    @Test
    void anyTextIsAKey() {
      KeyValueStore<String> store = store();
      List<String> keys = List.of("a/b", "ü ≥", "user:1", " padded ", "%2F", "?q=1&x#y", "x".repeat(500));
      keys.forEach(key -> get(store.put(key, "value of " + key)));
      keys.forEach(key -> assertThat(get(store.get(key))).as(key).contains("value of " + key));
      assertThat(get(store.keys(""))).containsExactlyInAnyOrderElementsOf(keys);
    }

    @Test
    void aValueThatCannotBeDecodedIsTheErrorOfItsKey() {
      KeyValueStore<String> store = store();
      get(client().keyValue(store.name().toString()).put("k", NOT_TEXT));
      get(store.put("good", "v"));
      UndecodableException why = failure(UndecodableException.class, store.get("k"));
      assertThat(why.id()).contains("k");
      assertThat(why.bytes()).isEqualTo(NOT_TEXT);
      assertThat(why.resource()).isEqualTo(store.name().toString());
      assertThat(get(store.get("good"))).contains("v");
      assertThat(get(store.keys(""))).containsExactly("good", "k");
    }

    @Test
    void storesAreApart() {
      KeyValueStore<String> one = store();
      KeyValueStore<String> two = store();
      get(one.put("k", "one"));
      assertThat(get(two.get("k"))).isEmpty();
    }

    @Test
    void keysAreListedByPrefixInOrder() {
      KeyValueStore<String> store = store();
      List.of("user:2", "order:1", "user:10", "user:1", "usher").forEach(key -> get(store.put(key, "v")));
      assertThat(get(store.keys("user:"))).containsExactly("user:1", "user:10", "user:2");
      assertThat(get(store.keys(""))).containsExactly("order:1", "user:1", "user:10", "user:2", "usher");
      assertThat(get(store.keys("nobody"))).isEmpty();
    }

    @Test
    void keysAreListedInPages() {
      KeyValueStore<String> store = store();
      List<String> all = new ArrayList<>();
      for (int i = 100; i < 125; i++) {
        all.add("k" + i);
        get(store.put("k" + i, "v"));
      }
      get(store.put("other", "v"));
      List<String> paged = new ArrayList<>();
      String after = null;
      while (true) {
        List<String> page = get(store.keys("k", after, 10));
        if (page.isEmpty()) {
          break;
        }
        assertThat(page).hasSizeLessThanOrEqualTo(10);
        paged.addAll(page);
        after = page.get(page.size() - 1);
      }
      assertThat(paged).isEqualTo(all);
    }

    @Test
    void aStoreThatDoesNotExistIsNotFound() {
      requiresThatThingsMustBeCreated();
      KeyValueStore<String> nowhere = client().keyValue(fresh("nowhere"), Codecs.text());
      failure(NotFoundException.class, nowhere.put("k", "v"));
      failure(NotFoundException.class, nowhere.get("k"));
      failure(NotFoundException.class, nowhere.exists("k"));
      failure(NotFoundException.class, nowhere.keys(""));
    }
  }

  @Nested
  class Expiring {
    @Test
    void aKeyExpires() {
      requires(Capability.KEY_TTL);
      KeyValueStore<String> store = store();
      get(store.put("k", "v", PutOptions.ttl(TTL)));
      get(store.put("stays", "v"));
      assertThat(get(store.get("k"))).contains("v");
      pass(PAST_TTL);
      assertThat(get(store.exists("k"))).isFalse();
      assertThat(get(store.keys(""))).containsExactly("stays");
      assertThat(get(store.get("k"))).isEmpty();
    }

    @Test
    void aPutWithoutATtlEndsTheOneBefore() {
      requires(Capability.KEY_TTL);
      KeyValueStore<String> store = store();
      get(store.put("k", "one", PutOptions.ttl(TTL)));
      get(store.put("k", "two"));
      pass(PAST_TTL);
      assertThat(get(store.get("k"))).contains("two");
    }

    @Test
    void aLongerTtlReplacesAShorterOne() {
      requires(Capability.KEY_TTL);
      KeyValueStore<String> store = store();
      get(store.put("k", "one", PutOptions.ttl(TTL)));
      get(store.put("k", "two", PutOptions.ttl(Duration.ofMinutes(10))));
      pass(PAST_TTL);
      assertThat(get(store.get("k"))).contains("two");
    }

    @Test
    void anExpiredKeyCanBePutAgain() {
      requires(Capability.KEY_TTL);
      KeyValueStore<String> store = store();
      get(store.put("k", "one", PutOptions.ttl(TTL)));
      pass(PAST_TTL);
      get(store.put("k", "two"));
      pass(PAST_TTL);
      assertThat(get(store.get("k"))).contains("two");
    }
  }

  @Nested
  class Revisions {
    @BeforeEach
    void requireRevisions() {
      requires(Capability.KEY_REVISIONS);
    }

    @Test
    void anEntryHasARevisionThatGrows() {
      KeyValueStore<String> store = store();
      assertThat(get(store.entry("k"))).isEmpty();
      get(store.put("k", "one"));
      KeyValueEntry<String> one = get(store.entry("k")).orElseThrow();
      get(store.put("k", "two"));
      KeyValueEntry<String> two = get(store.entry("k")).orElseThrow();
      assertThat(one.key()).isEqualTo("k");
      assertThat(one.value()).isEqualTo("one");
      assertThat(one.expiresAt()).isNull();
      assertThat(two.value()).isEqualTo("two");
      assertThat(two.revision()).isGreaterThan(one.revision());
    }

    @Test
    void anEntryThatCannotBeDecodedHasItsRevision() {
      KeyValueStore<String> store = store();
      get(client().keyValue(store.name().toString()).put("k", NOT_TEXT));
      KeyValueEntry<String> entry = get(store.entry("k")).orElseThrow();
      UndecodableException why = checked(UndecodableException.class, entry.undecodable());
      assertThat(why.id()).contains("k");
      assertThat(why.bytes()).isEqualTo(NOT_TEXT);
      assertThatThrownBy(entry::value).isSameAs(why);
      get(store.replace("k", "mended", entry.revision()));
      assertThat(get(store.get("k"))).contains("mended");
    }

    @Test
    void anEntryKnowsWhenItExpires() {
      requires(Capability.KEY_TTL);
      KeyValueStore<String> store = store();
      get(store.put("k", "v", PutOptions.ttl(Duration.ofMinutes(1))));
      assertThat(get(store.entry("k")).orElseThrow().expiresAt())
          .isBetween(backend().time().now().plusSeconds(50), backend().time().now().plusSeconds(62));
    }

    @Test
    void onlyAKeyThatIsNotThereIsPutIfAbsent() {
      KeyValueStore<String> store = store();
      OptionalLong revision = get(store.putIfAbsent("k", "one"));
      assertThat(revision).hasValue(get(store.entry("k")).orElseThrow().revision());
      assertThat(get(store.putIfAbsent("k", "two"))).isEmpty();
      assertThat(get(store.get("k"))).contains("one");
      get(store.delete("k"));
      assertThat(get(store.putIfAbsent("k", "three"))).isPresent();
    }

    @Test
    void aPutSaysTheRevisionItMade() {
      KeyValueStore<String> store = store();
      long first = get(store.put("k", "one")).orElseThrow();
      long second = get(store.put("k", "two")).orElseThrow();
      assertThat(second).isGreaterThan(first);
      assertThat(get(store.entry("k")).orElseThrow().revision()).isEqualTo(second);
    }

    @Test
    void whatIsReplacedMayExpire() {
      requires(Capability.KEY_TTL);
      KeyValueStore<String> store = store();
      long first = get(store.put("k", "one", PutOptions.ttl(TTL))).orElseThrow();
      long second = get(store.replace("k", "two", first));
      pass(PAST_TTL);
      assertThat(get(store.get("k"))).as("without a ttl it stays").contains("two");
      get(store.replace("k", "three", second, PutOptions.ttl(TTL)));
      pass(PAST_TTL);
      assertThat(get(store.get("k"))).isEmpty();
    }

    @Test
    void aKeyIsDeletedOnlyAtItsRevision() {
      KeyValueStore<String> store = store();
      long first = get(store.put("k", "one")).orElseThrow();
      long second = get(store.put("k", "two")).orElseThrow();
      failure(ConflictException.class, store.delete("k", first));
      assertThat(get(store.get("k"))).contains("two");
      get(store.delete("k", second));
      assertThat(get(store.get("k"))).isEmpty();
      failure(ConflictException.class, store.delete("k", second));
    }

    @Test
    void aKeyIsReplacedOnlyAtItsRevision() {
      KeyValueStore<String> store = store();
      get(store.put("k", "one"));
      long revision = get(store.entry("k")).orElseThrow().revision();
      long next = get(store.replace("k", "two", revision));
      assertThat(next).isGreaterThan(revision);
      failure(ConflictException.class, store.replace("k", "late", revision));
      assertThat(get(store.get("k"))).contains("two");
      assertThat(get(store.entry("k")).orElseThrow().revision()).isEqualTo(next);
    }

    @Test
    void aKeyThatIsNotThereIsNotReplaced() {
      KeyValueStore<String> store = store();
      failure(ConflictException.class, store.replace("k", "v", 1));
      assertThat(get(store.get("k"))).isEmpty();
    }

    @Test
    void ofTwoThatReplaceAtOnceOneWins() {
      KeyValueStore<String> store = store();
      get(store.put("k", "0"));
      long revision = get(store.entry("k")).orElseThrow().revision();
      var attempts = numbered("v", 0, 10).stream().map(value -> store.replace("k", value, revision)).toList();
      attempts.forEach(attempt -> await("an answer", attempt::isDone));
      assertThat(attempts.stream().filter(attempt -> !attempt.isCompletedExceptionally())).hasSize(1);
    }
  }

  @Nested
  class Watching {
    @BeforeEach
    void requireWatch() {
      requires(Capability.KEY_WATCH);
    }

    @Test
    void aWatchSeesChangesOfItsPrefixInOrder() {
      KeyValueStore<String> store = store();
      Probe<Change<String>> probe = watch(store, "a/");
      get(store.put("a/1", "one"));
      get(store.put("b/1", "other"));
      get(store.put("a/1", "two"));
      get(store.delete("a/1"));
      await("three changes", () -> probe.count() == 3);
      assertThat(probe.items())
          .extracting(Change::kind)
          .containsExactly(Change.Kind.PUT, Change.Kind.PUT, Change.Kind.DELETED);
      assertThat(probe.items()).extracting(Change::value).containsExactly("one", "two", null);
      assertThat(probe.items()).extracting(Change::key).containsOnly("a/1");
      assertThat(probe.items()).extracting(Change::revision).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void aWatchGoesOnBehindWhatCannotBeDecoded() {
      KeyValueStore<String> store = store();
      Probe<Change<String>> probe = watch(store, "");
      get(client().keyValue(store.name().toString()).put("k", NOT_TEXT));
      get(store.put("k", "good"));
      await("two changes", () -> probe.count() == 2);
      Change<String> bad = probe.items().get(0);
      assertThat(checked(UndecodableException.class, bad.undecodable()).bytes()).isEqualTo(NOT_TEXT);
      assertThatThrownBy(bad::value).isSameAs(bad.undecodable());
      assertThat(probe.items().get(1).value()).isEqualTo("good");
    }

    @Test
    void aWatchSeesKeysExpire() {
      requires(Capability.KEY_TTL);
      KeyValueStore<String> store = store();
      Probe<Change<String>> probe = watch(store, "");
      get(store.put("k", "v", PutOptions.ttl(TTL)));
      pass(PAST_TTL);
      await("the expiry", () -> probe.count() == 2);
      assertThat(probe.items()).extracting(Change::kind).containsExactly(Change.Kind.PUT, Change.Kind.EXPIRED);
    }

    @Test
    void aCancelledWatchSeesNothing() {
      KeyValueStore<String> store = store();
      Probe<Change<String>> probe = watch(store, "");
      Probe<Change<String>> other = watch(store, "");
      probe.cancel();
      get(store.put("k", "v"));
      await("the other watch", () -> other.count() == 1);
      assertThat(probe.count()).isZero();
    }

    /** A watch that has begun: what is put from now on it sees. */
    private Probe<Change<String>> watch(KeyValueStore<String> store, String prefix) {
      String marker = prefix + "begun";
      Probe<Change<String>> probe = Probe.ignoring(store.watch(prefix), change -> change.key().equals(marker));
      await(
          "the watch to begin",
          () -> {
            get(store.put(marker, "begun"));
            return probe.ignored() > 0;
          });
      return probe;
    }
  }
}
