package dev.tributary.testkit.server.flowmesh;

import com.google.protobuf.ByteString;
import dev.tributary.ResourceName;
import dev.tributary.admin.ResourceKind;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.SchemaRejectedException;
import dev.tributary.schema.SchemaFormat;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.vertx.internal.flowmesh.proto.DeleteSchemaRequest;
import dev.tributary.vertx.internal.flowmesh.proto.DeleteSchemaResponse;
import dev.tributary.vertx.internal.flowmesh.proto.GetSchemaRequest;
import dev.tributary.vertx.internal.flowmesh.proto.GetSchemaResponse;
import dev.tributary.vertx.internal.flowmesh.proto.ListSchemasRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ListSchemasResponse;
import dev.tributary.vertx.internal.flowmesh.proto.RegisterSchemaRequest;
import dev.tributary.vertx.internal.flowmesh.proto.RegisterSchemaResponse;
import dev.tributary.vertx.internal.flowmesh.proto.Schema;
import dev.tributary.vertx.internal.flowmesh.proto.SetResourceSchemaRequest;
import dev.tributary.vertx.internal.flowmesh.proto.SetResourceSchemaResponse;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * SchemaService. The wire's registry is flat in a tenant: an id {@code namespace/name} is that subject, any other is one of the
 * namespace {@code default}. Versions count up from 1, as in the SPI, and are not used twice, even after they are deleted; a
 * request with another version than the next, which the public server takes, is INVALID_ARGUMENT.
 */
final class SchemaRpcs {
  private static final String NAMESPACE = "default";

  private final Catalog catalog;
  /** The last versions that were given, which are not given again when they are deleted. */
  private final Map<ResourceName, Integer> last = new ConcurrentHashMap<>();

  SchemaRpcs(Catalog catalog) {
    this.catalog = catalog;
  }

  CompletableFuture<RegisterSchemaResponse> registerSchema(RegisterSchemaRequest request, Deadline deadline) {
    required("tenant", request.getTenant());
    required("schema_id", request.getSchemaId());
    required("schema_type", request.getSchemaType());
    if (request.getVersion() < 1) {
      throw Rejection.invalid("version must be at least 1");
    }
    if (request.getDefinition().isEmpty()) {
      throw Rejection.invalid("definition is required");
    }
    ResourceName subject = subject(request.getTenant(), request.getSchemaId());
    SchemaFormat format = format(request.getSchemaType());
    return Steps.then(
        versions(subject, deadline),
        versions -> {
          int next = Math.max(last.getOrDefault(subject, 0), versions.isEmpty() ? 0 : versions.get(versions.size() - 1).version()) + 1;
          if (has(versions, request.getVersion())) {
            throw exists(request, request.getVersion());
          } else if (request.getVersion() != next) {
            throw notNext(request, next);
          }
          return Steps.translate(
              Steps.then(
                  catalog.schemas().register(subject, format, request.getDefinition().toStringUtf8(), deadline),
                  registered -> registered(request, subject, versions, registered, deadline)),
              SchemaRejectedException.class,
              error -> Rejection.invalid("invalid schema: " + error.getMessage()));
        });
  }

  /** The version may be one that was there, as the definition is, or a later one than was asked for, as others were deleted. */
  private CompletableFuture<RegisterSchemaResponse> registered(
      RegisterSchemaRequest request,
      ResourceName subject,
      List<dev.tributary.schema.Schema> before,
      dev.tributary.schema.Schema registered,
      Deadline deadline) {
    int version = registered.version();
    last.merge(subject, version, Math::max);
    if (version == request.getVersion()) {
      return CompletableFuture.completedFuture(RegisterSchemaResponse.newBuilder().setStatus(Wire.OK).build());
    } else if (has(before, version)) {
      throw exists(request, version);
    }
    return Steps.map(
        catalog.schemas().delete(subject, version, deadline),
        undone -> {
          throw notNext(request, version + 1);
        });
  }

  private static boolean has(List<dev.tributary.schema.Schema> versions, int version) {
    return versions.stream().anyMatch(known -> known.version() == version);
  }

  private static Rejection exists(RegisterSchemaRequest request, int version) {
    return Rejection.internal("schema " + request.getSchemaId() + " version " + version + " already exists");
  }

  private static Rejection notNext(RegisterSchemaRequest request, int next) {
    return Rejection.invalid("the next version of schema " + request.getSchemaId() + " is " + next);
  }

  CompletableFuture<GetSchemaResponse> getSchema(GetSchemaRequest request, Deadline deadline) {
    required("tenant", request.getTenant());
    required("schema_id", request.getSchemaId());
    ResourceName subject = subject(request.getTenant(), request.getSchemaId());
    return Steps.map(
        catalog.schemas().get(subject, version(request.getVersion()), deadline),
        schema -> GetSchemaResponse.newBuilder().setStatus(Wire.OK).setSchema(schema(request.getSchemaId(), schema)).build());
  }

  CompletableFuture<ListSchemasResponse> listSchemas(ListSchemasRequest request, Deadline deadline) {
    required("tenant", request.getTenant());
    ListSchemasResponse.Builder listed = ListSchemasResponse.newBuilder().setStatus(Wire.OK);
    CompletableFuture<List<String>> ids =
        request.getSchemaId().isEmpty()
            ? Steps.map(catalog.schemas().subjects(deadline), subjects -> ids(request.getTenant(), subjects))
            : CompletableFuture.completedFuture(List.of(request.getSchemaId()));
    return Steps.then(ids, wanted -> list(request.getTenant(), wanted, 0, listed, deadline));
  }

  private CompletableFuture<ListSchemasResponse> list(
      String tenant, List<String> ids, int at, ListSchemasResponse.Builder listed, Deadline deadline) {
    if (at == ids.size()) {
      return CompletableFuture.completedFuture(listed.build());
    }
    String id = ids.get(at);
    return Steps.then(
        versions(subject(tenant, id), deadline),
        versions -> {
          versions.forEach(version -> listed.addSchemas(schema(id, version)));
          return list(tenant, ids, at + 1, listed, deadline);
        });
  }

  private CompletableFuture<List<dev.tributary.schema.Schema>> versions(ResourceName subject, Deadline deadline) {
    return Steps.recover(catalog.schemas().versions(subject, deadline), NotFoundException.class, none -> CompletableFuture.completedFuture(List.of()));
  }

  CompletableFuture<DeleteSchemaResponse> deleteSchema(DeleteSchemaRequest request, Deadline deadline) {
    required("tenant", request.getTenant());
    required("schema_id", request.getSchemaId());
    if (request.getVersion() < 1) {
      throw Rejection.invalid("version must be at least 1");
    }
    return Steps.map(
        catalog.schemas().delete(subject(request.getTenant(), request.getSchemaId()), request.getVersion(), deadline),
        done -> DeleteSchemaResponse.newBuilder().setStatus(Wire.OK).build());
  }

  CompletableFuture<SetResourceSchemaResponse> setResourceSchema(SetResourceSchemaRequest request, Deadline deadline) {
    Catalog.present(request.hasResourcePath());
    required("schema_id", request.getSchemaId());
    ResourceName resource = Catalog.name(request.getResourcePath());
    ResourceKind kind =
        switch (request.getResourcePath().getResourceType()) {
          case "stream" -> ResourceKind.STREAM;
          case "queue" -> ResourceKind.QUEUE;
          default -> throw Rejection.invalid("schemas are for streams and queues");
        };
    ResourceName subject = subject(resource.tenant(), request.getSchemaId());
    return Steps.then(
        pinned(subject, request.getVersion(), deadline),
        version ->
            Steps.map(
                catalog.use(
                    kind,
                    resource,
                    deadline,
                    () -> catalog.schemas().attach(kind, resource, subject, OptionalInt.of(version), deadline)),
                done -> SetResourceSchemaResponse.newBuilder().setStatus(Wire.OK).build()));
  }

  /** No version means the one that is the latest now. */
  private CompletableFuture<Integer> pinned(ResourceName subject, int version, Deadline deadline) {
    return version > 0
        ? CompletableFuture.completedFuture(version)
        : Steps.map(catalog.schemas().get(subject, OptionalInt.empty(), deadline), dev.tributary.schema.Schema::version);
  }

  private static OptionalInt version(int version) {
    return version <= 0 ? OptionalInt.empty() : OptionalInt.of(version);
  }

  private static ResourceName subject(String tenant, String id) {
    int slash = id.indexOf('/');
    return slash < 0 ? Catalog.name(tenant, NAMESPACE, id) : Catalog.name(tenant, id.substring(0, slash), id.substring(slash + 1));
  }

  private static List<String> ids(String tenant, List<String> subjects) {
    return subjects.stream()
        .flatMap(
            subject -> {
              try {
                ResourceName name = ResourceName.parse(subject, tenant, NAMESPACE);
                return name.tenant().equals(tenant)
                    ? Stream.of(
                        name.namespace().equals(NAMESPACE) ? name.name() : name.namespace() + "/" + name.name())
                    : Stream.empty();
              } catch (InvalidRequestException foreign) {
                return Stream.empty();
              }
            })
        .sorted()
        .toList();
  }

  private static SchemaFormat format(String type) {
    return switch (type) {
      case "jsonschema", "json" -> SchemaFormat.JSON;
      case "avro" -> SchemaFormat.AVRO;
      case "protobuf" -> SchemaFormat.PROTOBUF;
      default -> throw Rejection.invalid("schema_type must be jsonschema, avro or protobuf");
    };
  }

  private static Schema schema(String id, dev.tributary.schema.Schema schema) {
    return Schema.newBuilder()
        .setId(id)
        .setType(
            switch (schema.format()) {
              case JSON -> "jsonschema";
              case AVRO -> "avro";
              case PROTOBUF -> "protobuf";
            })
        .setVersion(schema.version())
        .setDefinition(ByteString.copyFromUtf8(schema.definition()))
        .setCreatedAt(Wire.nanos(schema.createdAt()))
        .build();
  }

  private static void required(String field, String value) {
    if (value.isBlank()) {
      throw Rejection.invalid(field + " is required");
    }
  }
}
