package dev.tributary.testkit.server.internal.net;

import dev.tributary.testkit.server.ServerLimits;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.util.AttributeKey;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Closes one connection if its client lets the server wait. Its event loop changes it; others may look at it. */
public final class Watch extends ChannelInboundHandlerAdapter {
  private static final AttributeKey<Watch> KEY = AttributeKey.valueOf(Watch.class, "watch");

  /** For who has a connection of HTTP, which does not show its channel: by its two addresses, of which no two open ones have the same. */
  private static final Map<Ends, Watch> OPEN = new ConcurrentHashMap<>();

  private enum Phase {
    /** A request has begun, or the connection is new: its headers are due. */
    HEADERS,
    /** There is a request: its body and its answer have times of their own. */
    REQUEST,
    /** Nothing since the last answer. */
    IDLE
  }

  private record Ends(SocketAddress remote, SocketAddress local) {}

  private final Channel connection;
  private final long headerNanos;
  private final long idleNanos;
  private volatile Phase phase = Phase.HEADERS;
  private volatile long since = System.nanoTime();
  private volatile @Nullable Http2ConnectionHandler http2;

  Watch(Channel connection, ServerLimits limits) {
    this.connection = connection;
    this.headerNanos = limits.headerTime().toNanos();
    this.idleNanos = limits.idleTime().toNanos();
    connection.attr(KEY).set(this);
    connection.pipeline().addFirst(this);
    // One that is gone already has no addresses any more.
    if (connection.remoteAddress() instanceof InetSocketAddress remote && connection.localAddress() instanceof InetSocketAddress local) {
      Ends ends = new Ends(SocketAddress.inetSocketAddress(remote), SocketAddress.inetSocketAddress(local));
      OPEN.put(ends, this);
      connection.closeFuture().addListener(closed -> OPEN.remove(ends, this));
    }
  }

  /** A request has come; over HTTP/2 the streams are counted instead. */
  public static void began(HttpServerRequest request) {
    if (request.version() == HttpVersion.HTTP_2) {
      return;
    }
    HttpConnection http = request.connection();
    Watch watch = OPEN.get(new Ends(http.remoteAddress(true), http.localAddress(true)));
    if (watch != null) {
      watch.enter(Phase.REQUEST);
      request.response().endHandler(end -> watch.enter(Phase.IDLE));
    }
  }

  /** Of a connection that speaks no HTTP, and tells of its requests itself. */
  public static Watch of(NetSocket socket) {
    return Objects.requireNonNull(((NetSocketInternal) socket).channelHandlerContext().channel().attr(KEY).get());
  }

  /** A request is under way. */
  public void began() {
    enter(Phase.REQUEST);
  }

  /** Nothing is under way any more: it is the client's turn, to ask or to read what was answered. */
  public void waiting() {
    enter(Phase.IDLE);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object bytes) {
    if (phase == Phase.IDLE && http2 == null) {
      enter(Phase.HEADERS);
    }
    context.fireChannelRead(bytes);
    if (http2 == null && phase == Phase.HEADERS) {
      http2 = context.pipeline().get(Http2ConnectionHandler.class);
      if (http2 != null) {
        enter(Phase.IDLE);
      }
    }
  }

  private void enter(Phase next) {
    since = System.nanoTime();
    phase = next;
  }

  boolean gone() {
    return !connection.isOpen();
  }

  /** Whether it waits for its client with no request under way. */
  boolean waits() {
    Http2ConnectionHandler streams = http2;
    return streams == null ? phase != Phase.REQUEST : streams.connection().numActiveStreams() == 0;
  }

  /** For how long, in nanoseconds. */
  long waited(long nanos) {
    return nanos - since;
  }

  void sweep(long nanos) {
    if (!waits()) {
      if (http2 != null) {
        since = nanos;
      }
    } else if (waited(nanos) > (phase == Phase.HEADERS ? headerNanos : idleNanos)) {
      close();
    }
  }

  /** Over HTTP/2 the client is told that no more of its requests will be taken. */
  void close() {
    connection.close();
  }
}
