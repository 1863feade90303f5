package dev.tributary.testkit.server.flymq.internal.store;

import dev.tributary.Capability;
import dev.tributary.error.NotFoundException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.ReadSpec;
import dev.tributary.spi.Steps;
import dev.tributary.stream.GroupState;
import dev.tributary.stream.Position;
import dev.tributary.vertx.internal.flymq.wire.Answers.Committed;
import dev.tributary.vertx.internal.flymq.wire.Answers.Group;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/**
 * Groups of a topic. What they committed is the transport's; who is a member, which shares nothing and only counts, is known here. A group is
 * there if it committed or has a member. Thread-safe.
 */
public final class Groups {
  private final Topics topics;
  private final long emptyEnd;
  private final Members members = new Members();

  /** {@code emptyEnd} is where a partition ends in which there never was a record. */
  public Groups(Topics topics, long emptyEnd) {
    this.topics = topics;
    this.emptyEnd = emptyEnd;
  }

  /** Somebody is a member from now on, until it leaves. */
  public void join(Topic topic, String group, Object member) {
    members.join(topic.name(), group, member);
  }

  /** Somebody is a member of nothing any more. */
  public void leave(Object member) {
    members.leave(member);
  }

  /** The first offset that can be read. */
  public CompletableFuture<Long> earliest(Topic topic, int partition, Deadline deadline) {
    topic.require(partition);
    return Steps.then(
        topics.streams().read(new ReadSpec(topic.stream(), partition, 0, 1, 0), deadline),
        read ->
            read.messages().isEmpty()
                ? latest(topic, partition, deadline, 0)
                : CompletableFuture.completedFuture(read.messages().get(0).offset()));
  }

  /** The offset that the next record gets. */
  public CompletableFuture<Long> latest(Topic topic, int partition, Deadline deadline) {
    return latest(topic, partition, deadline, emptyEnd);
  }

  private CompletableFuture<Long> latest(Topic topic, int partition, Deadline deadline, long empty) {
    topic.require(partition);
    return Steps.map(
        topics.streams().latestOffset(topic.stream(), partition, deadline),
        latest -> latest.isPresent() ? latest.getAsLong() + 1 : empty);
  }

  public CompletableFuture<Boolean> commit(Topic topic, String group, int partition, long offset, Deadline deadline) {
    topic.require(partition);
    if (offset < 0) {
      throw new Refusal("offset " + Long.toUnsignedString(offset) + " is too large");
    }
    return Steps.map(topics.streams().commit(topic.stream(), group, new Position(partition, offset), deadline), done -> true);
  }

  /** The next offset to read; empty if there is none. */
  public CompletableFuture<OptionalLong> committed(Topic topic, String group, int partition, Deadline deadline) {
    topic.require(partition);
    return topics.streams().committed(topic.stream(), group, partition, deadline);
  }

  /** The next offset to read, 0 if there is none; refused if there is no such group. */
  public CompletableFuture<Long> committedOrFirst(Topic topic, String group, int partition, Deadline deadline) {
    return Steps.then(
        committed(topic, group, partition, deadline),
        committed ->
            committed.isPresent() || members.count(topic.name(), group) > 0
                ? CompletableFuture.completedFuture(committed.orElse(0))
                : Steps.map(describe(topic, group, deadline), exists -> 0L));
  }

  /** What a group is; refused if there is none. */
  public CompletableFuture<Group> describe(Topic topic, String group, Deadline deadline) {
    return Steps.map(
        topics.streams().groupState(topic.stream(), group, deadline),
        state -> {
          Group found = of(topic, state);
          if (found.offsets().isEmpty() && found.members() == 0) {
            throw noGroup(topic.name(), group);
          }
          return found;
        });
  }

  private Group of(Topic topic, GroupState state) {
    List<Committed> offsets =
        state.partitions().stream()
            .filter(partition -> partition.committed().isPresent())
            .map(partition -> new Committed(partition.partition(), partition.committed().getAsLong()))
            .toList();
    return new Group(topic.name(), state.group(), members.count(topic.name(), state.group()) + state.memberCount().orElse(0), offsets);
  }

  /** There is no such group. */
  public static Refusal noGroup(String topic, String group) {
    return new Refusal("consumer group not found: " + topic + ":" + group);
  }

  /** All groups of all topics. */
  public CompletableFuture<List<Group>> all(Deadline deadline) {
    return Steps.then(
        topics.all(deadline),
        all -> Steps.map(Steps.together(all.stream().map(topic -> of(topic, deadline)).toList()), groups -> groups.stream().flatMap(Collection::stream).toList()));
  }

  private CompletableFuture<List<Group>> of(Topic topic, Deadline deadline) {
    CompletableFuture<List<String>> named =
        topics.can(Capability.GROUP_LISTING)
            ? topics.streams().groups(topic.stream(), deadline)
            : CompletableFuture.completedFuture(List.of());
    return Steps.recover(
        Steps.then(
            named,
            names -> {
              Set<String> groups = new TreeSet<>(names);
              groups.remove(DeadLetters.GROUP);
              groups.addAll(members.groups(topic.name()));
              List<CompletableFuture<Group>> described = new ArrayList<>();
              groups.forEach(group -> described.add(describe(topic, group, deadline)));
              return Steps.together(described);
            }),
        NotFoundException.class,
        gone -> CompletableFuture.completedFuture(List.of()));
  }

  /** Deletes a group with what it committed; whoever is a member is none then. */
  public CompletableFuture<Boolean> delete(Topic topic, String group, Deadline deadline) {
    boolean hadMembers = members.dissolve(topic.name(), group);
    if (!topics.can(Capability.GROUP_DELETION)) {
      throw new Refusal(topics.transport().backend() + " does not delete groups");
    }
    return Steps.recover(
        Steps.map(topics.streams().deleteGroup(topic.stream(), group, deadline), done -> true),
        NotFoundException.class,
        nothingCommitted -> {
          if (!hadMembers) {
            throw noGroup(topic.name(), group);
          }
          return CompletableFuture.completedFuture(true);
        });
  }
}
