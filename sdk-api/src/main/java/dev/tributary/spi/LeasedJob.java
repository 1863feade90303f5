package dev.tributary.spi;

import java.time.Instant;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A job as the backend leased it.
 *
 * @param id the backend's id
 * @param receipt names this one delivery to the backend; opaque, may be empty where the id is enough
 * @param value the payload
 * @param headers its headers; empty if none
 * @param attempt 1 on first delivery
 * @param priority as enqueued; 0 is normal
 * @param enqueuedAt when it was enqueued; null where the backend does not say
 * @param leaseDeadline when the lease ends; null where leases do not end
 * @param sequence its place in the order of enqueueing, where the backend counts
 */
public record LeasedJob(
    String id,
    String receipt,
    byte[] value,
    Map<String, String> headers,
    int attempt,
    int priority,
    @Nullable Instant enqueuedAt,
    @Nullable Instant leaseDeadline,
    OptionalLong sequence) {}
