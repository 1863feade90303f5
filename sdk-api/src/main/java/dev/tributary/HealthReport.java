package dev.tributary;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a backend is.
 *
 * @param ready whether it takes work
 * @param checks what its parts are like, by their names; empty where the backend does not say
 */
public record HealthReport(boolean ready, Map<String, Check> checks) {
  public HealthReport {
    checks = Map.copyOf(checks);
  }

  /**
   * How one part is.
   *
   * @param passed whether it is well
   * @param message what it says
   * @param latency how long it took to find out; null where that was not measured
   */
  public record Check(boolean passed, String message, @Nullable Duration latency) {}
}
