package dev.tributary.kv;

import dev.tributary.error.InvalidRequestException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a key is put.
 *
 * @param ttl after which the key expires; null for never. A put without one ends the one before
 */
public record PutOptions(@Nullable Duration ttl) {
  /** Never expires. */
  public static final PutOptions DEFAULT = new PutOptions(null);

  public PutOptions {
    if (ttl != null && (ttl.isNegative() || ttl.isZero())) {
      throw InvalidRequestException.of("ttl " + ttl + " is not positive", "Give a positive duration, or leave it out to keep the key");
    }
  }

  /** Expires after this long: rounded up where the backend is coarser, refused below its smallest step. */
  public static PutOptions ttl(Duration ttl) {
    return new PutOptions(ttl);
  }
}
