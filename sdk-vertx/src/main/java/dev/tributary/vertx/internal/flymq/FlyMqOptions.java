package dev.tributary.vertx.internal.flymq;

import dev.tributary.config.ClientConfig;
import dev.tributary.error.InvalidRequestException;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What only FlyMQ's clients can be told; see {@link FlyMqProvider}.
 *
 * @param plainGroups whether a group's name on the wire is its own
 * @param partition whether a chosen partition counts, whatever the server is
 * @param ttl whether a ttl counts, whatever the server is
 */
record FlyMqOptions(boolean plainGroups, boolean partition, boolean ttl) {
  private static final Set<String> KNOWN = Set.of("group-names", "partition", "ttl");

  /** Refuses what cannot be meant. */
  static FlyMqOptions of(ClientConfig config) {
    String prefix = config.backend() + ".";
    Map<String, String> given = config.options();
    Set<String> unknown = new TreeSet<>(given.keySet());
    unknown.removeAll(KNOWN);
    if (!unknown.isEmpty()) {
      throw InvalidRequestException.of(
          "unknown option " + prefix + unknown.iterator().next(), "Known are " + prefix + String.join(", " + prefix, new TreeSet<>(KNOWN)));
    }
    return new FlyMqOptions(
        choice(prefix + "group-names", given.getOrDefault("group-names", "safe"), "safe", "plain"),
        choice(prefix + "partition", given.getOrDefault("partition", "false"), "false", "true"),
        choice(prefix + "ttl", given.getOrDefault("ttl", "false"), "false", "true"));
  }

  /** Whether it is the second. */
  private static boolean choice(String name, String value, String first, String second) {
    if (!value.equals(first) && !value.equals(second)) {
      throw InvalidRequestException.of(name + "=" + value + " is neither " + first + " nor " + second, "Write " + first + " or " + second);
    }
    return value.equals(second);
  }
}
