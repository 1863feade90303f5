package dev.tributary.testkit.server.goqueue.internal.shipped;

import dev.tributary.spi.TimeSource;
import dev.tributary.stream.Message;
import dev.tributary.testkit.server.goqueue.internal.delivery.Deliveries;
import dev.tributary.testkit.server.goqueue.internal.store.Alarm;
import dev.tributary.testkit.server.goqueue.internal.store.GroupPartition;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Which messages are in flight on public servers: one table for all groups, by the places of messages. What nobody acks in time goes back
 * into flight under a receipt that nobody has, and so does what was nacked and not polled at once. At most {@link #MOST_HELD} for each
 * member of a group and partition, and {@link #MOST_QUEUED} that were nacked. Thread-safe.
 */
final class InFlight {
  static final Duration VISIBILITY = Duration.ofSeconds(30);
  static final Duration BACKOFF = Duration.ofSeconds(2);
  static final int MOST_DELIVERIES = 3;
  static final int MOST_HELD = 1_000;
  static final int MOST_QUEUED = 10_000;

  private static final int RECEIPT_BYTES = 8;
  private static final int MOST_SPANS = 1_000;

  private final TimeSource time;
  private final Listener listener;
  private final Alarm alarm;
  private final SecureRandom random = new SecureRandom();
  private final Map<Place, Flight> flights = new HashMap<>();
  private final Map<String, Flight> byReceipt = new HashMap<>();
  private final TreeSet<Flight> byDue =
      new TreeSet<>(Comparator.comparingLong((Flight flight) -> flight.due).thenComparingLong(flight -> flight.number));
  private final Map<Holder, Integer> held = new HashMap<>();
  private final Map<GroupPartition, Acks> acks = new HashMap<>();
  private final List<Runnable> news = new ArrayList<>();
  private long numbers;
  private int queued;

  /** Who hears of what happens by itself; not inside. */
  interface Listener {
    /** Nobody acked it in time; this is no end of it. */
    void expired();

    /** It was in flight as often as it may be. */
    void exhausted(Flight flight);
  }

  /** Where a message is. */
  private record Place(String topic, int partition, long offset) {}

  private record Holder(GroupPartition of, String member) {}

  /** One message in flight, or one that was nacked and waits to be. */
  static final class Flight {
    private final Place place;
    private final GroupPartition from;
    private final String member;
    private final String receipt;
    private final int count;
    private final long number;
    private final Instant firstDelivery;
    private final Instant lastDelivery;
    private final boolean queued;
    private long due;

    private Flight(
        Place place,
        GroupPartition from,
        String member,
        String receipt,
        int count,
        long number,
        Instant firstDelivery,
        Instant lastDelivery,
        boolean queued) {
      this.place = place;
      this.from = from;
      this.member = member;
      this.receipt = receipt;
      this.count = count;
      this.number = number;
      this.firstDelivery = firstDelivery;
      this.lastDelivery = lastDelivery;
      this.queued = queued;
    }

    /** Whose it is, or was. */
    GroupPartition from() {
      return from;
    }

    long offset() {
      return place.offset();
    }

    /** What somebody said of it. */
    Deliveries.Settled settled() {
      return new Deliveries.Settled(from, member, place.offset());
    }

    /** How its life went before it became a dead letter. */
    DeadLetterTopic.Life life(String reason, @Nullable String error) {
      return new DeadLetterTopic.Life(from, member, count, firstDelivery, lastDelivery, reason, error);
    }
  }

  /** Which messages a group acked, one after the other from the first that it got. */
  private static final class Acks {
    private final Spans acked = new Spans();
    private long next;

    Acks(long first) {
      next = first;
    }

    boolean add(long offset) {
      long before = next;
      acked.add(offset, offset + 1);
      next = acked.after(next);
      if (acked.size() > MOST_SPANS) {
        next = Math.max(next, acked.first());
        next = acked.after(next);
      }
      acked.dropBefore(next);
      return next > before;
    }
  }

  InFlight(TimeSource time, Listener listener) {
    this.time = time;
    this.listener = listener;
    this.alarm = new Alarm(time, this::ring);
  }

  /** Begins with nothing in flight. */
  synchronized void start() {
    flights.clear();
    byReceipt.clear();
    byDue.clear();
    held.clear();
    acks.clear();
    queued = 0;
    alarm.start();
  }

  synchronized void stop() {
    alarm.stop();
  }

  private void ring() {
    inside(
        () -> {
          alarm.rang();
          if (!byDue.isEmpty()) {
            alarm.by(byDue.first().due);
          }
          return true;
        });
  }

  /** What was taken, with what its member has to show for it. */
  record Taken(Message<byte[]> message, String receipt) {}

  /** Hands these to a member, up to the first that is in flight already, with whomever. */
  List<Taken> take(GroupPartition from, String member, List<Message<byte[]>> messages) {
    return inside(
        () -> {
          List<Taken> taken = new ArrayList<>();
          int room = MOST_HELD - held.getOrDefault(new Holder(from, member), 0);
          for (Message<byte[]> message : messages) {
            Place place = new Place(from.topic(), from.partition(), message.offset());
            if (flights.containsKey(place) || taken.size() == room) {
              break;
            }
            acks.computeIfAbsent(from, first -> new Acks(message.offset()));
            String receipt = receipt(place, 1);
            fly(new Flight(place, from, member, receipt, 1, numbers++, time.now(), time.now(), false));
            taken.add(new Taken(message, receipt));
          }
          return taken;
        });
  }

  private void fly(Flight flight) {
    flights.put(flight.place, flight);
    byReceipt.put(flight.receipt, flight);
    held.merge(new Holder(flight.from, flight.member), 1, Integer::sum);
    await(flight, VISIBILITY);
  }

  private String receipt(Place place, int count) {
    byte[] bytes = new byte[RECEIPT_BYTES];
    random.nextBytes(bytes);
    return place.topic() + ":" + place.partition() + ":" + place.offset() + ":" + count + ":" + HexFormat.of().formatHex(bytes);
  }

  private void await(Flight flight, Duration delay) {
    flight.due = Alarm.in(time, delay);
    byDue.add(flight);
    alarm.by(flight.due);
  }

  private Flight find(String receipt) {
    Flight flight = byReceipt.get(receipt);
    if (flight == null) {
      throw Refusal.internal(Deliveries.UNKNOWN);
    }
    return flight;
  }

  private Flight land(Flight flight) {
    byDue.remove(flight);
    byReceipt.remove(flight.receipt);
    flights.remove(flight.place);
    held.computeIfPresent(new Holder(flight.from, flight.member), (holder, count) -> count == 1 ? null : count - 1);
    return flight;
  }

  /** What an ack comes to: it is not in flight any more. */
  Deliveries.Acked ack(String receipt) {
    return inside(
        () -> {
          Flight flight = land(find(receipt));
          Acks of = acks.computeIfAbsent(flight.from, first -> new Acks(flight.offset()));
          boolean advanced = of.add(flight.offset());
          int left = held.getOrDefault(new Holder(flight.from, flight.member), 0);
          return new Deliveries.Acked(flight.settled(), of.next, advanced, left);
        });
  }

  /** It is not in flight any more, and in a while goes back into flight by itself, unless somebody polled it. Null if too many do. */
  Deliveries.@Nullable Nacked nack(String receipt) {
    return inside(
        () -> {
          Flight flight = find(receipt);
          if (queued == MOST_QUEUED) {
            return null;
          }
          land(flight);
          queued++;
          await(again(flight, true), BACKOFF);
          return new Deliveries.Nacked(flight.settled(), false, flight.count + 1, time.now().plus(BACKOFF));
        });
  }

  private Flight again(Flight flight, boolean waits) {
    int count = flight.queued ? flight.count : flight.count + 1;
    return new Flight(
        flight.place,
        flight.from,
        flight.member,
        receipt(flight.place, count),
        count,
        numbers++,
        flight.firstDelivery,
        flight.lastDelivery,
        waits);
  }

  /** It is not in flight any more. */
  Flight remove(String receipt) {
    return inside(() -> land(find(receipt)));
  }

  /** It is in flight for this long from now. */
  Instant extend(String receipt, Duration by) {
    return inside(
        () -> {
          Flight flight = find(receipt);
          byDue.remove(flight);
          await(flight, by);
          return time.now().plus(by);
        });
  }

  /** How many are in flight, also under receipts that nobody has. */
  synchronized int size() {
    return flights.size();
  }

  /** How many were nacked and wait. */
  synchronized int queued() {
    return queued;
  }

  private <T extends @Nullable Object> T inside(Supplier<T> use) {
    List<Runnable> tell;
    try {
      synchronized (this) {
        expire();
        return use.get();
      }
    } finally {
      synchronized (this) {
        tell = List.copyOf(news);
        news.clear();
      }
      tell.forEach(Runnable::run);
    }
  }

  private void expire() {
    long now = time.nanos();
    while (!byDue.isEmpty() && byDue.first().due <= now) {
      Flight flight = byDue.first();
      if (flight.queued) {
        byDue.remove(flight);
        queued--;
        if (!flights.containsKey(flight.place)) {
          fly(again(flight, false));
        }
      } else {
        land(flight);
        news.add(listener::expired);
        if (flight.count < MOST_DELIVERIES) {
          fly(again(flight, false));
        } else {
          news.add(() -> listener.exhausted(flight));
        }
      }
    }
  }
}
