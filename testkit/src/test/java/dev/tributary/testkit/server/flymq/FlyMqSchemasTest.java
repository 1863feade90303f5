package dev.tributary.testkit.server.flymq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.server.Quirk;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.Answers.ListedSchema;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import java.util.List;
import org.junit.jupiter.api.Test;

class FlyMqSchemasTest extends FlyMqTopic {
  private static final String REQUIRES_A = "{\"type\":\"object\",\"required\":[\"a\"]}";
  private static final String ALLOWS_A = "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"number\"}}}";

  private FlyMqClient client;

  private int register(String name, String type, String definition) {
    return client.<Answers.RegisteredSchema>call(Opcode.REGISTER_SCHEMA, new Requests.RegisterSchema(name, type, FlyMqClient.bytes(definition))).version();
  }

  private Answers.Schema get(String name, int version) {
    return client.call(Opcode.GET_SCHEMA, new Requests.SchemaVersion(name, version));
  }

  private List<ListedSchema> list(String name) {
    return client.<Answers.Schemas>call(Opcode.LIST_SCHEMAS, new Requests.Name(name)).schemas();
  }

  private boolean delete(String name, int version) {
    return client.<Answers.Outcome>call(Opcode.DELETE_SCHEMA, new Requests.SchemaVersion(name, version)).success();
  }

  @Test
  void versionsAreRegisteredAndFound() {
    client = connect(start());
    assertThat(register("us", "json", ALLOWS_A)).isEqualTo(1);
    assertThat(register("us", "json", REQUIRES_A)).isEqualTo(2);
    assertThat(register("other", "proto", "syntax")).isEqualTo(1);
    assertThat(get("us", 1)).satisfies(schema -> {
      assertThat(schema.id()).isEqualTo("us-v1");
      assertThat(FlyMqClient.text(schema.definition())).isEqualTo(ALLOWS_A);
      assertThat(schema.compatibility()).isEqualTo("backward");
    });
    assertThat(get("us", 0).version()).isEqualTo(2);
    assertThat(get("other", 0).type()).isEqualTo("protobuf");
    assertThat(list("")).containsExactlyInAnyOrder(
        new ListedSchema("us-v1", "json", 1), new ListedSchema("us-v2", "json", 2), new ListedSchema("other-v1", "protobuf", 1));
    assertThat(list("us")).hasSize(2);
    assertThat(list("nobody")).isEmpty();
  }

  @Test
  void whatDoesNotFitIsRefusedWhenItIsRegistered() {
    client = connect(start());
    register("us", "json", ALLOWS_A);
    assertThat(client.refused(Opcode.REGISTER_SCHEMA, new Requests.RegisterSchema("us", "json", FlyMqClient.bytes("{\"required\":[\"b\"]}"))))
        .startsWith("E1 failed to register schema: ");
    assertThat(client.refused(Opcode.REGISTER_SCHEMA, new Requests.RegisterSchema("us", "json", FlyMqClient.bytes("[]"))))
        .startsWith("E1 failed to register schema: ");
    assertThat(client.refused(Opcode.REGISTER_SCHEMA, new Requests.RegisterSchema("us", "xml", new byte[0]))).isEqualTo("E1 unsupported schema type: xml");
    assertThat(client.refused(Opcode.REGISTER_SCHEMA, new Requests.RegisterSchema("a/b", "json", new byte[0]))).startsWith("E1 invalid schema name");
    assertThat(register("us", "json", ALLOWS_A)).as("as it was").isEqualTo(1);
  }

  /** The latest is the highest that is there, whichever was deleted. */
  @Test
  void deletingTheLatestLeavesTheOneBefore() {
    client = connect(start());
    register("us", "json", ALLOWS_A);
    register("us", "json", REQUIRES_A);
    assertThat(delete("us", 2)).isTrue();
    assertThat(get("us", 0).version()).isEqualTo(1);
    register("us", "json", "{\"type\":\"object\"}");
    assertThat(delete("us", 0)).as("all of them").isTrue();
    assertThat(list("us")).isEmpty();
    assertThat(client.refused(Opcode.GET_SCHEMA, new Requests.SchemaVersion("us", 0))).isEqualTo("E1 no schema found for topic: us");
    assertThat(client.refused(Opcode.GET_SCHEMA, new Requests.SchemaVersion("us", -1))).isEqualTo("E1 schema not found: us v4294967295");
    assertThat(client.refused(Opcode.DELETE_SCHEMA, new Requests.SchemaVersion("us", 0))).isEqualTo("E1 failed to delete schema: schema not found: us v0");
    assertThat(client.refused(Opcode.DELETE_SCHEMA, new Requests.SchemaVersion("us", 1))).isEqualTo("E1 failed to delete schema: schema not found: us v1");
  }

  @Test
  void messagesAreChecked() {
    client = connect(start());
    register("us", "json", REQUIRES_A);
    assertThat(validate("us", "{\"a\":1}")).isEqualTo(new Answers.Validated(true, List.of()));
    assertThat(validate("us", "{}")).satisfies(checked -> {
      assertThat(checked.valid()).isFalse();
      assertThat(checked.errors()).singleElement().asString().contains("a");
    });
    assertThat(validate("us", "").valid()).isFalse();
    assertThat(client.refused(Opcode.VALIDATE_SCHEMA, new Requests.ValidateSchema("nobody", new byte[0]))).isEqualTo("E1 no schema found for topic: nobody");
    Answers.Produced produced = client.call(Opcode.PRODUCE_WITH_SCHEMA, new Requests.ProduceWithSchema("t", "us", FlyMqClient.bytes("{\"a\":1}")));
    assertThat(produced.offset()).isZero();
    assertThat(client.refused(Opcode.PRODUCE_WITH_SCHEMA, new Requests.ProduceWithSchema("t", "us", FlyMqClient.bytes("{}"))))
        .startsWith("E1 schema validation failed: [");
    assertThat(client.refused(Opcode.PRODUCE_WITH_SCHEMA, new Requests.ProduceWithSchema("t", "nobody", new byte[0])))
        .isEqualTo("E0 no schema found for topic: nobody");
    assertThat(client.<Answers.Fetched>call(Opcode.FETCH, new Requests.Fetch("t", 0, 0, 10, "")).records()).hasSize(1);
  }

  private Answers.Validated validate(String name, String message) {
    return client.call(Opcode.VALIDATE_SCHEMA, new Requests.ValidateSchema(name, FlyMqClient.bytes(message)));
  }

  @Test
  void asShippedWhatHasNoSchemaIsValidAndWithoutTheFeatureEverythingIsStored() {
    client = connect(start(Quirk.SHIPPED_FLYMQ));
    assertThat(validate("nobody", "x").valid()).isTrue();
    assertThat(client.refused(Opcode.DELETE_SCHEMA, new Requests.SchemaVersion("us", 0))).isEqualTo("E1 failed to delete schema: schema not found: us v0");
    client = connect(start(Quirk.FLYMQ_FEATURES_OFF));
    register("us", "json", REQUIRES_A);
    client.<Answers.Produced>call(Opcode.PRODUCE_WITH_SCHEMA, new Requests.ProduceWithSchema("t", "us", FlyMqClient.bytes("{}")));
  }
}
