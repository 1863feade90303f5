package dev.tributary;

import dev.tributary.queue.DeadLetters;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.Job;
import dev.tributary.queue.JobHandler;
import dev.tributary.queue.JobsOptions;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.PeekedJob;
import dev.tributary.queue.QueueStats;
import dev.tributary.queue.ReserveOptions;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/**
 * A queue of jobs of one type. A cheap handle: make it where it is needed; nothing is sent by making it.
 *
 * <p>Thread-safe. Every future completes within the client's deadline, on its callback executor; cancelling it cancels the call, and
 * gives back jobs that were leased by it.
 *
 * <p>A job that was taken and cannot be decoded becomes a dead letter, with the reason, and is not handed over; where the backend
 * keeps no dead letters it is given back.
 */
public interface JobQueue<T> {
  /** The full name. */
  ResourceName name();

  /**
   * The same queue, with only these partitions for taking, peeking, counting and purging. What is enqueued goes where it belongs all the
   * same.
   *
   * @throws dev.tributary.error.UnsupportedFeatureException if the backend has no {@code JOB_PARTITIONS}
   * @throws dev.tributary.error.InvalidRequestException if there is none, or a negative one
   */
  JobQueue<T> partitions(Set<Integer> partitions);

  /** Enqueues a bare value. */
  default CompletableFuture<EnqueueResult> enqueue(T value) {
    return enqueue(NewJob.of(value));
  }

  /**
   * Enqueues a job.
   *
   * @return its id. Once it may have been applied it is retried only if it has a deduplication id or the backend keeps the numbers of
   *     producers; else the error says {@code maybeApplied}.
   */
  CompletableFuture<EnqueueResult> enqueue(NewJob<T> job);

  /**
   * Enqueues jobs in order, split into several calls where the backend wants that.
   *
   * <p>One deadline holds for the whole list. A job that the backend refuses does not hold up the others. A call that fails as a
   * whole and cannot be made again ends it: the rest is not sent, and says so.
   *
   * @return their ids, in order. If only some were stored it fails with {@code PartialFailureException}, which has an outcome for
   *     each; if none was, with the error itself.
   */
  CompletableFuture<List<EnqueueResult>> enqueueAll(List<NewJob<T>> jobs);

  /** Enqueues all jobs or none. Fails with {@code PayloadTooLargeException} if they do not fit into one call. */
  CompletableFuture<List<EnqueueResult>> enqueueAtomically(List<NewJob<T>> jobs);

  /** Takes a job for 30 s if one is ready. */
  default CompletableFuture<Optional<Job<T>>> reserve() {
    return reserve(ReserveOptions.DEFAULT);
  }

  /** Takes a job; empty if none came in time. */
  CompletableFuture<Optional<Job<T>>> reserve(ReserveOptions options);

  /** Takes up to {@code max} jobs for 30 s each if any are ready. */
  default CompletableFuture<List<Job<T>>> receive(int max) {
    return receive(max, ReserveOptions.DEFAULT);
  }

  /** Takes up to {@code max} jobs; empty if none came in time. Waits for the first only. */
  CompletableFuture<List<Job<T>>> receive(int max, ReserveOptions options);

  /** Jobs as they come, with the defaults; see {@link #jobs(JobsOptions)}. */
  default Flow.Publisher<Job<T>> jobs() {
    return jobs(JobsOptions.DEFAULT);
  }

  /**
   * Jobs as they come, leased one for each unit of demand and never more. Settle each. Cancelling gives back what was not handed
   * over.
   */
  Flow.Publisher<Job<T>> jobs(JobsOptions options);

  /** Starts a worker that has one job at a time; see {@link #worker(WorkerOptions, JobHandler)}. */
  default Worker worker(JobHandler<T> handler) {
    return worker(WorkerOptions.DEFAULT, handler);
  }

  /**
   * Starts a worker. Close it.
   *
   * @throws dev.tributary.error.InvalidRequestException if the lease is longer than the backend allows
   * @throws dev.tributary.error.ClientClosedException if the client is closed
   */
  Worker worker(WorkerOptions options, JobHandler<T> handler);

  /** Starts a worker that has one job at a time; see {@link #process(WorkerOptions, BlockingHandler)}. */
  default Worker process(BlockingHandler<? super Job<T>> handler) {
    return process(WorkerOptions.DEFAULT, handler);
  }

  /**
   * Starts a worker whose handler blocks, each on a thread of its own: a job is acked when it returns, and nacked when it throws. Otherwise as
   * {@link #worker(WorkerOptions, JobHandler)}.
   *
   * @throws dev.tributary.error.InvalidRequestException if the lease is longer than the backend allows
   * @throws dev.tributary.error.ClientClosedException if the client is closed
   */
  Worker process(WorkerOptions options, BlockingHandler<? super Job<T>> handler);

  /** Up to {@code max} jobs without taking them, best first. */
  CompletableFuture<List<PeekedJob<T>>> peek(int max);

  /** The queue's counters. */
  CompletableFuture<QueueStats> stats();

  /** How failed jobs are redelivered. */
  CompletableFuture<RedeliveryPolicy> redeliveryPolicy();

  /** Sets how failed jobs are redelivered. */
  CompletableFuture<Void> setRedeliveryPolicy(RedeliveryPolicy policy);

  /** What failed for good. */
  DeadLetters<T> deadLetters();

  /** Drops every job that is not being worked on. */
  CompletableFuture<Void> purge();
}
