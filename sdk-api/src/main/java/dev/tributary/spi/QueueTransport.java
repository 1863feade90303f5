package dev.tributary.spi;

import dev.tributary.Capability;
import dev.tributary.Outcome;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.ResourceName;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.PeekedJob;
import dev.tributary.queue.QueueStats;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Queues of a backend. See {@link Transport} for what holds for every method. */
public interface QueueTransport {
  /**
   * Stores jobs in order; a single enqueue is a batch of one. Delays are relative: the client has resolved {@code notBefore}. With
   * {@code PRODUCER_SEQUENCES} every job has a number or a deduplication id, unless the application switched that off; one of a producer
   * that was replaced fails with {@code ConflictException}.
   *
   * @param atomic all or none, with {@code ATOMIC_ENQUEUE}
   * @return one outcome for each job, in order. The future fails if nothing can be said about any of them, or, if atomic, when
   *     nothing was stored.
   */
  CompletableFuture<List<Outcome<EnqueueResult>>> enqueue(
      ResourceName queue, List<NewJob<byte[]>> jobs, boolean atomic, Deadline deadline);

  /**
   * Leases up to {@code max} ready jobs, best first.
   *
   * @param wait how long to wait at the backend if none is ready, at most {@link Limits#maxWait()}
   * @return the jobs; empty if none came. If the call is cancelled after the backend leased jobs, they are given back as far as
   *     the wire can.
   */
  CompletableFuture<List<LeasedJob>> receive(ResourceName queue, int max, Duration lease, Duration wait, Deadline deadline);

  /**
   * Settles leased jobs. Without {@code JOB_RELEASE} a release is the nearest that the wire has: the job is ready again at once, and may count
   * an attempt more.
   *
   * @return one outcome for each, in order: {@code LeaseLostException} if the job was no longer this delivery's. Settling twice is
   *     a lost lease, unless the backend cannot tell.
   */
  CompletableFuture<List<Outcome<Settlement.Result>>> settle(ResourceName queue, List<Settlement> settlements, Deadline deadline);

  /** The same queues, with only these partitions for taking, peeking, counting and purging, with {@code JOB_PARTITIONS}. */
  default QueueTransport ofPartitions(Set<Integer> partitions) {
    throw Unsupported.without(Capability.JOB_PARTITIONS);
  }

  /** Up to {@code max} jobs without leasing them, best first, with {@code PEEK}. */
  default CompletableFuture<List<PeekedJob<byte[]>>> peek(ResourceName queue, int max, Deadline deadline) {
    throw Unsupported.without(Capability.PEEK);
  }

  /** The queue's counters. */
  CompletableFuture<QueueStats> stats(ResourceName queue, Deadline deadline);

  /** The queue's policy, with {@code REDELIVERY_POLICY}. */
  default CompletableFuture<RedeliveryPolicy> redeliveryPolicy(ResourceName queue, Deadline deadline) {
    throw Unsupported.without(Capability.REDELIVERY_POLICY);
  }

  /** Sets the queue's policy, with {@code REDELIVERY_POLICY}. */
  default CompletableFuture<Void> setRedeliveryPolicy(ResourceName queue, RedeliveryPolicy policy, Deadline deadline) {
    throw Unsupported.without(Capability.REDELIVERY_POLICY);
  }

  /** Drops every job that is not leased, with {@code PURGE}. */
  default CompletableFuture<Void> purge(ResourceName queue, Deadline deadline) {
    throw Unsupported.without(Capability.PURGE);
  }

  /** Dead letters of queues, with {@code DEAD_LETTERS}. */
  default DeadLetterTransport deadLetters() {
    throw Unsupported.without(Capability.DEAD_LETTERS);
  }
}
