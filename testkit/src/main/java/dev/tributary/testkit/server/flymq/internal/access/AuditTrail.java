package dev.tributary.testkit.server.flymq.internal.access;

import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.flymq.internal.store.Refusal;
import dev.tributary.vertx.internal.flymq.wire.Answers.AuditEvent;
import dev.tributary.vertx.internal.flymq.wire.Answers.AuditEvents;
import dev.tributary.vertx.internal.flymq.wire.Answers.Detail;
import dev.tributary.vertx.internal.flymq.wire.Requests.AuditQuery;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Who did what: the latest events, the newest first. Thread-safe. */
public final class AuditTrail {
  private static final int MOST = 10_000;
  private static final int LONGEST_NAME = 255;
  private static final int USUAL_LIMIT = 100;
  private static final int MOST_EXPORTED = 100;
  private static final String HEADER = "ID,Timestamp,Type,User,ClientIP,Resource,Action,Result,NodeID,Details";
  private static final String CSV = "csv";

  private final TimeSource time;
  private final Deque<AuditEvent> events = new ArrayDeque<>();

  public AuditTrail(TimeSource time) {
    this.time = time;
  }

  /** What became of something. */
  public enum Result {
    SUCCESS,
    FAILURE,
    DENIED
  }

  /**
   * Something that is worth an event.
   *
   * @param type as in {@code topic.create}
   * @param resource what it was done to
   * @param action as in {@code create_topic}
   */
  public record Deed(String type, String resource, String action) {}

  /** Somebody did it, or tried to, at this node. */
  public void add(Deed deed, String user, Client client, Result result, String node, Detail... details) {
    AuditEvent event =
        new AuditEvent(
            UUID.randomUUID().toString(),
            time.now().toEpochMilli(),
            deed.type(),
            shortened(user),
            client.ip(),
            shortened(deed.resource()),
            deed.action(),
            result.name().toLowerCase(Locale.ROOT),
            node,
            List.of(details));
    synchronized (this) {
      if (events.size() == MOST) {
        events.removeLast();
      }
      events.addFirst(event);
    }
  }

  /** Anybody may make this server write down any name. */
  private static String shortened(String name) {
    return name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME) : name;
  }

  public AuditEvents query(AuditQuery query) {
    if (query.limit() < 0 || query.offset() < 0) {
      throw new Refusal("invalid audit query request: limit and offset are not negative");
    }
    List<AuditEvent> found = find(query);
    int limit = query.limit() == 0 ? USUAL_LIMIT : query.limit();
    List<AuditEvent> page = found.stream().skip(query.offset()).limit(limit).toList();
    return new AuditEvents(page, found.size(), query.offset() + (long) page.size() < found.size());
  }

  private synchronized List<AuditEvent> find(AuditQuery query) {
    return events.stream().filter(event -> matches(event, query)).toList();
  }

  private static boolean matches(AuditEvent event, AuditQuery query) {
    long second = event.timestamp() / 1000;
    return (query.start() == 0 || second >= query.start())
        && (query.end() == 0 || second <= query.end())
        && (query.types().isEmpty() || query.types().contains(event.type()))
        && (query.user().isEmpty() || query.user().equals(event.user()))
        && event.resource().contains(query.resource())
        && (query.result().isEmpty() || query.result().equals(event.result()))
        && (query.search().isEmpty() || texts(event).anyMatch(text -> containsIgnoringCase(text, query.search())));
  }

  private static Stream<String> texts(AuditEvent event) {
    return Stream.concat(
        Stream.of(event.type(), event.user(), event.clientIp(), event.resource(), event.action(), event.result()),
        event.details().stream().map(Detail::value));
  }

  private static boolean containsIgnoringCase(String text, String part) {
    return text.toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT));
  }

  /** The newest events of a query as a file: comma-separated values, or JSON. */
  public byte[] export(AuditQuery query, String format) {
    List<AuditEvent> exported = find(query).stream().limit(MOST_EXPORTED).toList();
    String file =
        format.equals(CSV)
            ? HEADER + "\n" + exported.stream().map(event -> row(event) + "\n").collect(Collectors.joining())
            : new JsonArray(exported.stream().map(AuditTrail::json).toList()).encode();
    return file.getBytes(StandardCharsets.UTF_8);
  }

  private static String row(AuditEvent event) {
    List<String> row = new ArrayList<>(List.of(event.id(), second(event), event.type(), event.user(), event.clientIp()));
    row.addAll(List.of(event.resource(), event.action(), event.result(), event.node(), details(event).encode()));
    return row.stream().map(AuditTrail::quoted).collect(Collectors.joining(","));
  }

  private static String quoted(String field) {
    return field.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r') ? '"' + field.replace("\"", "\"\"") + '"' : field;
  }

  private static JsonObject json(AuditEvent event) {
    return new JsonObject()
        .put("id", event.id())
        .put("timestamp", second(event))
        .put("type", event.type())
        .put("user", event.user())
        .put("client_ip", event.clientIp())
        .put("resource", event.resource())
        .put("action", event.action())
        .put("result", event.result())
        .put("node_id", event.node())
        .put("details", details(event));
  }

  private static JsonObject details(AuditEvent event) {
    JsonObject details = new JsonObject();
    event.details().forEach(detail -> details.put(detail.key(), detail.value()));
    return details;
  }

  private static String second(AuditEvent event) {
    return Instant.ofEpochMilli(event.timestamp()).truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
