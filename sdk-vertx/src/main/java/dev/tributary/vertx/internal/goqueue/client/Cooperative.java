package dev.tributary.vertx.internal.goqueue.client;

import dev.tributary.error.ConflictException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import dev.tributary.vertx.internal.source.GroupProtocol;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Only what must move moves: a heartbeat says what to give up and, once nobody else has it, what to read. */
public final class Cooperative implements GroupProtocol {
  /** After so many heartbeats it is looked whether all partitions have somebody. */
  private static final int LOOK = 10;

  private final Api api;
  private final Groups groups;
  private final String name;
  private final String path;
  private final String topic;
  private final AtomicInteger beats = new AtomicInteger();

  public Cooperative(Api api, Groups groups, String group, String topic) {
    this.api = api;
    this.groups = groups;
    this.name = group;
    this.path = Groups.path(group);
    this.topic = topic;
  }

  @Override
  public CompletableFuture<Joined> join(String client, Deadline deadline) {
    return Steps.map(
        api.post(path + "/join/cooperative", new Messages.Join(client, List.of(topic), "cooperative"), Messages.Joined.class, deadline),
        answer -> new Joined(answer.memberId(), answer.generation(), answer.members().size() < 2, null));
  }

  @Override
  public CompletableFuture<News> heartbeat(String member, int generation, Deadline deadline) {
    return Steps.then(
        api.post(path + "/heartbeat/cooperative", new Messages.Heartbeat(member, generation), Messages.Rebalance.class, deadline),
        answer -> {
          News news = news(answer);
          return beats.incrementAndGet() % LOOK == 0
              ? Steps.map(shareOutAnew(member, deadline), looked -> news)
              : CompletableFuture.completedFuture(news);
        });
  }

  /**
   * The public server keeps the partitions of a member that died for it, until somebody comes or goes. So somebody does: a visitor of the
   * first of those who live.
   */
  private CompletableFuture<Void> shareOutAnew(String member, Deadline deadline) {
    return Steps.recover(
        Steps.then(
            api.get(path + "/cooperative", Messages.CooperativeGroup.class, deadline),
            group -> {
              Set<String> alive = group.members().stream().map(Messages.CooperativeMember::id).collect(Collectors.toCollection(TreeSet::new));
              boolean orphans = !alive.containsAll(group.memberAssignments().keySet());
              return orphans && alive.iterator().next().equals(member)
                  ? groups.visit(
                      name, client -> Steps.map(join(client, deadline), Joined::member), this::leave, visitor -> CompletableFuture.completedFuture(null))
                  : CompletableFuture.completedFuture(null);
            }),
        // It is looked again, and the heartbeat was one all the same.
        error -> CompletableFuture.completedFuture(null));
  }

  private News news(Messages.Rebalance answer) {
    Set<Integer> revoke = partitions(answer.partitionsToRevoke());
    // Said again in every answer: what counts is the difference.
    Set<Integer> assigned = answer.partitionsAssigned() == null ? null : partitions(answer.partitionsAssigned());
    boolean settled = revoke.isEmpty() && (assigned != null || !answer.rebalanceRequired());
    return new News(answer.generation(), assigned, revoke, settled);
  }

  private Set<Integer> partitions(List<Messages.TopicPartition> pairs) {
    return pairs.stream().filter(pair -> pair.topic().equals(topic)).map(Messages.TopicPartition::partition).collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public CompletableFuture<Void> revoked(String member, int generation, Set<Integer> partitions, Deadline deadline) {
    List<Messages.TopicPartition> pairs = partitions.stream().map(partition -> new Messages.TopicPartition(topic, partition)).toList();
    return Steps.recover(
        api.tell(path + "/revoke", new Messages.Revoked(member, generation, pairs), deadline),
        ConflictException.class,
        // The rebalance is over already, by its deadline or by another.
        over -> CompletableFuture.completedFuture(null));
  }

  @Override
  public CompletableFuture<Void> commit(String member, Map<Integer, Long> offsets, Deadline deadline) {
    return groups.commit(name, member, topic, offsets, deadline);
  }

  @Override
  public CompletableFuture<Void> leaveUnknown(String client, @Nullable String member, Deadline deadline) {
    return groups.leaveUnknown(name, client, member, this::leave, deadline);
  }

  @Override
  public CompletableFuture<Void> leave(String member, Deadline deadline) {
    return Groups.left(api.tell(path + "/leave/cooperative", new Messages.Leave(member), deadline));
  }
}
