package dev.tributary.access;

import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How events of the audit trail are written to a file, in UTF-8. */
public enum AuditFormat {
  /** Comma-separated values, a line for each event, with a line of headings; details are a JSON object in the last column. */
  CSV {
    @Override
    String text(List<AuditEvent> events) {
      return Stream.concat(Stream.of(HEADINGS), events.stream().map(AuditFormat::row)).map(line -> line + "\n").collect(Collectors.joining());
    }
  },
  /** An array of objects. */
  JSON {
    @Override
    String text(List<AuditEvent> events) {
      return events.stream().map(AuditFormat::object).collect(Collectors.joining(",", "[", "]"));
    }
  };

  private static final String HEADINGS = "ID,Timestamp,Type,User,ClientIP,Resource,Action,Result,NodeID,Details";

  /** A file of these events, in their order. */
  public byte[] write(List<AuditEvent> events) {
    return text(events).getBytes(StandardCharsets.UTF_8);
  }

  abstract String text(List<AuditEvent> events);

  private static String row(AuditEvent event) {
    return Stream.of(
            event.id(),
            second(event),
            event.type(),
            event.user(),
            event.address(),
            event.resource(),
            event.action(),
            result(event),
            event.node(),
            object(event.details()))
        .map(AuditFormat::field)
        .collect(Collectors.joining(","));
  }

  private static String field(String text) {
    return text.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r') ? '"' + text.replace("\"", "\"\"") + '"' : text;
  }

  private static String object(AuditEvent event) {
    return Stream.of(
            member("id", event.id()),
            member("timestamp", second(event)),
            member("type", event.type()),
            member("user", event.user()),
            member("client_ip", event.address()),
            member("resource", event.resource()),
            member("action", event.action()),
            member("result", result(event)),
            member("node_id", event.node()),
            quoted("details") + ':' + object(event.details()))
        .collect(Collectors.joining(",", "{", "}"));
  }

  private static String object(Map<String, String> details) {
    return new TreeMap<>(details)
        .entrySet().stream().map(detail -> member(detail.getKey(), detail.getValue())).collect(Collectors.joining(",", "{", "}"));
  }

  private static String member(String name, String value) {
    return quoted(name) + ':' + quoted(value);
  }

  private static String quoted(String text) {
    StringBuilder json = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ') {
        json.append(String.format("\\u%04x", (int) c));
      } else {
        json.append(c);
      }
    }
    return json.append('"').toString();
  }

  private static String second(AuditEvent event) {
    return event.time().truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static String result(AuditEvent event) {
    return event.result().name().toLowerCase(Locale.ROOT);
  }
}
