package dev.tributary.internal;

import dev.tributary.Capability;
import dev.tributary.ResourceName;
import dev.tributary.Schemas;
import dev.tributary.admin.ResourceKind;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.schema.Compatibility;
import dev.tributary.schema.Schema;
import dev.tributary.schema.SchemaFormat;
import dev.tributary.schema.Validation;
import dev.tributary.spi.SchemaTransport;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The schema registry, over the transport. */
final class SchemasHandle implements Schemas {
  private final Calls calls;
  private final SchemaTransport transport;
  private final Function<String, ResourceName> names;

  SchemasHandle(Calls calls, Function<String, ResourceName> names) {
    this.calls = calls;
    this.transport = calls.transport().schemas().orElseThrow(() -> calls.checks().unsupported(Capability.SCHEMAS));
    this.names = names;
  }

  @Override
  public CompletableFuture<Schema> register(String subject, SchemaFormat format, String definition) {
    return about(
        "register schema",
        subject,
        name -> {
          Checks.present("format", format);
          Checks.notEmpty("definition", definition);
          // Again, it could make one more version.
          return calls.call(
              "register schema",
              name,
              Calls.Repeat.UNLESS_APPLIED,
              deadline -> transport.register(name, format, definition, deadline));
        });
  }

  @Override
  public CompletableFuture<Schema> latest(String subject) {
    return about("latest schema", subject, name -> get("latest schema", name, OptionalInt.empty()));
  }

  @Override
  public CompletableFuture<Schema> version(String subject, int version) {
    return about("schema version", subject, name -> get("schema version", name, number(version)));
  }

  @Override
  public CompletableFuture<Schema> byId(long id) {
    return calls.checked(
        "schema by id",
        null,
        () -> {
          calls.checks().require(Capability.SCHEMA_IDS);
          return calls.call("schema by id", id, Calls.Repeat.SAFE, deadline -> transport.byId(id, deadline));
        });
  }

  private CompletableFuture<Schema> get(String operation, ResourceName name, OptionalInt version) {
    return calls.call(operation, name, Calls.Repeat.SAFE, deadline -> transport.get(name, version, deadline));
  }

  @Override
  public CompletableFuture<List<Schema>> versions(String subject) {
    return about(
        "schema versions",
        subject,
        name -> calls.call("schema versions", name, Calls.Repeat.SAFE, deadline -> transport.versions(name, deadline)));
  }

  @Override
  public CompletableFuture<List<String>> subjects() {
    return calls.call("schema subjects", null, Calls.Repeat.SAFE, transport::subjects);
  }

  @Override
  public CompletableFuture<Void> delete(String subject, int version) {
    return about(
        "delete schema",
        subject,
        name -> {
          int which = number(version).getAsInt();
          return calls.call(
              "delete schema", name, Calls.Repeat.UNLESS_APPLIED, deadline -> transport.delete(name, which, deadline));
        });
  }

  @Override
  public CompletableFuture<Void> attach(ResourceKind kind, String resource, String subject) {
    return attach(kind, resource, subject, () -> OptionalInt.empty());
  }

  @Override
  public CompletableFuture<Void> attach(ResourceKind kind, String resource, String subject, int version) {
    return attach(kind, resource, subject, () -> number(version));
  }

  private CompletableFuture<Void> attach(
      ResourceKind kind, String resource, String subject, Supplier<OptionalInt> version) {
    return about(
        "attach schema",
        subject,
        name -> {
          calls.checks().require(Capability.SCHEMA_ATTACHMENT);
          if (Checks.present("kind", kind) == ResourceKind.KEY_VALUE) {
            throw InvalidRequestException.of("schemas are not attached to key-value stores", "Attach them to streams and queues");
          }
          ResourceName target = names.apply(resource);
          OptionalInt which = version.get();
          return calls.call(
              "attach schema",
              target,
              Calls.Repeat.SAFE,
              deadline -> transport.attach(kind, target, name, which, deadline));
        });
  }

  @Override
  public CompletableFuture<Compatibility> compatibility(String subject) {
    return about("get compatibility", subject, this::mode);
  }

  @Override
  public CompletableFuture<Compatibility> compatibility() {
    return calls.checked("get compatibility", null, () -> mode(null));
  }

  private CompletableFuture<Compatibility> mode(@Nullable ResourceName name) {
    calls.checks().require(Capability.SCHEMA_COMPATIBILITY);
    return calls.call("get compatibility", name, Calls.Repeat.SAFE, deadline -> transport.compatibility(name, deadline));
  }

  @Override
  public CompletableFuture<Void> setCompatibility(String subject, Compatibility mode) {
    return about("set compatibility", subject, name -> mode(name, mode));
  }

  @Override
  public CompletableFuture<Void> setCompatibility(Compatibility mode) {
    return calls.checked("set compatibility", null, () -> mode(null, mode));
  }

  private CompletableFuture<Void> mode(@Nullable ResourceName name, Compatibility mode) {
    calls.checks().require(Capability.SCHEMA_COMPATIBILITY);
    Checks.present("mode", mode);
    return calls.call(
        "set compatibility", name, Calls.Repeat.SAFE, deadline -> transport.setCompatibility(name, mode, deadline));
  }

  @Override
  public CompletableFuture<Boolean> isCompatible(String subject, SchemaFormat format, String definition) {
    return about(
        "check compatibility",
        subject,
        name -> {
          calls.checks().require(Capability.SCHEMA_COMPATIBILITY);
          Checks.present("format", format);
          Checks.notEmpty("definition", definition);
          return calls.call(
              "check compatibility",
              name,
              Calls.Repeat.SAFE,
              deadline -> transport.isCompatible(name, format, definition, deadline));
        });
  }

  @Override
  public CompletableFuture<Validation> validate(String subject, byte[] payload) {
    return about(
        "validate",
        subject,
        name -> {
          calls.checks().require(Capability.SCHEMA_VALIDATION);
          Checks.present("payload", payload);
          return calls.call(
              "validate",
              name,
              Calls.Repeat.SAFE,
              deadline -> transport.validate(name, OptionalInt.empty(), payload, deadline));
        });
  }

  private static OptionalInt number(int version) {
    return OptionalInt.of(Checks.atLeastOne("version", version));
  }

  private <R> CompletableFuture<R> about(
      String operation, String subject, Function<ResourceName, CompletableFuture<R>> call) {
    return calls.checked(operation, subject, () -> call.apply(names.apply(subject)));
  }
}
