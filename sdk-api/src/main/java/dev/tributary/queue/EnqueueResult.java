package dev.tributary.queue;

import java.util.OptionalLong;

/**
 * What became of an enqueued job.
 *
 * @param id the backend's id of the job
 * @param sequence its place in the order of enqueueing, where the backend counts
 * @param duplicate whether a job with the same deduplication id was there already; then {@code id} is that job's
 */
public record EnqueueResult(String id, OptionalLong sequence, boolean duplicate) {}
