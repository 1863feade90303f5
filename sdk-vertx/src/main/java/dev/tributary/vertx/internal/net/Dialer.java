package dev.tributary.vertx.internal.net;

import dev.tributary.config.Endpoint;
import dev.tributary.error.TributaryException;
import io.vertx.core.Future;
import io.vertx.core.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** What connects to one address, once. */
public interface Dialer<C extends Dialer.Connection> {
  /** Connects; {@code endpoint} is what the address is one of. */
  Future<C> connect(SocketAddress address, Endpoint endpoint);

  /** Why this connection will not do; null if it will. */
  @Nullable TributaryException unfit(C connection, Endpoint endpoint);

  /** It did not connect, or not in time. */
  void discard();

  /** What comes of it. */
  interface Connection {
    /** Closes it, with whatever was made for it alone. */
    void close();
  }
}
