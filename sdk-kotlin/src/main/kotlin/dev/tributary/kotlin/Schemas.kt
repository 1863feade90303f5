package dev.tributary.kotlin

import dev.tributary.admin.ResourceKind
import dev.tributary.schema.Compatibility
import dev.tributary.schema.Schema
import dev.tributary.schema.SchemaFormat
import dev.tributary.schema.Validation
import kotlinx.coroutines.future.await
import dev.tributary.Schemas as JavaSchemas

/** The same registry for coroutines. */
public fun JavaSchemas.asKotlin(): Schemas = Schemas(this)

/** The registry of versioned schemas. Subjects are named like every resource. Cancellation is described at [Tributary]. */
public class Schemas internal constructor(
  /** The Java registry. */
  public val java: JavaSchemas,
) {
  /**
   * Registers a definition as the next version of a subject.
   *
   * @return the version; an equal definition may get the version it has already. Fails with `SchemaRejectedException` if it is
   *   not a schema or not compatible.
   */
  public suspend fun register(subject: String, format: SchemaFormat, definition: String): Schema =
    java.register(subject, format, definition).await()

  /** The latest version; fails with `NotFoundException` if there is none. */
  public suspend fun latest(subject: String): Schema = java.latest(subject).await()

  /** This version; fails with `NotFoundException` if there is none. */
  public suspend fun version(subject: String, version: Int): Schema = java.version(subject, version).await()

  /** The version with this [Schema.id]; fails with `NotFoundException` if there is none. */
  public suspend fun byId(id: Long): Schema = java.byId(id).await()

  /** All versions, ascending; empty if the subject is unknown. */
  public suspend fun versions(subject: String): List<Schema> = java.versions(subject).await()

  /** All subjects, ascending. */
  public suspend fun subjects(): List<String> = java.subjects().await()

  /** Deletes one version; fails with `NotFoundException` if there is none. */
  public suspend fun delete(subject: String, version: Int) {
    java.delete(subject, version).await()
  }

  /**
   * From now on a stream or queue refuses payloads that do not match this version.
   *
   * @param version null for what is the subject's latest version now
   */
  public suspend fun attach(kind: ResourceKind, resource: String, subject: String, version: Int? = null) {
    (if (version == null) java.attach(kind, resource, subject) else java.attach(kind, resource, subject, version)).await()
  }

  /** What a new version of a subject may change that has no mode of its own. */
  public suspend fun compatibility(): Compatibility = java.compatibility().await()

  /** Sets what a new version of a subject may change that has no mode of its own. */
  public suspend fun setCompatibility(mode: Compatibility) {
    java.setCompatibility(mode).await()
  }

  /** What a new version of this subject may change. */
  public suspend fun compatibility(subject: String): Compatibility = java.compatibility(subject).await()

  /** Sets what a new version of this subject may change. */
  public suspend fun setCompatibility(subject: String, mode: Compatibility) {
    java.setCompatibility(subject, mode).await()
  }

  /** Whether a definition could be registered as the next version. */
  public suspend fun isCompatible(subject: String, format: SchemaFormat, definition: String): Boolean =
    java.isCompatible(subject, format, definition).await()

  /** Checks a payload against the latest version. */
  public suspend fun validate(subject: String, payload: ByteArray): Validation = java.validate(subject, payload).await()
}
