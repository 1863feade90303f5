package dev.tributary.vertx.internal.flymq;

import dev.tributary.error.NotFoundException;
import dev.tributary.error.PermissionDeniedException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.Answers.Committed;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/** Groups of a topic, by their names on the wire: what they committed, and how many connections a server counts for them. Thread-safe. */
final class Groups {
  private final FlyMqCaller caller;

  Groups(FlyMqCaller caller) {
    this.caller = caller;
  }

  /** What a group is; the members are empty for whoever may not look at it. */
  record State(Map<Integer, Long> committed, OptionalInt members) {}

  /**
   * The next offset to read in each of these partitions where the group committed one. Whoever may not look at the group hears of 0 for nothing: then a
   * group that committed elsewhere in the topic counts as one that committed 0 here, for which nothing is left out.
   */
  CompletableFuture<Map<Integer, Long>> committed(String topic, String group, Set<Integer> partitions, Deadline deadline) {
    return Steps.map(state(topic, group, partitions, deadline), State::committed);
  }

  /** The same, and how many members the server counts, for whoever may look at the group. */
  CompletableFuture<State> state(String topic, String group, Set<Integer> partitions, Deadline deadline) {
    return Steps.recover(
        Steps.map(
            caller.call(Opcode.DESCRIBE_GROUP, topic, new Requests.Group(topic, group), Answers.Group.class, deadline),
            answer -> {
              Map<Integer, Long> next = new HashMap<>();
              for (Committed one : answer.offsets()) {
                if (partitions.contains(one.partition())) {
                  next.put(one.partition(), Math.max(0, one.offset()));
                }
              }
              return new State(next, answer.members() < 0 ? OptionalInt.empty() : OptionalInt.of(answer.members()));
            }),
        error -> {
          if (error instanceof NotFoundException) {
            return CompletableFuture.completedFuture(new State(Map.of(), OptionalInt.of(0)));
          }
          if (error instanceof PermissionDeniedException || error instanceof UnauthenticatedException) {
            return Steps.map(asked(topic, group, List.copyOf(partitions), deadline), next -> new State(next, OptionalInt.empty()));
          }
          throw error;
        });
  }

  private CompletableFuture<Map<Integer, Long>> asked(String topic, String group, List<Integer> partitions, Deadline deadline) {
    List<CompletableFuture<Answers.Offset>> calls = new ArrayList<>();
    for (int partition : partitions) {
      calls.add(
          caller.call(
              Opcode.GET_OFFSET, topic, new Requests.GroupPartition(topic, group, partition), Answers.Offset.class, deadline));
    }
    return Steps.recover(
        Steps.map(
            Steps.together(calls),
            answers -> {
              Map<Integer, Long> next = new HashMap<>();
              for (int i = 0; i < answers.size(); i++) {
                next.put(partitions.get(i), Math.max(0, answers.get(i).offset()));
              }
              return next;
            }),
        NotFoundException.class,
        unknown -> CompletableFuture.completedFuture(Map.of()));
  }

  /** Stores the next offset to read in each of these partitions, which must be there: a public server does not look. */
  CompletableFuture<Void> commit(String topic, String group, Map<Integer, Long> next, Deadline deadline) {
    List<CompletableFuture<Answers.Done>> calls = new ArrayList<>();
    next.forEach(
        (partition, offset) ->
            calls.add(
                caller.call(
                    Opcode.COMMIT, topic, new Requests.Commit(topic, group, partition, offset), Answers.Done.class, deadline)));
    return Steps.map(Steps.together(calls), done -> null);
  }

  /** Those of a topic. */
  CompletableFuture<Set<String>> of(String topic, Deadline deadline) {
    return Steps.map(
        caller.call(Opcode.LIST_GROUPS, topic, Message.EMPTY, Answers.Groups.class, deadline),
        answer -> {
          Set<String> names = new TreeSet<>();
          for (Answers.Group group : answer.groups()) {
            if (group.topic().equals(topic)) {
              names.add(group.group());
            }
          }
          return names;
        });
  }

  /** Deletes one; {@code NotFoundException} if there is none. */
  CompletableFuture<Void> delete(String topic, String group, Deadline deadline) {
    return Steps.map(
        caller.call(Opcode.DELETE_GROUP, topic, new Requests.Group(topic, group), Answers.Done.class, deadline), deleted -> null);
  }
}
