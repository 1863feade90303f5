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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Publishes, one request for each event, all of a batch on their way together. A request for a delay, a ttl or a schema has no place for a key, and a
 * public server takes a chosen partition and a ttl without heeding them: what would be stripped is refused. Nor does a public server check anything
 * by a schema as it is started: values are validated before the first event of a batch leaves. Thread-safe.
 */
final class Publisher {
  /** Leaves the choice to the server: by the key, or each in turn. */
  private static final int ANY = -1;

  /** Of what is delivered later, or was stored where the server does not say. */
  private static final Position UNKNOWN = new Position(-1, -1);

  private final FlyMqCaller caller;
  private final Topics topics;
  private final FlyMqMapping mapping;
  private final FlyMqSchemas schemas;
  private final FlyMqOptions options;

  Publisher(FlyMqCaller caller, Topics topics, FlyMqMapping mapping, FlyMqSchemas schemas, FlyMqOptions options) {
    this.caller = caller;
    this.topics = topics;
    this.mapping = mapping;
    this.schemas = schemas;
    this.options = options;
  }

  CompletableFuture<List<Outcome<Position>>> publish(String topic, List<Event<byte[]>> events, Deadline deadline) {
    if (namesSchemas(events)) {
      return publishValid(topic, events, deadline);
    }
    return needsExact(events)
        ? Steps.then(topics.exact(topic, deadline), exact -> publish(topic, events, exact, deadline))
        : publish(topic, events, false, deadline);
  }

  private static boolean namesSchemas(List<Event<byte[]>> events) {
    for (Event<byte[]> event : events) {
      if (event.schema() != null) {
        return true;
      }
    }
    return false;
  }

  /** Each as far as it is valid. What schema there is is asked once for all of a batch. */
  private CompletableFuture<List<Outcome<Position>>> publishValid(String topic, List<Event<byte[]>> events, Deadline deadline) {
    Map<String, CompletableFuture<Validator>> validators = new HashMap<>();
    CompletableFuture<List<Outcome<String>>> names = Steps.all(events, events.size(), event -> validated(event, validators, deadline));
    CompletableFuture<Boolean> saysWhere = topics.exact(deadline);
    return Steps.then(
        names,
        found ->
            Steps.then(
                saysWhere,
                exact -> {
                  List<CompletableFuture<Position>> calls = new ArrayList<>(events.size());
                  for (int i = 0; i < events.size(); i++) {
                    calls.add(publish(topic, events.get(i), found.get(i), exact, deadline));
                  }
                  return Steps.all(calls);
                }));
  }

  /** The name on the wire of the schema, if the event matches it; nothing without one. */
  private CompletableFuture<String> validated(
      Event<byte[]> event, Map<String, CompletableFuture<Validator>> validators, Deadline deadline) {
    String schema = event.schema();
    if (schema == null) {
      return CompletableFuture.completedFuture("");
    }
    requireBare(event);
    return Steps.then(
        validators.computeIfAbsent(schema, first -> schemas.validator(mapping.subject(first), deadline)),
        validator -> validator.require(event.value(), deadline));
  }

  private CompletableFuture<Position> publish(String topic, Event<byte[]> event, Outcome<String> schema, boolean exact, Deadline deadline) {
    if (schema.error() != null) {
      return CompletableFuture.failedFuture(schema.error());
    }
    return event.schema() == null
        ? publish(topic, event, exact, deadline)
        // A public server says the first partition of whatever is published in a special way.
        : produce(
            Opcode.PRODUCE_WITH_SCHEMA,
            topic,
            new Requests.ProduceWithSchema(topic, schema.orThrow(), event.value()),
            stored -> exact ? position(stored) : UNKNOWN,
            deadline);
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
          ? produce(Opcode.PRODUCE_WITH_TTL, topic, new Requests.ProduceTimed(topic, value, millis(ttl)), Publisher::position, deadline)
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
    if (event.schema() != null && (event.delay() != null || event.ttl() != null || Envelope.bytes(event.value(), event.headers()) != event.value())) {
      throw InvalidRequestException.of(
          "FlyMQ's wire has no place for headers, a delay or a ttl beside a schema, nor for a value that looks like one with headers",
          "Leave one of them out");
    }
    if (event.key() != null || event.partition().isPresent() || event.delay() != null && event.ttl() != null) {
      throw InvalidRequestException.of(
          "FlyMQ's wire has no place for a key or a partition beside a delay, a ttl or a schema, nor for two of these", "Leave one of them out");
    }
  }

  private CompletableFuture<Position> now(String topic, Event<byte[]> event, byte[] value, Deadline deadline) {
    int chosen = event.partition().orElse(ANY);
    return produce(
        Opcode.PRODUCE,
        topic,
        new Requests.Produce(topic, FlyMqMapping.key(event.key()), value, chosen),
        stored -> {
          if (chosen != ANY && stored.partition() != chosen) {
            throw new UnsupportedFeatureException(
                ErrorInfo.of(
                        "the event is in partition " + stored.partition() + ", at offset " + stored.offset() + ", and not in " + chosen,
                        "The server does not heed flymq.partition=true: leave both out")
                    .maybeApplied(true));
          }
          return position(stored);
        },
        deadline);
  }

  /** Where delays are switched off the event is stored at once, and its offset is said. */
  private CompletableFuture<Position> later(String topic, byte[] value, Duration delay, Deadline deadline) {
    return produce(
        Opcode.PRODUCE_DELAYED,
        topic,
        new Requests.ProduceTimed(topic, value, millis(delay)),
        answer -> {
          if (answer.offset() != 0) {
            throw new UnsupportedFeatureException(
                ErrorInfo.of(
                        "the event was stored at once, at offset " + answer.offset() + ": the server's delays are switched off",
                        "Start it with FLYMQ_DELAYED_ENABLED=true")
                    .maybeApplied(true));
          }
          return UNKNOWN;
        },
        deadline);
  }

  /** Rounded up. */
  private static long millis(Duration duration) {
    return duration.plusNanos(999_999).toMillis();
  }

  private CompletableFuture<Position> produce(
      Opcode opcode, String topic, Message request, Function<Produced, Position> stored, Deadline deadline) {
    return caller.call(opcode, topic, request, Produced.class, stored, deadline);
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
