package dev.tributary.testkit.server.internal.grpc;

import dev.tributary.Capability;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.Transport;
import java.time.Duration;

/** Jobs that nobody began, and how they are given back. */
public final class Untried {
  /** The metadata with which our drivers say that a NACK is of such a job: public servers, whose wire has no word for it, do not look. */
  public static final String METADATA = "tributary-release";

  private Untried() {}

  /** It is ready again at once, and was not delivered, as far as the transport can do that. */
  public static Settlement of(LeasedJob job, Transport transport) {
    return transport.capabilities().contains(Capability.JOB_RELEASE)
        ? new Settlement(Settlement.Kind.RELEASE, job, null, null)
        : new Settlement(Settlement.Kind.NACK, job, Duration.ZERO, null);
  }
}
