package dev.tributary.engine.access;

import dev.tributary.access.AuditEvent;
import dev.tributary.access.AuditResult;
import dev.tributary.spi.TimeSource;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Who did what: the latest events, the newest first. Thread-safe. */
public final class Trail {
  private static final int MOST = 10_000;
  private static final int LONGEST_NAME = 255;

  private final TimeSource time;
  private final Deque<AuditEvent> events = new ArrayDeque<>();

  public Trail(TimeSource time) {
    this.time = time;
  }

  /**
   * Whoever does something.
   *
   * @param name who it says it is; null for nobody
   * @param address where it is
   * @param node where it came to
   */
  public record Actor(@Nullable String name, String address, String node) {}

  /**
   * Something that is worth an event.
   *
   * @param type as in {@code topic.create}
   * @param resource what it was done to
   * @param action as in {@code create_topic}
   */
  public record Deed(String type, String resource, String action) {
    public static Deed of(String type, String resource) {
      String[] parts = type.split("\\.");
      return new Deed(type, resource, parts[1] + "_" + parts[0]);
    }
  }

  /** Which events; what is empty is open. The end is the first moment that does not count, null for none. */
  public record Filter(
      Instant from, @Nullable Instant to, Collection<String> types, String user, String resource, String result, String text) {
    boolean fits(AuditEvent event) {
      return !event.time().isBefore(from)
          && (to == null || event.time().isBefore(to))
          && (types.isEmpty() || types.contains(event.type()))
          && (user.isEmpty() || user.equals(event.user()))
          && event.resource().contains(resource)
          && (result.isEmpty() || result.equals(Trail.text(event.result())))
          && (text.isEmpty() || texts(event).anyMatch(one -> containsIgnoringCase(one, text)));
    }
  }

  /** Somebody did it. */
  public void did(Deed deed, Actor actor) {
    add(deed, actor, AuditResult.SUCCESS, Map.of());
  }

  /** Somebody was let in. */
  public void loggedIn(Actor actor) {
    add(new Deed("auth.success", "", "authenticate"), actor, AuditResult.SUCCESS, Map.of());
  }

  /** Somebody was not let in. */
  public void notLoggedIn(Actor actor, String why) {
    add(new Deed("auth.failure", "", "authenticate"), actor, AuditResult.FAILURE, Map.of("reason", why));
  }

  /** Somebody was not allowed to do it. */
  public void denied(String operation, String resource, Actor actor, String why) {
    add(new Deed("access.denied", resource, operation), actor, AuditResult.DENIED, Map.of("reason", why));
  }

  private void add(Deed deed, Actor actor, AuditResult result, Map<String, String> details) {
    AuditEvent event =
        new AuditEvent(
            UUID.randomUUID().toString(),
            time.now().truncatedTo(ChronoUnit.MILLIS),
            deed.type(),
            actor.name() == null ? "" : shortened(actor.name()),
            actor.address(),
            shortened(deed.resource()),
            deed.action(),
            result,
            actor.node(),
            details);
    synchronized (this) {
      if (events.size() == MOST) {
        events.removeLast();
      }
      events.addFirst(event);
    }
  }

  /** Anybody may have any name written down. */
  private static String shortened(String name) {
    return name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME) : name;
  }

  public synchronized List<AuditEvent> find(Filter filter) {
    return events.stream().filter(filter::fits).toList();
  }

  private static Stream<String> texts(AuditEvent event) {
    return Stream.concat(
        Stream.of(event.type(), event.user(), event.address(), event.resource(), event.action(), text(event.result())),
        event.details().values().stream());
  }

  /** As it is written. */
  public static String text(AuditResult result) {
    return result.name().toLowerCase(Locale.ROOT);
  }

  private static boolean containsIgnoringCase(String text, String part) {
    return text.toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT));
  }
}
