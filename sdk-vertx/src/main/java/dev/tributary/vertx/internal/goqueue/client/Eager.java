package dev.tributary.vertx.internal.goqueue.client;

import dev.tributary.error.ConflictException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.NotFoundException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.source.GroupProtocol;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** All partitions are shared out anew whenever a member comes or goes; who has others then learns it by a heartbeat that is refused. */
public final class Eager implements GroupProtocol {
  private final Groups groups;
  private final String group;
  private final String topic;

  public Eager(Groups groups, String group, String topic) {
    this.groups = groups;
    this.group = group;
    this.topic = topic;
  }

  @Override
  public CompletableFuture<Joined> join(String client, Deadline deadline) {
    return Steps.map(
        groups.join(group, client, topic, deadline),
        joined -> new Joined(joined.member(), joined.generation(), joined.alone(), joined.partitions()));
  }

  @Override
  public CompletableFuture<News> heartbeat(String member, int generation, Deadline deadline) {
    return Steps.recover(
        Steps.map(groups.heartbeat(group, member, generation, deadline), alive -> new News(generation, null, Set.of(), true)),
        ConflictException.class,
        rebalanced -> Steps.map(groups.state(group, deadline), state -> news(member, state.orElse(null))));
  }

  private News news(String member, Groups.@Nullable State state) {
    Groups.Member self = state == null ? null : state.member(member);
    if (state == null || self == null) {
      throw new NotFoundException(ErrorInfo.of("not a member of " + group + " any more", "It is joined again"));
    }
    return new News(state.generation(), self.partitions(), Set.of(), true);
  }

  @Override
  public CompletableFuture<Void> revoked(String member, int generation, Set<Integer> partitions, Deadline deadline) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> commit(String member, Map<Integer, Long> offsets, Deadline deadline) {
    return groups.commit(group, member, topic, offsets, deadline);
  }

  @Override
  public CompletableFuture<Void> leaveUnknown(String client, @Nullable String member, Deadline deadline) {
    return groups.leaveUnknown(group, client, member, this::leave, deadline);
  }

  @Override
  public CompletableFuture<Void> leave(String member, Deadline deadline) {
    return groups.leave(group, member, deadline);
  }
}
