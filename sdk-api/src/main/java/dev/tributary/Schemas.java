package dev.tributary;

import dev.tributary.admin.ResourceKind;
import dev.tributary.schema.Compatibility;
import dev.tributary.schema.Schema;
import dev.tributary.schema.SchemaFormat;
import dev.tributary.schema.Validation;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The registry of versioned schemas. Subjects are named like every resource. */
public interface Schemas {
  /**
   * Registers a definition as the next version of a subject.
   *
   * @return the version; an equal definition may get the version it has already. Fails with {@code SchemaRejectedException} if it
   *     is not a schema or not compatible.
   */
  CompletableFuture<Schema> register(String subject, SchemaFormat format, String definition);

  /** The latest version; fails with {@code NotFoundException} if there is none. */
  CompletableFuture<Schema> latest(String subject);

  /** This version; fails with {@code NotFoundException} if there is none. */
  CompletableFuture<Schema> version(String subject, int version);

  /** The version with this {@link Schema#id}; fails with {@code NotFoundException} if there is none. */
  CompletableFuture<Schema> byId(long id);

  /** All versions, ascending; empty if the subject is unknown. */
  CompletableFuture<List<Schema>> versions(String subject);

  /** All subjects, ascending. */
  CompletableFuture<List<String>> subjects();

  /** Deletes one version; fails with {@code NotFoundException} if there is none. */
  CompletableFuture<Void> delete(String subject, int version);

  /** From now on a stream or queue refuses payloads that do not match what is the subject's latest version now. */
  CompletableFuture<Void> attach(ResourceKind kind, String resource, String subject);

  /** From now on a stream or queue refuses payloads that do not match this version. */
  CompletableFuture<Void> attach(ResourceKind kind, String resource, String subject, int version);

  /** What a new version of this subject may change. */
  CompletableFuture<Compatibility> compatibility(String subject);

  /** Sets what a new version of this subject may change. */
  CompletableFuture<Void> setCompatibility(String subject, Compatibility mode);

  /** What a new version of a subject may change that has no mode of its own. */
  CompletableFuture<Compatibility> compatibility();

  /** Sets what a new version of a subject may change that has no mode of its own. */
  CompletableFuture<Void> setCompatibility(Compatibility mode);

  /** Whether a definition could be registered as the next version. */
  CompletableFuture<Boolean> isCompatible(String subject, SchemaFormat format, String definition);

  /** Checks a payload against the latest version. */
  CompletableFuture<Validation> validate(String subject, byte[] payload);
}
