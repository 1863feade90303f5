package dev.tributary.testkit.server.flowmesh;

import com.google.protobuf.ByteString;
import dev.tributary.ResourceName;
import dev.tributary.admin.ResourceKind;
import dev.tributary.kv.PutOptions;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.vertx.internal.flowmesh.proto.DeleteRequest;
import dev.tributary.vertx.internal.flowmesh.proto.DeleteResponse;
import dev.tributary.vertx.internal.flowmesh.proto.ExistsRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ExistsResponse;
import dev.tributary.vertx.internal.flowmesh.proto.GetRequest;
import dev.tributary.vertx.internal.flowmesh.proto.GetResponse;
import dev.tributary.vertx.internal.flowmesh.proto.ListKeysRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ListKeysResponse;
import dev.tributary.vertx.internal.flowmesh.proto.ResourcePath;
import dev.tributary.vertx.internal.flowmesh.proto.SetRequest;
import dev.tributary.vertx.internal.flowmesh.proto.SetResponse;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** KVService. */
final class KeyValueRpcs {
  private static final long MAX_TTL_SECONDS = 31_536_000;
  private static final int PAGE = 1000;

  private final Catalog catalog;

  KeyValueRpcs(Catalog catalog) {
    this.catalog = catalog;
  }

  CompletableFuture<SetResponse> set(SetRequest request, Deadline deadline) {
    Catalog.present(request.hasResourcePath());
    key(request.getKey());
    if (request.getValue().isEmpty()) {
      throw Rejection.invalid("value is required");
    }
    if (request.getTtlSeconds() > MAX_TTL_SECONDS) {
      throw Rejection.invalid("ttl_seconds must be at most " + MAX_TTL_SECONDS);
    }
    ResourceName store = store(request.getResourcePath());
    PutOptions options =
        request.getTtlSeconds() <= 0 ? PutOptions.DEFAULT : PutOptions.ttl(Duration.ofSeconds(request.getTtlSeconds()));
    return Steps.map(
        use(
            store,
            deadline,
            () ->
                catalog
                    .keyValues()
                    .put(store, request.getKey(), request.getValue().toByteArray(), options, OptionalLong.empty(), deadline)),
        revision -> SetResponse.newBuilder().setStatus(Wire.OK).build());
  }

  CompletableFuture<GetResponse> get(GetRequest request, Deadline deadline) {
    Catalog.present(request.hasResourcePath());
    key(request.getKey());
    ResourceName store = store(request.getResourcePath());
    return Steps.map(
        use(store, deadline, () -> catalog.keyValues().get(store, request.getKey(), deadline)),
        value ->
            GetResponse.newBuilder()
                .setStatus(Wire.OK)
                .setValue(ByteString.copyFrom(value.orElseThrow(() -> Rejection.notFound("key not found: " + request.getKey()))))
                .build());
  }

  CompletableFuture<DeleteResponse> delete(DeleteRequest request, Deadline deadline) {
    Catalog.present(request.hasResourcePath());
    key(request.getKey());
    ResourceName store = store(request.getResourcePath());
    return Steps.map(
        use(store, deadline, () -> catalog.keyValues().delete(store, request.getKey(), OptionalLong.empty(), deadline)),
        done -> DeleteResponse.newBuilder().setStatus(Wire.OK).build());
  }

  CompletableFuture<ExistsResponse> exists(ExistsRequest request, Deadline deadline) {
    Catalog.present(request.hasResourcePath());
    key(request.getKey());
    ResourceName store = store(request.getResourcePath());
    return Steps.map(
        use(store, deadline, () -> catalog.keyValues().exists(store, request.getKey(), deadline)),
        there -> ExistsResponse.newBuilder().setStatus(Wire.OK).setExists(there).build());
  }

  CompletableFuture<ListKeysResponse> listKeys(ListKeysRequest request, Deadline deadline) {
    Catalog.present(request.hasResourcePath());
    ResourceName store = store(request.getResourcePath());
    ListKeysResponse.Builder all = ListKeysResponse.newBuilder().setStatus(Wire.OK);
    return Steps.map(page(store, request.getPrefix(), null, all, deadline), complete -> complete.build());
  }

  /** The wire has no pages: all of them make one answer. */
  private CompletableFuture<ListKeysResponse.Builder> page(
      ResourceName store, String prefix, @Nullable String after, ListKeysResponse.Builder all, Deadline deadline) {
    return Steps.then(
        use(store, deadline, () -> catalog.keyValues().keys(store, prefix, after, PAGE, deadline)),
        keys -> {
          all.addAllKeys(keys);
          return keys.size() < PAGE
              ? CompletableFuture.completedFuture(all)
              : page(store, prefix, keys.get(keys.size() - 1), all, deadline);
        });
  }

  private static ResourceName store(ResourcePath path) {
    return Catalog.name(path, ResourceKind.KEY_VALUE);
  }

  private static void key(String key) {
    if (key.isEmpty()) {
      throw Rejection.invalid("key is required");
    }
  }

  private <T> CompletableFuture<T> use(ResourceName store, Deadline deadline, Supplier<CompletableFuture<T>> operation) {
    return catalog.use(ResourceKind.KEY_VALUE, store, deadline, operation);
  }
}
