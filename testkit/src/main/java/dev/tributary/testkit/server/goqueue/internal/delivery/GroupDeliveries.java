package dev.tributary.testkit.server.goqueue.internal.delivery;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.TimeSource;
import dev.tributary.stream.Message;
import dev.tributary.testkit.server.goqueue.internal.groups.Offsets;
import dev.tributary.testkit.server.goqueue.internal.store.DeadLetterTopic;
import dev.tributary.testkit.server.goqueue.internal.store.GroupPartition;
import dev.tributary.testkit.server.goqueue.internal.store.Reads;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import dev.tributary.testkit.server.goqueue.internal.store.ReliabilityStats;
import dev.tributary.testkit.server.goqueue.internal.store.Topic;
import dev.tributary.testkit.server.goqueue.internal.store.Topics;
import dev.tributary.testkit.server.goqueue.internal.store.Turns;
import dev.tributary.testkit.server.internal.grpc.Steps;
import dev.tributary.vertx.internal.goqueue.wire.DeadLetterRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Deliveries as they are declared: every group by itself, nothing is lost, and settling moves the group on. What the transport keeps is
 * how far a group is; what is with members and how often it was is known only here, as long as this lives.
 */
public final class GroupDeliveries implements Deliveries, Leases.Listener {
  private static final System.Logger LOG = System.getLogger("dev.tributary.testkit.server.goqueue");
  private static final int PAGE = 200;
  /** What is read to know its priority, and kept in case it is handed out at once. */
  private static final int KEPT_BYTES = 8 << 20;
  private static final Duration BURIAL = Duration.ofSeconds(30);
  private static final Duration RETRY_BURIAL = Duration.ofSeconds(1);

  private final Topics topics;
  private final Reads reads;
  private final Offsets offsets;
  private final DeadLetterTopic deadLetters;
  private final TimeSource time;
  private final ReliabilityStats stats;
  private final Consumer<String> ready;
  private final Leases leases;
  private final Map<GroupPartition, Turns> turns = new ConcurrentHashMap<>();

  /** With somebody who hears of topics that have a message whose time has come. */
  public GroupDeliveries(
      Topics topics,
      Reads reads,
      Offsets offsets,
      DeadLetterTopic deadLetters,
      TimeSource time,
      ReliabilityStats stats,
      Consumer<String> ready) {
    this.topics = topics;
    this.reads = reads;
    this.offsets = offsets;
    this.deadLetters = deadLetters;
    this.time = time;
    this.stats = stats;
    this.ready = ready;
    this.leases = new Leases(time, this);
  }

  /** What is stored of a partition, and what is known of it here, changes one thing after the other. */
  private <T> CompletableFuture<T> inTurn(GroupPartition place, Deadline deadline, Supplier<CompletableFuture<T>> step) {
    return turns.computeIfAbsent(place, first -> new Turns(time)).take(deadline, step);
  }

  @Override
  public CompletableFuture<List<Delivery>> take(List<GroupPartition> from, Ask ask, Deadline deadline) {
    if (from.isEmpty()) {
      return CompletableFuture.completedFuture(List.of());
    }
    String name = from.get(0).topic();
    CompletableFuture<List<Delivery>> taken =
        topics.with(
            name,
            Offsets.missing(name),
            deadline,
            topic -> {
              List<GroupPartition> there = from.stream().filter(place -> topic.has(place.partition())).toList();
              Seen seen = new Seen();
              return Steps.then(
                  Steps.all(there.stream().map(place -> inTurn(place, deadline, () -> look(topic, place, seen, deadline))).toList()),
                  looked -> hand(topic, leases.take(there, ask), seen, deadline));
            });
    return Steps.recover(
        taken,
        error -> {
          if (Offsets.isMissing(error)) {
            leases.forgetTopic(name);
          }
          return CompletableFuture.failedFuture(error);
        });
  }

  /** Learns how far the group is, and what comes next. */
  private CompletableFuture<Boolean> look(Topic topic, GroupPartition place, Seen seen, Deadline deadline) {
    return Steps.then(
        offsets.committed(place, deadline),
        committed -> {
          leases.open(place, committed);
          return scan(topic, place, seen, deadline);
        });
  }

  private CompletableFuture<Boolean> scan(Topic topic, GroupPartition place, Seen seen, Deadline deadline) {
    if (!leases.wantsMore(place)) {
      return CompletableFuture.completedFuture(true);
    }
    return Steps.then(
        reads.read(topic, place.partition(), leases.scanned(place), PAGE, deadline),
        messages -> {
          leases.found(place, messages);
          seen.add(messages);
          return messages.size() < PAGE ? CompletableFuture.completedFuture(false) : scan(topic, place, seen, deadline);
        });
  }

  /** Messages that were read, by partition and offset. Thread-safe. */
  private static final class Seen {
    private final Map<List<Long>, Message<byte[]>> messages = new HashMap<>();
    private long bytes;

    synchronized void add(List<Message<byte[]>> read) {
      for (Message<byte[]> message : read) {
        bytes += message.value().length;
        if (bytes > KEPT_BYTES) {
          return;
        }
        messages.put(key(message.partition(), message.offset()), message);
      }
    }

    synchronized @Nullable Message<byte[]> find(int partition, long offset) {
      return messages.get(key(partition, offset));
    }

    synchronized void put(Message<byte[]> message) {
      messages.put(key(message.partition(), message.offset()), message);
    }

    private static List<Long> key(int partition, long offset) {
      return List.of((long) partition, offset);
    }
  }

  private CompletableFuture<List<Delivery>> hand(Topic topic, List<Leases.Lease> taken, Seen seen, Deadline deadline) {
    List<Leases.Lease> unread = taken.stream().filter(lease -> seen.find(lease.place().partition(), lease.offset()) == null).toList();
    List<CompletableFuture<List<Message<byte[]>>>> reading =
        runs(unread).stream()
            .map(run -> reads.read(topic, run.partition, run.from, (int) (run.to - run.from), deadline))
            .toList();
    CompletableFuture<List<Delivery>> handed =
        Steps.map(
            Steps.all(reading),
            read -> {
              read.forEach(run -> run.forEach(seen::put));
              return deliveries(taken, seen);
            });
    return Steps.recover(
        handed,
        error -> {
          taken.forEach(leases::giveBack);
          return CompletableFuture.failedFuture(error);
        });
  }

  /** What the transport does not have any more counts as settled. */
  private List<Delivery> deliveries(List<Leases.Lease> taken, Seen seen) {
    List<Delivery> deliveries = new ArrayList<>(taken.size());
    for (Leases.Lease lease : taken) {
      Message<byte[]> message = seen.find(lease.place().partition(), lease.offset());
      if (message == null) {
        leases.gone(lease);
      } else {
        stats.deliveries.increment();
        deliveries.add(new Delivery(message, lease.receipt(), () -> leases.giveBack(lease)));
      }
    }
    return deliveries;
  }

  private static final class Run {
    private final int partition;
    private final long from;
    private long to;

    Run(int partition, long from) {
      this.partition = partition;
      this.from = from;
      this.to = from + 1;
    }
  }

  /** Successive ones are read at once. */
  private static List<Run> runs(List<Leases.Lease> leases) {
    List<Run> runs = new ArrayList<>();
    List<Leases.Lease> inOrder = new ArrayList<>(leases);
    inOrder.sort(Comparator.comparingInt((Leases.Lease lease) -> lease.place().partition()).thenComparingLong(Leases.Lease::offset));
    Run last = null;
    for (Leases.Lease lease : inOrder) {
      if (last != null && last.partition == lease.place().partition() && last.to == lease.offset()) {
        last.to++;
      } else {
        last = new Run(lease.place().partition(), lease.offset());
        runs.add(last);
      }
    }
    return runs;
  }

  @Override
  public CompletableFuture<Acked> ack(String receipt, Deadline deadline) {
    Leases.Acked acked = leases.ack(receipt);
    stats.acks.increment();
    GroupPartition place = acked.lease().place();
    return Steps.map(
        inTurn(place, deadline, () -> store(place, deadline)),
        stored -> new Acked(settled(acked.lease()), acked.watermark(), acked.advanced(), acked.held()));
  }

  private static Settled settled(Leases.Lease lease) {
    return new Settled(lease.place(), lease.member(), lease.offset());
  }

  /** Commits how far the group is, if that is not done yet; several acks may need but one. */
  private CompletableFuture<Boolean> store(GroupPartition place, Deadline deadline) {
    OptionalLong next = leases.toCommit(place);
    if (next.isEmpty()) {
      return CompletableFuture.completedFuture(false);
    }
    return Steps.map(
        offsets.commit(place, next.getAsLong(), deadline),
        stored -> {
          leases.committed(place, next.getAsLong());
          return true;
        });
  }

  @Override
  public CompletableFuture<Nacked> nack(String receipt, @Nullable String reason, @Nullable Duration delay, Deadline deadline) {
    Leases.Nacked nacked = leases.nack(receipt, delivery -> delay == null ? Leases.backoff(delivery) : delay);
    Leases.Lease lease = nacked.lease();
    stats.nacks.increment();
    Nacked answer = new Nacked(settled(lease), nacked.condemned(), lease.delivery() + 1, nacked.visibleAt());
    if (nacked.condemned()) {
      return Steps.map(buryOrReturn(lease, DeadLetterRecord.EXHAUSTED, reason, deadline), buried -> answer);
    }
    stats.retries.increment();
    return CompletableFuture.completedFuture(answer);
  }

  @Override
  public Nacked release(String receipt) {
    Leases.Lease lease = leases.release(receipt);
    return new Nacked(settled(lease), false, lease.delivery(), time.now());
  }

  @Override
  public CompletableFuture<Settled> reject(String receipt, String reason, Deadline deadline) {
    Leases.Lease lease = leases.reject(receipt);
    return Steps.map(
        buryOrReturn(lease, DeadLetterRecord.REJECTED, reason, deadline),
        buried -> {
          stats.rejects.increment();
          return settled(lease);
        });
  }

  private CompletableFuture<Boolean> buryOrReturn(Leases.Lease lease, String reason, @Nullable String error, Deadline deadline) {
    return Steps.recover(
        bury(lease, reason, error, deadline),
        failure -> {
          leases.returned(lease);
          return CompletableFuture.failedFuture(failure);
        });
  }

  private CompletableFuture<Boolean> bury(Leases.Lease lease, String reason, @Nullable String error, Deadline deadline) {
    GroupPartition place = lease.place();
    return inTurn(
        place,
        deadline,
        () ->
            Steps.then(
                copy(lease, reason, error, deadline),
                copied -> {
                  leases.buried(lease);
                  return store(place, deadline);
                }));
  }

  /** What is not there any more has nothing left to be kept. */
  private CompletableFuture<Void> copy(Leases.Lease lease, String reason, @Nullable String error, Deadline deadline) {
    GroupPartition place = lease.place();
    DeadLetterTopic.Life life =
        new DeadLetterTopic.Life(
            place, lease.member(), lease.delivery(), lease.firstDelivery(), lease.lastDelivery(), reason, error);
    return topics.with(
        place.topic(),
        Offsets.missing(place.topic()),
        deadline,
        topic ->
            Steps.then(
                reads.read(topic, place.partition(), lease.offset(), 1, deadline),
                found ->
                    found.isEmpty() || found.get(0).offset() != lease.offset()
                        ? CompletableFuture.completedFuture(null)
                        : deadLetters.add(topic, found.get(0), life, deadline)));
  }

  @Override
  public Instant extend(String receipt, Duration by) {
    Instant until = leases.extend(receipt, by);
    stats.extensions.increment();
    return until;
  }

  @Override
  public CompletableFuture<Void> commit(GroupPartition place, long next, Deadline deadline) {
    return Steps.then(
        topics.find(place.topic(), Offsets.missing(place.topic()), deadline),
        topic -> {
          if (!topic.has(place.partition())) {
            throw Refusal.badRequest("invalid partition " + place.partition());
          }
          return inTurn(
              place,
              deadline,
              () ->
                  Steps.map(
                      offsets.commit(place, next, deadline),
                      stored -> {
                        leases.committed(place, next);
                        return stored;
                      }));
        });
  }

  @Override
  public void forgetGroup(String group) {
    leases.forgetGroup(group);
    turns.keySet().removeIf(place -> place.group().equals(group));
  }

  @Override
  public void forgetTopic(String topic) {
    leases.forgetTopic(topic);
    turns.keySet().removeIf(place -> place.topic().equals(topic));
  }

  @Override
  public int inFlight() {
    return leases.held();
  }

  @Override
  public int queued() {
    return leases.resting();
  }

  @Override
  public void start() {
    leases.start();
  }

  @Override
  public void stop() {
    leases.stop();
  }

  @Override
  public void ready(String topic) {
    ready.accept(topic);
  }

  @Override
  public void expired(Leases.Lease lease) {
    stats.expired.increment();
    if (lease.delivery() < Leases.MOST_DELIVERIES) {
      stats.retries.increment();
    }
  }

  @Override
  public void condemned(Leases.Lease lease) {
    bury(lease, DeadLetterRecord.EXHAUSTED, null, Deadline.after(time, BURIAL))
        .whenComplete(
            (buried, error) -> {
              if (Offsets.isMissing(error)) {
                leases.forgetTopic(lease.place().topic());
              } else if (error != null) {
                LOG.log(System.Logger.Level.WARNING, "A message of " + lease.place().topic() + " did not become a dead letter yet", error);
                leases.spared(lease, RETRY_BURIAL);
              }
            });
  }
}
