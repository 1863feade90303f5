package dev.tributary.vertx.internal.goqueue.client;

import dev.tributary.error.ConflictException;
import dev.tributary.spi.Deadline;
import dev.tributary.vertx.internal.goqueue.wire.Answer;
import dev.tributary.vertx.internal.net.Steps;
import dev.tributary.vertx.internal.source.GroupProtocol;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
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
    JsonObject body =
        new JsonObject().put("client_id", client).put("topics", new JsonArray().add(topic)).put("protocol", "cooperative");
    return Steps.map(
        api.post(path + "/join/cooperative", body, deadline),
        answer -> new Joined(answer.text("member_id"), answer.integer("generation"), answer.texts("members").size() < 2, null));
  }

  @Override
  public CompletableFuture<News> heartbeat(String member, int generation, Deadline deadline) {
    return Steps.then(
        api.post(path + "/heartbeat/cooperative", said(member, generation), deadline),
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
            api.get(path + "/cooperative", deadline),
            group -> {
              Set<String> alive = group.objects("members").stream().map(each -> each.text("id")).collect(Collectors.toCollection(TreeSet::new));
              boolean orphans =
                  group.has("member_assignments")
                      && group.object("member_assignments").names().stream().anyMatch(owner -> !alive.contains(owner));
              return orphans && alive.iterator().next().equals(member)
                  ? groups.visit(
                      name, client -> Steps.map(join(client, deadline), Joined::member), this::leave, visitor -> CompletableFuture.completedFuture(null))
                  : CompletableFuture.completedFuture(null);
            }),
        // It is looked again, and the heartbeat was one all the same.
        error -> CompletableFuture.completedFuture(null));
  }

  private News news(Answer answer) {
    Set<Integer> revoke = partitions(answer.objects("partitions_to_revoke"));
    // Said again in every answer: what counts is the difference.
    Set<Integer> assigned = answer.has("partitions_assigned") ? partitions(answer.objects("partitions_assigned")) : null;
    boolean settled = revoke.isEmpty() && (assigned != null || !answer.flagged("rebalance_required"));
    return new News(answer.integer("generation"), assigned, revoke, settled);
  }

  private Set<Integer> partitions(List<Answer> pairs) {
    Set<Integer> ours = new HashSet<>();
    for (Answer pair : pairs) {
      if (pair.text("topic").equals(topic)) {
        ours.add(pair.partition("partition"));
      }
    }
    return Set.copyOf(ours);
  }

  @Override
  public CompletableFuture<Void> revoked(String member, int generation, Set<Integer> partitions, Deadline deadline) {
    JsonArray pairs = new JsonArray();
    partitions.forEach(partition -> pairs.add(new JsonObject().put("topic", topic).put("partition", partition)));
    return Steps.recover(
        Steps.map(api.post(path + "/revoke", said(member, generation).put("revoked_partitions", pairs), deadline), known -> null),
        // The rebalance is over already, by its deadline or by another.
        error -> error instanceof ConflictException ? CompletableFuture.completedFuture(null) : CompletableFuture.failedFuture(error));
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
    return Groups.left(api.post(path + "/leave/cooperative", new JsonObject().put("member_id", member), deadline));
  }

  private static JsonObject said(String member, int generation) {
    return new JsonObject().put("member_id", member).put("generation", generation);
  }
}
