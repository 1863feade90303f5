package dev.tributary.vertx.internal.source;

import dev.tributary.spi.Deadline;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** How the members of one group of one stream share its partitions, on one wire. */
public interface GroupProtocol {
  /** Joins as this client: a name of its own, by which it can find a member that it made without being told. */
  CompletableFuture<Joined> join(String client, Deadline deadline);

  /** Says that the member lives, and asks for news. {@code NotFoundException} if it is not a member any more. */
  CompletableFuture<News> heartbeat(String member, int generation, Deadline deadline);

  /** Says that the member does not read these any more, as it was asked. */
  CompletableFuture<Void> revoked(String member, int generation, Set<Integer> partitions, Deadline deadline);

  /** Commits the next offset of each of these partitions. {@code ConflictException} or {@code NotFoundException} if the group has changed. */
  CompletableFuture<Void> commit(String member, Map<Integer, Long> offsets, Deadline deadline);

  /** Ends the membership; one that is over already is none to end. */
  CompletableFuture<Void> leave(String member, Deadline deadline);

  /** Ends the memberships of this client but this one: joins made them whose answers were lost. */
  CompletableFuture<Void> leaveUnknown(String client, @Nullable String member, Deadline deadline);

  /**
   * A member that joined.
   *
   * @param alone whether the group had no other members
   * @param partitions what it reads; null if the first heartbeat says that
   */
  record Joined(String member, int generation, boolean alone, @Nullable Set<Integer> partitions) {}

  /**
   * What a heartbeat brings.
   *
   * @param partitions all that the member reads; null if that is as it was
   * @param revoke what others wait for, to be given up
   * @param settled whether the next news can wait
   */
  record News(int generation, @Nullable Set<Integer> partitions, Set<Integer> revoke, boolean settled) {}
}
