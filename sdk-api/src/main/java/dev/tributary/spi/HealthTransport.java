package dev.tributary.spi;

import dev.tributary.Capability;
import dev.tributary.HealthReport;
import java.util.concurrent.CompletableFuture;

/** Whether the backend is well. See {@link Transport} for what holds for every method. */
public interface HealthTransport {
  /** Whether it answers. Fails as any call does if it cannot be reached. */
  CompletableFuture<Boolean> live(Deadline deadline);

  /** Whether it takes work. Fails as any call does if it cannot be reached. */
  CompletableFuture<Boolean> ready(Deadline deadline);

  /** What its parts are like, with {@code HEALTH_CHECKS}. Fails as any call does if it cannot be reached. */
  default CompletableFuture<HealthReport> report(Deadline deadline) {
    throw Unsupported.without(Capability.HEALTH_CHECKS);
  }
}
