package dev.tributary.vertx.internal.goqueue;

import dev.tributary.config.ClientConfig;
import dev.tributary.error.InvalidRequestException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What only GoQueue's clients can be told; see {@link GoQueueProvider}.
 *
 * @param plainGroups whether a group's name on the wire is its own, and not {@code group@topic}
 * @param cooperative whether partitions move one by one
 * @param heartbeat how often a member says that it lives
 * @param queueGroup the group whose one member all consumers of a queue poll as
 */
record GoQueueOptions(boolean plainGroups, boolean cooperative, Duration heartbeat, String queueGroup) {
  /** A member that says nothing for so long is taken for dead. */
  static final Duration SESSION = Duration.ofSeconds(30);

  private static final Duration USUAL = Duration.ofSeconds(3);
  private static final Duration LEAST = Duration.ofMillis(100);
  private static final Duration MOST = SESSION.dividedBy(3);
  private static final Set<String> KNOWN = Set.of("group-names", "rebalance", "heartbeat", "queue-group");

  /** Refuses what cannot be meant. */
  static GoQueueOptions of(ClientConfig config) {
    String prefix = config.backend() + ".";
    Map<String, String> given = config.options();
    Set<String> unknown = new TreeSet<>(given.keySet());
    unknown.removeAll(KNOWN);
    if (!unknown.isEmpty()) {
      throw InvalidRequestException.of(
          "unknown option " + prefix + unknown.iterator().next(), "Known are " + prefix + String.join(", " + prefix, new TreeSet<>(KNOWN)));
    }
    return new GoQueueOptions(
        choice(prefix + "group-names", given.getOrDefault("group-names", "topic"), "topic", "plain"),
        choice(prefix + "rebalance", given.getOrDefault("rebalance", "eager"), "eager", "cooperative"),
        heartbeat(prefix + "heartbeat", config.option("heartbeat", USUAL)),
        group(prefix + "queue-group", given.getOrDefault("queue-group", "workers")));
  }

  /** Whether it is the second. */
  private static boolean choice(String name, String value, String first, String second) {
    if (!value.equals(first) && !value.equals(second)) {
      throw InvalidRequestException.of(name + "=" + value + " is neither " + first + " nor " + second, "Write " + first + " or " + second);
    }
    return value.equals(second);
  }

  private static Duration heartbeat(String name, Duration every) {
    if (every.compareTo(LEAST) < 0 || every.compareTo(MOST) > 0) {
      throw InvalidRequestException.of(name + "=" + every + " is not a time from 100ms to 10s", "Write 3s or 500ms for instance");
    }
    return every;
  }

  private static String group(String name, String value) {
    if (value.isEmpty() || value.indexOf('/') >= 0) {
      throw InvalidRequestException.of(name + "=" + value + " cannot name a group", "Give a name without a slash");
    }
    return value;
  }
}
