package dev.tributary.vertx.internal.goqueue;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import dev.tributary.vertx.internal.net.Steps;

/** What calls fail with. */
final class Faults {
  private Faults() {}

  /** The error of a call, as one that is known; anything else is a fault of this driver. */
  static TributaryException known(Throwable error) {
    return Steps.unwrap(error) instanceof TributaryException known
        ? known
        : new ServerErrorException(ErrorInfo.of("unexpected " + error, "The cause tells where").causedBy(error));
  }
}
