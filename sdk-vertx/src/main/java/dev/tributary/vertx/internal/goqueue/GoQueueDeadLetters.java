package dev.tributary.vertx.internal.goqueue;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.NotFoundException;
import dev.tributary.queue.DeadLetter;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.spi.DeadLetterTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventKey;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.vertx.internal.envelope.Envelope;
import dev.tributary.vertx.internal.envelope.Text;
import dev.tributary.vertx.internal.goqueue.client.Groups;
import dev.tributary.vertx.internal.goqueue.client.Publisher;
import dev.tributary.vertx.internal.goqueue.client.Reading;
import dev.tributary.vertx.internal.goqueue.client.Topics;
import dev.tributary.vertx.internal.goqueue.wire.DeadLetterRecord;
import dev.tributary.vertx.internal.goqueue.wire.Sizes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Dead letters of GoQueue: records of the topic {@code <topic>.dlq}. A log forgets nothing on request, so what is gone is written down, in
 * ways that do not disturb other readers of that topic:
 *
 * <ul>
 *   <li>one that was replayed is followed in its partition by a dead letter of reason {@code REPLAYED}, whose origin is the one that was
 *       replayed: the topic of dead letters itself, and the place there
 *   <li>how far a partition was purged is what the group {@code tributary-dead-letters@<topic>.dlq} committed for it
 * </ul>
 */
final class GoQueueDeadLetters implements DeadLetterTransport {
  private static final String REPLAYED = "REPLAYED";
  private static final String GROUP = "tributary-dead-letters";

  /** How many records of a partition are looked through, and how many more are held than were asked for, for those that were replayed. */
  private static final int LOOKED_THROUGH = 100_000;

  private static final int SPARE = 1_000;

  private final Topics topics;
  private final Groups groups;
  private final Publisher publisher;
  private final Reading reading;
  private final TimeSource time;

  GoQueueDeadLetters(Topics topics, Groups groups, Publisher publisher, Reading reading, TimeSource time) {
    this.topics = topics;
    this.groups = groups;
    this.publisher = publisher;
    this.reading = reading;
    this.time = time;
  }

  @Override
  public CompletableFuture<List<DeadLetter<byte[]>>> list(ResourceName resource, int max, Deadline deadline) {
    return among(
        resource,
        deadline,
        dead -> {
          List<Scan> scans = new ArrayList<>();
          CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
          for (int partition = 0; partition < dead.partitions(); partition++) {
            Scan scan = new Scan(dead.topic(), partition, max + SPARE);
            scans.add(scan);
            all = Steps.then(all, before -> scan.from(dead.purged(scan.partition), deadline));
          }
          return Steps.map(all, scanned -> oldest(scans, max));
        },
        List.of());
  }

  private static List<DeadLetter<byte[]>> oldest(List<Scan> scans, int max) {
    List<Dead> all = new ArrayList<>();
    scans.forEach(scan -> all.addAll(scan.left()));
    all.sort(Comparator.comparing((Dead dead) -> dead.record().diedAt()).thenComparing(Dead::partition).thenComparing(Dead::offset));
    return all.stream().limit(max).map(Dead::letter).toList();
  }

  @Override
  public CompletableFuture<EnqueueResult> replay(ResourceName resource, String id, Deadline deadline) {
    Position place = place(id);
    return Steps.then(
        among(
            resource,
            deadline,
            dead ->
                place == null || place.partition() >= dead.partitions() || place.offset() < dead.purged(place.partition())
                    ? nothing()
                    : find(dead.topic(), place, deadline),
            null),
        found -> {
          if (found == null) {
            throw new NotFoundException(ErrorInfo.of("no dead letter " + id, "List them again; somebody may have replayed it"));
          }
          return replay(resource, found, deadline);
        });
  }

  private static <T> CompletableFuture<@Nullable T> nothing() {
    return CompletableFuture.completedFuture(null);
  }

  /** The dead letter at this place; null if there is none, or it was replayed. */
  private CompletableFuture<@Nullable Dead> find(String topic, Position place, Deadline deadline) {
    Scan scan = new Scan(topic, place.partition(), 1);
    return Steps.map(
        scan.from(place.offset(), deadline),
        scanned -> scan.left().stream().filter(dead -> dead.offset() == place.offset()).findFirst().orElse(null));
  }

  private CompletableFuture<EnqueueResult> replay(ResourceName resource, Dead dead, Deadline deadline) {
    DeadLetterRecord record = dead.record();
    Envelope content = Envelope.decode(record.value());
    Event.Builder<byte[]> event = Event.builder(content.value()).headers(content.headers()).key(key(record));
    return Steps.then(
        topics.partitions(topics.of(resource), deadline),
        partitions -> {
          if (record.partition() >= 0 && record.partition() < partitions) {
            event.partition(record.partition());
          }
          return Steps.then(
              one(publisher.publish(resource, List.of(event.build()), deadline)),
              stored ->
                  Steps.map(
                      one(publisher.publish(dead.topic(), List.of(tombstone(dead)), deadline)),
                      marked -> new EnqueueResult(id(stored), OptionalLong.of(stored.offset()), false, stored.partition())));
        });
  }

  private static CompletableFuture<Position> one(CompletableFuture<List<Outcome<Position>>> publishing) {
    return Steps.map(publishing, outcomes -> outcomes.get(0).orThrow());
  }

  private Event<byte[]> tombstone(Dead dead) {
    Instant now = time.now();
    DeadLetterRecord record =
        new DeadLetterRecord(
            dead.topic(), dead.partition(), dead.offset(), dead.record().diedAt(), null, new byte[0], 0, now, now, "", "", REPLAYED, null, now);
    return Event.builder(record.json().getBytes(StandardCharsets.UTF_8)).partition(dead.partition()).build();
  }

  @Override
  public CompletableFuture<Void> purge(ResourceName resource, Deadline deadline) {
    return among(
        resource,
        deadline,
        dead -> {
          Map<Integer, Long> ends = new HashMap<>();
          dead.details().ends().forEach((partition, end) -> ends.put(partition, end.next()));
          return groups.commitFromOutside(group(dead.topic()), dead.topic(), ends, deadline);
        },
        null);
  }

  /** Does this with the topic of the dead letters, or has this if none died yet. */
  private <T> CompletableFuture<T> among(
      ResourceName resource, Deadline deadline, Function<DeadTopic, CompletableFuture<T>> work, T otherwise) {
    String topic = topics.of(resource);
    String dead = Topics.deadLettersOf(topic);
    return Steps.then(
        topics.partitions(topic, deadline),
        exists ->
            Steps.then(
                Steps.recover(
                    Steps.then(
                        topics.ask(dead, deadline),
                        details ->
                            Steps.map(groups.committed(group(dead), dead, deadline), purged -> new DeadTopic(details, purged))),
                    NotFoundException.class,
                    none -> nothing()),
                known -> known == null ? CompletableFuture.completedFuture(otherwise) : work.apply(known)));
  }

  private static String group(String deadTopic) {
    return GROUP + "@" + deadTopic;
  }

  private static String id(Position place) {
    return place.partition() + ":" + place.offset();
  }

  private static @Nullable Position place(String id) {
    String[] parts = id.split(":", -1);
    try {
      Position place = parts.length == 2 ? new Position(Integer.parseInt(parts[0]), Long.parseLong(parts[1])) : null;
      return place == null || place.partition() < 0 || place.offset() < 0 ? null : place;
    } catch (NumberFormatException noPlace) {
      return null;
    }
  }

  private static @Nullable EventKey key(DeadLetterRecord record) {
    return record.key() == null ? null : EventKey.of(record.key());
  }

  /** The topic of the dead letters, and how far it was purged. */
  private record DeadTopic(Topics.Details details, Map<Integer, Long> purgedTo) {
    String topic() {
      return details.topic();
    }

    int partitions() {
      return details.partitions();
    }

    long purged(int partition) {
      return Math.max(details.of(partition).earliest(), purgedTo.getOrDefault(partition, 0L));
    }
  }

  /** One of them, and where it is. */
  private record Dead(String topic, int partition, long offset, DeadLetterRecord record) {
    DeadLetter<byte[]> letter() {
      Envelope content = Envelope.decode(record.value());
      String reason = record.error() == null ? record.reason() : record.reason() + ": " + record.error();
      DeadLetter.Builder<byte[]> letter =
          DeadLetter.builder(content.value())
              .id(id(new Position(partition, offset)))
              .key(key(record))
              .headers(content.headers())
              .reason(reason)
              .failedAt(record.diedAt());
      if (record.partition() >= 0 && record.offset() >= 0) {
        letter.position(new Position(record.partition(), record.offset()));
      }
      // Go's zero is what somebody left out.
      return (record.attempts() > 0 ? letter.attempts(record.attempts()) : letter).build();
    }
  }

  /** Walks through a partition: the oldest dead letters, without those that a later record says were replayed. */
  private final class Scan {
    final String topic;
    final int partition;
    private final int most;
    private final List<Dead> found = new ArrayList<>();
    private final Set<Long> replayed = new HashSet<>();
    private int seen;

    Scan(String topic, int partition, int most) {
      this.topic = topic;
      this.partition = partition;
      this.most = most;
    }

    CompletableFuture<Void> from(long offset, Deadline deadline) {
      return Steps.then(
          reading.page(topic, partition, offset, Sizes.PAGE, deadline),
          page -> {
            page.messages().forEach(this::take);
            return page.next() == offset || seen >= LOOKED_THROUGH ? nothing() : from(page.next(), deadline);
          });
    }

    private void take(Message<byte[]> message) {
      seen++;
      String text = Text.of(message.value());
      DeadLetterRecord record = text == null ? null : DeadLetterRecord.parse(text);
      if (record == null) {
        return; // Somebody else's.
      }
      if (record.reason().equals(REPLAYED) && record.topic().equals(topic)) {
        replayed.add(record.offset());
      } else if (found.size() < most) {
        found.add(new Dead(topic, partition, message.offset(), record));
      }
    }

    List<Dead> left() {
      return found.stream().filter(dead -> !replayed.contains(dead.offset())).toList();
    }
  }
}
