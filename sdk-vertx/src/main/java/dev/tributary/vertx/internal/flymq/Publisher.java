package dev.tributary.vertx.internal.flymq;

import dev.tributary.Outcome;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import dev.tributary.vertx.internal.envelope.Envelope;
import dev.tributary.vertx.internal.flymq.wire.Answers.Produced;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Publishes, one request for each event, all of a batch on their way together. A request for a delay or a ttl has no place for a key, and a public
 * server takes a chosen partition and a ttl without heeding them: what would be stripped is refused. Thread-safe.
 */
final class Publisher {
  /** Leaves the choice to the server: by the key, or each in turn. */
  private static final int ANY = -1;

  /** What is delivered later has no place yet. */
  private static final Position LATER = new Position(-1, -1);

  private final FlyMqCaller caller;
  private final Topics topics;
  private final FlyMqOptions options;

  Publisher(FlyMqCaller caller, Topics topics, FlyMqOptions options) {
    this.caller = caller;
    this.topics = topics;
    this.options = options;
  }

  CompletableFuture<List<Outcome<Position>>> publish(String topic, List<Event<byte[]>> events, Deadline deadline) {
    return needsExact(events)
        ? Steps.then(topics.exact(topic, deadline), exact -> publish(topic, events, exact, deadline))
        : publish(topic, events, false, deadline);
  }

  private boolean needsExact(List<Event<byte[]>> events) {
    for (Event<byte[]> event : events) {
      if (event.partition().isPresent() && !options.partition() || event.ttl() != null && !options.ttl()) {
        return true;
      }
    }
    return false;
  }

  private CompletableFuture<List<Outcome<Position>>> publish(String topic, List<Event<byte[]>> events, boolean exact, Deadline deadline) {
    List<CompletableFuture<Position>> calls = new ArrayList<>(events.size());
    for (Event<byte[]> event : events) {
      calls.add(publish(topic, event, exact, deadline));
    }
    return Steps.all(calls);
  }

  private CompletableFuture<Position> publish(String topic, Event<byte[]> event, boolean exact, Deadline deadline) {
    try {
      byte[] value = Envelope.bytes(event.value(), event.headers());
      Duration delay = event.delay();
      Duration ttl = event.ttl();
      if (event.partition().isPresent() && !exact && !options.partition()) {
        throw unheeded("partition");
      }
      if (ttl != null && !exact && !options.ttl()) {
        throw unheeded("ttl");
      }
      if (delay != null || ttl != null) {
        requireBare(event);
      }
      if (delay != null) {
        return later(topic, value, delay, deadline);
      }
      return ttl != null
          ? Steps.map(
              produce(Opcode.PRODUCE_WITH_TTL, topic, new Requests.ProduceTimed(topic, value, millis(ttl)), deadline), Publisher::position)
          : now(topic, event, value, deadline);
    } catch (TributaryException refused) {
      return CompletableFuture.failedFuture(refused);
    }
  }

  private static UnsupportedFeatureException unheeded(String what) {
    return new UnsupportedFeatureException(
        ErrorInfo.of(
            "public FlyMQ servers do not heed a " + what, "Leave it out, or set flymq." + what + "=true for a server that does"));
  }

  private static void requireBare(Event<byte[]> event) {
    if (event.key() != null || event.partition().isPresent() || event.delay() != null && event.ttl() != null) {
      throw InvalidRequestException.of(
          "FlyMQ's wire has no place for a key or a partition beside a delay or a ttl, nor for both of these", "Leave one of them out");
    }
  }

  private CompletableFuture<Position> now(String topic, Event<byte[]> event, byte[] value, Deadline deadline) {
    int chosen = event.partition().orElse(ANY);
    return Steps.map(
        produce(
            Opcode.PRODUCE, topic, new Requests.Produce(topic, FlyMqMapping.key(event.key()), value, chosen), deadline),
        stored -> {
          if (chosen != ANY && stored.partition() != chosen) {
            throw new UnsupportedFeatureException(
                ErrorInfo.of(
                        "the event is in partition " + stored.partition() + ", at offset " + stored.offset() + ", and not in " + chosen,
                        "The server does not heed flymq.partition=true: leave both out")
                    .maybeApplied(true));
          }
          return position(stored);
        });
  }

  /** Where delays are switched off the event is stored at once, and its offset is said. */
  private CompletableFuture<Position> later(String topic, byte[] value, Duration delay, Deadline deadline) {
    return Steps.map(
        produce(Opcode.PRODUCE_DELAYED, topic, new Requests.ProduceTimed(topic, value, millis(delay)), deadline),
        answer -> {
          if (answer.offset() != 0) {
            throw new UnsupportedFeatureException(
                ErrorInfo.of(
                        "the event was stored at once, at offset " + answer.offset() + ": the server's delays are switched off",
                        "Start it with FLYMQ_DELAYED_ENABLED=true")
                    .maybeApplied(true));
          }
          return LATER;
        });
  }

  /** Rounded up. */
  private static long millis(Duration duration) {
    return duration.plusNanos(999_999).toMillis();
  }

  private CompletableFuture<Produced> produce(
      Opcode opcode, String topic, Message request, Deadline deadline) {
    return caller.call(opcode, topic, request, Produced.class, deadline);
  }

  private static Position position(Produced stored) {
    if (stored.partition() < 0 || stored.offset() < 0) {
      throw new ProtocolViolationException(
          ErrorInfo.of("an event was stored in partition " + stored.partition() + " at offset " + stored.offset(), "Check the server's version")
              .maybeApplied(true));
    }
    return new Position(stored.partition(), stored.offset());
  }
}
