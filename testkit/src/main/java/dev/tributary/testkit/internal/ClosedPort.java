package dev.tributary.testkit.internal;

import io.vertx.core.Future;
import io.vertx.core.net.NetClient;

/**
 * A port whose listener was closed. Its socket goes on taking connections, only to reset them, and keeps the port, until the selector
 * lets it go: nobody tells when, only trying shows.
 */
public final class ClosedPort {
  /** It takes a few. More means that somebody else listens there by now. */
  private static final int TRIES = 1_000;

  private final NetClient dialer;
  private final String host;
  private final int port;

  public ClosedPort(NetClient dialer, String host, int port) {
    this.dialer = dialer;
    this.host = host;
    this.port = port;
  }

  /** Completes when it refuses connections. */
  public Future<Void> refuses() {
    return refuses(TRIES);
  }

  private Future<Void> refuses(int tries) {
    return dialer
        .connect(port, host)
        .transform(
            tried ->
                tried.succeeded() && tries > 1
                    ? tried.result().close().eventually(() -> refuses(tries - 1))
                    : Future.succeededFuture());
  }
}
