package dev.tributary.internal.stream;

import dev.tributary.Capability;
import dev.tributary.ResourceName;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.internal.Calls;
import dev.tributary.internal.Checks;
import dev.tributary.internal.Payloads;
import dev.tributary.observe.Observation;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes events ready to be sent: checks, encodes, rounds, measures. */
final class Outgoing<T> {
  /** Room in a batch for the headers that tracing adds to an event. */
  private static final int TRACE_BYTES = 256;

  private final Checks checks;
  private final ClientConfig config;
  private final Payloads<T> payloads;
  private final boolean traced;

  Outgoing(Calls calls, Payloads<T> payloads) {
    this.checks = calls.checks();
    this.config = calls.config();
    this.payloads = payloads;
    this.traced = calls.watched() && checks.has(Capability.EVENT_HEADERS);
  }

  /** The event as it is sent. Throws what is wrong with it. */
  Event<byte[]> prepare(@Nullable Event<T> event) {
    Event<T> checked = Checks.present("event", event);
    if (checked.key() != null) {
      checks.key(checked.key());
    }
    if (!checked.headers().isEmpty()) {
      checks.require(Capability.EVENT_HEADERS);
      Checks.headers(checked.headers());
    }
    if (checked.partition().isPresent()) {
      checks.require(Capability.EVENT_PARTITION);
    }
    if (checked.priority() != 0) {
      checks.require(Capability.EVENT_PRIORITY);
    }
    if (checked.deduplicationId() != null) {
      checks.require(Capability.EVENT_DEDUPLICATION);
      Checks.notEmpty("deduplication id", checked.deduplicationId());
    }
    Duration delay = checked.delay();
    if (delay != null) {
      checks.require(Capability.EVENT_DELAY);
      delay = checks.delay(delay);
    }
    Duration ttl = checked.ttl();
    if (ttl != null) {
      checks.require(Capability.EVENT_TTL);
      ttl = checks.ttl(ttl);
    }
    String schema = checked.schema();
    if (schema != null) {
      checks.require(Capability.EVENT_SCHEMA);
      schema = ResourceName.parse(schema, config.tenant(), config.namespace()).toString();
    }
    byte[] bytes = payloads.encode(checked.value());
    Event<byte[]> ready = withValue(checked, bytes);
    if (!Objects.equals(delay, ready.delay()) || !Objects.equals(ttl, ready.ttl()) || !Objects.equals(schema, ready.schema())) {
      ready = exact(ready, delay, ttl, schema);
    }
    checks.fitsOneCall("event", size(ready));
    return ready;
  }

  /** All of them as they are sent. */
  List<Event<byte[]>> prepareAll(@Nullable List<Event<T>> events) {
    List<Event<T>> all = Checks.present("list of events", events);
    List<Event<byte[]>> ready = new ArrayList<>(all.size());
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i) == null) {
        throw InvalidRequestException.of("event " + i + " of " + all.size() + " is null", "Leave it out");
      }
      ready.add(prepare(all.get(i)));
    }
    return ready;
  }

  private Event<byte[]> withValue(Event<T> event, byte[] bytes) {
    if (payloads.raw()) {
      @SuppressWarnings("unchecked") // T is byte[]
      Event<byte[]> same = (Event<byte[]>) event;
      return same;
    }
    return event.withValue(bytes);
  }

  /** With whole steps of the backend, and with full names. */
  private static Event<byte[]> exact(Event<byte[]> event, @Nullable Duration delay, @Nullable Duration ttl, @Nullable String schema) {
    Event.Builder<byte[]> copy = event.toBuilder().schema(schema);
    if (delay != null) {
      copy.delay(delay);
    }
    if (ttl != null) {
      copy.ttl(ttl);
    }
    return copy.build();
  }

  /** What it takes of a batch: payload, key and headers. */
  int size(Event<byte[]> event) {
    EventKey key = event.key();
    long size = Payloads.size(event.value(), event.headers()) + (key == null ? 0L : key.size()) + (traced ? TRACE_BYTES : 0);
    return (int) Math.min(size, Integer.MAX_VALUE);
  }

  /** The events with what links their receivers to this operation; no header is added to a value that a schema is to match as it is. */
  List<Event<byte[]>> linked(List<Event<byte[]>> events, Observation observation) {
    Map<String, String> headers = traced ? observation.headers() : Map.of();
    return headers.isEmpty() ? events : events.stream().map(event -> event.schema() == null ? event.withHeaders(headers) : event).toList();
  }

  /** Whether sending these again cannot store one twice. */
  static Calls.Repeat repeat(List<Event<byte[]>> events) {
    for (Event<byte[]> event : events) {
      if (event.deduplicationId() == null) {
        return Calls.Repeat.UNLESS_APPLIED;
      }
    }
    return Calls.Repeat.SAFE;
  }

  /** Their payload bytes. */
  static long payloadBytes(List<Event<byte[]>> events) {
    long bytes = 0;
    for (Event<byte[]> event : events) {
      bytes += event.value().length;
    }
    return bytes;
  }
}
