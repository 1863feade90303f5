package dev.tributary.vertx.internal.goqueue.shipped;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.tributary.Outcome;
import dev.tributary.error.AlreadyExistsException;
import dev.tributary.error.ConflictException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.stream.DelayedEvent;
import dev.tributary.stream.Event;
import dev.tributary.stream.Message;
import dev.tributary.vertx.internal.goqueue.client.Api;
import dev.tributary.vertx.internal.goqueue.client.Delays;
import dev.tributary.vertx.internal.goqueue.client.Groups;
import dev.tributary.vertx.internal.goqueue.client.Polling;
import dev.tributary.vertx.internal.goqueue.client.Publisher;
import dev.tributary.vertx.internal.goqueue.client.Reading;
import dev.tributary.vertx.internal.goqueue.client.Receipts;
import dev.tributary.vertx.internal.goqueue.client.SharedMember;
import dev.tributary.vertx.internal.goqueue.wire.BadAnswer;
import dev.tributary.vertx.internal.goqueue.wire.Json;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import dev.tributary.vertx.internal.goqueue.wire.Sizes;
import dev.tributary.vertx.internal.source.OffsetRanges;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Jobs that wait for their time behind what is committed. The public server shows a delayed job where it was stored, so that the group passes
 * such places, and somebody comes back to each when it is due. Which were passed, and which of those are done, is written down in the topic
 * {@code <topic>.late}, for all clients of the queue; {@link #open} is what this client has read of it. The job itself is leased as any other is,
 * from a second group that is set to its place. Invariant: a place is written down before the group passes it, so that whoever fails in between
 * has a job come twice, and none is lost. Thread-safe.
 */
final class LateJobs {
  private static final Duration LOOK = Duration.ofSeconds(1);

  /** How long a job that was not there when it was due is left alone: somebody else has it. */
  private static final Duration ELSEWHERE = Duration.ofSeconds(5);

  /** A delay may be nearly 8 days. */
  private static final long RETENTION_HOURS = 400;

  private final Api api;
  private final Groups groups;
  private final Reading reading;
  private final Publisher publisher;
  private final Delays delayed;
  private final TimeSource time;
  private final String topic;
  private final String journal;
  private final String group;
  private final Polling polling;
  private final Receipts receipts;
  private final SharedMember member;
  private final Map<Integer, TreeSet<Long>> open = new TreeMap<>();
  /** Until when what others may have is left alone. */
  private final Map<String, Long> elsewhere = new ConcurrentHashMap<>();
  private long read;
  private boolean journaled;
  private @Nullable Long looked;

  /** What is written down: places that are passed, or done, of each partition. */
  private record Entry(@Nullable Map<Integer, List<Span>> passed, @Nullable Map<Integer, List<Span>> done) {}

  /** Positions from one to another, without that. */
  @JsonFormat(shape = JsonFormat.Shape.ARRAY)
  @JsonPropertyOrder({"from", "end"})
  private record Span(long from, long end) {
    Span {
      if (from < 0 || end - from > Delays.LOOKED_THROUGH) {
        throw BadAnswer.of("a span that nobody writes");
      }
    }
  }

  LateJobs(
      Api api,
      Groups groups,
      Reading reading,
      Publisher publisher,
      Delays delayed,
      Receipts receipts,
      TimeSource time,
      Duration timeout,
      String queueGroup,
      Duration heartbeat,
      String topic) {
    this.api = api;
    this.groups = groups;
    this.reading = reading;
    this.publisher = publisher;
    this.delayed = delayed;
    this.time = time;
    this.topic = topic;
    this.journal = topic + ".late";
    this.group = groups.wire(queueGroup + ".late", topic);
    this.polling = new Polling(api, time);
    this.receipts = receipts;
    this.member = new SharedMember(api, groups, time, timeout, heartbeat, group, topic, this::any);
  }

  /** Whether this job was passed and is not done. */
  synchronized boolean has(LeasedJob job) {
    return has(job.partition(), job.sequence().orElseThrow());
  }

  private boolean has(int partition, long offset) {
    TreeSet<Long> there = open.get(partition);
    return there != null && there.contains(offset);
  }

  private synchronized boolean any() {
    return open.values().stream().anyMatch(there -> !there.isEmpty());
  }

  /** These are about to be passed; completes when that is written down. */
  CompletableFuture<Void> pass(Map<Integer, ? extends Set<Long>> places, Deadline deadline) {
    Map<Integer, Set<Long>> fresh = new TreeMap<>();
    synchronized (this) {
      places.forEach(
          (partition, offsets) -> {
            Set<Long> unknown = offsets.stream().filter(offset -> !has(partition, offset)).collect(Collectors.toCollection(TreeSet::new));
            if (!unknown.isEmpty()) {
              fresh.put(partition, unknown);
            }
          });
    }
    return fresh.isEmpty()
        ? CompletableFuture.completedFuture(null)
        : Steps.then(journaled(deadline), there -> write(new Entry(spans(fresh), null), deadline));
  }

  /** This one is done; completes when that is written down. */
  CompletableFuture<Void> done(LeasedJob job, Deadline deadline) {
    return write(new Entry(null, spans(Map.of(job.partition(), Set.of(job.sequence().orElseThrow())))), deadline);
  }

  private CompletableFuture<Void> journaled(Deadline deadline) {
    synchronized (this) {
      if (journaled) {
        return CompletableFuture.completedFuture(null);
      }
    }
    return Steps.recover(
        api.tell("/topics", new Messages.NewTopic(journal, 1, RETENTION_HOURS), deadline),
        AlreadyExistsException.class,
        exists -> CompletableFuture.completedFuture(null));
  }

  private CompletableFuture<Void> write(Entry entry, Deadline deadline) {
    Event<byte[]> event = Event.builder(Json.bytes(entry)).partition(0).build();
    return Steps.map(
        publisher.publish(journal, List.of(event), deadline),
        outcomes -> {
          outcomes.forEach(Outcome::orThrow);
          apply(entry);
          return null;
        });
  }

  private static Map<Integer, List<Span>> spans(Map<Integer, ? extends Set<Long>> places) {
    Map<Integer, List<Span>> spans = new TreeMap<>();
    places.forEach(
        (partition, offsets) -> {
          OffsetRanges together = new OffsetRanges();
          offsets.forEach(together::finish);
          List<Span> all = new ArrayList<>();
          together.forEach((from, end) -> all.add(new Span(from, end)));
          spans.put(partition, all);
        });
    return spans;
  }

  private synchronized void apply(Entry entry) {
    each(entry.passed(), TreeSet::add);
    each(entry.done(), TreeSet::remove);
  }

  private void each(@Nullable Map<Integer, List<Span>> spans, BiConsumer<TreeSet<Long>, Long> change) {
    if (spans != null) {
      spans.forEach(
          (partition, some) -> {
            TreeSet<Long> there = open.computeIfAbsent(partition, first -> new TreeSet<>());
            some.forEach(span -> LongStream.range(span.from(), span.end()).forEach(offset -> change.accept(there, offset)));
          });
    }
  }

  /** Up to so many that are due, if any are. */
  CompletableFuture<List<LeasedJob>> take(int most, Deadline deadline) {
    synchronized (this) {
      if (looked != null && time.nanos() - looked < LOOK.toNanos()) {
        return CompletableFuture.completedFuture(List.of());
      }
      looked = time.nanos();
    }
    return Steps.then(
        readOn(deadline),
        known ->
            any()
                ? Steps.then(delayed.all(topic, deadline), pending -> take(most, pending, deadline))
                : CompletableFuture.completedFuture(List.of()));
  }

  /** What others wrote down meanwhile. */
  private CompletableFuture<Void> readOn(Deadline deadline) {
    long from;
    synchronized (this) {
      from = read;
    }
    return Steps.recover(
        Steps.then(
            reading.page(journal, 0, from, Sizes.PAGE, deadline),
            page -> {
              synchronized (this) {
                journaled = true;
                if (read == from) {
                  page.messages().forEach(this::apply);
                  read = page.next();
                }
              }
              return page.next() == from ? CompletableFuture.completedFuture(null) : readOn(deadline);
            }),
        NotFoundException.class,
        // Nothing was ever late.
        none -> CompletableFuture.completedFuture(null));
  }

  private void apply(Message<byte[]> message) {
    try {
      apply(Json.read(message.value(), Entry.class));
    } catch (ProtocolViolationException foreign) {
      throw BadAnswer.of("a record of " + journal + " that none of its writers wrote, at " + message.offset());
    }
  }

  private CompletableFuture<List<LeasedJob>> take(int most, List<DelayedEvent> pending, Deadline deadline) {
    // Of any partition: the server does not tell them apart.
    Set<Long> waiting = pending.stream().map(event -> event.position().offset()).collect(Collectors.toCollection(HashSet::new));
    long now = time.nanos();
    elsewhere.values().removeIf(until -> until - now <= 0);
    int partition = -1;
    long first = -1;
    int count = 0;
    synchronized (this) {
      for (Map.Entry<Integer, TreeSet<Long>> one : open.entrySet()) {
        for (long offset : one.getValue()) {
          boolean due = !waiting.contains(offset) && !elsewhere.containsKey(id(one.getKey(), offset));
          if (count > 0 && (!due || offset != first + count || count == most)) {
            break;
          }
          if (due) {
            partition = one.getKey();
            first = count == 0 ? offset : first;
            count++;
          }
        }
        if (count > 0) {
          break;
        }
      }
    }
    return count == 0 ? CompletableFuture.completedFuture(List.of()) : take(partition, first, count, most, pending, deadline);
  }

  /** Those of one run of places; if somebody else has them, those of the next. */
  private CompletableFuture<List<LeasedJob>> take(
      int partition, long first, int count, int most, List<DelayedEvent> pending, Deadline deadline) {
    CompletableFuture<List<LeasedJob>> polled =
        member.as(
            id ->
                Steps.then(
                    groups.commit(group, id, topic, Map.of(partition, first), deadline), there -> polling.poll(group, id, count, Receipts.POLLED, Duration.ZERO, "")));
    return Steps.then(
        Steps.recover(
            polled,
            ConflictException.class,
            // Somebody else joined, and leaves again.
            rebalance -> CompletableFuture.completedFuture(List.of())),
        // Another client may have done them since this one looked.
        taken ->
            Steps.then(
                readOn(taken, deadline),
                known -> {
                  List<LeasedJob> late = sorted(partition, first, count, taken);
                  return late.isEmpty() ? take(most, pending, deadline) : CompletableFuture.completedFuture(late);
                }));
  }

  /** What was taken goes back if it cannot be known. */
  private CompletableFuture<Void> readOn(List<LeasedJob> taken, Deadline deadline) {
    return Steps.recover(
        readOn(deadline),
        error -> {
          taken.forEach(this::giveBack);
          throw error;
        });
  }

  /** This one is for somebody else: acked and not committed it is handed out again at once. */
  private void giveBack(LeasedJob job) {
    receipts.quietly(job, deadline -> receipts.ack(job, deadline));
  }

  private List<LeasedJob> sorted(int partition, long first, int count, List<LeasedJob> taken) {
    List<LeasedJob> late = taken.stream().filter(this::has).toList();
    taken.stream().filter(job -> !late.contains(job)).forEach(this::giveBack);
    Set<String> ids = late.stream().map(LeasedJob::id).collect(Collectors.toSet());
    long until = time.nanos() + ELSEWHERE.toNanos();
    for (long offset = first; offset < first + count; offset++) {
      if (!ids.contains(id(partition, offset))) {
        elsewhere.put(id(partition, offset), until);
      }
    }
    synchronized (this) {
      looked = null;
    }
    return late;
  }

  private static String id(int partition, long offset) {
    return partition + ":" + offset;
  }

  void close() {
    member.close();
  }
}
