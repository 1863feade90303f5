package dev.tributary.vertx.internal.net;

import dev.tributary.config.ClientConfig;
import dev.tributary.spi.Transport;
import dev.tributary.spi.TransportProvider;
import io.vertx.core.Vertx;

/** A provider whose transports can run on a Vert.x that is not their own. */
public interface VertxTransportProvider extends TransportProvider {
  /** {@link #open(ClientConfig)} on this Vert.x, which the transport never closes. */
  Transport open(ClientConfig config, Vertx vertx);
}
