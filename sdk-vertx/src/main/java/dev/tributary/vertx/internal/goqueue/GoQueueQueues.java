package dev.tributary.vertx.internal.goqueue;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.driver.Ends;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.QueueStats;
import dev.tributary.spi.DeadLetterTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.QueueTransport;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.Steps;
import dev.tributary.stream.DelayedEvent;
import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import dev.tributary.vertx.internal.goqueue.client.Api;
import dev.tributary.vertx.internal.goqueue.client.Delays;
import dev.tributary.vertx.internal.goqueue.client.Deliveries;
import dev.tributary.vertx.internal.goqueue.client.Groups;
import dev.tributary.vertx.internal.goqueue.client.Positions;
import dev.tributary.vertx.internal.goqueue.client.Publisher;
import dev.tributary.vertx.internal.goqueue.client.Receipts;
import dev.tributary.vertx.internal.goqueue.client.Topics;
import dev.tributary.vertx.internal.net.Network;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** Queues of GoQueue: topics whose messages one group shares as leased jobs. */
final class GoQueueQueues implements QueueTransport {
  /** Beyond so many, those that nobody has anything to do with are forgotten. */
  private static final int REMEMBERED = 1_000;

  private final Api api;
  private final Topics topics;
  private final Groups groups;
  private final Publisher publisher;
  private final Delays delayed;
  private final DeadLetterTransport deadLetters;
  private final Network network;
  private final GoQueueOptions options;
  private final Receipts receipts;
  private final Deliveries.Factory deliveries;
  private final Map<String, GoQueueJobs> queues = new ConcurrentHashMap<>();

  GoQueueQueues(
      Api api,
      Topics topics,
      Groups groups,
      Publisher publisher,
      Delays delayed,
      Receipts receipts,
      Deliveries.Factory deliveries,
      DeadLetterTransport deadLetters,
      Network network,
      GoQueueOptions options) {
    this.api = api;
    this.topics = topics;
    this.groups = groups;
    this.publisher = publisher;
    this.delayed = delayed;
    this.deadLetters = deadLetters;
    this.network = network;
    this.options = options;
    this.receipts = receipts;
    this.deliveries = deliveries;
  }

  private static boolean forgotten(GoQueueJobs queue) {
    boolean idle = queue.idle();
    if (idle) {
      queue.silence();
    }
    return idle;
  }

  /** Makes a call about a queue, which is not forgotten meanwhile. */
  private <T> CompletableFuture<T> in(ResourceName queue, Function<GoQueueJobs, CompletableFuture<T>> call) {
    String topic = topics.of(queue);
    if (queues.size() >= REMEMBERED) {
      queues.keySet().forEach(name -> queues.computeIfPresent(name, (same, known) -> forgotten(known) ? null : known));
    }
    GoQueueJobs jobs =
        queues.compute(
            topic,
            (name, known) ->
                (known == null ? new GoQueueJobs(api, groups, receipts, deliveries, network, options, topic) : known).enter());
    CompletableFuture<T> made;
    try {
      made = call.apply(jobs);
    } catch (Throwable defect) {
      jobs.leave();
      throw defect;
    }
    made.whenComplete((result, error) -> jobs.leave());
    return made;
  }

  @Override
  public CompletableFuture<List<Outcome<EnqueueResult>>> enqueue(
      ResourceName queue, List<NewJob<byte[]>> jobs, boolean atomic, Deadline deadline) {
    String topic = topics.of(queue);
    return Steps.map(
        publisher.publish(topic, jobs.stream().map(GoQueueQueues::event).toList(), deadline),
        outcomes -> outcomes.stream().map(GoQueueQueues::result).toList());
  }

  /** A job is an event that is read in another way. */
  static Event<byte[]> event(NewJob<byte[]> job) {
    Event.Builder<byte[]> event =
        Event.builder(job.value()).key(job.partitionKey()).headers(job.headers()).priority(job.priority());
    Duration delay = job.delay();
    if (delay != null) {
      event.delay(delay);
    }
    return event.build();
  }

  static Outcome<EnqueueResult> result(Outcome<Position> stored) {
    Position position = stored.value();
    if (position == null) {
      return Outcome.failed(java.util.Objects.requireNonNull(stored.error()));
    }
    OptionalLong sequence = position.offset() < 0 ? OptionalLong.empty() : OptionalLong.of(position.offset());
    return Outcome.of(new EnqueueResult(position.partition() + ":" + position.offset(), sequence, false, position.partition()));
  }

  @Override
  public CompletableFuture<List<LeasedJob>> receive(ResourceName queue, int max, Duration lease, Duration wait, Deadline deadline) {
    return in(queue, jobs -> jobs.receive(max, lease, wait));
  }

  @Override
  public CompletableFuture<List<Outcome<Settlement.Result>>> settle(
      ResourceName queue, List<Settlement> settlements, Deadline deadline) {
    return in(queue, jobs -> Steps.all(settlements, Receipts.ON_THE_WAY, settlement -> jobs.settle(settlement, deadline)));
  }

  /**
   * What lies beyond the committed offset, without what this client holds, and what waits for its time wherever that is named. Positions that
   * nothing can be read of count until the group is past them.
   */
  @Override
  public CompletableFuture<QueueStats> stats(ResourceName queue, Deadline deadline) {
    return in(
        queue,
        jobs -> {
          String topic = jobs.topic();
          CompletableFuture<Map<Integer, Long>> committed = groups.committed(jobs.group(), topic, deadline);
          CompletableFuture<List<DelayedEvent>> waiting = delayed.all(topic, deadline);
          return Steps.then(
              topics.ask(topic, deadline),
              details ->
                  Steps.then(committed, next -> Steps.map(waiting, later -> stats(jobs.inFlight(), details, next, later))));
        });
  }

  private static QueueStats stats(
      long inFlight, Topics.Details details, Map<Integer, Long> committed, List<DelayedEvent> waiting) {
    long pending = -inFlight;
    for (Map.Entry<Integer, Ends> partition : details.ends().entrySet()) {
      long next = partition.getValue().next();
      long first = Math.max(partition.getValue().earliest(), committed.getOrDefault(partition.getKey(), 0L));
      pending += Math.max(0, next - first);
      for (DelayedEvent job : waiting) {
        Position place = job.position();
        boolean counted = place.offset() >= first && place.offset() < next;
        pending += place.partition() == partition.getKey() && !counted ? 1 : 0;
      }
    }
    return new QueueStats(
        Math.max(0, pending), inFlight, OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), null);
  }

  @Override
  public DeadLetterTransport deadLetters() {
    return deadLetters;
  }

  /** Ends everybody's wait; completes when what nobody took is given back. */
  CompletableFuture<Void> close(TributaryException reason) {
    List<CompletableFuture<Void>> closing = new ArrayList<>();
    queues.values().forEach(queue -> closing.add(queue.close(reason)));
    // A poll that cannot be ended is not waited for until it ends.
    return api.within(Groups.GOODBYE, deadline -> CompletableFuture.allOf(closing.toArray(CompletableFuture[]::new)));
  }
}
