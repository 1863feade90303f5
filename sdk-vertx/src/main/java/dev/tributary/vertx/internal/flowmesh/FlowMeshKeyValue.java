package dev.tributary.vertx.internal.flowmesh;

import dev.tributary.ResourceName;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.TributaryException;
import dev.tributary.kv.PutOptions;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.KeyValueTransport;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.flowmesh.proto.DeleteRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ExistsRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ExistsResponse;
import dev.tributary.vertx.internal.flowmesh.proto.FlowMeshMethods;
import dev.tributary.vertx.internal.flowmesh.proto.GetRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ListKeysRequest;
import dev.tributary.vertx.internal.flowmesh.proto.SetRequest;
import dev.tributary.vertx.internal.net.grpc.GrpcCaller;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Key-value stores of FlowMesh.
 *
 * <p>There, the end of a former ttl deletes a key although it was put again without one. Only a delete before the put forgets it. So a put
 * with a ttl always deletes first, for whoever refreshes a key has most likely put it with a ttl before; and a put without one does so if
 * this client remembers a ttl of that key. A key that another client gave a ttl, and this one puts without, is not known here: delete it
 * first, or keep to one of the two for each key. Between delete and put, readers see no such key.
 *
 * <p>Keys that expired in the last ten seconds may still be listed.
 */
final class FlowMeshKeyValue implements KeyValueTransport {
  private static final int REMEMBERED = 100_000;

  /** As the server orders keys: by the bytes of UTF-8, which is by code point. */
  private static final Comparator<String> ORDER = (a, b) -> Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray());

  private final GrpcCaller caller;
  private final TimeSource time;
  private final Set<ResourceName> known = ConcurrentHashMap.newKeySet();
  private final Map<String, Long> ttls =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > REMEMBERED;
        }
      };

  FlowMeshKeyValue(GrpcCaller caller, TimeSource time) {
    this.caller = caller;
    this.time = time;
  }

  @Override
  public CompletableFuture<OptionalLong> put(
      ResourceName store, String key, byte[] value, PutOptions options, OptionalLong expected, Deadline deadline) {
    SetRequest request =
        SetRequest.newBuilder()
            .setResourcePath(FlowMeshMapping.store(store))
            .setKey(key)
            .setValue(FlowMeshMapping.bytes(value))
            .setTtlSeconds(FlowMeshMapping.seconds(options.ttl()))
            .build();
    if (!hadTtl(store, key, options)) {
      return set(request, deadline);
    }
    return Steps.then(
        delete(store, key, OptionalLong.empty(), deadline),
        deleted -> {
          remember(store, key, options);
          return set(request, deadline);
        });
  }

  private CompletableFuture<OptionalLong> set(SetRequest request, Deadline deadline) {
    return caller.call(FlowMeshMethods.SET, request, deadline, set -> OptionalLong.empty());
  }

  private boolean hadTtl(ResourceName store, String key, PutOptions options) {
    if (options.ttl() != null) {
      return true;
    }
    synchronized (ttls) {
      if (ttls.isEmpty()) {
        return false;
      }
      Long end = ttls.get(store + "/" + key);
      return end != null && end - time.nanos() > 0;
    }
  }

  private void remember(ResourceName store, String key, PutOptions options) {
    String place = store + "/" + key;
    synchronized (ttls) {
      ttls.remove(place);
      if (options.ttl() != null) {
        // The reaper of the server comes round every ten seconds.
        ttls.put(place, time.nanos() + options.ttl().plusSeconds(20).toNanos());
      }
    }
  }

  @Override
  public CompletableFuture<Optional<byte[]>> get(ResourceName store, String key, Deadline deadline) {
    GetRequest request = GetRequest.newBuilder().setResourcePath(FlowMeshMapping.store(store)).setKey(key).build();
    CompletableFuture<Optional<byte[]>> call =
        caller.call(FlowMeshMethods.GET, request, deadline, answer -> Optional.of(answer.getValue().toByteArray()));
    return Steps.recover(call, error -> absent(store, error, deadline));
  }

  /** The status for a key that is not there is also that for a store that is not there. */
  private <T> CompletableFuture<Optional<T>> absent(ResourceName store, TributaryException error, Deadline deadline) {
    if (!(error instanceof NotFoundException)) {
      throw error;
    }
    if (known.contains(store)) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    ExistsRequest request = ExistsRequest.newBuilder().setResourcePath(FlowMeshMapping.store(store)).setKey("-").build();
    return caller.call(FlowMeshMethods.EXISTS, request, deadline, answer -> {
      if (known.size() < REMEMBERED) {
        known.add(store);
      }
      return Optional.empty();
    });
  }

  @Override
  public CompletableFuture<Void> delete(ResourceName store, String key, OptionalLong expected, Deadline deadline) {
    DeleteRequest request = DeleteRequest.newBuilder().setResourcePath(FlowMeshMapping.store(store)).setKey(key).build();
    return caller.call(
        FlowMeshMethods.DELETE,
        request,
        deadline,
        deleted -> {
          synchronized (ttls) {
            ttls.remove(store + "/" + key);
          }
          return null;
        });
  }

  @Override
  public CompletableFuture<Boolean> exists(ResourceName store, String key, Deadline deadline) {
    ExistsRequest request = ExistsRequest.newBuilder().setResourcePath(FlowMeshMapping.store(store)).setKey(key).build();
    return Steps.then(
        caller.call(FlowMeshMethods.EXISTS, request, deadline, ExistsResponse::getExists),
        // A key that expired exists until it is reaped; only a get looks at the time.
        exists ->
            exists
                ? Steps.map(get(store, key, deadline), Optional::isPresent)
                : CompletableFuture.completedFuture(false));
  }

  @Override
  public CompletableFuture<List<String>> keys(
      ResourceName store, String prefix, @Nullable String after, int limit, Deadline deadline) {
    ListKeysRequest request = ListKeysRequest.newBuilder().setResourcePath(FlowMeshMapping.store(store)).setPrefix(prefix).build();
    return caller.call(
        FlowMeshMethods.LIST_KEYS,
        request,
        deadline,
        answer ->
            answer.getKeysList().stream()
                .filter(key -> key.startsWith(prefix) && (after == null || ORDER.compare(key, after) > 0))
                .sorted(ORDER)
                .limit(limit)
                .toList());
  }
}
