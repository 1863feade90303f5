package dev.tributary.stream;

import java.time.Instant;

/**
 * An event that waits for its time.
 *
 * @param position what publishing it returned: names it until it is due. Where it is read then depends on the backend: there, or
 *     further on
 * @param dueAt when it becomes readable
 */
public record DelayedEvent(Position position, Instant dueAt) {}
