package dev.tributary.schema;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One registered version of a schema.
 *
 * @param subject what it is a version of
 * @param version from 1
 * @param format its language
 * @param definition as registered
 * @param createdAt when it was registered, or null where the backend does not say
 */
public record Schema(String subject, int version, SchemaFormat format, String definition, @Nullable Instant createdAt) {}
