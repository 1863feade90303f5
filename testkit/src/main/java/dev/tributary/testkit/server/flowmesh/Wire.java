package dev.tributary.testkit.server.flowmesh;

import dev.tributary.vertx.internal.flowmesh.proto.Status;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Values as this wire has them. */
final class Wire {
  static final Status OK = Status.newBuilder().setMessage("ok").build();

  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private Wire() {}

  /** Unix nanoseconds; 0 for none. */
  static long nanos(@Nullable Instant time) {
    return time == null ? 0 : Math.addExact(Math.multiplyExact(time.getEpochSecond(), 1_000_000_000L), time.getNano());
  }

  static Instant time(long nanos) {
    return Instant.ofEpochSecond(Math.floorDiv(nanos, 1_000_000_000L), Math.floorMod(nanos, 1_000_000_000L));
  }

  /** Whole seconds, rounded up. */
  static long seconds(Duration duration) {
    return duration.getSeconds() + (duration.getNano() > 0 ? 1 : 0);
  }

  /** 32 hexadecimal digits that are the same for the same message and no other. */
  static String messageId(String path, int partition, long offset) {
    long place = 0xcbf29ce484222325L ^ partition;
    for (int i = 0; i < path.length(); i++) {
      place = (place ^ path.charAt(i)) * 0x100000001b3L;
    }
    char[] digits = new char[32];
    hex(place, digits, 0);
    hex(offset, digits, 16);
    return new String(digits);
  }

  private static void hex(long bits, char[] digits, int at) {
    for (int i = 0; i < 16; i++) {
      digits[at + i] = HEX[(int) (bits >>> (60 - 4 * i)) & 15];
    }
  }

  /** The server shows deliveries counted twice: 1, 3, 5, … */
  static int attempts(int deliveries) {
    return deliveries == 0 ? 0 : Math.max(0, 2 * deliveries - 1);
  }
}
