package dev.tributary.queue;

import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A queue at one moment. What a backend does not count is empty.
 *
 * @param pending jobs that wait, delayed ones included
 * @param inFlight jobs that are leased
 * @param enqueued jobs ever enqueued
 * @param completed jobs ever acked
 * @param deadLettered jobs ever made dead letters
 * @param oldest how long the oldest pending job has waited; null if none waits
 */
public record QueueStats(
    long pending,
    long inFlight,
    OptionalLong enqueued,
    OptionalLong completed,
    OptionalLong deadLettered,
    @Nullable Duration oldest) {}
