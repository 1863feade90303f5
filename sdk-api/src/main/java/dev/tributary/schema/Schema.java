package dev.tributary.schema;

import java.time.Instant;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One registered version of a schema.
 *
 * @param subject what it is a version of
 * @param version from 1
 * @param format its language
 * @param definition as registered
 * @param createdAt when it was registered, or null where the backend does not say
 * @param id its number over all subjects; empty where the backend has none
 */
public record Schema(
    String subject, int version, SchemaFormat format, String definition, @Nullable Instant createdAt, OptionalLong id) {
  /** One of a backend that has no numbers over all subjects. */
  public Schema(String subject, int version, SchemaFormat format, String definition, @Nullable Instant createdAt) {
    this(subject, version, format, definition, createdAt, OptionalLong.empty());
  }
}
