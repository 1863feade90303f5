package dev.tributary.spi;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.stream.Position;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Leased delivery of streams to groups: what {@link QueueTransport} is for queues. A message is with one consumer of a group at a time, who settles
 * it; whatever is not settled comes again. See {@link Transport} for what holds for every method. Whoever is connected to the backend shares
 * one group, its leases and its attempts.
 *
 * <p>A group that never committed begins with the first message that is kept. Settling moves it on: what it has committed is the first offset of a
 * partition that is not settled. A commit from outside moves it too: forward, what lies before counts as settled once its lease is over;
 * backward, everything from there on is delivered again, but for what is leased.
 *
 * <p>What is rejected, or fails its last attempt, becomes an event of the stream {@code <name>.dlq}, which is made when it is needed with as many
 * partitions: in the partition that it was in, with its value, its key, its headers, and the {@link DeadLetterHeaders} that say what became of
 * it. Where that name would be too long, it stays, and comes again after the longest backoff.
 */
public interface GroupTransport {
  /**
   * Leases messages of a stream that the group has neither settled nor leased: those of a higher priority first; of equal ones, from partitions in
   * turn, and of one partition in the order of their offsets. If there is none, waits for one.
   *
   * @return the messages as jobs: the sequence is the offset, the time of enqueueing is when it was stored. Empty if none came. If the call is
   *     cancelled after the backend leased some, they are given back as far as the wire can.
   */
  CompletableFuture<List<LeasedJob>> receive(ResourceName stream, ReceiveSpec spec, Deadline deadline);

  /**
   * Settles deliveries of any groups of the stream. What counts of a job are its id and its receipt, so that one process can settle what another
   * received. A nack without a delay waits for the backoff that it was received with; a lease that ends is a nack without any wait.
   *
   * @return one outcome for each, in order: {@code LeaseLostException} if the message was no longer this delivery's. Settling twice is a lost
   *     lease.
   */
  CompletableFuture<List<Outcome<Settled>>> settle(ResourceName stream, List<Settlement> settlements, Deadline deadline);

  /** What a group does, and what it has done since it is there. */
  CompletableFuture<Stats> stats(ResourceName stream, String group, Deadline deadline);

  /**
   * What came of a settlement.
   *
   * @param group whose delivery it was
   * @param consumer who had it, as it was received; empty where the backend does not say
   * @param position where the message is
   * @param attempt which delivery it was, 1 for the first
   * @param deadLettered whether it is a dead letter now
   * @param next the end of the lease after an extension, or after a nack or a release when it comes again, measured from the answer; else null
   * @param committed the group's next offset in the partition, where the backend says that
   * @param left how many messages of the partition the consumer still has, where the backend says that
   */
  record Settled(
      String group,
      String consumer,
      Position position,
      int attempt,
      boolean deadLettered,
      @Nullable Deadline next,
      OptionalLong committed,
      OptionalLong left) {}

  /**
   * Messages of a group: the first two at one moment, the others since the group is there.
   *
   * @param leased how many are leased
   * @param delayed how many wait for their time after a nack
   * @param deliveries how many were delivered, all attempts counted
   * @param acks how many were acked
   * @param nacks how many were nacked
   * @param rejects how many were rejected
   * @param extensions how often leases were extended
   * @param expired how many leases ended by themselves
   * @param deadLettered how many became dead letters, whether rejected or after their last attempt
   */
  record Stats(
      long leased,
      long delayed,
      long deliveries,
      long acks,
      long nacks,
      long rejects,
      long extensions,
      long expired,
      long deadLettered) {}
}
