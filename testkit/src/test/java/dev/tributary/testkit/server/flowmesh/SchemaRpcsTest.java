package dev.tributary.testkit.server.flowmesh;

import static dev.tributary.testkit.server.flowmesh.Paths.path;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.RawClient;
import dev.tributary.vertx.internal.flowmesh.proto.DeleteSchemaRequest;
import dev.tributary.vertx.internal.flowmesh.proto.EnqueueRequest;
import dev.tributary.vertx.internal.flowmesh.proto.Event;
import dev.tributary.vertx.internal.flowmesh.proto.FlowMeshMethods;
import dev.tributary.vertx.internal.flowmesh.proto.GetLatestOffsetRequest;
import dev.tributary.vertx.internal.flowmesh.proto.GetSchemaRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ListSchemasRequest;
import dev.tributary.vertx.internal.flowmesh.proto.RegisterSchemaRequest;
import dev.tributary.vertx.internal.flowmesh.proto.Schema;
import dev.tributary.vertx.internal.flowmesh.proto.SetResourceSchemaRequest;
import dev.tributary.vertx.internal.flowmesh.proto.WriteEventsRequest;
import io.vertx.grpc.common.GrpcStatus;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SchemaRpcsTest {
  private static final String NUMBERS = "{\"type\":\"object\", \"properties\":{\"n\":{\"type\":\"number\"}}, \"required\":[\"n\"]}";
  private static final String OBJECTS = "{\"type\":\"object\"}";

  private final VirtualTime time = new VirtualTime();
  private EmbeddedServer server;
  private RawClient client;

  @BeforeEach
  void start() {
    server = EmbeddedServer.flowmesh().time(time).start();
    client = new RawClient(server);
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void registersAndGets() {
    register("order", 1, NUMBERS).ok();
    register("order", 2, OBJECTS).ok();
    Schema first = get("order", 1).ok().getSchema();
    assertThat(first.getId()).isEqualTo("order");
    assertThat(first.getType()).isEqualTo("jsonschema");
    assertThat(first.getVersion()).isEqualTo(1);
    assertThat(first.getDefinition().toStringUtf8()).as("byte for byte").isEqualTo(NUMBERS);
    assertThat(first.getCreatedAt()).isEqualTo(Wire.nanos(time.now()));
    assertThat(get("order", 0).ok().getSchema().getVersion()).isEqualTo(2);
    assertThat(get("order", -3).ok().getSchema().getVersion()).isEqualTo(2);
    assertThat(get("order", 3).status()).isEqualTo(GrpcStatus.NOT_FOUND);
    assertThat(get("other", 0).status()).isEqualTo(GrpcStatus.NOT_FOUND);
  }

  @Test
  void refusesADuplicateVersionAsInternal() {
    register("order", 1, NUMBERS).ok();
    for (String definition : List.of(NUMBERS, OBJECTS)) {
      RawClient.Reply<?> duplicate = register("order", 1, definition);
      assertThat(duplicate.status()).isEqualTo(GrpcStatus.INTERNAL);
      assertThat(duplicate.message()).endsWith("already exists");
    }
    assertThat(get("order", 0).ok().getSchema().getDefinition().toStringUtf8()).isEqualTo(NUMBERS);
  }

  @Test
  void refusesGaps() {
    register("order", 1, NUMBERS).ok();
    assertThat(register("order", 3, OBJECTS).status()).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(list("t", "order")).containsExactly("order1");
  }

  @Test
  void refusesWhatIsIncomplete() {
    RegisterSchemaRequest complete = request("order", 1, NUMBERS);
    for (RegisterSchemaRequest incomplete :
        List.of(
            complete.toBuilder().clearTenant().build(),
            complete.toBuilder().clearSchemaId().build(),
            complete.toBuilder().clearSchemaType().build(),
            complete.toBuilder().clearVersion().build(),
            complete.toBuilder().clearDefinition().build(),
            request("order", 1, "{\"type\":17}"),
            request("order", 1, "no JSON"))) {
      assertThat(client.call(FlowMeshMethods.REGISTER_SCHEMA, incomplete).status())
          .as("%s", incomplete)
          .isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    }
    assertThat(get("order", 0).status()).isEqualTo(GrpcStatus.NOT_FOUND);
  }

  @Test
  void listsByIdAndVersionWithinATenant() {
    register("b", 1, NUMBERS).ok();
    register("a", 1, NUMBERS).ok();
    register("a", 2, OBJECTS).ok();
    client.call(FlowMeshMethods.REGISTER_SCHEMA, request("z", 1, NUMBERS).toBuilder().setTenant("other").build()).ok();
    assertThat(list("t", "")).containsExactly("a1", "a2", "b1");
    assertThat(list("t", "a")).containsExactly("a1", "a2");
    assertThat(list("t", "unknown")).isEmpty();
    assertThat(list("nobody", "")).isEmpty();
    assertThat(client.call(FlowMeshMethods.LIST_SCHEMAS, ListSchemasRequest.getDefaultInstance()).status())
        .isEqualTo(GrpcStatus.INVALID_ARGUMENT);
  }

  @Test
  void deletesEvenWhatIsAttachedAndThenWritesFail() {
    register("order", 1, NUMBERS).ok();
    attach("stream", "s", 1).ok();
    assertThat(delete(0).status()).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    delete(1).ok();
    assertThat(delete(1).status()).isEqualTo(GrpcStatus.NOT_FOUND);
    RawClient.Reply<?> written = write("{\"n\":1}");
    assertThat(written.status()).isEqualTo(GrpcStatus.INTERNAL);
    assertThat(written.message()).contains("failed to get schema");
    RawClient.Reply<?> used = register("order", 1, OBJECTS);
    assertThat(used.status()).as("versions are not used twice").isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(list("t", "order")).as("nothing comes of it").isEmpty();
    register("order", 2, OBJECTS).ok();
    attach("queue", "q", 2).ok();
    delete(2).ok();
    RawClient.Reply<?> enqueued = enqueue("{}");
    assertThat(enqueued.status()).isEqualTo(GrpcStatus.INTERNAL);
    assertThat(enqueued.message()).contains("failed to get schema");
  }

  @Test
  void checksWhatIsWrittenAsAWhole() {
    register("order", 1, NUMBERS).ok();
    attach("stream", "s", 0).ok();
    write("{\"n\":1}", "{\"n\":2}").ok();
    RawClient.Reply<?> refused = write("{\"n\":3}", "{\"n\":\"four\"}");
    assertThat(refused.status()).isEqualTo(GrpcStatus.INTERNAL);
    assertThat(refused.message()).contains("validation failed");
    RawClient.Reply<?> garbage = write("no JSON");
    assertThat(garbage.status()).isEqualTo(GrpcStatus.INTERNAL);
    assertThat(garbage.message()).containsAnyOf("validation failed", "not valid JSON");
    assertThat(
            client
                .call(FlowMeshMethods.GET_LATEST_OFFSET, GetLatestOffsetRequest.newBuilder().setResourcePath(path("stream", "s")).build())
                .ok()
                .getOffset())
        .as("nothing of a refused batch is written")
        .isEqualTo(1);
  }

  @Test
  void pinsTheVersionThatIsLatestWhenAttached() {
    register("order", 1, NUMBERS).ok();
    attach("queue", "q", 0).ok();
    register("order", 2, OBJECTS).ok();
    RawClient.Reply<?> refused = enqueue("{}");
    assertThat(refused.status()).isEqualTo(GrpcStatus.INTERNAL);
    assertThat(refused.message()).contains("validation failed");
    enqueue("{\"n\":1}").ok();
  }

  @Test
  void attachesToStreamsAndQueuesOnly() {
    register("order", 1, NUMBERS).ok();
    assertThat(attach("kv", "k", 1).status()).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(client.call(FlowMeshMethods.SET_RESOURCE_SCHEMA, SetResourceSchemaRequest.getDefaultInstance()).status())
        .isEqualTo(GrpcStatus.INVALID_ARGUMENT);
  }

  private RawClient.Reply<?> register(String id, int version, String definition) {
    return client.call(FlowMeshMethods.REGISTER_SCHEMA, request(id, version, definition));
  }

  private static RegisterSchemaRequest request(String id, int version, String definition) {
    return RegisterSchemaRequest.newBuilder()
        .setTenant("t")
        .setSchemaId(id)
        .setSchemaType("jsonschema")
        .setVersion(version)
        .setDefinition(ByteString.copyFromUtf8(definition))
        .build();
  }

  private RawClient.Reply<dev.tributary.vertx.internal.flowmesh.proto.GetSchemaResponse> get(String id, int version) {
    return client.call(FlowMeshMethods.GET_SCHEMA, GetSchemaRequest.newBuilder().setTenant("t").setSchemaId(id).setVersion(version).build());
  }

  private List<String> list(String tenant, String id) {
    return client
        .call(FlowMeshMethods.LIST_SCHEMAS, ListSchemasRequest.newBuilder().setTenant(tenant).setSchemaId(id).build())
        .ok()
        .getSchemasList()
        .stream()
        .map(schema -> schema.getId() + schema.getVersion())
        .toList();
  }

  private RawClient.Reply<?> delete(int version) {
    return client.call(
        FlowMeshMethods.DELETE_SCHEMA, DeleteSchemaRequest.newBuilder().setTenant("t").setSchemaId("order").setVersion(version).build());
  }

  private RawClient.Reply<?> attach(String type, String name, int version) {
    return client.call(
        FlowMeshMethods.SET_RESOURCE_SCHEMA,
        SetResourceSchemaRequest.newBuilder().setResourcePath(path(type, name)).setSchemaId("order").setVersion(version).build());
  }

  private RawClient.Reply<?> write(String... payloads) {
    WriteEventsRequest.Builder request = WriteEventsRequest.newBuilder().setResourcePath(path("stream", "s"));
    for (String payload : payloads) {
      request.addEvents(Event.newBuilder().setPayload(ByteString.copyFromUtf8(payload)));
    }
    return client.call(FlowMeshMethods.WRITE_EVENTS, request.build());
  }

  private RawClient.Reply<?> enqueue(String payload) {
    return client.call(
        FlowMeshMethods.ENQUEUE,
        EnqueueRequest.newBuilder().setResourcePath(path("queue", "q")).setPayload(ByteString.copyFromUtf8(payload)).build());
  }
}
