package dev.tributary.engine;

import dev.tributary.filter.EventFilter;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventKey;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** An event of a partition. One with a delay is not in its place until it is due. */
final class StoredEvent {
  static final long NO_OFFSET = -1;
  private static final byte[] NOTHING = {};
  private static final long HOLE = Long.MIN_VALUE;
  private static final long REMOVED = HOLE + 1;

  private final byte[] value;
  private final @Nullable EventKey key;
  private final Map<String, String> headers;
  private final int partition;
  private final @Nullable Duration ttl;
  private final int priority;
  private final long bytes;
  private long offset = NO_OFFSET;
  private Instant storedAt = Instant.MIN;
  private long expires = Clock.NEVER;
  private long kept = Clock.NEVER;

  StoredEvent(Event<byte[]> event, int partition) {
    this.value = event.value().clone();
    this.key = event.key();
    this.headers = event.headers();
    this.partition = partition;
    this.ttl = event.ttl();
    this.priority = event.priority();
    this.bytes = bytes(event);
  }

  /** Nothing, at this offset. */
  static StoredEvent hole(long offset) {
    StoredEvent hole = new StoredEvent(Event.of(NOTHING), 0);
    hole.offset = offset;
    hole.expires = HOLE;
    return hole;
  }

  boolean isHole() {
    return expires == HOLE;
  }

  /** It is read no more. */
  void remove() {
    expires = REMOVED;
  }

  /** It has not come yet; this offset names it until it does. */
  void keep(long free) {
    offset = free;
  }

  /** It gets its place, and its time begins. */
  void store(long at, Clock clock, @Nullable Duration retention) {
    offset = at;
    storedAt = clock.wall();
    kept = retention == null ? Clock.NEVER : clock.in(retention);
    expires = Math.min(ttl == null ? Clock.NEVER : clock.in(ttl), kept);
  }

  int partition() {
    return partition;
  }

  long offset() {
    return offset;
  }

  int priority() {
    return priority;
  }

  Instant storedAt() {
    return storedAt;
  }

  boolean mortal() {
    return expires != Clock.NEVER;
  }

  boolean alive(long now) {
    return expires > now;
  }

  /** Whether it would still be there without its ttl. */
  boolean kept(long now) {
    return kept > now;
  }

  /** What it holds of the bytes that a partition may keep. */
  long bytes() {
    return bytes;
  }

  private static long bytes(Event<byte[]> event) {
    EventKey key = event.key();
    long bytes = event.value().length + (key == null ? 0 : key.size());
    for (Map.Entry<String, String> header : event.headers().entrySet()) {
      bytes += utf8(header.getKey()) + utf8(header.getValue());
    }
    return bytes;
  }

  private static int utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /** Whether a reader wants it, who wants what passes this filter, or everything. */
  boolean passes(@Nullable EventFilter filter) {
    return filter == null || filter.accepts(value, key == null ? null : key.bytes());
  }

  Position position() {
    return new Position(partition, offset);
  }

  Message<byte[]> message() {
    return new Message<>(value.clone(), key, headers, partition, offset, storedAt, priority);
  }

  /** It as a job that was leased just now. */
  LeasedJob leased(LeasedMessage lease, Deadline until) {
    return new LeasedJob(
        partition + "/" + offset,
        lease.receipt,
        value.clone(),
        headers,
        lease.attempts,
        lease.maxAttempts(),
        priority,
        storedAt,
        until,
        OptionalLong.of(offset),
        partition,
        null,
        key != null && key.isText() ? key.text() : null);
  }

  /** The same once more, with these headers too. */
  Event<byte[]> again(Map<String, String> more) {
    return Event.builder(value).key(key).headers(headers).headers(more).build();
  }
}
