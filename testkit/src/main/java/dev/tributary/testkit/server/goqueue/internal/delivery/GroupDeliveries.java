package dev.tributary.testkit.server.goqueue.internal.delivery;

import dev.tributary.Capability;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.NotFoundException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.GroupTransport;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Limits;
import dev.tributary.spi.ReceiveSpec;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.stream.EventKey;
import dev.tributary.stream.Message;
import dev.tributary.testkit.server.goqueue.internal.groups.Offsets;
import dev.tributary.testkit.server.goqueue.internal.store.DeadLetters;
import dev.tributary.testkit.server.goqueue.internal.store.GroupPartition;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import dev.tributary.testkit.server.goqueue.internal.store.Topic;
import dev.tributary.testkit.server.goqueue.internal.store.Topics;
import dev.tributary.vertx.internal.goqueue.wire.DeadLetterRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Deliveries as they are declared, which is how the transport makes them: every group by itself, nothing is lost, and settling moves the group
 * on. A receipt on the wire names its topic and what the transport calls the delivery, so that any server in front of it can settle it.
 */
public final class GroupDeliveries implements Deliveries {
  /** Three deliveries; 2 s before the second, and twice as long before each further one. */
  private static final RedeliveryPolicy REDELIVERY =
      new RedeliveryPolicy(3, Duration.ofSeconds(2), Duration.ofMinutes(1), 2, RedeliveryPolicy.Strategy.EXPONENTIAL);

  private static final int RECEIPT_PARTS = 5;
  private static final Duration RETURN = Duration.ofSeconds(10);

  private final Topics topics;
  private final DeadLetters deadLetters;
  private final TimeSource time;

  public GroupDeliveries(Topics topics, TimeSource time) {
    this.topics = topics;
    this.time = time;
    this.deadLetters = new DeadLetters(topics);
  }

  private GroupTransport groups() {
    return topics
        .transport()
        .groups()
        .orElseThrow(() -> new Refusal(501, topics.transport().backend() + " does not lease messages to groups"));
  }

  @Override
  public CompletableFuture<List<Delivery>> take(List<GroupPartition> from, Ask ask, Duration patience, Deadline deadline) {
    if (from.isEmpty()) {
      return CompletableFuture.completedFuture(List.of());
    }
    String name = from.get(0).topic();
    CompletableFuture<List<Delivery>> taken = new CompletableFuture<>();
    CompletableFuture<List<LeasedJob>> receiving =
        topics.with(
            name,
            Offsets.missing(name),
            deadline,
            topic -> {
              CompletableFuture<List<LeasedJob>> received = receive(topic, from, ask, patience, deadline);
              received.thenAccept(
                  jobs -> {
                    List<Delivery> deliveries = jobs.stream().map(job -> delivery(name, job)).toList();
                    if (!taken.complete(deliveries)) {
                      giveBack(deliveries);
                    }
                  });
              return received;
            });
    receiving.whenComplete(
        (jobs, error) -> {
          if (error != null) {
            taken.completeExceptionally(error);
          }
        });
    taken.whenComplete(
        (deliveries, error) -> {
          if (taken.isCancelled()) {
            receiving.cancel(true);
          }
        });
    return taken;
  }

  private CompletableFuture<List<LeasedJob>> receive(
      Topic topic, List<GroupPartition> from, Ask ask, Duration patience, Deadline deadline) {
    Set<Integer> there = from.stream().map(GroupPartition::partition).filter(topic::has).collect(Collectors.toSet());
    if (there.isEmpty()) {
      return CompletableFuture.completedFuture(List.of());
    }
    Limits limits = topics.transport().limits();
    ReceiveSpec spec =
        new ReceiveSpec(
            from.get(0).group(),
            ask.member(),
            there,
            Math.min(ask.all(), limits.maxReceive()),
            ask.each(),
            shorter(ask.visibility(), limits.maxLease()),
            REDELIVERY,
            shorter(patience, limits.maxWait()));
    return groups().receive(topic.stream(), spec, deadline);
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private Delivery delivery(String topic, LeasedJob job) {
    long offset = job.sequence().orElseThrow();
    Message<byte[]> message =
        new Message<>(
            job.value(),
            job.partitionKey() == null ? null : EventKey.of(job.partitionKey()),
            job.headers(),
            job.partition(),
            offset,
            job.enqueuedAt(),
            job.priority());
    String receipt = topic + ":" + job.partition() + ":" + offset + ":" + job.attempt() + ":" + job.receipt();
    return new Delivery(deadLetters.shown(message), receipt);
  }

  @Override
  public void giveBack(List<Delivery> unseen) {
    // What has ended by itself meanwhile is back already.
    unseen.forEach(
        delivery -> settle(Settlement.Kind.RELEASE, delivery.receipt(), null, null, Deadline.after(time, RETURN)));
  }

  private CompletableFuture<GroupTransport.Settled> settle(
      Settlement.Kind kind, String receipt, @Nullable Duration duration, @Nullable String reason, Deadline deadline) {
    String[] parts = receipt.split(":", -1);
    if (parts.length != RECEIPT_PARTS) {
      return CompletableFuture.failedFuture(Refusal.internal(UNKNOWN));
    }
    LeasedJob job = LeasedJob.named(parts[1] + "/" + parts[2], parts[RECEIPT_PARTS - 1]);
    List<Settlement> settlement = List.of(new Settlement(kind, job, duration, reason));
    return Steps.otherwise(
        topics.with(
            parts[0],
            UNKNOWN,
            deadline,
            topic -> Steps.map(groups().settle(topic.stream(), settlement, deadline), outcomes -> outcomes.get(0).orThrow())),
        error -> CompletableFuture.failedFuture(unknown(error) ? Refusal.internal(UNKNOWN) : error));
  }

  private static boolean unknown(Throwable error) {
    return error instanceof LeaseLostException || Offsets.isMissing(error);
  }

  private static Settled settled(String receipt, GroupTransport.Settled settled) {
    GroupPartition place = new GroupPartition(settled.group(), receipt.substring(0, receipt.indexOf(':')), settled.position().partition());
    return new Settled(place, settled.consumer(), settled.position().offset());
  }

  /** An ack moved the group on if the group is past its message: else one before it is not settled. */
  @Override
  public CompletableFuture<Acked> ack(String receipt, Deadline deadline) {
    return Steps.map(
        settle(Settlement.Kind.ACK, receipt, null, null, deadline),
        acked -> {
          long committed = acked.committed().orElse(0);
          return new Acked(settled(receipt, acked), committed, committed > acked.position().offset(), acked.left().orElse(0));
        });
  }

  @Override
  public CompletableFuture<Nacked> nack(String receipt, @Nullable String reason, @Nullable Duration delay, Deadline deadline) {
    return Steps.map(settle(Settlement.Kind.NACK, receipt, delay, reason, deadline), nacked -> nacked(receipt, nacked, nacked.attempt() + 1));
  }

  @Override
  public CompletableFuture<Nacked> release(String receipt, Deadline deadline) {
    return Steps.map(
        settle(Settlement.Kind.RELEASE, receipt, null, null, deadline), released -> nacked(receipt, released, released.attempt()));
  }

  private Nacked nacked(String receipt, GroupTransport.Settled settled, int delivery) {
    Deadline next = settled.next();
    return new Nacked(settled(receipt, settled), settled.deadLettered(), delivery, next == null ? time.now() : next.instant());
  }

  @Override
  public CompletableFuture<Settled> reject(String receipt, String reason, Deadline deadline) {
    return Steps.map(settle(Settlement.Kind.REJECT, receipt, null, reason, deadline), rejected -> settled(receipt, rejected));
  }

  @Override
  public CompletableFuture<Instant> extend(String receipt, Duration by, Deadline deadline) {
    return Steps.map(
        settle(Settlement.Kind.EXTEND, receipt, by, null, deadline),
        extended -> {
          Deadline end = extended.next();
          return end == null ? time.now().plus(by) : end.instant();
        });
  }

  /** Of all groups that can be listed. */
  @Override
  public CompletableFuture<Stats> stats(Deadline deadline) {
    return topics.can(Capability.GROUP_LISTING)
        ? Steps.map(
            Steps.then(topics.all(deadline), all -> Steps.together(all.stream().map(topic -> stats(topic, deadline)).toList())),
            GroupDeliveries::sum)
        : CompletableFuture.completedFuture(sum(List.of()));
  }

  private record TopicStats(String topic, List<GroupTransport.Stats> groups) {
    long sum(ToLongFunction<GroupTransport.Stats> number) {
      return groups.stream().mapToLong(number).sum();
    }
  }

  /** A topic that is deleted meanwhile has none. */
  private CompletableFuture<TopicStats> stats(Topic topic, Deadline deadline) {
    CompletableFuture<List<GroupTransport.Stats>> groups =
        Steps.then(
            topics.streams().groups(topic.stream(), deadline),
            names -> Steps.together(names.stream().map(group -> groups().stats(topic.stream(), group, deadline)).toList()));
    return Steps.map(
        Steps.recover(groups, NotFoundException.class, gone -> CompletableFuture.completedFuture(List.of())),
        all -> new TopicStats(topic.name(), all));
  }

  private static Stats sum(List<TopicStats> topics) {
    ToLongFunction<ToLongFunction<GroupTransport.Stats>> all = number -> topics.stream().mapToLong(topic -> topic.sum(number)).sum();
    long nacks = all.applyAsLong(GroupTransport.Stats::nacks);
    long rejects = all.applyAsLong(GroupTransport.Stats::rejects);
    long expired = all.applyAsLong(GroupTransport.Stats::expired);
    long deadLetters = all.applyAsLong(GroupTransport.Stats::deadLettered);
    long exhausted = deadLetters - rejects;
    Map<String, Long> byReason = new TreeMap<>(Map.of(DeadLetterRecord.REJECTED, rejects, DeadLetterRecord.EXHAUSTED, exhausted));
    Map<String, Long> byTopic = new TreeMap<>();
    topics.forEach(topic -> byTopic.put(topic.topic(), topic.sum(GroupTransport.Stats::deadLettered)));
    byReason.values().removeIf(count -> count == 0);
    byTopic.values().removeIf(count -> count == 0);
    return new Stats(
        all.applyAsLong(GroupTransport.Stats::acks),
        nacks,
        rejects,
        expired,
        nacks + expired - exhausted,
        deadLetters,
        all.applyAsLong(GroupTransport.Stats::delayed),
        all.applyAsLong(GroupTransport.Stats::deliveries),
        all.applyAsLong(GroupTransport.Stats::leased),
        all.applyAsLong(GroupTransport.Stats::extensions),
        byReason,
        byTopic,
        0,
        0);
  }
}
