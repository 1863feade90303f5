package dev.tributary.testkit.fault;

import dev.tributary.spi.TimeSource;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.vertx.core.Context;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetSocket;
import org.jspecify.annotations.Nullable;

/** One connection through the proxy: the client's socket and, unless it was accepted into silence, the server's. */
final class Link {
  private final NetSocket client;
  private final Runnable gone;
  private @Nullable NetSocket server;
  private @Nullable Pipe toServer;
  private @Nullable Pipe toClient;
  private boolean clientClosed;
  private boolean serverClosed = true;
  private boolean silent;
  private boolean swallows;

  Link(NetSocket client, Runnable gone) {
    this.client = client;
    this.gone = gone;
    client.exceptionHandler(broken -> client.close());
    client.closeHandler(
        closed -> {
          clientClosed = true;
          if (toClient != null) {
            toClient.targetClosed();
          }
          closed();
        });
  }

  /** Takes what the client sends and never answers. */
  void silence() {
    silent = true;
    client.handler(dropped -> {});
    client.resume();
  }

  /** Connects both ends. */
  void join(NetSocket upstream, Conditions up, Conditions down, TimeSource time, Context loop) {
    server = upstream;
    serverClosed = false;
    upstream.exceptionHandler(broken -> upstream.close());
    toServer = new Pipe(up, time, loop, client, upstream, this::cut);
    toClient = new Pipe(down, time, loop, upstream, client, this::cut);
    upstream.closeHandler(
        closed -> {
          serverClosed = true;
          toServer.targetClosed();
          closed();
        });
    if (clientClosed || silent) { // it went away, or was to lose the server, while that was being dialled
      upstream.close();
      return;
    }
    toServer.open();
    toClient.open();
    swallow(swallows);
  }

  void flow() {
    if (toServer != null && toClient != null) {
      toServer.flow();
      toClient.flow();
    }
  }

  /** Takes what either end sends and passes nothing on; or no more, from now on. */
  void swallow(boolean vanish) {
    swallows = vanish;
    if (toServer != null && toClient != null) {
      toServer.swallow(vanish);
      toClient.swallow(vanish);
    }
  }

  /** The server's end goes away, the client's stays and hears nothing of it. */
  void loseServer() {
    silent = true;
    swallow(true);
    if (server != null) {
      server.handler(null).endHandler(null);
      server.close();
    }
  }

  /** What has lost bytes, or would never answer, cannot go on. */
  boolean beyondRepair() {
    return silent || toServer != null && toServer.lossy() || toClient != null && toClient.lossy();
  }

  void cut() {
    client.close();
    if (server != null) {
      server.close();
    }
  }

  void reset() {
    reset(client);
    if (server != null) {
      reset(server);
    }
  }

  private static void reset(NetSocket socket) {
    Channel channel = ((NetSocketInternal) socket).channelHandlerContext().channel();
    if (channel.isOpen()) { // else the other end was quicker
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
    }
    socket.close();
  }

  private void closed() {
    if (clientClosed && serverClosed) {
      gone.run();
    }
  }
}
