package dev.tributary.vertx.internal.goqueue.client;

import dev.tributary.error.ConflictException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import dev.tributary.vertx.internal.goqueue.wire.PathSegment;
import dev.tributary.vertx.internal.source.Membership;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Consumer groups: their names on the wire, who is in them, what they committed. Thread-safe. */
public final class Groups {
  /** Who joins for one commit only. */
  private static final String VISITOR = "tributary-visitor";

  /** How often a commit from outside looks for who may make it, while members come and go. */
  private static final int LOOKS = 4;

  private static final char AT = '@';

  /** The public server keeps commits of longer ones in memory only. */
  private static final int LONGEST = 255;

  /** The longest that the server is given to take note of a farewell. */
  public static final Duration GOODBYE = Membership.GOODBYE;

  private final Api api;
  private final boolean plain;

  public Groups(Api api, boolean plain) {
    this.api = api;
    this.plain = plain;
  }

  /**
   * The name on the wire of a group that reads this topic.
   *
   * @throws InvalidRequestException if it is too long
   */
  public String wire(String group, String topic) {
    String wire = plain ? group : group + AT + topic;
    if (wire.getBytes(StandardCharsets.UTF_8).length > LONGEST) {
      throw InvalidRequestException.of(
          "the group is called " + wire + " on the wire, which is more than " + LONGEST + " bytes", "Use a shorter name of the group or the topic");
    }
    return wire;
  }

  /** Where the routes of a group begin. */
  public static String path(String wireGroup) {
    return "/groups/" + PathSegment.encode(wireGroup);
  }

  /** What a group of this topic is called by its users, from its name on the wire; null for one that is named otherwise. */
  public @Nullable String name(String wireGroup, String topic) {
    if (plain) {
      return wireGroup;
    }
    String ending = AT + topic;
    return wireGroup.length() > ending.length() && wireGroup.endsWith(ending) ? wireGroup.substring(0, wireGroup.length() - ending.length()) : null;
  }

  /** The groups that read this topic, by the names that their users have for them. */
  public CompletableFuture<List<String>> of(String topic, Deadline deadline) {
    return Steps.map(
        api.get("/groups", Messages.GroupList.class, deadline),
        answer -> {
          List<String> names = new ArrayList<>();
          for (Messages.GroupName group : answer.groups()) {
            String name = group.topics().contains(topic) ? name(group.id(), topic) : null;
            if (name != null) {
              names.add(name);
            }
          }
          names.sort(null);
          return names;
        });
  }

  /** A group as it is now; empty if the server does not know it, which may have forgotten it. */
  public CompletableFuture<Optional<State>> state(String wireGroup, Deadline deadline) {
    return Steps.recover(
        Steps.map(api.get(path(wireGroup), Messages.Group.class, deadline), answer -> Optional.of(State.of(answer))),
        NotFoundException.class,
        unknown -> CompletableFuture.completedFuture(Optional.empty()));
  }

  /** What a group committed for a topic: the next offset of each partition that it committed for. */
  public CompletableFuture<Map<Integer, Long>> committed(String wireGroup, String topic, Deadline deadline) {
    return Steps.map(
        api.get(path(wireGroup) + "/offsets", Messages.Committed.class, deadline), answer -> answer.topics().getOrDefault(topic, Map.of()));
  }

  /** Joins as this client and no more: whoever joins must send heartbeats, or leave. */
  CompletableFuture<Joined> join(String wireGroup, String client, String topic, Deadline deadline) {
    return Steps.map(
        api.post(path(wireGroup) + "/join", new Messages.Join(client, List.of(topic), null), Messages.Joined.class, deadline),
        answer -> new Joined(answer.memberId(), answer.generation(), answer.members().size() < 2, Set.copyOf(answer.partitions())));
  }

  /** Says that a member lives. */
  CompletableFuture<Void> heartbeat(String wireGroup, String member, int generation, Deadline deadline) {
    return api.tell(path(wireGroup) + "/heartbeat", new Messages.Heartbeat(member, generation), deadline);
  }

  /** Ends a membership; one that is over already is none to end. */
  CompletableFuture<Void> leave(String wireGroup, String member, Deadline deadline) {
    return left(api.tell(path(wireGroup) + "/leave", new Messages.Leave(member), deadline));
  }

  /** Without those that were left already. */
  static CompletableFuture<Void> left(CompletableFuture<Void> leaving) {
    return Steps.recover(leaving, NotFoundException.class, gone -> CompletableFuture.completedFuture(null));
  }

  /** Commits as this member: the next offset of each partition. */
  public CompletableFuture<Void> commit(String wireGroup, String member, String topic, Map<Integer, Long> next, Deadline deadline) {
    return api.tell(path(wireGroup) + "/offsets", Messages.Commit.of(member, topic, next), deadline);
  }

  /**
   * Commits without being a member: as each of those who have the partitions now, for only they may; or as a member for a moment, if nobody
   * has any.
   */
  public CompletableFuture<Void> commitFromOutside(String wireGroup, String topic, Map<Integer, Long> next, Deadline deadline) {
    return commitFromOutside(wireGroup, topic, next, LOOKS, deadline);
  }

  private CompletableFuture<Void> commitFromOutside(
      String wireGroup, String topic, Map<Integer, Long> next, int looks, Deadline deadline) {
    return Steps.recover(
        Steps.then(
            state(wireGroup, deadline),
            state ->
                state.isPresent() && !state.get().members().isEmpty()
                    ? commitAsMembers(wireGroup, topic, next, state.get(), deadline)
                    : visit(wireGroup, topic, visitor -> commit(wireGroup, visitor, topic, next, deadline), deadline)),
        error -> {
          if (looks > 1 && (error instanceof ConflictException || error instanceof NotFoundException)) {
            // Somebody came or went in between.
            return commitFromOutside(wireGroup, topic, next, looks - 1, deadline);
          }
          throw error;
        });
  }

  private CompletableFuture<Void> commitAsMembers(
      String wireGroup, String topic, Map<Integer, Long> next, State state, Deadline deadline) {
    List<CompletableFuture<Void>> commits = new ArrayList<>();
    Set<Integer> left = new HashSet<>(next.keySet());
    CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
    for (Member member : state.members()) {
      Map<Integer, Long> theirs = new HashMap<>(next);
      theirs.keySet().retainAll(member.partitions());
      if (!theirs.isEmpty() && left.removeAll(theirs.keySet())) {
        done = Steps.then(done, committed -> commit(wireGroup, member.id(), topic, theirs, deadline));
      }
    }
    return left.isEmpty()
        ? done
        : Steps.map(
            done,
            committed -> {
              throw new ConflictException(
                  ErrorInfo.of(
                      "no member of " + wireGroup + " has partition " + left.iterator().next() + " now",
                      "Partitions are moving between members: try again"));
            });
  }

  /**
   * Deletes a group with what it committed; {@code NotFoundException} if there is none, {@code ConflictException} if it has members, whom
   * the server would not tell.
   */
  public CompletableFuture<Void> delete(String wireGroup, String topic, Deadline deadline) {
    return Steps.then(
        state(wireGroup, deadline),
        state -> {
          if (state.isPresent() && !state.get().members().isEmpty()) {
            throw new ConflictException(
                ErrorInfo.of("group " + wireGroup + " has " + state.get().members().size() + " members", "Close its consumers first"));
          }
          return state.isPresent()
              ? deleteKnown(wireGroup, deadline)
              : Steps.then(committed(wireGroup, topic, deadline), committed -> deleteForgotten(wireGroup, topic, committed, deadline));
        });
  }

  private CompletableFuture<Void> deleteKnown(String wireGroup, Deadline deadline) {
    return api.delete(path(wireGroup), deadline);
  }

  /** After a restart the server has what groups committed and not the groups: with a member it has one to delete. */
  private CompletableFuture<Void> deleteForgotten(String wireGroup, String topic, Map<Integer, Long> committed, Deadline deadline) {
    if (committed.isEmpty()) {
      throw new NotFoundException(ErrorInfo.of("there is no group " + wireGroup, "Look at the groups of the stream"));
    }
    return Steps.then(
        visit(wireGroup, topic, visitor -> CompletableFuture.completedFuture(null), deadline), left -> deleteKnown(wireGroup, deadline));
  }

  private <T> CompletableFuture<T> visit(String wireGroup, String topic, Function<String, CompletableFuture<T>> as, Deadline deadline) {
    return visit(
        wireGroup,
        client -> Steps.map(join(wireGroup, client, topic, deadline), Joined::member),
        (member, farewell) -> leave(wireGroup, member, farewell),
        as);
  }

  /**
   * Does this as a member for a moment: one that has all partitions, if there is no other. It leaves in any case, also when this is cancelled,
   * its time is over, or nobody said that it is a member: it would have its share of the partitions until its session ends.
   *
   * @param join joins under a name
   * @param leave leaves under a deadline of its own
   */
  <T> CompletableFuture<T> visit(
      String wireGroup,
      Function<String, CompletableFuture<String>> join,
      BiFunction<String, Deadline, CompletableFuture<Void>> leave,
      Function<String, CompletableFuture<T>> as) {
    String client = ownName(VISITOR);
    CompletableFuture<T> result = new CompletableFuture<>();
    join.apply(client)
        .whenComplete(
            (member, error) -> {
              if (error == null) {
                visiting(result, as, member).whenComplete((value, failed) -> leaveAfter(result, value, failed, farewell -> leave.apply(member, farewell)));
                return;
              }
              if (Steps.known(error).maybeApplied()) {
                api.within(GOODBYE, deadline -> leaveUnknown(wireGroup, client, null, leave, deadline));
              }
              result.completeExceptionally(Steps.unwrap(error));
            });
    return result;
  }

  private static <T> CompletableFuture<T> visiting(CompletableFuture<T> result, Function<String, CompletableFuture<T>> as, String member) {
    if (result.isDone()) {
      return result.copy();
    }
    CompletableFuture<T> work = Steps.then(CompletableFuture.completedFuture(member), as);
    result.whenComplete((value, error) -> work.cancel(true));
    return work;
  }

  /** Who cannot leave is taken for dead soon. */
  private <T> void leaveAfter(
      CompletableFuture<T> result, T value, @Nullable Throwable failed, Function<Deadline, CompletableFuture<Void>> leave) {
    api.within(GOODBYE, leave)
        .whenComplete(
            (left, error) -> {
              if (failed == null) {
                result.complete(value);
              } else {
                result.completeExceptionally(Steps.unwrap(failed));
              }
            });
  }

  /** A name that nobody else has, of this kind. */
  public static String ownName(String kind) {
    return kind + '-' + Long.toHexString(ThreadLocalRandom.current().nextLong());
  }

  /**
   * Ends what this client did not know to be its own: the members of its name but this one, which joins made whose answers were lost.
   *
   * @param known null for none
   */
  CompletableFuture<Void> leaveUnknown(
      String wireGroup,
      String client,
      @Nullable String known,
      BiFunction<String, Deadline, CompletableFuture<Void>> leave,
      Deadline deadline) {
    return Steps.then(
        state(wireGroup, deadline),
        state -> {
          List<String> ghosts =
              state.stream()
                  .flatMap(there -> there.members().stream())
                  .filter(member -> member.client().equals(client) && !member.id().equals(known))
                  .map(Member::id)
                  .toList();
          return Steps.map(Steps.all(ghosts, 1, ghost -> Steps.map(leave.apply(ghost, deadline), left -> true)), left -> null);
        });
  }

  /**
   * A member that joined.
   *
   * @param alone whether the group had no other members
   */
  record Joined(String member, int generation, boolean alone, Set<Integer> partitions) {}

  /** A group as it is now. */
  public record State(int generation, List<String> topics, List<Member> members) {
    static State of(Messages.Group group) {
      return new State(
          group.generation(),
          group.topics(),
          group.members().stream().map(member -> new Member(member.id(), member.clientId(), Set.copyOf(member.assignedPartitions()))).toList());
    }

    /** The member of this id, if it is in the group. */
    @Nullable Member member(String id) {
      return members.stream().filter(member -> member.id().equals(id)).findFirst().orElse(null);
    }
  }

  /** Somebody in a group. */
  public record Member(String id, String client, Set<Integer> partitions) {}
}
