package dev.tributary.vertx.internal.flymq;

import dev.tributary.ResourceName;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.internal.driver.FlatNames;
import dev.tributary.stream.EventKey;
import dev.tributary.stream.Message;
import dev.tributary.vertx.internal.envelope.Envelope;
import dev.tributary.vertx.internal.flymq.wire.Answers.FetchedRecord;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What our names and values are on FlyMQ's wire, and back. */
final class FlyMqMapping {
  static final byte[] NO_KEY = {};

  private static final int LONGEST = 200;
  /** Servers keep other things in these places. */
  private static final Set<String> TAKEN = Set.of("schemas", "raft", "cluster", "audit");

  private static final String HIDDEN = "__";
  private static final char ESCAPE = '%';

  private final String tenant;
  private final String namespace;
  private final FlatNames names;
  private final boolean plainGroups;

  FlyMqMapping(String tenant, String namespace, boolean plainGroups) {
    this.tenant = tenant;
    this.namespace = namespace;
    this.names = new FlatNames(tenant, namespace, LONGEST).withDots();
    this.plainGroups = plainGroups;
  }

  /**
   * The topic of a stream.
   *
   * @throws InvalidRequestException if servers would lose it, or take it for something else
   */
  String topic(ResourceName stream) {
    return checked(names.flat(stream));
  }

  /** The subject that an event names. */
  ResourceName subject(String name) {
    return ResourceName.parse(name, tenant, namespace);
  }

  private static String checked(String name) {
    if (TAKEN.contains(name) || name.startsWith(HIDDEN)) {
      throw InvalidRequestException.of("a FlyMQ server keeps something of its own under the name " + name, "Use another name");
    }
    return name;
  }

  /** The stream that a topic is; empty if it is none that anybody here could ask for. */
  Optional<ResourceName> name(String topic) {
    try {
      return Optional.of(names.full(checked(topic)));
    } catch (InvalidRequestException foreign) {
      return Optional.empty();
    }
  }

  /** The name of the stream that a topic is, or its own if it is none that anybody here could ask for. */
  String nameOr(String topic) {
    return name(topic).map(ResourceName::toString).orElse(topic);
  }

  /**
   * A group's name on the wire: without the characters that a server puts between topic and group, since it would take two groups for one.
   *
   * @throws InvalidRequestException if it is too long
   */
  String group(String group) {
    String wire = plainGroups ? group : escaped(group);
    int bytes = wire.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > LONGEST || plainGroups && (group.indexOf('/') >= 0 || group.indexOf('\0') >= 0)) {
      throw InvalidRequestException.of(
          "the group " + group + " takes " + bytes + " bytes here, where " + LONGEST + " may be, or cannot be the name of a file", "Use another name");
    }
    return wire;
  }

  private static String escaped(String group) {
    StringBuilder safe = new StringBuilder();
    for (byte b : group.getBytes(StandardCharsets.UTF_8)) {
      if (b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '-' || b == '.') {
        safe.append((char) b);
      } else {
        safe.append(ESCAPE).append(String.format("%02X", b & 0xff));
      }
    }
    return safe.toString();
  }

  /** The group of this name on the wire. */
  String groupOf(String wire) {
    return plainGroups ? wire : unescaped(wire);
  }

  /** A name that another client gave is what it is. */
  private static String unescaped(String wire) {
    byte[] bytes = wire.getBytes(StandardCharsets.UTF_8);
    byte[] group = new byte[bytes.length];
    int length = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == ESCAPE && i + 2 < bytes.length) {
        int high = Character.digit(bytes[i + 1], 16);
        int low = Character.digit(bytes[i + 2], 16);
        if (high >= 0 && low >= 0) {
          group[length++] = (byte) (high << 4 | low);
          i += 2;
          continue;
        }
      }
      group[length++] = bytes[i];
    }
    String named = new String(group, 0, length, StandardCharsets.UTF_8);
    return escaped(named).equals(wire) ? named : wire;
  }

  static byte[] key(@Nullable EventKey key) {
    return key == null ? NO_KEY : key.bytes();
  }

  /** What was read; a record has no time. */
  static Message<byte[]> message(int partition, FetchedRecord record) {
    Envelope content = Envelope.decode(record.value());
    EventKey key = record.key().length == 0 ? null : EventKey.of(record.key());
    return new Message<>(content.value(), key, content.headers(), partition, record.offset(), null, 0);
  }
}
