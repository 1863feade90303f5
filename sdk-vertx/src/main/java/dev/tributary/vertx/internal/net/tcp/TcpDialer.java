package dev.tributary.vertx.internal.net.tcp;

import dev.tributary.config.Endpoint;
import dev.tributary.config.Tls;
import dev.tributary.error.TributaryException;
import dev.tributary.vertx.internal.net.Dialer;
import dev.tributary.vertx.internal.net.Network;
import io.vertx.core.Future;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Connects by TCP, on a client that all connections share. What that is set up with for TLS, a connection is to be told again. */
record TcpDialer(Network network, NetClient client) implements Dialer<TcpDialer.Made> {
  record Made(NetSocket socket) implements Connection {
    @Override
    public void close() {
      socket.close();
    }
  }

  @Override
  public Future<Made> connect(SocketAddress address, Endpoint endpoint) {
    Tls tls = network.config().tls();
    ConnectOptions options =
        new ConnectOptions().setRemoteAddress(address).setHost(network.nameOf(endpoint)).setPort(endpoint.port()).setSsl(tls != null);
    if (tls != null && tls.serverName() != null) {
      options.setSniServerName(tls.serverName());
    }
    return client
        .connect(options)
        // Nothing is read before somebody listens: the peer may speak first, or leave.
        .map(socket -> new Made(socket.pause()));
  }

  @Override
  public @Nullable TributaryException unfit(Made connection, Endpoint endpoint) {
    return null;
  }

  @Override
  public void discard() {}
}
