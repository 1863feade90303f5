package dev.tributary.testkit.server.flymq.internal.link;

import dev.tributary.testkit.internal.ClosedPort;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.internal.net.Connections;
import dev.tributary.testkit.server.internal.net.Intake;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The socket that clients connect to, and their connections. Thread-safe. */
public final class Listener {
  private final Vertx vertx;
  private final ServerOptions options;
  private final Desk desk;
  private final NetClient dialer;
  private final Intake intake;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private @Nullable NetServer server;
  private long sweeper;

  public Listener(Vertx vertx, ServerOptions options, Desk desk) {
    this.vertx = vertx;
    this.options = options;
    this.desk = desk;
    this.dialer = vertx.createNetClient();
    this.intake = new Intake(options.limits());
  }

  /** Listens on this port, or on a free one if it is 0; says which. */
  public synchronized Future<Integer> listen(int port) {
    NetServer listening = vertx.createNetServer(settings(port)).connectHandler(this::connected);
    sweeper = vertx.setPeriodic(Connections.step(options.limits()), turn -> intake.sweep(System.nanoTime()));
    // One that cannot listen is not there to be closed: its port is somebody else's.
    return listening.listen().onSuccess(this::listens).map(NetServer::actualPort).recover(refused -> cannotListen(port, refused));
  }

  private synchronized void listens(NetServer bound) {
    server = bound;
  }

  private synchronized Future<Integer> cannotListen(int port, Throwable refused) {
    vertx.cancelTimer(sweeper);
    return Connections.cannotListen(options.host(), port, refused);
  }

  private void connected(NetSocket socket) {
    Link link = new Link(socket, vertx.getOrCreateContext(), desk, intake, links::remove);
    links.add(link);
    link.open();
  }

  private NetServerOptions settings(int port) {
    NetServerOptions settings = new NetServerOptions().setHost(options.host()).setPort(port);
    if (options.certificate() != null && options.key() != null) {
      settings
          .setSsl(true)
          .setKeyCertOptions(new PemKeyCertOptions().addCertPath(options.certificate().toString()).addKeyPath(options.key().toString()));
    }
    if (options.clientCa() != null) {
      settings.setClientAuth(ClientAuth.REQUIRED).setTrustOptions(new PemTrustOptions().addCertPath(options.clientCa().toString()));
    }
    return settings;
  }

  /** Ends every connection, and takes new ones: there is no way to say that somebody is to go. */
  public void goAway() {
    links.forEach(Link::end);
  }

  /** Closes it with all connections, and completes when connections are refused. Again is no error. */
  public synchronized Future<Void> close() {
    NetServer closing = server;
    if (closing == null) {
      return Future.succeededFuture();
    }
    server = null;
    vertx.cancelTimer(sweeper);
    int port = closing.actualPort();
    Future<Void> closed = closing.close();
    return port > 0 ? closed.compose(done -> new ClosedPort(dialer, options.host(), port).refuses()) : closed;
  }
}
