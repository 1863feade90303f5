package dev.tributary.testkit.server.goqueue;

/**
 * One partition as one group reads it.
 *
 * @param partition from 0
 */
record GroupPartition(String group, String topic, int partition) {}
