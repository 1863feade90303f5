package dev.tributary.vertx.internal.flowmesh;

import dev.tributary.ResourceName;
import dev.tributary.admin.ResourceKind;
import dev.tributary.error.AlreadyExistsException;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.SchemaRejectedException;
import dev.tributary.error.TributaryException;
import dev.tributary.schema.Schema;
import dev.tributary.schema.SchemaFormat;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.SchemaTransport;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.flowmesh.proto.DeleteSchemaRequest;
import dev.tributary.vertx.internal.flowmesh.proto.FlowMeshMethods;
import dev.tributary.vertx.internal.flowmesh.proto.GetSchemaRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ListSchemasRequest;
import dev.tributary.vertx.internal.flowmesh.proto.RegisterSchemaRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ResourcePath;
import dev.tributary.vertx.internal.flowmesh.proto.SetResourceSchemaRequest;
import dev.tributary.vertx.internal.net.grpc.GrpcCaller;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/**
 * The schema registry of FlowMesh. There the caller chooses versions, and the latest one is looked up in a cache that mixes tenants; so the
 * latest version is always taken from the list, and a registration takes the number behind it.
 */
final class FlowMeshSchemas implements SchemaTransport {
  /** How often a version may be taken by others while it is being registered. */
  private static final int RACES = 8;

  private final GrpcCaller caller;
  private final String tenant;

  FlowMeshSchemas(GrpcCaller caller, String tenant) {
    this.caller = caller;
    this.tenant = tenant;
  }

  @Override
  public CompletableFuture<Schema> register(ResourceName subject, SchemaFormat format, String definition, Deadline deadline) {
    return register(subject, format, definition, deadline, RACES);
  }

  private CompletableFuture<Schema> register(
      ResourceName subject, SchemaFormat format, String definition, Deadline deadline, int races) {
    return Steps.then(
        versions(subject, deadline),
        known -> {
          for (Schema schema : known) {
            if (schema.format() == format && schema.definition().equals(definition)) {
              return CompletableFuture.completedFuture(schema);
            }
          }
          int next = known.isEmpty() ? 1 : known.get(known.size() - 1).version() + 1;
          return Steps.recover(
              Steps.then(put(subject, format, definition, next, deadline), put -> verified(subject, definition, next, deadline)),
              error -> lostRace(subject, format, definition, deadline, races, error));
        });
  }

  private CompletableFuture<Void> put(ResourceName subject, SchemaFormat format, String definition, int version, Deadline deadline) {
    RegisterSchemaRequest request =
        RegisterSchemaRequest.newBuilder()
            .setTenant(subject.tenant())
            .setSchemaId(FlowMeshMapping.schemaId(subject))
            .setSchemaType(FlowMeshMapping.type(format))
            .setVersion(version)
            .setDefinition(FlowMeshMapping.bytes(definition.getBytes(StandardCharsets.UTF_8)))
            .build();
    CompletableFuture<Void> call = caller.call(FlowMeshMethods.REGISTER_SCHEMA, request, deadline, registered -> null);
    return Steps.translate(
        call,
        InvalidRequestException.class,
        error -> new SchemaRejectedException(ErrorInfo.of(error.getMessage(), "Give a valid schema").causedBy(error)));
  }

  /** Two clients may both have been told that this version is theirs. */
  private CompletableFuture<Schema> verified(ResourceName subject, String definition, int version, Deadline deadline) {
    return Steps.map(
        exactly(subject, version, deadline),
        stored -> {
          if (!stored.definition().equals(definition)) {
            throw new AlreadyExistsException(
                ErrorInfo.of("version " + version + " was registered by another client at the same time", "Register again"));
          }
          return stored;
        });
  }

  private CompletableFuture<Schema> lostRace(
      ResourceName subject, SchemaFormat format, String definition, Deadline deadline, int races, TributaryException error) {
    if (!(error instanceof AlreadyExistsException)) {
      throw error;
    }
    if (races == 1) {
      throw new ConflictException(ErrorInfo.of("others register versions of " + subject + " all the time", "Try again").causedBy(error));
    }
    return register(subject, format, definition, deadline, races - 1);
  }

  @Override
  public CompletableFuture<Schema> get(ResourceName subject, OptionalInt version, Deadline deadline) {
    return version.isPresent() ? exactly(subject, version.getAsInt(), deadline) : latest(subject, deadline);
  }

  private CompletableFuture<Schema> exactly(ResourceName subject, int version, Deadline deadline) {
    GetSchemaRequest request =
        GetSchemaRequest.newBuilder().setTenant(subject.tenant()).setSchemaId(FlowMeshMapping.schemaId(subject)).setVersion(version).build();
    return caller.call(
        FlowMeshMethods.GET_SCHEMA, request, deadline, answer -> FlowMeshMapping.schema(subject.tenant(), answer.getSchema()));
  }

  private CompletableFuture<Schema> latest(ResourceName subject, Deadline deadline) {
    return Steps.map(
        versions(subject, deadline),
        known -> {
          if (known.isEmpty()) {
            throw new NotFoundException(ErrorInfo.of("no schema of subject " + subject, "Register one first"));
          }
          return known.get(known.size() - 1);
        });
  }

  @Override
  public CompletableFuture<List<Schema>> versions(ResourceName subject, Deadline deadline) {
    String id = FlowMeshMapping.schemaId(subject);
    ListSchemasRequest request = ListSchemasRequest.newBuilder().setTenant(subject.tenant()).setSchemaId(id).build();
    return caller.call(
        FlowMeshMethods.LIST_SCHEMAS,
        request,
        deadline,
        answer ->
            answer.getSchemasList().stream()
                .filter(schema -> schema.getId().equals(id))
                .map(schema -> FlowMeshMapping.schema(subject.tenant(), schema))
                .sorted(Comparator.comparingInt(Schema::version))
                .toList());
  }

  @Override
  public CompletableFuture<List<String>> subjects(Deadline deadline) {
    ListSchemasRequest request = ListSchemasRequest.newBuilder().setTenant(tenant).build();
    return caller.call(
        FlowMeshMethods.LIST_SCHEMAS,
        request,
        deadline,
        answer -> answer.getSchemasList().stream().map(schema -> FlowMeshMapping.subject(tenant, schema.getId())).distinct().sorted().toList());
  }

  @Override
  public CompletableFuture<Void> delete(ResourceName subject, int version, Deadline deadline) {
    DeleteSchemaRequest request =
        DeleteSchemaRequest.newBuilder().setTenant(subject.tenant()).setSchemaId(FlowMeshMapping.schemaId(subject)).setVersion(version).build();
    return caller.call(FlowMeshMethods.DELETE_SCHEMA, request, deadline, deleted -> null);
  }

  @Override
  public CompletableFuture<Void> attach(
      ResourceKind kind, ResourceName resource, ResourceName subject, OptionalInt version, Deadline deadline) {
    if (kind == ResourceKind.KEY_VALUE) {
      throw InvalidRequestException.of("a schema for a key-value store", "Attach schemas to streams and queues");
    }
    if (!resource.tenant().equals(subject.tenant())) {
      throw InvalidRequestException.of(
          "a schema of tenant " + subject.tenant() + " for a resource of tenant " + resource.tenant(), "Use a subject of the same tenant");
    }
    ResourcePath path = kind == ResourceKind.STREAM ? FlowMeshMapping.stream(resource) : FlowMeshMapping.queue(resource);
    // The server does not look whether there is such a version, and then refuses every payload.
    return Steps.then(
        get(subject, version, deadline),
        schema -> {
          SetResourceSchemaRequest request =
              SetResourceSchemaRequest.newBuilder()
                  .setResourcePath(path)
                  .setSchemaId(FlowMeshMapping.schemaId(subject))
                  .setVersion(schema.version())
                  .build();
          return caller.call(FlowMeshMethods.SET_RESOURCE_SCHEMA, request, deadline, attached -> null);
        });
  }
}
