package dev.tributary.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.TransactionOptions;
import dev.tributary.admin.ResourceKind;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.SchemaRejectedException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.queue.NewJob;
import dev.tributary.schema.Compatibility;
import dev.tributary.schema.Schema;
import dev.tributary.schema.SchemaFormat;
import dev.tributary.schema.Validation;
import dev.tributary.spi.SchemaTransport;
import dev.tributary.stream.Event;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchemasTest extends EngineFixture {
  private static final String ORDER =
      """
      {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}""";

  private final SchemaTransport schemas = transport.schemas().orElseThrow();

  private Schema register(String definition) {
    return now(schemas.register(name("order"), SchemaFormat.JSON, definition, deadline));
  }

  private Validation validate(String payload) {
    return now(schemas.validate(name("order"), OptionalInt.empty(), bytes(payload), deadline));
  }

  @Test
  void versionsCountFromOneAndAreNotUsedAgain() {
    Schema first = register(ORDER);
    assertThat(first.version()).isEqualTo(1);
    assertThat(first.subject()).isEqualTo("t/ns/order");
    assertThat(first.createdAt()).isEqualTo(time.now());
    assertThat(register(ORDER)).isEqualTo(first);
    assertThat(register("true").version()).isEqualTo(2);
    now(schemas.delete(name("order"), 2, deadline));
    assertThat(register("false").version()).isEqualTo(3);
    assertThat(now(schemas.versions(name("order"), deadline))).extracting(Schema::version).containsExactly(1, 3);
    assertThat(now(schemas.get(name("order"), OptionalInt.empty(), deadline)).version()).isEqualTo(3);
    assertThat(now(schemas.get(name("order"), OptionalInt.of(1), deadline))).isEqualTo(first);
    assertThat(now(schemas.subjects(deadline))).containsExactly("t/ns/order");
    assertThat(error(schemas.get(name("order"), OptionalInt.of(2), deadline))).isInstanceOf(NotFoundException.class);
    assertThat(error(schemas.delete(name("order"), 2, deadline))).isInstanceOf(NotFoundException.class);
    assertThat(error(schemas.get(name("other"), OptionalInt.empty(), deadline))).isInstanceOf(NotFoundException.class);
    assertThat(now(schemas.versions(name("other"), deadline))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "not json",
        "",
        "{\"type\": \"object\"} trailing",
        "[1]",
        "{\"type\": \"no such type\"}",
        "{\"minLength\": -1}",
        "{\"$schema\": \"http://example.com/own-language\"}",
        "{\"$ref\": \"http://127.0.0.1:9/schema.json\"}",
        "{\"$ref\": \"file:///etc/hostname\"}",
        "{\"$ref\": \"classpath:schema.json\"}",
        "{\"$ref\": \"#/$defs/missing\"}",
      })
  void whatIsNoSchemaIsRefused(String definition) {
    assertThat(error(schemas.register(name("order"), SchemaFormat.JSON, definition, deadline)))
        .isInstanceOf(SchemaRejectedException.class);
    assertThat(now(schemas.subjects(deadline))).isEmpty();
  }

  @Test
  void validatesByTheDraftThatTheSchemaNames() {
    register(ORDER);
    assertThat(validate("{\"id\": 1}").valid()).isTrue();
    assertThat(validate("{\"id\": \"1\"}").errors()).hasSize(1);
    assertThat(validate("{}").errors()).hasSize(1);
    assertThat(validate("nonsense").valid()).isFalse();
    assertThat(validate("").valid()).isFalse();
    register("{\"$schema\": \"http://json-schema.org/draft-04/schema#\", \"maximum\": 5, \"exclusiveMaximum\": true}");
    assertThat(validate("5").valid()).isFalse();
    assertThat(validate("4").valid()).isTrue();
    register("{\"exclusiveMaximum\": 5}");
    assertThat(validate("5").valid()).isFalse();
  }

  @Test
  void aSchemaMayReferToItselfAndToTheLanguage() {
    register(
        """
        {"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}}}""");
    assertThat(validate("{\"next\": {\"next\": {}}}").valid()).isTrue();
    assertThat(validate("{\"next\": {\"next\": 1}}").valid()).isFalse();
    register("{\"$ref\": \"https://json-schema.org/draft/2020-12/schema\"}");
    assertThat(validate("{\"type\": \"string\"}").valid()).isTrue();
    assertThat(validate("{\"type\": 1}").valid()).isFalse();
  }

  @Test
  void anAttachedSchemaRefusesTheWholeBatch() {
    register(ORDER);
    now(schemas.attach(ResourceKind.STREAM, name("s"), name("order"), OptionalInt.empty(), deadline));
    now(schemas.attach(ResourceKind.QUEUE, name("q"), name("order"), OptionalInt.of(1), deadline));
    register("false");
    List<Event<byte[]>> events = List.of(Event.of(bytes("{\"id\": 1}")), Event.of(bytes("{}")));
    List<NewJob<byte[]>> jobs = List.of(NewJob.of(bytes("{\"id\": 1}")), NewJob.of(bytes("{}")));
    assertThat(error(transport.streams().orElseThrow().publish(name("s"), events, deadline)))
        .isInstanceOf(SchemaRejectedException.class)
        .hasMessageContaining("payload 1 of 2");
    assertThat(error(queues().enqueue(name("q"), jobs, false, deadline))).isInstanceOf(SchemaRejectedException.class);
    assertThat(read("s", 0, 0)).isEmpty();
    assertThat(take("q", 1)).isEmpty();
    publish("s", "{\"id\": 1}");
    enqueue("q", "{\"id\": 1}");

    var tx = now(transport.transactions().orElseThrow().begin(TransactionOptions.DEFAULT, deadline));
    assertThat(error(tx.publish(name("s"), events, deadline))).isInstanceOf(SchemaRejectedException.class);
    assertThat(error(tx.enqueue(name("q"), jobs, deadline))).isInstanceOf(SchemaRejectedException.class);
  }

  @Test
  void ifTheAttachedVersionIsDeletedNothingMatches() {
    register(ORDER);
    now(schemas.attach(ResourceKind.STREAM, name("s"), name("order"), OptionalInt.empty(), deadline));
    now(schemas.delete(name("order"), 1, deadline));
    assertThat(error(transport.streams().orElseThrow().publish(name("s"), List.of(Event.of(bytes("{\"id\": 1}"))), deadline)))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void attachNeedsASchemaAndAStreamOrQueue() {
    assertThat(error(schemas.attach(ResourceKind.STREAM, name("s"), name("order"), OptionalInt.empty(), deadline)))
        .isInstanceOf(NotFoundException.class);
    register(ORDER);
    assertThat(error(schemas.attach(ResourceKind.STREAM, name("s"), name("order"), OptionalInt.of(2), deadline)))
        .isInstanceOf(NotFoundException.class);
    assertThat(error(schemas.attach(ResourceKind.KEY_VALUE, name("kv"), name("order"), OptionalInt.empty(), deadline)))
        .isInstanceOf(InvalidRequestException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"required\": [\"id\", \"new\"], \"properties\": {\"id\": {\"type\": \"integer\"}}}    | false | true",
        "{\"required\": [\"id\"], \"properties\": {\"id\": {\"type\": \"string\"}}}              | false | true",
        "{\"required\": [\"id\"], \"properties\": {\"id\": {\"type\": \"integer\"}, \"o\": {}}}  | true  | true",
        "{\"properties\": {\"id\": {\"type\": \"integer\"}}}                                     | true  | true",
        "{\"properties\": {}}                                                                    | true  | false",
        "{\"required\": [\"new\"], \"properties\": {}}                                           | false | false",
      })
  void compatibilityIsCheckedAgainstTheLatest(String definition, boolean backward, boolean forward) {
    register("true");
    register(ORDER);
    check(definition, Compatibility.NONE, true);
    check(definition, Compatibility.BACKWARD, backward);
    check(definition, Compatibility.FORWARD, forward);
    check(definition, Compatibility.FULL, backward && forward);
  }

  private void check(String definition, Compatibility mode, boolean expected) {
    now(schemas.setCompatibility(null, mode, deadline));
    assertThat(now(schemas.isCompatible(name("order"), SchemaFormat.JSON, definition, deadline))).as("%s", mode).isEqualTo(expected);
  }

  @Test
  void everyVersionHasANumberOfItsOwn() {
    Schema first = now(schemas.register(name("order"), SchemaFormat.JSON, ORDER, deadline));
    Schema other = now(schemas.register(name("invoice"), SchemaFormat.JSON, ORDER, deadline));
    assertThat(other.id().getAsLong()).isNotEqualTo(first.id().getAsLong());
    assertThat(now(schemas.register(name("order"), SchemaFormat.JSON, ORDER, deadline)).id()).isEqualTo(first.id());
    assertThat(now(schemas.byId(other.id().getAsLong(), deadline))).isEqualTo(other);
    now(schemas.delete(name("invoice"), 1, deadline));
    assertThat(error(schemas.byId(other.id().getAsLong(), deadline))).isInstanceOf(NotFoundException.class);
  }

  @Test
  void aSubjectsModeWinsOverTheRegistrys() {
    register(ORDER);
    assertThat(now(schemas.compatibility(name("order"), deadline))).isEqualTo(Compatibility.NONE);
    now(schemas.setCompatibility(null, Compatibility.FORWARD, deadline));
    assertThat(now(schemas.compatibility(name("order"), deadline))).isEqualTo(Compatibility.FORWARD);
    now(schemas.setCompatibility(name("order"), Compatibility.BACKWARD, deadline));
    assertThat(now(schemas.compatibility(name("order"), deadline))).isEqualTo(Compatibility.BACKWARD);
    assertThat(now(schemas.compatibility(null, deadline))).isEqualTo(Compatibility.FORWARD);
    assertThat(error(schemas.register(name("order"), SchemaFormat.JSON, "{\"required\": [\"new\"]}", deadline)))
        .isInstanceOf(SchemaRejectedException.class);
    assertThat(error(schemas.register(name("order"), SchemaFormat.AVRO, "{}", deadline)))
        .isInstanceOf(SchemaRejectedException.class);
  }

  @Test
  void otherLanguagesAreKeptButNotUnderstood() {
    String proto = "message Order { int64 id = 1; }";
    Schema schema = now(schemas.register(name("p"), SchemaFormat.PROTOBUF, proto, deadline));
    assertThat(schema.definition()).isEqualTo(proto);
    assertThat(error(schemas.validate(name("p"), OptionalInt.empty(), bytes("x"), deadline)))
        .isInstanceOf(UnsupportedFeatureException.class);
    now(schemas.setCompatibility(name("p"), Compatibility.FULL, deadline));
    assertThat(error(schemas.isCompatible(name("p"), SchemaFormat.PROTOBUF, "message Other {}", deadline)))
        .isInstanceOf(UnsupportedFeatureException.class);
  }
}
