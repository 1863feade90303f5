package dev.tributary.testkit.server.disheap;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.vertx.internal.disheap.proto.Mode;
import java.time.Instant;

/** Between the wire's values and the SPI's. */
final class Mapping {
  /** As retries: there is no other word for unlimited, and the number is unsigned. */
  static final int UNLIMITED = -1;

  private Mapping() {}

  static Duration wire(java.time.Duration duration) {
    return Duration.newBuilder().setSeconds(duration.getSeconds()).setNanos(duration.getNano()).build();
  }

  static Timestamp wire(Instant time) {
    return Timestamp.newBuilder().setSeconds(time.getEpochSecond()).setNanos(time.getNano()).build();
  }

  /** Refused if it is no duration at all. */
  static java.time.Duration duration(String what, Duration wire) {
    try {
      return java.time.Duration.ofSeconds(wire.getSeconds(), wire.getNanos());
    } catch (ArithmeticException senseless) {
      throw Rejection.invalid(what + " is out of range");
    }
  }

  /** Refused if it is not positive. */
  static java.time.Duration positive(String what, Duration wire) {
    java.time.Duration duration = duration(what, wire);
    if (duration.isZero() || duration.isNegative()) {
      throw Rejection.invalid(what + " must be positive");
    }
    return duration;
  }

  /** Refused if it is not positive, or longer than that. */
  static java.time.Duration positive(String what, Duration wire, java.time.Duration longest) {
    java.time.Duration duration = duration(what, wire);
    if (duration.isZero() || duration.isNegative() || duration.compareTo(longest) > 0) {
      throw Rejection.invalid(what + " must be positive and at most " + longest);
    }
    return duration;
  }

  /** Refused if it is negative, or longer than that. */
  static java.time.Duration upTo(String what, Duration wire, java.time.Duration longest) {
    java.time.Duration duration = duration(what, wire);
    if (duration.isNegative() || duration.compareTo(longest) > 0) {
      throw Rejection.invalid(what + " must not be negative and at most " + longest);
    }
    return duration;
  }

  /** Whole steps of the transport, rounded up, and no longer than it takes. */
  static java.time.Duration steps(java.time.Duration duration, java.time.Duration step, java.time.Duration longest) {
    if (duration.compareTo(longest) >= 0) {
      return longest;
    }
    java.time.Duration over = duration.minus(step.multipliedBy(duration.dividedBy(step)));
    return over.isZero() ? duration : duration.plus(step).minus(over);
  }

  /** Ours has the higher first: in a MIN heap the smallest is. Within the wire's limits it is its own inverse. */
  static int priority(Mode mode, long priority) {
    return (int) (mode == Mode.MAX ? priority : -priority);
  }

  /** Deliveries: the first and the retries. 0 for unlimited. */
  static int maxAttempts(int retries) {
    return retries < 0 || retries == Integer.MAX_VALUE ? 0 : retries + 1;
  }

  /** Retries after the first of these deliveries, of which 0 is unlimited. */
  static int retries(int maxAttempts) {
    return maxAttempts == 0 ? UNLIMITED : maxAttempts - 1;
  }

  /** Refuses what was left out. */
  static void required(String what, String value) {
    if (value.isEmpty()) {
      throw Rejection.invalid(what + " is required");
    }
  }
}
