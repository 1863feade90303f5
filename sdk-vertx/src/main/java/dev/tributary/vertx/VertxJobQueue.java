package dev.tributary.vertx;

import dev.tributary.JobQueue;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.ResourceName;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.Job;
import dev.tributary.queue.JobHandler;
import dev.tributary.queue.JobsOptions;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.PeekedJob;
import dev.tributary.queue.QueueStats;
import dev.tributary.queue.ReserveOptions;
import dev.tributary.queue.WorkerOptions;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** {@link JobQueue} for verticles; see {@link VertxTributary}. */
public final class VertxJobQueue<T> {
  /** Each is leased while it waits here. */
  private static final int WINDOW = 16;

  private final Contexts contexts;
  final JobQueue<T> queue;

  VertxJobQueue(Contexts contexts, JobQueue<T> queue) {
    this.contexts = contexts;
    this.queue = queue;
  }

  /** See {@link JobQueue#name}. */
  public ResourceName name() {
    return queue.name();
  }

  /** See {@link JobQueue#partitions}. */
  public VertxJobQueue<T> partitions(Set<Integer> partitions) {
    return new VertxJobQueue<>(contexts, queue.partitions(partitions));
  }

  /** See {@link JobQueue#enqueue(Object)}. */
  public Future<EnqueueResult> enqueue(T value) {
    return contexts.future(queue.enqueue(value));
  }

  /** See {@link JobQueue#enqueue(NewJob)}. */
  public Future<EnqueueResult> enqueue(NewJob<T> job) {
    return contexts.future(queue.enqueue(job));
  }

  /** See {@link JobQueue#enqueueAll}. */
  public Future<List<EnqueueResult>> enqueueAll(List<NewJob<T>> jobs) {
    return contexts.future(queue.enqueueAll(jobs));
  }

  /** See {@link JobQueue#enqueueAtomically}. */
  public Future<List<EnqueueResult>> enqueueAtomically(List<NewJob<T>> jobs) {
    return contexts.future(queue.enqueueAtomically(jobs));
  }

  /** See {@link JobQueue#reserve()}. */
  public Future<Optional<VertxJob<T>>> reserve() {
    return reserve(ReserveOptions.DEFAULT);
  }

  /** See {@link JobQueue#reserve(ReserveOptions)}. */
  public Future<Optional<VertxJob<T>>> reserve(ReserveOptions options) {
    return contexts.future(queue.reserve(options)).map(job -> job.map(this::face));
  }

  /** See {@link JobQueue#receive(int)}. */
  public Future<List<VertxJob<T>>> receive(int max) {
    return receive(max, ReserveOptions.DEFAULT);
  }

  /** See {@link JobQueue#receive(int, ReserveOptions)}. */
  public Future<List<VertxJob<T>>> receive(int max, ReserveOptions options) {
    return contexts.future(queue.receive(max, options)).map(jobs -> jobs.stream().map(this::face).toList());
  }

  /** See {@link JobQueue#jobs()}. Jobs that nobody handles are given back. */
  public VertxReadStream<VertxJob<T>> jobs() {
    return jobs(JobsOptions.DEFAULT);
  }

  /** See {@link JobQueue#jobs(JobsOptions)}. The state listener is called on the caller's context; jobs that nobody handles are given back. */
  public VertxReadStream<VertxJob<T>> jobs(JobsOptions options) {
    JobsOptions onContext = options.toBuilder().onState(contexts.listener(options.onState())).build();
    return contexts.stream(queue.jobs(onContext), WINDOW, this::face, VertxJob::giveBack);
  }

  /** See {@link JobQueue#worker(JobHandler)}. The handler is called on the caller's context. */
  public VertxWorker worker(Function<? super VertxJob<T>, ? extends Future<?>> handler) {
    return worker(WorkerOptions.DEFAULT, handler);
  }

  /** See {@link JobQueue#worker(WorkerOptions, JobHandler)}. Handler and state listener are called on the caller's context. */
  public VertxWorker worker(WorkerOptions options, Function<? super VertxJob<T>, ? extends Future<?>> handler) {
    WorkerOptions onContext = options.toBuilder().onState(contexts.listener(options.onState())).build();
    Function<VertxJob<T>, ? extends CompletionStage<?>> handling = contexts.handler(handler);
    return new VertxWorker(contexts, queue.worker(onContext, job -> handling.apply(face(job))));
  }

  /** See {@link JobQueue#peek}. */
  public Future<List<PeekedJob<T>>> peek(int max) {
    return contexts.future(queue.peek(max));
  }

  /** See {@link JobQueue#stats}. */
  public Future<QueueStats> stats() {
    return contexts.future(queue.stats());
  }

  /** See {@link JobQueue#redeliveryPolicy}. */
  public Future<RedeliveryPolicy> redeliveryPolicy() {
    return contexts.future(queue.redeliveryPolicy());
  }

  /** See {@link JobQueue#setRedeliveryPolicy}. */
  public Future<Void> setRedeliveryPolicy(RedeliveryPolicy policy) {
    return contexts.future(queue.setRedeliveryPolicy(policy));
  }

  /** See {@link JobQueue#deadLetters}. */
  public VertxDeadLetters<T> deadLetters() {
    return new VertxDeadLetters<>(contexts, queue.deadLetters());
  }

  /** See {@link JobQueue#purge}. */
  public Future<Void> purge() {
    return contexts.future(queue.purge());
  }

  private VertxJob<T> face(Job<T> job) {
    return new VertxJob<>(contexts, job);
  }
}
