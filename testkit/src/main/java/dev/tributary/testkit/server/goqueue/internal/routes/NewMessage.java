package dev.tributary.testkit.server.goqueue.internal.routes;

import dev.tributary.Capability;
import dev.tributary.spi.Limits;
import dev.tributary.spi.Transport;
import dev.tributary.stream.Event;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import dev.tributary.testkit.server.goqueue.internal.store.Topic;
import dev.tributary.vertx.internal.goqueue.wire.GoDuration;
import dev.tributary.vertx.internal.goqueue.wire.GoTime;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import dev.tributary.vertx.internal.goqueue.wire.Priorities;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** A message as its publisher wrote it, which is checked here, one thing after the other. */
record NewMessage(Messages.NewMessage written) {
  static final int MAX_KEY_BYTES = 65_535;

  /** The longest delay that the timers of public servers can say. */
  static final Duration MAX_DELAY = Duration.ofHours(186).plusMinutes(24).plusMillis(48_640);

  private static final Messages.NewMessage NOTHING = new Messages.NewMessage(new byte[0], null, null, null, null, null);

  /** Null is a message without anything. */
  static NewMessage of(Messages.@Nullable NewMessage written) {
    return new NewMessage(written == null ? NOTHING : written);
  }

  /** Empty for none. */
  String key() {
    return orEmpty(written.key());
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  /** Until when a message waits, in whichever zone its publisher thinks, and how long that is from now. */
  record Due(OffsetDateTime at, Duration delay) {}

  int checkedPriority() {
    OptionalInt known = Priorities.parse(orEmpty(written.priority()));
    if (known.isEmpty()) {
      throw Refusal.badRequest("invalid priority: must be one of " + String.join(", ", Priorities.NAMES));
    }
    return known.getAsInt();
  }

  /** When it is due; null if it does not wait. */
  @Nullable Due due(Instant now) {
    String delay = orEmpty(written.delay());
    Due due = delay.isEmpty() ? at(orEmpty(written.deliverAt()), now) : after(delay, now);
    if (due == null || due.delay().isNegative() || due.delay().isZero()) {
      return null;
    }
    if (due.delay().compareTo(MAX_DELAY) > 0) {
      throw Refusal.badRequest("delay " + GoDuration.format(due.delay()) + " exceeds maximum " + GoDuration.format(MAX_DELAY));
    }
    return due;
  }

  private static Due after(String delay, Instant now) {
    try {
      Duration wait = GoDuration.parse(delay);
      return new Due(now.plus(wait).atOffset(ZoneOffset.UTC), wait);
    } catch (DateTimeParseException wrong) {
      throw Refusal.badRequest("invalid delay format: " + wrong.getMessage());
    }
  }

  private static @Nullable Due at(String deliverAt, Instant now) {
    if (deliverAt.isEmpty()) {
      return null;
    }
    try {
      OffsetDateTime at = GoTime.parse(deliverAt);
      return new Due(at, Duration.between(now, at.toInstant()));
    } catch (DateTimeParseException wrong) {
      throw Refusal.badRequest("invalid deliverAt format: " + wrong.getMessage());
    }
  }

  /** The partition it asks for, which must be there; null if it asks for none. */
  @Nullable Integer checkedPartition(Topic topic) {
    Integer partition = written.partition();
    if (partition != null && !topic.has(partition)) {
      throw Refusal.badRequest("invalid partition " + partition + " (topic has " + topic.partitions() + " partitions)");
    }
    return partition;
  }

  /** As this transport is to store it; {@code where} is the partition it belongs to, {@code wait} is null for not at all. */
  Event<byte[]> event(int where, @Nullable Duration wait, int rank, Transport transport) {
    String key = key();
    int keyBytes = key.getBytes(StandardCharsets.UTF_8).length;
    if (keyBytes > MAX_KEY_BYTES) {
      throw failed(where, "key exceeds maximum size of " + MAX_KEY_BYTES + " bytes: " + keyBytes);
    }
    byte[] payload = written.value();
    Limits limits = transport.limits();
    if (payload.length < limits.minPayloadBytes() || payload.length > limits.maxPayloadBytes()) {
      throw failed(where, "value has " + payload.length + " bytes, not " + limits.minPayloadBytes() + " to " + limits.maxPayloadBytes());
    }
    Event.Builder<byte[]> event = Event.builder(payload);
    if (!key.isEmpty()) {
      require(Capability.EVENT_KEYS, transport, where);
      event.key(key);
    }
    if (rank != 0) {
      require(Capability.EVENT_PRIORITY, transport, where);
      event.priority(rank);
    }
    if (wait != null) {
      require(Capability.EVENT_DELAY, transport, where);
      event.delay(steps(wait, limits));
    }
    if (written.partition() != null) {
      require(Capability.EVENT_PARTITION, transport, where);
    }
    return transport.capabilities().contains(Capability.EVENT_PARTITION) ? event.partition(where).build() : event.build();
  }

  private static void require(Capability capability, Transport transport, int where) {
    if (!transport.capabilities().contains(capability)) {
      throw failed(where, transport.backend() + " has no " + capability);
    }
  }

  /** A message that is in order, and is not stored all the same. */
  static Refusal failed(int partition, String why) {
    return Refusal.internal("failed to publish to partition " + partition + ": " + why);
  }

  /** Whole steps of the transport, rounded up. */
  private static Duration steps(Duration wait, Limits limits) {
    if (wait.compareTo(limits.maxDelay()) > 0) {
      throw Refusal.badRequest("delay " + GoDuration.format(wait) + " exceeds maximum " + GoDuration.format(limits.maxDelay()));
    }
    Duration over = wait.minus(limits.step().multipliedBy(wait.dividedBy(limits.step())));
    return over.isZero() ? wait : wait.plus(limits.step()).minus(over);
  }
}
