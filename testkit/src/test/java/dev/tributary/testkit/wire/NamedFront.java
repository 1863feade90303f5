package dev.tributary.testkit.wire;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** TLS before a server that has none, under several names: who connects gets the certificate of the name that they ask for, the first without one. */
final class NamedFront implements AutoCloseable {
  private final Vertx vertx = Vertx.vertx();
  private final NetClient behind = vertx.createNetClient();
  private volatile String asked;
  private int port;

  private NamedFront() {}

  static NamedFront to(int port, Identity... identities) throws Exception {
    NamedFront front = new NamedFront();
    front.open(port, identities);
    return front;
  }

  private void open(int to, Identity... identities) throws Exception {
    PemKeyCertOptions keys = new PemKeyCertOptions();
    for (Identity identity : identities) {
      keys.addCertPath(identity.certificate().toString()).addKeyPath(identity.key().toString());
    }
    NetServerOptions options = new NetServerOptions().setSsl(true).setSni(true).setKeyCertOptions(keys).setUseAlpn(true);
    options.getSslOptions().setApplicationLayerProtocols(List.of("h2"));
    port =
        vertx
            .createNetServer(options)
            .connectHandler(
                caller -> {
                  asked = caller.indicatedServerName();
                  caller.pause();
                  behind
                      .connect(to, "127.0.0.1")
                      .onFailure(refused -> caller.close())
                      .onSuccess(
                          server -> {
                            caller.pipeTo(server);
                            server.pipeTo(caller);
                          });
                })
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS)
            .actualPort();
  }

  int port() {
    return port;
  }

  /** The name that the last who connected asked for; null for none. */
  String asked() {
    return asked;
  }

  @Override
  public void close() {
    vertx.close().toCompletionStage().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
  }
}
