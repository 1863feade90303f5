package dev.tributary.testkit.server.goqueue.internal.routes;

import dev.tributary.error.NotFoundException;
import dev.tributary.schema.Compatibility;
import dev.tributary.schema.Schema;
import dev.tributary.spi.Steps;
import dev.tributary.testkit.server.goqueue.internal.schemas.Schemas;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The registry of schemas. */
public final class SchemaRoutes {
  private final Schemas schemas;

  public SchemaRoutes(Schemas schemas) {
    this.schemas = schemas;
  }

  public void on(HttpRoutes routes) {
    routes
        .onRoot("GET", "/schemas/subjects", this::subjects)
        .on("POST", "/schemas/subjects/{subject}", this::find)
        .on("DELETE", "/schemas/subjects/{subject}", this::deleteAll)
        .on("GET", "/schemas/subjects/{subject}/versions", this::versions)
        .on("POST", "/schemas/subjects/{subject}/versions", this::register)
        .on("GET", "/schemas/subjects/{subject}/versions/{version}", this::get)
        .on("DELETE", "/schemas/subjects/{subject}/versions/{version}", this::delete)
        .on("GET", "/schemas/ids/{id}", this::numbered)
        .on("POST", "/schemas/compatibility/subjects/{subject}/versions/{version}", this::test)
        .on("GET", "/schemas/config", this::mode)
        .on("PUT", "/schemas/config", this::setMode)
        .on("GET", "/schemas/config/{subject}", this::mode)
        .on("PUT", "/schemas/config/{subject}", this::setMode)
        .on("GET", "/schemas/stats", this::stats);
  }

  private static String subject(HttpCall call) {
    return call.variable("subject");
  }

  private static @Nullable String subjectOrNone(HttpCall call) {
    return call.variables().get("subject");
  }

  private static String definition(HttpCall call) {
    String definition = JsonRequest.of(call, Messages.NewSchema.class).schema();
    if (definition.isEmpty()) {
      throw Refusal.badRequest("schema is required");
    }
    return definition;
  }

  private static int version(String text) {
    try {
      int version = Integer.parseInt(text);
      if (version > 0) {
        return version;
      }
    } catch (NumberFormatException other) {
      // Said below.
    }
    throw Refusal.badRequest("invalid version number");
  }

  private static OptionalInt versionOrLatest(HttpCall call) {
    String version = call.variable("version");
    return version.equals("latest") ? OptionalInt.empty() : OptionalInt.of(version(version));
  }

  private CompletableFuture<HttpReply> subjects(HttpCall call) {
    return Steps.map(schemas.subjects(call.deadline()), subjects -> JsonReply.message(new Messages.Subjects(subjects)));
  }

  private CompletableFuture<HttpReply> find(HttpCall call) {
    String subject = subject(call);
    return Steps.map(
        schemas.find(subject, definition(call), call.deadline()),
        found -> {
          Schema schema = found.orElseThrow(() -> Refusal.notFound("schema not found"));
          return JsonReply.ok(
              new JsonObject().put("subject", subject).put("version", schema.version()).put("id", schemas.number(schema)));
        });
  }

  private CompletableFuture<HttpReply> register(HttpCall call) {
    return Steps.map(
        schemas.register(subject(call), definition(call), call.deadline()),
        schema -> JsonReply.message(new Messages.Registered(schema.version(), schemas.number(schema))));
  }

  private CompletableFuture<HttpReply> versions(HttpCall call) {
    return Steps.map(
        schemas.versions(subject(call), call.deadline()),
        versions -> {
          Schemas.pick(versions, OptionalInt.empty());
          return JsonReply.message(new Messages.Versions(versions.stream().map(Schema::version).toList()));
        });
  }

  private CompletableFuture<HttpReply> get(HttpCall call) {
    OptionalInt version = versionOrLatest(call);
    return Steps.map(
        schemas.versions(subject(call), call.deadline()), versions -> JsonReply.ok(json(Schemas.pick(versions, version))));
  }

  private CompletableFuture<HttpReply> delete(HttpCall call) {
    return Steps.map(
        schemas.delete(subject(call), version(call.variable("version")), call.deadline()),
        deleted -> JsonReply.ok(new JsonObject().put("deleted", deleted)));
  }

  private CompletableFuture<HttpReply> deleteAll(HttpCall call) {
    return Steps.map(schemas.delete(subject(call), call.deadline()), deleted -> JsonReply.message(new Messages.Versions(deleted)));
  }

  private CompletableFuture<HttpReply> numbered(HttpCall call) {
    long id;
    try {
      id = Long.parseLong(call.variable("id"));
    } catch (NumberFormatException other) {
      throw Refusal.badRequest("invalid schema ID");
    }
    return Steps.map(
        Steps.otherwise(
            schemas.numbered(id, call.deadline()),
            error ->
                CompletableFuture.failedFuture(error instanceof NotFoundException ? Refusal.notFound("schema not found") : error)),
        schema -> JsonReply.ok(json(schema)));
  }

  private JsonObject json(Schema schema) {
    return new JsonObject()
        .put("subject", schemas.subject(schema))
        .put("version", schema.version())
        .put("id", schemas.number(schema))
        .put("schema", schema.definition())
        .put("schemaType", schema.format().name());
  }

  private CompletableFuture<HttpReply> test(HttpCall call) {
    OptionalInt version = call.variable("version").equals("-1") ? OptionalInt.empty() : versionOrLatest(call);
    return Steps.map(
        schemas.test(subject(call), version, definition(call), call.deadline()),
        compatible -> JsonReply.message(new Messages.Compatible(compatible)));
  }

  private CompletableFuture<HttpReply> mode(HttpCall call) {
    return Steps.map(schemas.mode(subjectOrNone(call), call.deadline()), mode -> JsonReply.message(new Messages.CompatibilityMode(mode.name())));
  }

  private CompletableFuture<HttpReply> setMode(HttpCall call) {
    Compatibility mode = mode(JsonRequest.of(call, Messages.SetCompatibility.class).compatibility());
    return Steps.map(schemas.mode(subjectOrNone(call), mode, call.deadline()), set -> JsonReply.message(new Messages.CompatibilityMode(mode.name())));
  }

  /** What is no mode is BACKWARD, without a word. */
  private static Compatibility mode(String name) {
    return switch (name.toUpperCase(Locale.ROOT)) {
      case "NONE" -> Compatibility.NONE;
      case "FORWARD" -> Compatibility.FORWARD;
      case "FULL" -> Compatibility.FULL;
      default -> Compatibility.BACKWARD;
    };
  }

  private CompletableFuture<HttpReply> stats(HttpCall call) {
    return Steps.then(
        schemas.mode(null, call.deadline()),
        mode ->
            Steps.then(
                schemas.subjects(call.deadline()),
                subjects ->
                    Steps.map(
                        Steps.together(subjects.stream().map(subject -> stats(subject, call)).toList()),
                        counted -> JsonReply.ok(stats(mode, counted)))));
  }

  /** Nothing is checked when it is published, over HTTP: that is not switched on anywhere. */
  private static JsonObject stats(Compatibility mode, List<JsonObject> subjects) {
    return new JsonObject()
        .put("subjectCount", subjects.size())
        .put("totalSchemas", subjects.stream().mapToInt(subject -> subject.getInteger("versionCount")).sum())
        .put("globalCompatibility", mode.name())
        .put("validationEnabled", false)
        .put("cachedValidators", 0)
        .put("subjects", new JsonArray(subjects));
  }

  private CompletableFuture<JsonObject> stats(String subject, HttpCall call) {
    return Steps.then(
        schemas.versions(subject, call.deadline()),
        versions ->
            Steps.map(
                schemas.mode(subject, call.deadline()),
                mode -> {
                  JsonObject counted = new JsonObject().put("subject", subject).put("versionCount", versions.size());
                  if (!versions.isEmpty()) {
                    Schema latest = versions.get(versions.size() - 1);
                    counted.put("latestVersion", latest.version()).put("latestSchemaId", schemas.number(latest));
                  }
                  return counted.put("compatibility", mode.name()).put("validationEnabled", false);
                }));
  }
}
