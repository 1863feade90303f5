package dev.tributary.testkit.server.internal.http;

import dev.tributary.testkit.internal.ClosedPort;
import dev.tributary.testkit.server.ServerLimits;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.internal.net.Connections;
import dev.tributary.testkit.server.internal.net.Intake;
import dev.tributary.testkit.server.internal.net.Watch;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The sockets of a server that speaks HTTP, whichever protocol is on it, and the connections on them. Thread-safe. */
public final class Sockets {
  /** A client that cancels a lot is not an attack here. */
  private static final int MAX_RESETS = 1_000_000;
  private static final int CONNECTION_WINDOW = 1 << 20;
  private static final long NO_TIMER = -1;

  private final Vertx vertx;
  private final ServerOptions options;
  private final boolean plainHttp2;
  private final NetClient dialer;
  private final List<HttpServer> servers = new CopyOnWriteArrayList<>();
  private final Set<HttpConnection> connections = ConcurrentHashMap.newKeySet();
  private final Intake intake;
  private long sweeper = NO_TIMER;

  /** Sockets that speak HTTP/2 too, also without TLS. */
  public Sockets(Vertx vertx, ServerOptions options) {
    this(vertx, options, true);
  }

  private Sockets(Vertx vertx, ServerOptions options, boolean plainHttp2) {
    this.vertx = vertx;
    this.options = options;
    this.plainHttp2 = plainHttp2;
    this.dialer = vertx.createNetClient();
    this.intake = new Intake(options.limits());
  }

  /** Sockets that speak HTTP/2 only to whoever agrees on it by TLS. */
  public static Sockets withoutPlainHttp2(Vertx vertx, ServerOptions options) {
    return new Sockets(vertx, options, false);
  }

  /** What the requests on them hold. */
  public Intake intake() {
    return intake;
  }

  /** Host and port, as a URI has them. */
  public static String address(String host, int port) {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }

  /** Listens on this port, or on a free one if it is 0; says which. */
  public Future<Integer> listen(Handler<HttpServerRequest> handler, int port) {
    return listen(handler, closed -> {}, port);
  }

  /** Listens on this port, or on a free one if it is 0, and tells of connections that are gone; says which port. */
  public Future<Integer> listen(Handler<HttpServerRequest> handler, Consumer<HttpConnection> onClosed, int port) {
    HttpServer server = vertx.createHttpServer(settings(port));
    server.connectionHandler(
        connection -> {
          connections.add(connection);
          connection.closeHandler(
              closed -> {
                connections.remove(connection);
                onClosed.accept(connection);
              });
        });
    sweep();
    server.requestHandler(
        request -> {
          Watch.began(request);
          handler.handle(request);
        });
    // One that cannot listen is not there to be closed: its port is somebody else's.
    return server.listen().onSuccess(servers::add).map(HttpServer::actualPort).recover(refused -> Connections.cannotListen(options.host(), port, refused));
  }

  private synchronized void sweep() {
    if (sweeper == NO_TIMER) {
      sweeper = vertx.setPeriodic(Connections.step(options.limits()), turn -> intake.sweep(System.nanoTime()));
    }
  }

  private HttpServerOptions settings(int port) {
    ServerLimits limits = options.limits();
    HttpServerOptions settings =
        new HttpServerOptions()
            .setHost(options.host())
            .setPort(port)
            .setHttp2ClearTextEnabled(plainHttp2)
            .setHttp2ConnectionWindowSize(CONNECTION_WINDOW)
            .setMaxHeaderSize(limits.headerBytes())
            .setMaxInitialLineLength(limits.headerBytes())
            .setInitialSettings(
                new Http2Settings().setMaxConcurrentStreams(limits.streams()).setMaxHeaderListSize(limits.headerBytes()))
            .setHttp2RstFloodMaxRstFramePerWindow(MAX_RESETS);
    if (options.certificate() != null && options.key() != null) {
      settings
          .setSsl(true)
          .setUseAlpn(true)
          .setKeyCertOptions(new PemKeyCertOptions().addCertPath(options.certificate().toString()).addKeyPath(options.key().toString()));
    }
    if (options.clientCa() != null) {
      settings.setClientAuth(ClientAuth.REQUIRED).setTrustOptions(new PemTrustOptions().addCertPath(options.clientCa().toString()));
    }
    return settings;
  }

  /** Tells every client to go away: calls that run may end, others are to go elsewhere. */
  public void goAway() {
    connections.forEach(connection -> connection.shutdown());
  }

  /** Closes all of them, and completes when connections are refused. Again is no error. */
  public Future<Void> close() {
    synchronized (this) {
      vertx.cancelTimer(sweeper);
      sweeper = NO_TIMER;
    }
    List<Future<Void>> closing = servers.stream().map(this::close).toList();
    servers.clear();
    return Future.join(closing).mapEmpty();
  }

  private Future<Void> close(HttpServer server) {
    int port = server.actualPort();
    Future<Void> closed = server.close();
    return port > 0 ? closed.compose(done -> new ClosedPort(dialer, options.host(), port).refuses()) : closed;
  }
}
