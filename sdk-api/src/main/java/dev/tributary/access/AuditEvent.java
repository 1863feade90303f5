package dev.tributary.access;

import java.time.Instant;
import java.util.Map;

/**
 * Something that somebody did, or tried to do.
 *
 * @param id unique
 * @param time when, in milliseconds at the finest
 * @param type what it was, as {@code topic.create}, {@code user.delete}, {@code auth.failure} or {@code access.denied}
 * @param user who; empty if nobody had logged in
 * @param address where from; empty if that is not known
 * @param resource what it was done to, as the backend writes it; empty if nothing
 * @param action the operation
 * @param result how it ended
 * @param node which node wrote it down; empty if that is not known
 * @param details what else there is to say
 */
public record AuditEvent(
    String id,
    Instant time,
    String type,
    String user,
    String address,
    String resource,
    String action,
    AuditResult result,
    String node,
    Map<String, String> details) {
  public AuditEvent {
    details = Map.copyOf(details);
  }
}
