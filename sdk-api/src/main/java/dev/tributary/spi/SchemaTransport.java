package dev.tributary.spi;

import dev.tributary.Capability;
import dev.tributary.ResourceName;
import dev.tributary.admin.ResourceKind;
import dev.tributary.schema.Compatibility;
import dev.tributary.schema.Schema;
import dev.tributary.schema.SchemaFormat;
import dev.tributary.schema.Validation;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The schema registry of a backend. See {@link Transport} for what holds for every method. */
public interface SchemaTransport {
  /** Registers a definition as the next version; the same definition again may give the version it has. */
  CompletableFuture<Schema> register(ResourceName subject, SchemaFormat format, String definition, Deadline deadline);

  /** This version, the latest if empty; {@code NotFoundException} if there is none. */
  CompletableFuture<Schema> get(ResourceName subject, OptionalInt version, Deadline deadline);

  /** The version with this number, with {@code SCHEMA_IDS}; {@code NotFoundException} if there is none. */
  default CompletableFuture<Schema> byId(long id, Deadline deadline) {
    throw Unsupported.without(Capability.SCHEMA_IDS);
  }

  /** All versions, ascending; empty if the subject is unknown. */
  CompletableFuture<List<Schema>> versions(ResourceName subject, Deadline deadline);

  /** All subjects, ascending. */
  CompletableFuture<List<String>> subjects(Deadline deadline);

  /** Deletes this version. */
  CompletableFuture<Void> delete(ResourceName subject, int version, Deadline deadline);

  /** Has payloads of a stream or queue checked against this version, the latest if empty, with {@code SCHEMA_ATTACHMENT}. */
  default CompletableFuture<Void> attach(
      ResourceKind kind, ResourceName resource, ResourceName subject, OptionalInt version, Deadline deadline) {
    throw Unsupported.without(Capability.SCHEMA_ATTACHMENT);
  }

  /** The mode of a subject, of the registry if null, with {@code SCHEMA_COMPATIBILITY}. */
  default CompletableFuture<Compatibility> compatibility(@Nullable ResourceName subject, Deadline deadline) {
    throw Unsupported.without(Capability.SCHEMA_COMPATIBILITY);
  }

  /** Sets the mode of a subject, of the registry if null, with {@code SCHEMA_COMPATIBILITY}. */
  default CompletableFuture<Void> setCompatibility(@Nullable ResourceName subject, Compatibility mode, Deadline deadline) {
    throw Unsupported.without(Capability.SCHEMA_COMPATIBILITY);
  }

  /** Whether a definition could be registered as the next version, with {@code SCHEMA_COMPATIBILITY}. */
  default CompletableFuture<Boolean> isCompatible(ResourceName subject, SchemaFormat format, String definition, Deadline deadline) {
    throw Unsupported.without(Capability.SCHEMA_COMPATIBILITY);
  }

  /** Checks a payload against this version, the latest if empty, with {@code SCHEMA_VALIDATION}. */
  default CompletableFuture<Validation> validate(ResourceName subject, OptionalInt version, byte[] payload, Deadline deadline) {
    throw Unsupported.without(Capability.SCHEMA_VALIDATION);
  }
}
