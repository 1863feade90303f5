package dev.tributary.testkit.server.goqueue.internal.shipped;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.goqueue.internal.delivery.Deliveries;
import dev.tributary.testkit.server.goqueue.internal.groups.Offsets;
import dev.tributary.testkit.server.goqueue.internal.store.Appends;
import dev.tributary.testkit.server.goqueue.internal.store.GroupPartition;
import dev.tributary.testkit.server.goqueue.internal.store.Reads;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import dev.tributary.testkit.server.goqueue.internal.store.Topics;
import dev.tributary.vertx.internal.goqueue.wire.DeadLetterRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Deliveries as public servers make them: from where the group committed, to which settling does nothing; up to the first message that
 * anybody has; and what a client did not get is not given back.
 */
public final class ShippedDeliveries implements Deliveries, InFlight.Listener {
  private static final System.Logger LOG = System.getLogger("dev.tributary.testkit.server.goqueue");
  private static final Duration BURIAL = Duration.ofSeconds(30);
  private static final String BACKPRESSURE = "BACKPRESSURE";

  private final Topics topics;
  private final Reads reads;
  private final Offsets offsets;
  private final DeadLetterTopic deadLetters;
  private final TimeSource time;
  private final ReliabilityCounts stats = new ReliabilityCounts();
  private final InFlight flights;

  public ShippedDeliveries(
      Topics topics, Appends appends, Reads reads, Offsets offsets, TimeSource time) {
    this.topics = topics;
    this.reads = reads;
    this.offsets = offsets;
    this.deadLetters = new DeadLetterTopic(topics, appends, time, stats);
    this.time = time;
    this.flights = new InFlight(time, this);
  }

  @Override
  public CompletableFuture<List<Delivery>> take(List<GroupPartition> from, Ask ask, Duration patience, Deadline deadline) {
    List<CompletableFuture<List<Delivery>>> taking = from.stream().map(place -> take(place, ask.member(), ask.each(), deadline)).toList();
    return Steps.map(Steps.together(taking), taken -> taken.stream().flatMap(List::stream).toList());
  }

  private CompletableFuture<List<Delivery>> take(GroupPartition place, String member, int most, Deadline deadline) {
    return topics.with(
        place.topic(),
        Offsets.missing(place.topic()),
        deadline,
        topic ->
            !topic.has(place.partition())
                ? CompletableFuture.completedFuture(List.of())
                : Steps.then(
                    offsets.committed(place, deadline),
                    next ->
                        Steps.map(
                            reads.read(topic, place.partition(), next.orElse(0), most, deadline),
                            messages -> flights.take(place, member, messages).stream().map(this::delivery).toList())));
  }

  private Delivery delivery(InFlight.Taken taken) {
    stats.deliveries.increment();
    return new Delivery(taken.message(), taken.receipt());
  }

  /** What a client did not get is in flight all the same. */
  @Override
  public void giveBack(List<Delivery> unseen) {}

  @Override
  public CompletableFuture<Acked> ack(String receipt, Deadline deadline) {
    Acked acked = flights.ack(receipt);
    stats.acks.increment();
    return CompletableFuture.completedFuture(acked);
  }

  @Override
  public CompletableFuture<Nacked> nack(String receipt, @Nullable String reason, @Nullable Duration delay, Deadline deadline) {
    Nacked nacked = flights.nack(receipt);
    stats.nacks.increment();
    if (nacked != null) {
      stats.retries.increment();
      return CompletableFuture.completedFuture(nacked);
    }
    InFlight.Flight flight = flights.remove(receipt);
    return Steps.map(
        bury(flight, BACKPRESSURE, reason, deadline),
        buried -> new Nacked(flight.settled(), true, InFlight.MOST_DELIVERIES + 1, time.now()));
  }

  /** Public servers know nothing of it. */
  @Override
  public CompletableFuture<Nacked> release(String receipt, Deadline deadline) {
    throw Refusal.internal(UNKNOWN);
  }

  @Override
  public CompletableFuture<Settled> reject(String receipt, String reason, Deadline deadline) {
    InFlight.Flight flight = flights.remove(receipt);
    stats.rejects.increment();
    return Steps.map(
        bury(flight, DeadLetterRecord.REJECTED, reason, deadline), buried -> flight.settled());
  }

  private CompletableFuture<Void> bury(InFlight.Flight flight, String reason, @Nullable String error, Deadline deadline) {
    GroupPartition place = flight.from();
    return topics.with(
        place.topic(),
        Offsets.missing(place.topic()),
        deadline,
        topic ->
            Steps.then(
                reads.all(topic, place.partition(), flight.offset(), 1, deadline),
                found ->
                    found.isEmpty() || found.get(0).offset() != flight.offset()
                        ? CompletableFuture.completedFuture(null)
                        : deadLetters.add(topic, found.get(0), flight.life(reason, error), deadline)));
  }

  @Override
  public CompletableFuture<Instant> extend(String receipt, Duration by, Deadline deadline) {
    Instant until = flights.extend(receipt, by);
    stats.extensions.increment();
    return CompletableFuture.completedFuture(until);
  }

  @Override
  public CompletableFuture<Stats> stats(Deadline deadline) {
    return CompletableFuture.completedFuture(stats.stats(flights.queued(), flights.size()));
  }

  @Override
  public void start() {
    flights.start();
  }

  @Override
  public void stop() {
    flights.stop();
  }

  @Override
  public void expired() {
    stats.expired.increment();
  }

  @Override
  public void exhausted(InFlight.Flight flight) {
    bury(flight, DeadLetterRecord.EXHAUSTED, null, Deadline.after(time, BURIAL))
        .whenComplete(
            (buried, error) -> {
              if (error != null) {
                LOG.log(System.Logger.Level.WARNING, "A message of " + flight.from().topic() + " did not become a dead letter", error);
              }
            });
  }
}
