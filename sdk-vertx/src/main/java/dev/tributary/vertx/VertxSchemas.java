package dev.tributary.vertx;

import dev.tributary.Schemas;
import dev.tributary.admin.ResourceKind;
import dev.tributary.schema.Compatibility;
import dev.tributary.schema.Schema;
import dev.tributary.schema.SchemaFormat;
import dev.tributary.schema.Validation;
import io.vertx.core.Future;
import java.util.List;

/** {@link Schemas} for verticles; see {@link VertxTributary}. */
public final class VertxSchemas {
  private final Contexts contexts;
  private final Schemas schemas;

  VertxSchemas(Contexts contexts, Schemas schemas) {
    this.contexts = contexts;
    this.schemas = schemas;
  }

  /** See {@link Schemas#register}. */
  public Future<Schema> register(String subject, SchemaFormat format, String definition) {
    return contexts.future(schemas.register(subject, format, definition));
  }

  /** See {@link Schemas#latest}. */
  public Future<Schema> latest(String subject) {
    return contexts.future(schemas.latest(subject));
  }

  /** See {@link Schemas#version}. */
  public Future<Schema> version(String subject, int version) {
    return contexts.future(schemas.version(subject, version));
  }

  /** See {@link Schemas#byId}. */
  public Future<Schema> byId(long id) {
    return contexts.future(schemas.byId(id));
  }

  /** See {@link Schemas#versions}. */
  public Future<List<Schema>> versions(String subject) {
    return contexts.future(schemas.versions(subject));
  }

  /** See {@link Schemas#subjects}. */
  public Future<List<String>> subjects() {
    return contexts.future(schemas.subjects());
  }

  /** See {@link Schemas#delete}. */
  public Future<Void> delete(String subject, int version) {
    return contexts.future(schemas.delete(subject, version));
  }

  /** See {@link Schemas#attach(ResourceKind, String, String)}. */
  public Future<Void> attach(ResourceKind kind, String resource, String subject) {
    return contexts.future(schemas.attach(kind, resource, subject));
  }

  /** See {@link Schemas#attach(ResourceKind, String, String, int)}. */
  public Future<Void> attach(ResourceKind kind, String resource, String subject, int version) {
    return contexts.future(schemas.attach(kind, resource, subject, version));
  }

  /** See {@link Schemas#compatibility()}. */
  public Future<Compatibility> compatibility() {
    return contexts.future(schemas.compatibility());
  }

  /** See {@link Schemas#setCompatibility(Compatibility)}. */
  public Future<Void> setCompatibility(Compatibility mode) {
    return contexts.future(schemas.setCompatibility(mode));
  }

  /** See {@link Schemas#compatibility(String)}. */
  public Future<Compatibility> compatibility(String subject) {
    return contexts.future(schemas.compatibility(subject));
  }

  /** See {@link Schemas#setCompatibility(String, Compatibility)}. */
  public Future<Void> setCompatibility(String subject, Compatibility mode) {
    return contexts.future(schemas.setCompatibility(subject, mode));
  }

  /** See {@link Schemas#isCompatible}. */
  public Future<Boolean> isCompatible(String subject, SchemaFormat format, String definition) {
    return contexts.future(schemas.isCompatible(subject, format, definition));
  }

  /** See {@link Schemas#validate}. */
  public Future<Validation> validate(String subject, byte[] payload) {
    return contexts.future(schemas.validate(subject, payload));
  }
}
