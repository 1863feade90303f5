package dev.tributary.testkit.server.flymq.internal.calls;

import dev.tributary.Capability;
import dev.tributary.ResourceName;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.TributaryException;
import dev.tributary.schema.Compatibility;
import dev.tributary.schema.Schema;
import dev.tributary.schema.SchemaFormat;
import dev.tributary.schema.Validation;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.SchemaTransport;
import dev.tributary.spi.Steps;
import dev.tributary.testkit.server.flymq.internal.calls.Operations.Call;
import dev.tributary.testkit.server.flymq.internal.store.Records.NewRecord;
import dev.tributary.testkit.server.flymq.internal.store.Refusal;
import dev.tributary.testkit.server.flymq.internal.store.Topics;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.ErrorStyle;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** The registry of the transport, and records that are checked by it. */
public final class SchemaCalls {
  private static final int LATEST = 0;
  private static final int ALL = 0;

  private final Topics topics;
  private final RecordCalls records;
  private final boolean checks;
  private final boolean asShipped;

  /** Without {@code checks} records are added whatever their schema says. {@code asShipped} everything is valid by a schema that is not there. */
  public SchemaCalls(Topics topics, RecordCalls records, boolean checks, boolean asShipped) {
    this.topics = topics;
    this.records = records;
    this.checks = checks;
    this.asShipped = asShipped;
  }

  public void on(Operations operations) {
    operations
        .on(Opcode.REGISTER_SCHEMA, Requests.RegisterSchema.class, this::register)
        .on(Opcode.GET_SCHEMA, Requests.SchemaVersion.class, this::get)
        .on(Opcode.LIST_SCHEMAS, Requests.Name.class, this::list)
        .on(Opcode.VALIDATE_SCHEMA, Requests.ValidateSchema.class, this::validate)
        .on(Opcode.PRODUCE_WITH_SCHEMA, Requests.ProduceWithSchema.class, Requests.ProduceWithSchema::topic, this::produce)
        .on(Opcode.DELETE_SCHEMA, Requests.SchemaVersion.class, this::delete);
  }

  private SchemaTransport schemas() {
    return topics.transport().schemas().orElseThrow(() -> new Refusal("schema registry not initialized"));
  }

  private ResourceName subject(String name) {
    return topics.full("schema", name);
  }

  private CompletableFuture<Answers.RegisteredSchema> register(Requests.RegisterSchema request, Call call) {
    SchemaFormat format = format(request.type());
    ResourceName subject = subject(request.name());
    String definition = new String(request.definition(), StandardCharsets.UTF_8);
    return Steps.map(
        Steps.translate(
            Steps.then(
                beginBackward(subject, format, call.deadline()), ready -> schemas().register(subject, format, definition, call.deadline())),
            TributaryException.class,
            error -> new Refusal("failed to register schema: " + error.getMessage())),
        schema -> new Answers.RegisteredSchema(request.name(), request.type(), schema.version()));
  }

  private static SchemaFormat format(String type) {
    return switch (type) {
      case "json" -> SchemaFormat.JSON;
      case "avro" -> SchemaFormat.AVRO;
      case "protobuf", "proto" -> SchemaFormat.PROTOBUF;
      default -> throw new Refusal("unsupported schema type: " + type);
    };
  }

  /** Every JSON subject of this wire begins backward compatible. What is compared of others differs between transports, and is nothing here. */
  private CompletableFuture<Boolean> beginBackward(ResourceName subject, SchemaFormat format, Deadline deadline) {
    if (format != SchemaFormat.JSON || !topics.can(Capability.SCHEMA_COMPATIBILITY)) {
      return CompletableFuture.completedFuture(false);
    }
    return Steps.then(
        schemas().versions(subject, deadline),
        versions ->
            versions.isEmpty()
                ? Steps.map(schemas().setCompatibility(subject, Compatibility.BACKWARD, deadline), set -> true)
                : CompletableFuture.completedFuture(false));
  }

  private CompletableFuture<Answers.Schema> get(Requests.SchemaVersion request, Call call) {
    ResourceName subject = subject(request.name());
    return found(
        request.name(),
        request.version(),
        Steps.then(
            schemas().get(subject, version(request), call.deadline()),
            schema -> Steps.map(compatibility(subject, call.deadline()), mode -> shown(request.name(), schema, mode))));
  }

  /** A number that is too large for a version is of none. */
  private static OptionalInt version(Requests.SchemaVersion request) {
    if (request.version() < 0) {
      throw new Refusal(missing(request.name(), request.version()));
    }
    return request.version() == LATEST ? OptionalInt.empty() : OptionalInt.of(request.version());
  }

  private CompletableFuture<Compatibility> compatibility(ResourceName subject, Deadline deadline) {
    return topics.can(Capability.SCHEMA_COMPATIBILITY)
        ? schemas().compatibility(subject, deadline)
        : CompletableFuture.completedFuture(Compatibility.NONE);
  }

  private static Answers.Schema shown(String name, Schema schema, Compatibility mode) {
    return new Answers.Schema(
        id(name, schema), name, schema.version(), type(schema), schema.definition().getBytes(StandardCharsets.UTF_8), lower(mode));
  }

  private static String id(String name, Schema schema) {
    return name + "-v" + schema.version();
  }

  private static String type(Schema schema) {
    return lower(schema.format());
  }

  private static String lower(Enum<?> name) {
    return name.name().toLowerCase(Locale.ROOT);
  }

  /** Says what is not there as this wire does. */
  private static <T> CompletableFuture<T> found(String name, int version, CompletableFuture<T> asked) {
    return Steps.translate(asked, NotFoundException.class, error -> new Refusal(missing(name, version)));
  }

  private static String missing(String name, int version) {
    return version == LATEST
        ? "no schema found for topic: " + name
        : "schema not found: " + name + " v" + Integer.toUnsignedString(version);
  }

  private CompletableFuture<Answers.Schemas> list(Requests.Name request, Call call) {
    CompletableFuture<List<List<Answers.ListedSchema>>> subjects =
        request.name().isEmpty()
            ? Steps.then(schemas().subjects(call.deadline()), names -> Steps.together(names.stream().map(name -> listed(name, call)).toList()))
            : Steps.map(listed(request.name(), subject(request.name()), call), List::of);
    return Steps.map(subjects, all -> new Answers.Schemas(all.stream().flatMap(Collection::stream).toList()));
  }

  private CompletableFuture<List<Answers.ListedSchema>> listed(String fullName, Call call) {
    return topics
        .flat(fullName)
        .map(name -> listed(name, subject(name), call))
        .orElse(CompletableFuture.completedFuture(List.of()));
  }

  private CompletableFuture<List<Answers.ListedSchema>> listed(String name, ResourceName subject, Call call) {
    return Steps.map(
        schemas().versions(subject, call.deadline()),
        versions -> versions.stream().map(schema -> new Answers.ListedSchema(id(name, schema), type(schema), schema.version())).toList());
  }

  private CompletableFuture<Answers.Validated> validate(Requests.ValidateSchema request, Call call) {
    return Steps.map(
        check(request.name(), request.message(), call), validation -> new Answers.Validated(validation.valid(), validation.errors()));
  }

  private CompletableFuture<Validation> check(String name, byte[] message, Call call) {
    if (!topics.can(Capability.SCHEMA_VALIDATION)) {
      throw new Refusal(topics.transport().backend() + " does not check messages");
    }
    CompletableFuture<Validation> checked =
        found(name, LATEST, schemas().validate(subject(name), OptionalInt.empty(), message, call.deadline()));
    return asShipped
        ? Steps.otherwise(checked, unknown -> CompletableFuture.completedFuture(new Validation(List.of())))
        : checked;
  }

  private CompletableFuture<Answers.Produced> produce(Requests.ProduceWithSchema request, Call call) {
    Function<Validation, CompletableFuture<Answers.Produced>> add =
        validation -> {
          if (!validation.valid()) {
            throw new Refusal("schema validation failed: [" + String.join(" ", validation.errors()) + "]", ErrorStyle.TEXT);
          }
          return records.produceSpecially(request.topic(), NewRecord.of(request.value()), call);
        };
    return checks ? Steps.then(check(request.schema(), request.value(), call), add) : add.apply(new Validation(List.of()));
  }

  private CompletableFuture<Answers.Outcome> delete(Requests.SchemaVersion request, Call call) {
    ResourceName subject = subject(request.name());
    if (request.version() < 0) {
      throw none(request);
    }
    CompletableFuture<Integer> deleted =
        request.version() == ALL && !asShipped
            ? Steps.then(schemas().versions(subject, call.deadline()), versions -> deleteAll(subject, versions, 0, call))
            : Steps.map(
                Steps.translate(
                    schemas().delete(subject, request.version(), call.deadline()), NotFoundException.class, error -> none(request)),
                done -> 1);
    return Steps.map(
        deleted,
        count -> {
          if (count == 0) {
            throw none(request);
          }
          return new Answers.Outcome(true, "OK");
        });
  }

  private static Refusal none(Requests.SchemaVersion request) {
    return new Refusal("failed to delete schema: schema not found: " + request.name() + " v" + Integer.toUnsignedString(request.version()));
  }

  /** From the oldest on, so that the latest is always there; says how many there were. */
  private CompletableFuture<Integer> deleteAll(ResourceName subject, List<Schema> versions, int at, Call call) {
    return at == versions.size()
        ? CompletableFuture.completedFuture(at)
        : Steps.then(
            schemas().delete(subject, versions.get(at).version(), call.deadline()), done -> deleteAll(subject, versions, at + 1, call));
  }
}
