package dev.tributary.testkit.server.flymq;

import dev.tributary.testkit.server.Protocol;
import dev.tributary.testkit.server.ServerFaults;
import dev.tributary.testkit.server.ServerLimits;
import dev.tributary.testkit.server.ServerOptions;
import io.vertx.core.Vertx;
import java.time.Duration;

/** The protocol {@code flymq}: binary frames on TCP and nothing else. */
public final class FlyMqProtocol implements Protocol {
  /** How long a connection may be without a whole request. */
  private static final Duration IDLE = Duration.ofMinutes(5);

  /** Found by the service loader. */
  public FlyMqProtocol() {}

  @Override
  public String name() {
    return "flymq";
  }

  @Override
  public boolean createsOnFirstUse() {
    return true;
  }

  @Override
  public int usualPort() {
    return 9_092;
  }

  @Override
  public ServerLimits limits() {
    return ServerLimits.DEFAULT.withTimes(IDLE, IDLE, IDLE);
  }

  @Override
  public Service open(Vertx vertx, ServerOptions options, ServerFaults faults) {
    return new FlyMqService(vertx, options, faults);
  }
}
