package dev.tributary.testkit.server.goqueue.internal.routes;

import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * What happened to messages lately: a span for each step, and a trace of all the steps of one message. Spans go after an hour, and the
 * oldest when there are too many; a trace goes with its last span. Thread-safe.
 *
 * <p>Public servers link nothing: there every step is a trace of its own, nobody's group is told, and publishing leaves no trace.
 */
public final class Traces {
  /** The most spans that are kept. */
  static final int CAPACITY = 100_000;

  private static final Duration KEPT = Duration.ofHours(1);

  private final TimeSource time;
  private final boolean linked;
  private final Deque<Span> spans = new ArrayDeque<>();
  /** In the order in which they began. */
  private final Map<String, Deque<Span>> traces = new LinkedHashMap<>();
  private final Map<Place, String> ofMessages = new HashMap<>();

  /** What can happen to a message. */
  enum Step {
    /** It arrived. */
    RECEIVED("publish.received"),
    /** It is stored. */
    PERSISTED("publish.persisted"),
    /** It is refused. */
    INVALID("publish.validation_failed"),
    /** It was handed to a consumer. */
    FETCHED("consume.fetched"),
    /** It is done. */
    ACKED("consume.acked"),
    /** It is to come again. */
    NACKED("consume.nacked"),
    /** It went to the dead letters. */
    REJECTED("consume.rejected");

    private final String text;

    Step(String text) {
      this.text = text;
    }

    /** As it is on the wire. */
    String text() {
      return text;
    }
  }

  /** What a message is known by. */
  record Place(String topic, int partition, long offset) {
    /** What was never stored has no place but a topic. */
    static Place nowhere(String topic) {
      return new Place(topic, -1, -1);
    }

    boolean stored() {
      return offset >= 0;
    }
  }

  /**
   * Who does something to a message.
   *
   * @param group a consumer group; empty if it reads without one
   * @param member a member of the group; empty if it reads without one
   */
  record Reader(String group, String member) {
    /** Nobody in particular. */
    static final Reader ANYBODY = new Reader("", "");
  }

  /**
   * One step.
   *
   * @param trace the trace it belongs to, 32 hexadecimal digits
   * @param id its own id, 16 hexadecimal digits
   * @param parent the step that led to it; null for the first
   * @param took how long it took; zero if that was not measured
   * @param error why it failed or what the consumer said; empty if nothing
   */
  record Span(
      String trace, String id, @Nullable String parent, Step step, Instant at, Place place, Reader reader, Duration took, String error) {}

  /** The steps that are left of one message, oldest first. */
  record Trace(String id, List<Span> spans) {
    Place place() {
      return spans.get(0).place();
    }

    Instant start() {
      return spans.get(0).at();
    }

    Instant end() {
      return spans.get(spans.size() - 1).at();
    }

    /** How it stands: an ack outweighs whatever others say of the message, a rejection that it is to come again. */
    String status() {
      if (has(Step.ACKED)) {
        return "completed";
      } else if (has(Step.REJECTED) || has(Step.INVALID)) {
        return "failed";
      }
      return has(Step.NACKED) ? "retrying" : "in_progress";
    }

    private boolean has(Step step) {
      return spans.stream().anyMatch(span -> span.step() == step);
    }
  }

  public Traces(TimeSource time, boolean linked) {
    this.time = time;
    this.linked = linked;
  }

  /** A client's message is stored. */
  void published(Place place, Instant received) {
    if (linked) {
      stored(place, received);
    }
  }

  /** A client's message is refused. */
  void refused(String topic, String error) {
    if (linked) {
      record(Step.INVALID, Place.nowhere(topic), Reader.ANYBODY, error);
    }
  }

  /** The server stored a message of its own. */
  synchronized void stored(Place place, Instant received) {
    String trace = hex(16);
    String root = hex(8);
    Duration took = Duration.between(received, time.now());
    add(new Span(trace, root, null, Step.RECEIVED, received, place, Reader.ANYBODY, Duration.ZERO, ""));
    add(new Span(trace, hex(8), root, Step.PERSISTED, received.plus(took), place, Reader.ANYBODY, took, ""));
  }

  /** Something happens to a message now. */
  void record(Step step, Place place, Reader reader) {
    record(step, place, reader, "");
  }

  /** Something happens to a message now, for this reason. */
  synchronized void record(Step step, Place place, Reader reader, String error) {
    String known = linked ? ofMessages.get(place) : null;
    Deque<Span> before = known == null ? null : traces.get(known);
    String parent = before == null ? null : before.getFirst().id();
    Reader told = linked ? reader : new Reader("", reader.member());
    add(new Span(before == null || known == null ? hex(16) : known, hex(8), parent, step, time.now(), place, told, Duration.ZERO, error));
  }

  /** Messages of this topic are others from now on. */
  public synchronized void forget(String topic) {
    ofMessages.keySet().removeIf(place -> place.topic().equals(topic));
  }

  private void add(Span span) {
    spans.add(span);
    traces.computeIfAbsent(span.trace(), first -> new ArrayDeque<>(2)).add(span);
    if (linked && span.place().stored()) {
      ofMessages.put(span.place(), span.trace());
    }
    expire();
  }

  private void expire() {
    Instant earliest = time.now().minus(KEPT);
    while (spans.size() > CAPACITY || !spans.isEmpty() && spans.getFirst().at().isBefore(earliest)) {
      Span oldest = spans.removeFirst();
      traces.computeIfPresent(
          oldest.trace(),
          (id, rest) -> {
            rest.removeFirst();
            return rest.isEmpty() ? null : rest;
          });
      if (!traces.containsKey(oldest.trace())) {
        ofMessages.remove(oldest.place(), oldest.trace());
      }
    }
  }

  /** All of them, the one that began last first. */
  synchronized List<Trace> all() {
    expire();
    List<Trace> all = new ArrayList<>(traces.size());
    traces.forEach((id, left) -> all.add(new Trace(id, List.copyOf(left))));
    Collections.reverse(all);
    return all;
  }

  synchronized Optional<Trace> find(String id) {
    expire();
    return Optional.ofNullable(traces.get(id)).map(left -> new Trace(id, List.copyOf(left)));
  }

  /** How many spans there are. */
  synchronized int size() {
    expire();
    return spans.size();
  }

  /** How many traces there are. */
  synchronized int count() {
    expire();
    return traces.size();
  }

  private static String hex(int bytes) {
    byte[] id = new byte[bytes];
    ThreadLocalRandom.current().nextBytes(id);
    return HexFormat.of().formatHex(id);
  }
}
