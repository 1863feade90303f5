package dev.tributary.vertx.internal.goqueue.shipped;

import dev.tributary.internal.driver.Ends;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.goqueue.client.Api;
import dev.tributary.vertx.internal.goqueue.client.Delays;
import dev.tributary.vertx.internal.goqueue.client.Groups;
import dev.tributary.vertx.internal.goqueue.client.Positions;
import dev.tributary.vertx.internal.goqueue.client.Reading;
import dev.tributary.vertx.internal.goqueue.client.SharedMember;
import dev.tributary.vertx.internal.goqueue.client.Topics;
import dev.tributary.vertx.internal.source.OffsetRanges;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How far this client is with a queue of a server that does not keep count itself: one where an ack does not move the group, and a job that
 * comes again looks like the first time. What is finished is kept as ranges, and committed as far as they go on without a gap from what is
 * committed; one round of that at a time, whatever is finished meanwhile goes into the next. A place where a job waits for its time counts as
 * finished, see {@link LateJobs}; any other that shows no message does only after a while. Invariant: a commit never goes back, nor beyond a place
 * that is neither finished nor written down. Thread-safe.
 */
final class Progress {
  /** How long a place may show no message because its transaction is open. */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Of so many jobs the attempts are remembered, and of so many gaps since when they are there. */
  private static final int REMEMBERED = 10_000;

  private final Api api;
  private final Duration timeout;
  private final Groups groups;
  private final Topics topics;
  private final Reading reading;
  private final Delays delayed;
  private final LateJobs late;
  private final TimeSource time;
  private final String group;
  private final String topic;
  private final SharedMember member;
  private final Map<Integer, OffsetRanges> finished = new HashMap<>();
  private final Map<String, Integer> attempts = bounded();
  private final Map<String, Long> gaps = bounded();
  /** What was committed when that was last looked at. */
  private Map<Integer, Long> known = Map.of();
  private @Nullable CompletableFuture<Map<Integer, Long>> round;
  private @Nullable CompletableFuture<Map<Integer, Long>> nextRound;

  Progress(
      Api api,
      Groups groups,
      Topics topics,
      Reading reading,
      Delays delayed,
      LateJobs late,
      TimeSource time,
      Duration timeout,
      String group,
      String topic,
      SharedMember member) {
    this.api = api;
    this.timeout = timeout;
    this.groups = groups;
    this.topics = topics;
    this.reading = reading;
    this.delayed = delayed;
    this.late = late;
    this.time = time;
    this.group = group;
    this.topic = topic;
    this.member = member;
  }

  private static <V> Map<String, V> bounded() {
    return new LinkedHashMap<>() {
      @Override
      protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
        return size() > REMEMBERED;
      }
    };
  }

  /**
   * This job is done with; completes when that is committed, as far as there is no gap, or written down if it was late.
   *
   * @return whether the server knows it now; behind a gap only this client does
   */
  CompletableFuture<Boolean> finish(LeasedJob job) {
    if (late.has(job)) {
      return Steps.map(
          api.within(timeout, deadline -> late.done(job, deadline)),
          written -> {
            forget(job);
            return true;
          });
    }
    synchronized (this) {
      finished(job.partition()).finish(job.sequence().orElseThrow());
      attempts.remove(job.id());
    }
    return Steps.map(commit(), committed -> committed.getOrDefault(job.partition(), 0L) > job.sequence().orElseThrow());
  }

  /** Whether nothing is known here that the server does not know. */
  synchronized boolean idle() {
    return attempts.isEmpty() && round == null && finishedBeyond(known) == 0;
  }

  private synchronized void forget(LeasedJob job) {
    attempts.remove(job.id());
  }

  private OffsetRanges finished(int partition) {
    return finished.computeIfAbsent(partition, first -> new OffsetRanges());
  }

  /** Whether it is done with, and comes again all the same. */
  synchronized boolean isFinished(LeasedJob job) {
    return !late.has(job) && finished(job.partition()).finished(job.sequence().orElseThrow());
  }

  /** One more attempt: how many there were. */
  synchronized int attempt(LeasedJob job) {
    return attempts.merge(job.id(), 1, Integer::sum);
  }

  /** That was none: nobody was given the job. */
  synchronized void notAttempted(LeasedJob job) {
    attempts.computeIfPresent(job.id(), (id, count) -> count > 1 ? count - 1 : null);
  }

  /** How many jobs beyond what is committed are done with: a poll brings them again. */
  synchronized int finishedBeyond(Map<Integer, Long> committed) {
    long count = 0;
    for (Map.Entry<Integer, OffsetRanges> partition : finished.entrySet()) {
      count += partition.getValue().count(committed.getOrDefault(partition.getKey(), 0L), Long.MAX_VALUE);
    }
    return (int) Math.min(Integer.MAX_VALUE, count);
  }

  /** Commits what can be: one round at a time; what is finished meanwhile goes into the next, and waits for that. */
  private CompletableFuture<Map<Integer, Long>> commit() {
    CompletableFuture<Map<Integer, Long>> mine;
    synchronized (this) {
      if (round != null) {
        if (nextRound == null) {
          nextRound = new CompletableFuture<>();
        }
        return nextRound.copy();
      }
      mine = new CompletableFuture<>();
      round = mine;
    }
    begin(mine);
    return mine.copy();
  }

  private void begin(CompletableFuture<Map<Integer, Long>> mine) {
    api.within(
            timeout,
            deadline -> Steps.then(groups.committed(group, topic, deadline), base -> commit(base, deadline)))
        .whenComplete(
            (committed, error) -> {
              CompletableFuture<Map<Integer, Long>> next;
              synchronized (this) {
                next = nextRound;
                round = next;
                nextRound = null;
              }
              if (error == null) {
                mine.complete(committed);
              } else {
                mine.completeExceptionally(Steps.unwrap(error));
              }
              if (next != null) {
                begin(next);
              }
            });
  }

  /** Goes on from what is committed, never back: there may be others. The result is what is committed then. */
  CompletableFuture<Map<Integer, Long>> commit(Map<Integer, Long> base, Deadline deadline) {
    Map<Integer, Long> next = new TreeMap<>();
    synchronized (this) {
      finished.forEach(
          (partition, watermark) -> {
            long from = base.getOrDefault(partition, 0L);
            if (watermark.from(from) > from) {
              next.put(partition, watermark.from(from));
            }
          });
    }
    if (next.isEmpty()) {
      return CompletableFuture.completedFuture(known(base));
    }
    Map<Integer, Long> moved = new TreeMap<>(base);
    moved.putAll(next);
    return Steps.map(member.as(id -> groups.commit(group, id, topic, next, deadline)), committed -> known(moved));
  }

  private synchronized Map<Integer, Long> known(Map<Integer, Long> committed) {
    known = committed;
    return committed;
  }

  /**
   * Looks for places without a message between what is committed and what was polled from there on, and where a poll that brought nothing did
   * not look. Those where a job waits are passed, and come again as late ones.
   */
  CompletableFuture<Void> lookForGaps(Map<Integer, Long> committed, List<LeasedJob> polled, Deadline deadline) {
    CompletableFuture<List<Gap>> found = polled.isEmpty() ? ahead(committed, deadline) : CompletableFuture.completedFuture(between(committed, polled));
    return Steps.then(
        found,
        gaps -> {
          List<Gap> open = gaps.stream().filter(gap -> !isFinished(gap)).toList();
          return open.isEmpty()
              ? CompletableFuture.completedFuture(null)
              : Steps.then(
                  delayed.all(topic, deadline),
                  pending -> pass(open, pending.stream().map(event -> event.position().offset()).collect(Collectors.toSet()), deadline));
        });
  }

  private static List<Gap> between(Map<Integer, Long> committed, List<LeasedJob> polled) {
    List<Gap> found = new ArrayList<>();
    Map<Integer, List<Long>> byPartition =
        polled.stream()
            .collect(Collectors.groupingBy(LeasedJob::partition, Collectors.mapping(job -> job.sequence().orElseThrow(), Collectors.toList())));
    byPartition.forEach(
        (partition, offsets) -> {
          long expected = committed.getOrDefault(partition, 0L);
          for (long offset : offsets.stream().sorted().toList()) {
            if (offset > expected) {
              found.add(new Gap(partition, expected, offset));
            }
            expected = Math.max(expected, offset + 1);
          }
        });
    return found;
  }

  private CompletableFuture<List<Gap>> ahead(Map<Integer, Long> committed, Deadline deadline) {
    return Steps.then(
        topics.ask(topic, deadline),
        details -> {
          CompletableFuture<List<Gap>> found = CompletableFuture.completedFuture(new ArrayList<>());
          for (Map.Entry<Integer, Ends> partition : details.ends().entrySet()) {
            long from = Math.max(partition.getValue().earliest(), committed.getOrDefault(partition.getKey(), 0L));
            if (from < partition.getValue().next()) {
              found =
                  Steps.then(
                      found,
                      gaps ->
                          Steps.map(
                              reading.page(topic, partition.getKey(), from, 1, deadline),
                              page -> {
                                long end = page.messages().isEmpty() ? page.next() : page.messages().get(0).offset();
                                if (from < end) {
                                  gaps.add(new Gap(partition.getKey(), from, end));
                                }
                                return gaps;
                              }));
            }
          }
          return found;
        });
  }

  /** Positions without a message, up to {@code end}. */
  private record Gap(int partition, long from, long end) {
    String id() {
      return partition + ":" + from;
    }
  }

  private synchronized boolean isFinished(Gap gap) {
    return finished(gap.partition()).from(gap.from()) >= gap.end();
  }

  /** The server mixes up the partitions of what waits for its time, so that only the offsets count. */
  private CompletableFuture<Void> pass(List<Gap> open, Set<Long> waiting, Deadline deadline) {
    Map<Integer, Set<Long>> places = new TreeMap<>();
    for (Gap gap : open) {
      waiting.stream()
          .filter(place -> place >= gap.from() && place < gap.end())
          .forEach(place -> places.computeIfAbsent(gap.partition(), first -> new TreeSet<>()).add(place));
    }
    return Steps.map(
        late.pass(places, deadline),
        written -> {
          close(open, places);
          return null;
        });
  }

  /** A place that shows no message and where none waits may be one of an open transaction for a while. */
  private synchronized void close(List<Gap> open, Map<Integer, Set<Long>> passed) {
    passed.forEach((partition, offsets) -> offsets.forEach(finished(partition)::finish));
    long now = time.nanos();
    for (Gap gap : open) {
      if (!isFinished(gap) && now - gaps.computeIfAbsent(gap.id(), first -> now) >= PATIENCE.toNanos()) {
        finished(gap.partition()).finish(gap.from(), gap.end());
      }
      if (isFinished(gap)) {
        gaps.remove(gap.id());
      }
    }
  }
}
