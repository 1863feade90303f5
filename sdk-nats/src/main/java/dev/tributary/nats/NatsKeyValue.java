package dev.tributary.nats;

import dev.tributary.ResourceName;
import dev.tributary.error.ConflictException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.TributaryException;
import dev.tributary.kv.Change;
import dev.tributary.kv.KeyValueEntry;
import dev.tributary.kv.PutOptions;
import dev.tributary.nats.client.NatsCaller;
import dev.tributary.nats.client.Snapshot;
import dev.tributary.nats.wire.Answers;
import dev.tributary.nats.wire.Entry;
import dev.tributary.nats.wire.Requests;
import dev.tributary.nats.wire.Tokens;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.KeyValueTransport;
import dev.tributary.spi.Source;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.Steps;
import io.nats.client.impl.Headers;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Key-value stores: buckets as other clients of NATS make and read them. A revision is a sequence; reads are answered by the leader. */
final class NatsKeyValue implements KeyValueTransport {
  /** So long a marker says that a key was there: it must outlast the pauses of those who watch. */
  static final Duration MARKERS = Duration.ofMinutes(5);

  private static final byte[] NOTHING = new byte[0];

  /** By code point, which is how the bytes of UTF-8 are ordered. */
  private static final Comparator<String> ORDER = (a, b) -> Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray());

  private final NatsCaller caller;
  private final NatsMapping mapping;
  private final Set<NatsWatch> watches = ConcurrentHashMap.newKeySet();

  NatsKeyValue(NatsCaller caller, NatsMapping mapping) {
    this.caller = caller;
    this.mapping = mapping;
  }

  private String bucket(ResourceName store) {
    return bucket(mapping, store);
  }

  /** The bucket of a store; what the groups need is nobody's. */
  static String bucket(NatsMapping mapping, ResourceName store) {
    String flat = mapping.flat(store);
    if (flat.equals(Groups.BUCKET)) {
      throw InvalidRequestException.of("the name " + flat + " is the driver's own", "Use another");
    }
    return flat;
  }

  private static String log(String bucket) {
    return "KV_" + bucket;
  }

  private static String subject(String bucket, String key) {
    return "$KV." + bucket + "." + Tokens.key(key);
  }

  @Override
  public CompletableFuture<OptionalLong> put(
      ResourceName store, String key, byte[] value, PutOptions options, OptionalLong expected, Deadline deadline) {
    String bucket = bucket(store);
    CompletableFuture<OptionalLong> put = put(bucket, key, value, options, expected, deadline);
    return expected.orElse(-1) != ABSENT
        ? put
        : Steps.recover(
            put,
            ConflictException.class,
            there ->
                // What was deleted or expired left a marker, which is absence too.
                Steps.then(
                    last(bucket, key, deadline),
                    found ->
                        found.isPresent() && gone(found.get())
                            ? put(bucket, key, value, options, OptionalLong.of(found.get().seq()), deadline)
                            : CompletableFuture.failedFuture(there)));
  }

  private CompletableFuture<OptionalLong> put(
      String bucket, String key, byte[] value, PutOptions options, OptionalLong expected, Deadline deadline) {
    Headers headers = new Headers();
    if (options.ttl() != null) {
      headers.put(NatsMapping.TTL, NatsMapping.seconds(options.ttl()));
    }
    expected.ifPresent(revision -> headers.put(NatsMapping.EXPECTED, Long.toString(revision)));
    return Steps.map(
        caller.store(log(bucket), subject(bucket, key), headers.isEmpty() ? null : headers, value, deadline),
        stored -> OptionalLong.of(stored.seq()));
  }

  private CompletableFuture<Optional<Entry>> last(String bucket, String key, Deadline deadline) {
    return Logs.get(caller, log(bucket), Requests.Get.last(subject(bucket, key)), deadline);
  }

  static boolean gone(Entry entry) {
    return entry.header("KV-Operation") != null || entry.header("Nats-Marker-Reason") != null;
  }

  private CompletableFuture<Optional<Entry>> there(ResourceName store, String key, Deadline deadline) {
    return Steps.map(last(bucket(store), key, deadline), found -> found.filter(entry -> !gone(entry)));
  }

  @Override
  public CompletableFuture<Optional<byte[]>> get(ResourceName store, String key, Deadline deadline) {
    return Steps.map(there(store, key, deadline), found -> found.map(Entry::data));
  }

  @Override
  public CompletableFuture<Optional<KeyValueEntry<byte[]>>> entry(ResourceName store, String key, Deadline deadline) {
    return Steps.map(there(store, key, deadline), found -> found.map(entry -> entry(key, entry)));
  }

  private static KeyValueEntry<byte[]> entry(String key, Entry entry) {
    Duration ttl = NatsMapping.ttl(entry.header(NatsMapping.TTL));
    return new KeyValueEntry<>(key, entry.data(), entry.seq(), ttl == null ? null : entry.time().plus(ttl));
  }

  @Override
  public CompletableFuture<Boolean> exists(ResourceName store, String key, Deadline deadline) {
    return Steps.map(there(store, key, deadline), Optional::isPresent);
  }

  @Override
  public CompletableFuture<Void> delete(ResourceName store, String key, OptionalLong expected, Deadline deadline) {
    String bucket = bucket(store);
    return expected.isPresent()
        ? delete(bucket, key, expected.getAsLong(), deadline)
        : Steps.then(
            there(store, key, deadline),
            found ->
                found.isEmpty()
                    ? CompletableFuture.completedFuture(null)
                    : Steps.recover(
                        delete(bucket, key, found.get().seq(), deadline), ConflictException.class, changed -> delete(store, key, expected, deadline)));
  }

  /** Leaves a marker that goes by itself, without a word; of any other kind the server would tell as if the key had expired. */
  private CompletableFuture<Void> delete(String bucket, String key, long revision, Deadline deadline) {
    Headers headers =
        new Headers()
            .put("KV-Operation", "PURGE")
            .put("Nats-Rollup", "sub")
            .put(NatsMapping.TTL, NatsMapping.seconds(MARKERS))
            .put(NatsMapping.EXPECTED, Long.toString(revision));
    return Steps.map(caller.store(log(bucket), subject(bucket, key), headers, NOTHING, deadline), (Answers.Stored done) -> null);
  }

  @Override
  public CompletableFuture<List<String>> keys(ResourceName store, String prefix, @Nullable String after, int limit, Deadline deadline) {
    String bucket = bucket(store);
    String subjects = "$KV." + bucket + ".";
    return Steps.map(
        Snapshot.of(caller, log(bucket), subjects + ">", true, deadline),
        entries ->
            entries.stream()
                .filter(entry -> !gone(entry))
                .map(entry -> Tokens.text(entry.subject().substring(subjects.length())))
                .filter(key -> key.startsWith(prefix) && (after == null || ORDER.compare(key, after) > 0))
                .sorted(ORDER)
                .limit(limit)
                .toList());
  }

  @Override
  public Source watch(ResourceName store, String prefix, SourceObserver<Change<byte[]>> observer) {
    NatsWatch watch = new NatsWatch(caller, bucket(store), prefix, observer, watches::remove);
    watches.add(watch);
    watch.start();
    return watch;
  }

  /** Ends every watch because of this. */
  CompletableFuture<Void> closeSources(TributaryException reason) {
    return CompletableFuture.allOf(watches.stream().map(watch -> watch.close(reason)).toArray(CompletableFuture[]::new));
  }
}
