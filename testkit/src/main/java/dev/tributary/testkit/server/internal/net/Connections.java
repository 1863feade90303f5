package dev.tributary.testkit.server.internal.net;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.testkit.server.ServerLimits;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.InternetProtocolFamily;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.transport.Transport;
import java.net.BindException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a server, from the moment they are accepted: so many, and none that waits too long for its client. It has to stand
 * below HTTP, which does not hear of connections on which nothing was said. Thread-safe.
 */
public final class Connections {
  private static final Duration LONGEST_STEP = Duration.ofSeconds(1);

  private final ServerLimits limits;
  private final Set<Watch> open = ConcurrentHashMap.newKeySet();

  private Connections(ServerLimits limits) {
    this.limits = limits;
  }

  /** A Vert.x whose servers keep to these limits, all of them together. */
  public static Vertx vertx(VertxOptions options, ServerLimits limits) {
    Connections connections = new Connections(limits);
    Vertx vertx = Vertx.builder().with(options).withTransport(connections.new Guarded()).build();
    vertx.setPeriodic(step(limits), turn -> connections.sweep(System.nanoTime()));
    return vertx;
  }

  /** How often to look for what took too long, in milliseconds. */
  public static long step(ServerLimits limits) {
    Duration shortest =
        Stream.of(limits.headerTime(), limits.bodyTime(), limits.idleTime(), LONGEST_STEP.multipliedBy(4)).min(Duration::compareTo).get();
    return Math.max(1, shortest.dividedBy(4).toMillis());
  }

  /** What it fails with that this port cannot be listened on. */
  public static <T> Future<T> cannotListen(String host, int port, Throwable why) {
    return Future.failedFuture(
        why instanceof BindException
            ? new InvalidRequestException(
                ErrorInfo.of(
                        "cannot listen on port " + port + " of " + host + " (" + why.getMessage() + ")",
                        "Another process may have it: end that, or choose another port; 0 is a free one")
                    .causedBy(why))
            : why);
  }

  private void sweep(long nanos) {
    // One that was accepted while the server closed may have ended before it had an event loop to say so.
    open.removeIf(Watch::gone);
    open.forEach(watch -> watch.sweep(nanos));
  }

  private boolean admit(Channel connection) {
    if (open.size() >= limits.connections() && !makeRoom()) {
      return false;
    }
    Watch watch = new Watch(connection, limits);
    open.add(watch);
    connection.closeFuture().addListener(closed -> open.remove(watch));
    return true;
  }

  /** The one that has waited longest for its client goes; those that have a request under way stay. */
  private boolean makeRoom() {
    Watch longest = null;
    long now = System.nanoTime();
    for (Watch watch : open) {
      if (watch.waits() && (longest == null || watch.waited(now) > longest.waited(now))) {
        longest = watch;
      }
    }
    if (longest == null) {
      return false;
    }
    open.remove(longest);
    longest.close();
    return true;
  }

  /** Stands at the listening socket. */
  @Sharable
  private final class Door extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) {
      if (accepted instanceof Channel connection && !admit(connection)) {
        connection.unsafe().closeForcibly();
      } else {
        context.fireChannelRead(accepted);
      }
    }
  }

  /** The JDK's sockets, and the door at those that listen. */
  private final class Guarded implements Transport, io.vertx.core.spi.transport.Transport {
    private final io.vertx.core.spi.transport.Transport sockets = Transport.NIO.implementation();
    private final Door door = new Door();

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
      ChannelFactory<? extends ServerChannel> listening = sockets.serverChannelFactory(domainSocket);
      return () -> {
        ServerChannel socket = listening.newChannel();
        socket.pipeline().addFirst(door);
        return socket;
      };
    }

    @Override
    public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
      return sockets.channelFactory(domainSocket);
    }

    @Override
    public DatagramChannel datagramChannel() {
      return sockets.datagramChannel();
    }

    @Override
    @SuppressWarnings("deprecation") // Netty's name for it, in the signature of Vert.x
    public DatagramChannel datagramChannel(InternetProtocolFamily family) {
      return sockets.datagramChannel(family);
    }

    @Override
    public IoHandlerFactory ioHandlerFactory() {
      return sockets.ioHandlerFactory();
    }

    @Override
    public String name() {
      return "nio";
    }

    @Override
    public boolean available() {
      return true;
    }

    @Override
    public @Nullable Throwable unavailabilityCause() {
      return null;
    }

    @Override
    public io.vertx.core.spi.transport.Transport implementation() {
      return this;
    }
  }
}
