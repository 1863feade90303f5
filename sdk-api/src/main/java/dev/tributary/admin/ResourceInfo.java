package dev.tributary.admin;

import dev.tributary.ResourceName;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A stream, queue or store that exists.
 *
 * @param kind which of the three
 * @param name its full name
 * @param partitions how many partitions it has, at least 1
 * @param createdAt when it was created, or null where the backend does not say
 */
public record ResourceInfo(ResourceKind kind, ResourceName name, int partitions, @Nullable Instant createdAt) {}
