package dev.tributary.engine;

import dev.tributary.RedeliveryPolicy;
import dev.tributary.stream.Position;
import java.time.Instant;
import java.util.Comparator;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** A message that a group has not settled, and who has it. Used inside the gate. */
final class LeasedMessage {
  /** Higher priority first, then the lower offset. */
  static final Comparator<LeasedMessage> BEST_FIRST =
      Comparator.comparingInt((LeasedMessage message) -> -message.priority).thenComparingLong(message -> message.offset);

  /** What a message waits for. */
  enum State {
    /** To be taken. */
    READY,
    /** For its time. */
    DELAYED,
    /** To be settled. */
    LEASED
  }

  final int partition;
  final long offset;
  final int priority;
  State state = State.READY;
  int attempts;
  /** Who has it, or had it last, with what to show for it, and how it comes again. */
  String consumer = "";

  String receipt = "";
  RedeliveryPolicy redelivery = RedeliveryPolicy.DEFAULT;
  Instant firstDelivery = Instant.EPOCH;
  Instant lastDelivery = Instant.EPOCH;
  /** Ends the delay or the lease. */
  Schedule.@Nullable Entry alarm;

  LeasedMessage(StoredEvent event) {
    this.partition = event.partition();
    this.offset = event.offset();
    this.priority = event.priority();
  }

  Position position() {
    return new Position(partition, offset);
  }

  /** Deliveries after which it is given up; empty for unlimited. */
  OptionalInt maxAttempts() {
    return redelivery.maxAttempts() == 0 ? OptionalInt.empty() : OptionalInt.of(redelivery.maxAttempts());
  }

  boolean lastAttempt() {
    return attempts >= maxAttempts().orElse(Integer.MAX_VALUE);
  }

  void quiet() {
    if (alarm != null) {
      alarm.cancel();
      alarm = null;
    }
  }
}
