package dev.tributary.testkit.server.flymq.internal.store;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Who is a member of which groups, for as long as they are there. Thread-safe. */
final class Members {
  private static final int MOST_GROUPS = 1_000;

  private final Map<Object, Set<Key>> groups = new HashMap<>();
  private final Map<Key, Integer> counts = new HashMap<>();

  private record Key(String topic, String group) {}

  synchronized void join(String topic, String group, Object member) {
    Key key = new Key(topic, group);
    Set<Key> joined = groups.computeIfAbsent(member, first -> new HashSet<>());
    if (!joined.contains(key) && joined.size() >= MOST_GROUPS) {
      throw new Refusal("too many groups: a connection may be in " + MOST_GROUPS);
    }
    if (joined.add(key)) {
      counts.merge(key, 1, Integer::sum);
    }
  }

  /** It is a member of nothing any more. */
  synchronized void leave(Object member) {
    Set<Key> left = groups.remove(member);
    if (left != null) {
      left.forEach(key -> counts.computeIfPresent(key, (same, count) -> count == 1 ? null : count - 1));
    }
  }

  /** How many a group has. */
  synchronized int count(String topic, String group) {
    return counts.getOrDefault(new Key(topic, group), 0);
  }

  /** The groups of a topic that have any. */
  synchronized List<String> groups(String topic) {
    return counts.keySet().stream().filter(key -> key.topic().equals(topic)).map(Key::group).toList();
  }

  /** Nobody is a member of it any more; whether anybody was. */
  synchronized boolean dissolve(String topic, String group) {
    Key key = new Key(topic, group);
    groups.values().forEach(joined -> joined.remove(key));
    return counts.remove(key) != null;
  }
}
