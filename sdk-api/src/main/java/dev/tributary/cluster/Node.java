package dev.tributary.cluster;

import org.jspecify.annotations.Nullable;

/**
 * A node of the backend.
 *
 * @param id what the backend calls it
 * @param address where clients reach it, as {@code host:port}; null if the backend does not say
 */
public record Node(String id, @Nullable String address) {}
