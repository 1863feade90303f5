package dev.tributary.nats;

import dev.tributary.ResourceName;
import dev.tributary.admin.ResourceKind;
import dev.tributary.internal.driver.FlatNames;
import dev.tributary.nats.wire.Entry;
import dev.tributary.nats.wire.Json;
import dev.tributary.spi.Deadline;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventKey;
import dev.tributary.stream.Message;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Names, headers and times as they are on the wire.
 *
 * <p>Headers of users go under their own name if name and value are plain ASCII and the name is none of the server's or of ours; all others go
 * together into {@code Trb-Headers}, for a header of the server's would be an order to it.
 */
final class NatsMapping {
  static final String DEDUPLICATION = "Nats-Msg-Id";
  static final String TTL = "Nats-TTL";
  static final String SCHEDULE = "Nats-Schedule";
  static final String SCHEDULE_TARGET = "Nats-Schedule-Target";
  static final String SCHEDULE_TTL = "Nats-Schedule-TTL";
  static final String EXPECTED = "Nats-Expected-Last-Subject-Sequence";

  static final String KIND = "tributary.kind";
  static final String NAME = "tributary.name";
  static final String PARTITIONS = "tributary.partitions";
  static final String NONCE = "tributary.nonce";

  private static final String KEY = "Trb-Key";
  private static final String PRIORITY = "Trb-Priority";
  private static final String HEADERS = "Trb-Headers";

  /** A directory of the server has the name of a stream. */
  private static final int LONGEST = 230;

  private final FlatNames names;

  NatsMapping(String tenant, String namespace) {
    this.names = new FlatNames(tenant, namespace, LONGEST);
  }

  String flat(ResourceName name) {
    return names.flat(name);
  }

  ResourceName full(String flat) {
    return names.full(flat);
  }

  /** The JetStream stream that a partition is. */
  String log(ResourceName stream, int partition) {
    return "TRB-S-" + flat(stream) + "-" + partition;
  }

  /** Where the events of a partition are published. */
  String events(ResourceName stream, int partition) {
    return subjects(stream, partition) + "m";
  }

  /** Where those wait that are delayed, each under a name of its own. */
  String delayed(ResourceName stream, int partition) {
    return subjects(stream, partition) + "d.";
  }

  private String subjects(ResourceName stream, int partition) {
    return "trb.s." + flat(stream) + "." + partition + ".";
  }

  /** What is written down of something that is made; its nonce tells it from what is there. */
  static Map<String, String> metadata(ResourceKind kind, ResourceName name, String nonce) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put(KIND, kind.name());
    metadata.put(NAME, name.toString());
    metadata.put(NONCE, nonce);
    return metadata;
  }

  // Headers.

  static Headers headers(Event<byte[]> event) {
    Headers headers = new Headers();
    add(headers, event.headers());
    EventKey key = event.key();
    if (key != null) {
      headers.put(KEY, Base64.getEncoder().encodeToString(key.bytes()));
    }
    if (event.priority() != 0) {
      headers.put(PRIORITY, Integer.toString(event.priority()));
    }
    return headers;
  }

  /** Adds the headers of a user. */
  static void add(Headers headers, Map<String, String> given) {
    Map<String, String> others = new LinkedHashMap<>();
    given.forEach(
        (name, value) -> {
          if (plainName(name) && plainValue(value)) {
            headers.put(name, value);
          } else {
            others.put(name, value);
          }
        });
    if (!others.isEmpty()) {
      headers.put(HEADERS, Base64.getEncoder().encodeToString(Json.bytes(others)));
    }
  }

  private static boolean ofOthers(String name) {
    return name.regionMatches(true, 0, "Nats-", 0, 5) || name.regionMatches(true, 0, "Trb-", 0, 4) || name.regionMatches(true, 0, "KV-", 0, 3);
  }

  private static boolean plainName(String name) {
    return !name.isEmpty() && !ofOthers(name) && name.chars().allMatch(c -> c > ' ' && c < 0x7f && c != ':');
  }

  private static boolean plainValue(String value) {
    return value.chars().allMatch(c -> c >= ' ' && c < 0x7f) && value.strip().equals(value);
  }

  /** The headers of a user. */
  static Map<String, String> headers(Headers headers) {
    if (headers.isEmpty()) {
      return Map.of();
    }
    Map<String, String> given = new HashMap<>();
    headers.forEach(
        (name, values) -> {
          if (!ofOthers(name) && !values.isEmpty()) {
            given.put(name, values.get(0));
          }
        });
    String others = headers.getFirst(HEADERS);
    if (others != null) {
      try {
        Map<?, ?> read = Json.read(Base64.getDecoder().decode(others), Map.class);
        read.forEach((name, value) -> given.put(String.valueOf(name), String.valueOf(value)));
      } catch (IOException | IllegalArgumentException malformed) {
        // Of somebody who writes headers of ours: then it is one of theirs.
        given.put(HEADERS, others);
      }
    }
    return given;
  }

  static Message<byte[]> message(Entry entry, int partition) {
    String key = entry.header(KEY);
    return new Message<>(
        entry.data(),
        key == null ? null : key(key),
        headers(entry.headers()),
        partition,
        entry.seq() - 1,
        entry.time(),
        number(entry.header(PRIORITY)));
  }

  private static EventKey key(String encoded) {
    try {
      return EventKey.of(Base64.getDecoder().decode(encoded));
    } catch (IllegalArgumentException plain) {
      return EventKey.of(encoded);
    }
  }

  static int number(@Nullable String text) {
    try {
      return text == null ? 0 : Integer.parseInt(text);
    } catch (NumberFormatException none) {
      return 0;
    }
  }

  // Times.

  /** Whole seconds, rounded up: the server cuts off fractions. */
  static String seconds(Duration ttl) {
    long seconds = ttl.getSeconds() + (ttl.getNano() > 0 ? 1 : 0);
    return seconds + "s";
  }

  /** How long that is; null for none, and for what another client wrote in another way. */
  static @Nullable Duration ttl(@Nullable String seconds) {
    try {
      return seconds == null ? null : Duration.ofSeconds(Long.parseLong(seconds.endsWith("s") ? seconds.substring(0, seconds.length() - 1) : seconds));
    } catch (NumberFormatException other) {
      return null;
    }
  }

  /** Nanoseconds, as settings of streams have it. */
  static long nanos(Duration duration) {
    return Deadline.nanos(duration);
  }

  /** A time at which the server is to publish. */
  static String at(Instant time) {
    return "@at " + time;
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** A full name, as it is written down. */
  static ResourceName name(String full) {
    return ResourceName.parse(full, "", "");
  }
}
