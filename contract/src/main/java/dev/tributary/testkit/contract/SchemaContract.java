package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.JobQueue;
import dev.tributary.Outcome;
import dev.tributary.Schemas;
import dev.tributary.admin.ResourceKind;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.PartialFailureException;
import dev.tributary.error.SchemaRejectedException;
import dev.tributary.schema.Compatibility;
import dev.tributary.schema.Schema;
import dev.tributary.schema.SchemaFormat;
import dev.tributary.schema.Validation;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventPublisher;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a schema registry does. */
public abstract class SchemaContract extends Contract {
  private static final String ONE =
      """
      {"type":"object","properties":{"id":{"type":"integer"}},"required":["id"]}""";
  private static final String TWO =
      """
      {"type":"object","properties":{"id":{"type":"integer"},"note":{"type":"string"}},"required":["id"]}""";
  private static final String STRICTER =
      """
      {"type":"object","properties":{"id":{"type":"integer"},"note":{"type":"string"}},"required":["id","note"]}""";

  @BeforeEach
  final void requireSchemas() {
    requires(Capability.SCHEMAS);
  }

  @Test
  void aDefinitionIsRegisteredAsTheNextVersion() {
    Schemas schemas = client().schemas();
    String subject = fresh("subject");
    Schema one = get(schemas.register(subject, SchemaFormat.JSON, ONE));
    Schema two = get(schemas.register(subject, SchemaFormat.JSON, TWO));
    assertThat(one.version()).isEqualTo(1);
    assertThat(two.version()).isEqualTo(2);
    assertThat(two.format()).isEqualTo(SchemaFormat.JSON);
    assertThat(get(schemas.latest(subject)).version()).isEqualTo(2);
    assertThat(get(schemas.latest(subject)).definition()).isEqualTo(TWO);
    assertThat(get(schemas.version(subject, 1)).definition()).isEqualTo(ONE);
    assertThat(get(schemas.versions(subject))).extracting(Schema::version).containsExactly(1, 2);
  }

  @Test
  void whatIsNoSchemaIsRejected() {
    Schemas schemas = client().schemas();
    failure(SchemaRejectedException.class, schemas.register(fresh("subject"), SchemaFormat.JSON, "{\"type\":"));
    failure(SchemaRejectedException.class, schemas.register(fresh("subject"), SchemaFormat.JSON, "{\"type\":\"no such type\"}"));
  }

  @Test
  void subjectsAreListed() {
    Schemas schemas = client().schemas();
    String subject = fresh("subject");
    Schema registered = get(schemas.register(subject, SchemaFormat.JSON, ONE));
    assertThat(get(schemas.subjects())).contains(registered.subject()).isSorted();
  }

  @Test
  void anUnknownSubjectIsNotFoundAndHasNoVersions() {
    Schemas schemas = client().schemas();
    String subject = fresh("nowhere");
    failure(NotFoundException.class, schemas.latest(subject));
    failure(NotFoundException.class, schemas.version(subject, 1));
    failure(NotFoundException.class, schemas.delete(subject, 1));
    assertThat(get(schemas.versions(subject))).isEmpty();
  }

  @Test
  void aDeletedVersionIsGone() {
    Schemas schemas = client().schemas();
    String subject = fresh("subject");
    get(schemas.register(subject, SchemaFormat.JSON, ONE));
    get(schemas.register(subject, SchemaFormat.JSON, TWO));
    get(schemas.delete(subject, 2));
    failure(NotFoundException.class, schemas.version(subject, 2));
    assertThat(get(schemas.latest(subject)).version()).isEqualTo(1);
  }

  @Test
  void aStreamWithASchemaRefusesWhatDoesNotMatch() {
    requires(Capability.SCHEMA_ATTACHMENT);
    EventStream<String> stream = stream();
    String subject = fresh("subject");
    get(client().schemas().register(subject, SchemaFormat.JSON, ONE));
    get(client().schemas().attach(ResourceKind.STREAM, stream.name().toString(), subject));
    get(stream.publish("{\"id\":1}"));
    failure(SchemaRejectedException.class, stream.publish("{\"id\":\"one\"}"));
    failure(SchemaRejectedException.class, stream.publish("not JSON"));
    assertThat(get(stream.latestOffset(0))).hasValue(0);
  }

  @Test
  void aQueueWithASchemaRefusesWhatDoesNotMatch() {
    requires(Capability.SCHEMA_ATTACHMENT);
    JobQueue<String> queue = queue();
    String subject = fresh("subject");
    get(client().schemas().register(subject, SchemaFormat.JSON, ONE));
    get(client().schemas().attach(ResourceKind.QUEUE, queue.name().toString(), subject, 1));
    failure(SchemaRejectedException.class, queue.enqueue("{}"));
    get(queue.enqueue("{\"id\":1}"));
    assertThat(get(queue.reserve()).orElseThrow().value()).isEqualTo("{\"id\":1}");
    assertThat(get(queue.reserve())).isEmpty();
  }

  @Test
  void anEventIsStoredIfItMatchesTheSchemaThatItNames() {
    requires(Capability.EVENT_SCHEMA);
    EventStream<String> stream = stream();
    String subject = fresh("subject");
    failure(NotFoundException.class, stream.publish(under(subject, "{\"id\":1}")));
    get(client().schemas().register(subject, SchemaFormat.JSON, ONE));
    assertThat(get(stream.publish(under(subject, "{\"id\":1}")))).isEqualTo(new Position(0, 0));
    SchemaRejectedException error = failure(SchemaRejectedException.class, stream.publish(under(subject, "{\"id\":\"one\"}")));
    assertThat(error.errors()).isNotEmpty();
    assertThat(error).hasMessageContaining(error.errors().get(0));
    assertThat(error.maybeApplied()).isFalse();
    failure(SchemaRejectedException.class, stream.publish(under(subject, "not JSON")));
    assertThat(get(stream.publish("not JSON, and none is asked for"))).isEqualTo(new Position(0, 1));
    assertThat(get(stream.read(0, 0, 10))).extracting(Message::value).containsExactly("{\"id\":1}", "not JSON, and none is asked for");
  }

  @Test
  void theLatestVersionIsTheOneThatCounts() {
    requires(Capability.EVENT_SCHEMA);
    EventStream<String> stream = stream();
    String subject = fresh("subject");
    get(client().schemas().register(subject, SchemaFormat.JSON, ONE));
    get(stream.publish(under(subject, "{\"id\":1,\"note\":2}")));
    get(client().schemas().register(subject, SchemaFormat.JSON, TWO));
    failure(SchemaRejectedException.class, stream.publish(under(subject, "{\"id\":1,\"note\":2}")));
  }

  @Test
  void oneEventThatDoesNotMatchHoldsUpNoOther() {
    requires(Capability.EVENT_SCHEMA);
    EventStream<String> stream = stream();
    String subject = fresh("subject");
    get(client().schemas().register(subject, SchemaFormat.JSON, ONE));
    List<Event<String>> events =
        List.of(under(subject, "{\"id\":1}"), Event.of("free"), under(subject, "{}"), under(fresh("nowhere"), "{}"), under(subject, "{\"id\":2}"));
    PartialFailureException some = failure(PartialFailureException.class, stream.publishAll(events));
    assertThat(some.outcomes()).extracting(Outcome::succeeded).containsExactly(true, true, false, false, true);
    assertThat(some.outcomes().get(2).error()).isInstanceOfSatisfying(SchemaRejectedException.class, e -> assertThat(e.errors()).isNotEmpty());
    assertThat(some.outcomes().get(3).error()).isInstanceOf(NotFoundException.class);
    try (EventPublisher<String> publisher = stream.publisher()) {
      List<CompletableFuture<Position>> published = events.stream().map(publisher::publish).toList();
      failure(SchemaRejectedException.class, published.get(2));
      failure(NotFoundException.class, published.get(3));
      get(published.get(4));
    }
    List<String> stored = List.of("{\"id\":1}", "free", "{\"id\":2}");
    assertThat(get(stream.read(0, 0, 10))).extracting(Message::value).startsWith(stored.toArray(String[]::new)).endsWith(stored.toArray(String[]::new)).hasSize(6);
  }

  private static Event<String> under(String subject, String value) {
    return Event.builder(value).schema(subject).build();
  }

  @Test
  void theVersionThatWasTheLatestStaysAttached() {
    requires(Capability.SCHEMA_ATTACHMENT);
    EventStream<String> stream = stream();
    String subject = fresh("subject");
    get(client().schemas().register(subject, SchemaFormat.JSON, ONE));
    get(client().schemas().attach(ResourceKind.STREAM, stream.name().toString(), subject));
    if (has(Capability.SCHEMA_COMPATIBILITY)) {
      get(client().schemas().setCompatibility(subject, Compatibility.NONE));
    }
    get(client().schemas().register(subject, SchemaFormat.JSON, STRICTER));
    get(stream.publish("{\"id\":1}"));
  }

  @Test
  void compatibilityIsHeld() {
    requires(Capability.SCHEMA_COMPATIBILITY);
    Schemas schemas = client().schemas();
    String subject = fresh("subject");
    get(schemas.register(subject, SchemaFormat.JSON, ONE));
    get(schemas.setCompatibility(subject, Compatibility.BACKWARD));
    assertThat(get(schemas.compatibility(subject))).isEqualTo(Compatibility.BACKWARD);
    assertThat(get(schemas.isCompatible(subject, SchemaFormat.JSON, STRICTER))).isFalse();
    failure(SchemaRejectedException.class, schemas.register(subject, SchemaFormat.JSON, STRICTER));
    get(schemas.setCompatibility(subject, Compatibility.NONE));
    assertThat(get(schemas.isCompatible(subject, SchemaFormat.JSON, STRICTER))).isTrue();
    assertThat(get(schemas.register(subject, SchemaFormat.JSON, STRICTER)).version()).isEqualTo(2);
  }

  @Test
  void aSubjectWithoutAModeHasThatOfTheRegistry() {
    requires(Capability.SCHEMA_COMPATIBILITY);
    Schemas schemas = client().schemas();
    String subject = fresh("subject");
    get(schemas.register(subject, SchemaFormat.JSON, ONE));
    for (Compatibility mode : List.of(Compatibility.FORWARD, Compatibility.NONE)) {
      get(schemas.setCompatibility(mode));
      assertThat(get(schemas.compatibility())).isEqualTo(mode);
      assertThat(get(schemas.compatibility(subject))).isEqualTo(mode);
    }
  }

  @Test
  void aVersionIsFoundByItsNumber() {
    requires(Capability.SCHEMA_IDS);
    Schemas schemas = client().schemas();
    Schema one = get(schemas.register(fresh("subject"), SchemaFormat.JSON, ONE));
    Schema two = get(schemas.register(fresh("subject"), SchemaFormat.JSON, ONE));
    assertThat(get(schemas.byId(one.id().getAsLong())).subject()).isEqualTo(one.subject());
    assertThat(get(schemas.byId(two.id().getAsLong())).subject()).isEqualTo(two.subject());
    assertThat(get(schemas.byId(one.id().getAsLong())).definition()).isEqualTo(ONE);
    failure(NotFoundException.class, schemas.byId(1_000_000));
  }

  @Test
  void aPayloadIsValidatedWithoutBeingPublished() {
    requires(Capability.SCHEMA_VALIDATION);
    Schemas schemas = client().schemas();
    String subject = fresh("subject");
    get(schemas.register(subject, SchemaFormat.JSON, ONE));
    Validation good = get(schemas.validate(subject, "{\"id\":1}".getBytes(StandardCharsets.UTF_8)));
    Validation bad = get(schemas.validate(subject, "{}".getBytes(StandardCharsets.UTF_8)));
    assertThat(good.valid()).isTrue();
    assertThat(bad.valid()).isFalse();
    assertThat(bad.errors()).isNotEmpty();
  }
}
