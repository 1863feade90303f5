package dev.tributary.vertx.internal.flymq;

import dev.tributary.ResourceName;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.schema.Schema;
import dev.tributary.schema.SchemaFormat;
import dev.tributary.schema.Validation;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.SchemaTransport;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.flymq.shipped.Bounds;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.Answers.ListedSchema;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/**
 * The registry of a FlyMQ server, where subjects have names as topics have. A public one goes down when its latest version is asked for after that was
 * deleted, and by messages that are no Avro or Protobuf: the first is looked up in its list, and the others are looked through before it sees them.
 */
final class FlyMqSchemas implements SchemaTransport {
  private static final int ON_THE_WAY = 16;

  private final FlyMqCaller caller;
  private final Topics topics;
  private final FlyMqMapping mapping;
  private final Confirmation confirmation;

  FlyMqSchemas(FlyMqCaller caller, Topics topics, FlyMqMapping mapping, Confirmation confirmation) {
    this.caller = caller;
    this.topics = topics;
    this.mapping = mapping;
    this.confirmation = confirmation;
  }

  private static String type(SchemaFormat format) {
    return format.name().toLowerCase(Locale.ROOT);
  }

  private static SchemaFormat format(String type) {
    return switch (type) {
      case "json" -> SchemaFormat.JSON;
      case "avro" -> SchemaFormat.AVRO;
      case "protobuf", "proto" -> SchemaFormat.PROTOBUF;
      default -> throw new ProtocolViolationException(ErrorInfo.of("a schema of type " + type, "Check the server's version"));
    };
  }

  /** A node of a cluster says that it is registered before it looks at it, so that it is read again. */
  @Override
  public CompletableFuture<Schema> register(ResourceName subject, SchemaFormat format, String definition, Deadline deadline) {
    byte[] bytes = definition.getBytes(StandardCharsets.UTF_8);
    String name = mapping.topic(subject);
    if (bytes.length == 0) {
      throw InvalidRequestException.of("an empty definition", "Give one");
    }
    return Steps.then(
        Steps.then(
            format == SchemaFormat.AVRO ? bounds(format, definition, deadline) : CompletableFuture.completedFuture(Bounds.NONE),
            harmless ->
                caller.call(
                    Opcode.REGISTER_SCHEMA, name, new Requests.RegisterSchema(name, type(format), bytes), Answers.RegisteredSchema.class, deadline)),
        answer ->
            Steps.map(
                confirmation.found(
                    () -> find(name, answer.version(), bytes, deadline),
                    "version " + answer.version() + " of " + name + " is the one that was to be registered"),
                version -> new Schema(subject.toString(), version, format, definition, null)));
  }

  /** The version of this definition: the one that was named or a later one, since a node of a cluster names the latest before this one. */
  private CompletableFuture<Optional<Integer>> find(String name, int version, byte[] definition, Deadline deadline) {
    return Steps.then(
        is(name, version, definition, deadline),
        same ->
            same
                ? CompletableFuture.completedFuture(Optional.of(version))
                : Steps.then(
                    list(name, deadline),
                    all ->
                        all.stream()
                            .map(ListedSchema::version)
                            .filter(later -> later > version)
                            .findFirst()
                            .map(later -> find(name, later, definition, deadline))
                            .orElse(CompletableFuture.completedFuture(Optional.empty()))));
  }

  private CompletableFuture<Boolean> is(String name, int version, byte[] definition, Deadline deadline) {
    return Steps.map(
        ask(name, version, deadline),
        schema -> Arrays.equals(schema.definition(), definition),
        error -> {
          if (error instanceof NotFoundException) {
            return false;
          }
          throw error;
        });
  }

  /** The version has a number: 0 would be the latest, after which a public server must not be asked. */
  private CompletableFuture<Answers.Schema> ask(String name, int version, Deadline deadline) {
    if (version <= 0) {
      return CompletableFuture.failedFuture(
          new NotFoundException(ErrorInfo.of("no version " + version + " of schema " + name, "Versions are counted from 1")));
    }
    return caller.call(Opcode.GET_SCHEMA, name, new Requests.SchemaVersion(name, version), Answers.Schema.class, deadline);
  }

  /** The versions there are, ascending. */
  private CompletableFuture<List<ListedSchema>> list(String name, Deadline deadline) {
    return Steps.map(
        caller.call(Opcode.LIST_SCHEMAS, name, new Requests.Name(name), Answers.Schemas.class, deadline),
        answer -> answer.schemas().stream().sorted(Comparator.comparingInt(ListedSchema::version)).toList());
  }

  private CompletableFuture<ListedSchema> latest(String name, Deadline deadline) {
    return Steps.map(
        list(name, deadline),
        versions -> {
          if (versions.isEmpty()) {
            throw new NotFoundException(ErrorInfo.of("no schema " + name, "Register one first"));
          }
          return versions.get(versions.size() - 1);
        });
  }

  @Override
  public CompletableFuture<Schema> get(ResourceName subject, OptionalInt version, Deadline deadline) {
    String name = mapping.topic(subject);
    return version.isPresent()
        ? get(subject, name, version.getAsInt(), deadline)
        : Steps.then(latest(name, deadline), latest -> get(subject, name, latest.version(), deadline));
  }

  private CompletableFuture<Schema> get(ResourceName subject, String name, int version, Deadline deadline) {
    return Steps.map(
        ask(name, version, deadline),
        schema ->
            new Schema(
                subject.toString(), schema.version(), format(schema.type()), new String(schema.definition(), StandardCharsets.UTF_8), null));
  }

  @Override
  public CompletableFuture<List<Schema>> versions(ResourceName subject, Deadline deadline) {
    String name = mapping.topic(subject);
    return Steps.then(
        list(name, deadline),
        versions ->
            Steps.map(
                Steps.all(versions, ON_THE_WAY, one -> get(subject, name, one.version(), deadline)),
                found ->
                    // One that is deleted while the others are asked for is left out.
                    found.stream()
                        .filter(one -> !(one.error() instanceof NotFoundException))
                        .map(one -> one.orThrow())
                        .toList()));
  }

  @Override
  public CompletableFuture<List<String>> subjects(Deadline deadline) {
    return Steps.map(
        list("", deadline),
        all -> all.stream().map(one -> mapping.nameOr(one.id().substring(0, Math.max(0, one.id().lastIndexOf("-v"))))).distinct().sorted().toList());
  }

  @Override
  public CompletableFuture<Void> delete(ResourceName subject, int version, Deadline deadline) {
    String name = mapping.topic(subject);
    return Steps.then(
        list(name, deadline),
        versions -> {
          if (versions.stream().noneMatch(one -> one.version() == version)) {
            throw new NotFoundException(ErrorInfo.of("no version " + version + " of schema " + name, "Look at the versions there are"));
          }
          boolean leavesOlder = versions.size() > 1 && versions.get(versions.size() - 1).version() == version;
          return Steps.then(
              leavesOlder ? topics.exact(deadline) : CompletableFuture.completedFuture(true),
              bears -> {
                if (!bears) {
                  throw new UnsupportedFeatureException(
                      ErrorInfo.of(
                          "a public FlyMQ server goes down after the latest version was deleted and older ones are left",
                          "Delete the older ones first"));
                }
                return Steps.map(
                    caller.call(
                        Opcode.DELETE_SCHEMA, name, new Requests.SchemaVersion(name, version), Answers.Outcome.class, deadline),
                    outcome -> {
                      if (!outcome.success()) {
                        throw FlyMqErrors.of(Opcode.DELETE_SCHEMA, outcome.message());
                      }
                      return null;
                    });
              });
        });
  }

  @Override
  public CompletableFuture<Validation> validate(ResourceName subject, OptionalInt version, byte[] payload, Deadline deadline) {
    return Steps.then(
        validator(subject, deadline),
        validator -> {
          if (version.isPresent() && version.getAsInt() != validator.version()) {
            throw new UnsupportedFeatureException(
                ErrorInfo.of("FlyMQ validates by the latest version only, which is " + validator.version(), "Leave the version out"));
          }
          return validator.validate(payload, deadline);
        });
  }

  /** What messages are validated by: the latest version there is now. A public server takes everything for valid of which it has no schema. */
  CompletableFuture<Validator> validator(ResourceName subject, Deadline deadline) {
    String name = mapping.topic(subject);
    return Steps.then(
        latest(name, deadline),
        latest -> Steps.map(bounds(name, latest, deadline), bounds -> new Validator(caller, name, latest.version(), bounds)));
  }

  private CompletableFuture<Bounds> bounds(String name, ListedSchema schema, Deadline deadline) {
    SchemaFormat format = format(schema.type());
    return switch (format) {
      case JSON -> CompletableFuture.completedFuture(Bounds.NONE);
      case PROTOBUF -> bounds(format, "", deadline);
      case AVRO ->
          Steps.then(
              ask(name, schema.version(), deadline),
              found -> bounds(format, new String(found.definition(), StandardCharsets.UTF_8), deadline));
    };
  }

  /** What this server bears of messages of such a schema; fails if it does not bear the definition. */
  private CompletableFuture<Bounds> bounds(SchemaFormat format, String definition, Deadline deadline) {
    return Steps.map(topics.exact(deadline), bearsAll -> bearsAll ? Bounds.NONE : Bounds.of(format, definition));
  }
}
