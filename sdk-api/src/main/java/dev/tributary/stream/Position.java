package dev.tributary.stream;

/**
 * A place in a stream.
 *
 * @param partition from 0
 * @param offset from 0
 */
public record Position(int partition, long offset) {}
