package dev.tributary.testkit.server.goqueue.internal.store;

/**
 * One partition as one group reads it.
 *
 * @param partition from 0
 */
public record GroupPartition(String group, String topic, int partition) {}
