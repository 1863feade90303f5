package dev.tributary.vertx.internal.goqueue;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.schema.Compatibility;
import dev.tributary.schema.Schema;
import dev.tributary.schema.SchemaFormat;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.SchemaTransport;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.goqueue.client.Api;
import dev.tributary.vertx.internal.goqueue.client.Topics;
import dev.tributary.vertx.internal.goqueue.wire.BadAnswer;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import dev.tributary.vertx.internal.goqueue.wire.PathSegment;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The registry of a GoQueue server, which has JSON Schema only. Subjects are named as topics are. */
final class GoQueueSchemas implements SchemaTransport {
  /** Requests for the versions of a subject on their way at a time. */
  private static final int ON_THE_WAY = 16;

  private final Api api;
  private final Topics topics;

  GoQueueSchemas(Api api, Topics topics) {
    this.api = api;
    this.topics = topics;
  }

  private String name(ResourceName subject) {
    return PathSegment.encode(topics.of(subject));
  }

  private static String path(String subject) {
    return "/schemas/subjects/" + subject;
  }

  private static void requireJson(SchemaFormat format) {
    if (format != SchemaFormat.JSON) {
      throw new UnsupportedFeatureException(ErrorInfo.of("GoQueue has no schemas in " + format, "Use JSON Schema"));
    }
  }

  @Override
  public CompletableFuture<Schema> register(ResourceName subject, SchemaFormat format, String definition, Deadline deadline) {
    String name = name(subject);
    requireJson(format);
    return Steps.map(
        api.post(path(name) + "/versions", new Messages.NewSchema(definition), Messages.Registered.class, deadline),
        answer -> new Schema(subject.toString(), answer.version(), SchemaFormat.JSON, definition, null, OptionalLong.of(answer.id())));
  }

  @Override
  public CompletableFuture<Schema> get(ResourceName subject, OptionalInt version, Deadline deadline) {
    String which = version.isPresent() ? Integer.toString(version.getAsInt()) : "latest";
    String name = name(subject);
    return Steps.map(api.get(path(name) + "/versions/" + which, Messages.Schema.class, deadline), this::schema);
  }

  @Override
  public CompletableFuture<Schema> byId(long id, Deadline deadline) {
    return Steps.map(api.get("/schemas/ids/" + id, Messages.Schema.class, deadline), this::schema);
  }

  private Schema schema(Messages.Schema answer) {
    return new Schema(subject(answer.subject()), answer.version(), SchemaFormat.JSON, answer.schema(), null, OptionalLong.of(answer.id()));
  }

  /** Others may have used characters that none of ours has. */
  private String subject(String name) {
    try {
      return topics.name(name).toString();
    } catch (InvalidRequestException foreign) {
      return name;
    }
  }

  /** One that is deleted while the others are asked for is left out. */
  @Override
  public CompletableFuture<List<Schema>> versions(ResourceName subject, Deadline deadline) {
    String name = name(subject);
    return Steps.then(
        numbers(name, deadline),
        numbers ->
            Steps.map(
                Steps.all(numbers, ON_THE_WAY, number -> get(subject, OptionalInt.of(number), deadline)), GoQueueSchemas::present));
  }

  private static List<Schema> present(List<Outcome<Schema>> outcomes) {
    List<Schema> present = new ArrayList<>();
    for (Outcome<Schema> outcome : outcomes) {
      TributaryException error = outcome.error();
      if (error == null) {
        present.add(outcome.orThrow());
      } else if (!(error instanceof NotFoundException)) {
        throw error;
      }
    }
    return present;
  }

  private CompletableFuture<List<Integer>> numbers(String subject, Deadline deadline) {
    return Steps.recover(
        Steps.map(api.get(path(subject) + "/versions", Messages.Versions.class, deadline), Messages.Versions::numbers),
        NotFoundException.class,
        unknown -> CompletableFuture.completedFuture(List.of()));
  }

  @Override
  public CompletableFuture<List<String>> subjects(Deadline deadline) {
    return Steps.map(
        api.get("/schemas/subjects", Messages.Subjects.class, deadline),
        subjects -> subjects.names().stream().map(this::subject).sorted().toList());
  }

  @Override
  public CompletableFuture<Void> delete(ResourceName subject, int version, Deadline deadline) {
    String name = name(subject);
    return api.delete(path(name) + "/versions/" + version, deadline);
  }

  @Override
  public CompletableFuture<Compatibility> compatibility(@Nullable ResourceName subject, Deadline deadline) {
    return Steps.map(api.get(config(subject), Messages.CompatibilityMode.class, deadline), GoQueueSchemas::mode);
  }

  /** A server that does not know the mode takes another, and says only which. */
  @Override
  public CompletableFuture<Void> setCompatibility(@Nullable ResourceName subject, Compatibility mode, Deadline deadline) {
    return Steps.map(
        api.put(config(subject), new Messages.SetCompatibility(mode.name()), Messages.CompatibilityMode.class, deadline),
        answer -> {
          if (mode(answer) != mode) {
            throw new UnsupportedFeatureException(
                ErrorInfo.of("the server took " + mode(answer) + " for " + mode, "Look at what it is now, and set what it knows").maybeApplied(true));
          }
          return null;
        });
  }

  private String config(@Nullable ResourceName subject) {
    return subject == null ? "/schemas/config" : "/schemas/config/" + name(subject);
  }

  private static Compatibility mode(Messages.CompatibilityMode answer) {
    String name = answer.compatibility();
    for (Compatibility mode : Compatibility.values()) {
      if (mode.name().equals(name)) {
        return mode;
      }
    }
    throw BadAnswer.of("compatibility " + name);
  }

  @Override
  public CompletableFuture<Boolean> isCompatible(ResourceName subject, SchemaFormat format, String definition, Deadline deadline) {
    String name = name(subject);
    requireJson(format);
    return Steps.map(
        api.post(
            "/schemas/compatibility/subjects/" + name + "/versions/latest",
            new Messages.NewSchema(definition),
            Messages.Compatible.class,
            deadline),
        Messages.Compatible::compatible);
  }
}
