package dev.tributary.vertx.internal.goqueue;

import dev.tributary.error.LeaseLostException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.goqueue.client.Api;
import dev.tributary.vertx.internal.goqueue.client.Deliveries;
import dev.tributary.vertx.internal.goqueue.client.Groups;
import dev.tributary.vertx.internal.goqueue.client.Receipts;
import dev.tributary.vertx.internal.goqueue.client.SharedMember;
import dev.tributary.vertx.internal.net.Network;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** One queue as this client has to do with it: who it polls as, what it holds, and who waits for jobs. Thread-safe. */
final class GoQueueJobs implements QueuePoller.Jobs {
  private final Receipts receipts;
  private final String topic;
  private final String group;
  private final SharedMember member;
  private final QueuePoller poller;
  private final Deliveries deliveries;
  private final AtomicInteger users = new AtomicInteger();

  /** Until when this client holds which receipts. The server lets a member hold only so many. */
  private final Map<String, Deadline> held = new ConcurrentHashMap<>();

  GoQueueJobs(
      Api api, Groups groups, Receipts receipts, Deliveries.Factory deliveries, Network network, GoQueueOptions options, String topic) {
    this.receipts = receipts;
    this.topic = topic;
    this.group = groups.wire(options.queueGroup(), topic);
    this.poller = new QueuePoller(this, network.time(), api.loop());
    this.member =
        new SharedMember(api, groups, network.time(), network.config().timeout(), options.heartbeat(), group, topic, this::needsMember);
    this.deliveries = deliveries.of(topic, member, poller::offer);
  }

  String topic() {
    return topic;
  }

  String group() {
    return group;
  }

  private boolean needsMember() {
    return poller.busy() || inFlight() > 0;
  }

  CompletableFuture<List<LeasedJob>> receive(int max, Duration lease, Duration wait) {
    return poller.receive(max, lease, wait);
  }

  @Override
  public Deliveries deliveries() {
    return deliveries;
  }

  @Override
  public CompletableFuture<List<LeasedJob>> lease(List<LeasedJob> jobs, Duration lease) {
    return Steps.map(
        receipts.asLongAs(jobs, lease),
        leased -> {
          leased.forEach(this::hold);
          return leased;
        });
  }

  private void hold(LeasedJob job) {
    Deadline end = job.leaseDeadline();
    if (end != null) {
      held.put(job.receipt(), end);
    }
  }

  @Override
  public CompletableFuture<?> giveBack(LeasedJob job) {
    return receipts.quietly(job, deadline -> settle(new Settlement(Settlement.Kind.RELEASE, job, null, null), deadline));
  }

  CompletableFuture<Settlement.Result> settle(Settlement settlement, Deadline deadline) {
    LeasedJob job = settlement.job();
    CompletableFuture<Settlement.Result> call = deliveries.settle(settlement, deadline);
    call.whenComplete(
        (result, error) -> {
          if (error == null && settlement.kind() == Settlement.Kind.EXTEND) {
            hold(job.withLeaseDeadline(result.leaseDeadline()));
          } else if (error == null || Steps.unwrap(error) instanceof LeaseLostException) {
            held.remove(job.receipt());
          }
        });
    return call;
  }

  /** How many jobs this client holds. */
  int inFlight() {
    held.values().removeIf(Deadline::expired);
    return held.size();
  }

  /** Somebody begins a call about it. */
  GoQueueJobs enter() {
    users.incrementAndGet();
    return this;
  }

  /** And that is over. */
  void leave() {
    users.decrementAndGet();
  }

  /** Whether nobody has anything to do with it, and nothing is known here that a new one would have to know. */
  boolean idle() {
    return users.get() == 0 && !needsMember() && deliveries.idle();
  }

  /** Ends everybody's wait; completes when what this client holds and nobody works on is given back, or could not be in time. */
  CompletableFuture<Void> close(TributaryException reason) {
    return poller.close(reason).thenCompose(given -> deliveries.close()).thenRun(member::close);
  }

  /** Says nothing of itself any more. */
  void silence() {
    deliveries.close();
    member.close();
  }
}
