package dev.tributary.testkit.flowmesh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Tributary;
import dev.tributary.admin.ResourceKind;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Tls;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.wire.Identity;
import dev.tributary.testkit.wire.Outcomes;
import dev.tributary.testkit.wire.TlsCases;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest extends TlsCases {
  @TempDir Path directory;

  @Override
  protected EmbeddedServer.Builder server() {
    return EmbeddedServer.flowmesh();
  }

  @Test
  void aPeerWithoutHttp2IsNamedAtOnceAndLeft() throws Exception {
    Identity peer = Identity.create(directory, "peer", "ip:127.0.0.1");
    AtomicInteger connected = new AtomicInteger();
    Vertx vertx = Vertx.vertx();
    HttpServerOptions options =
        new HttpServerOptions()
            .setSsl(true)
            .setUseAlpn(false)
            .setKeyCertOptions(new PemKeyCertOptions().addCertPath(peer.certificate().toString()).addKeyPath(peer.key().toString()));
    try {
      int port =
          vertx
              .createHttpServer(options)
              .connectionHandler(
                  connection -> {
                    connected.incrementAndGet();
                    connection.closeHandler(gone -> connected.decrementAndGet());
                  })
              .requestHandler(call -> call.response().end())
              .listen(0, "127.0.0.1")
              .toCompletionStage()
              .toCompletableFuture()
              .get(20, TimeUnit.SECONDS)
              .actualPort();
      ClientConfig config = ClientConfig.builder("flowmesh").endpoint("127.0.0.1", port).tls(Tls.trusting(peer.certificate())).build();
      try (Tributary client = Tributary.connect(config)) {
        for (int i = 0; i < 20; i++) {
          assertThat(Outcomes.failure(client.keyValue("kv").get("k"))).isInstanceOf(ProtocolViolationException.class).hasMessageContaining("HTTP/2");
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (connected.get() > 0) {
          assertThat(System.nanoTime()).as("all left in time").isLessThan(end);
          Thread.yield();
        }
      }
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
  }

  /** Over gRPC and over HTTP. */
  @Override
  protected List<CompletableFuture<?>> calls(Tributary client) {
    return List.of(client.keyValue("kv").put("k", new byte[1]), client.admin().list(ResourceKind.KEY_VALUE));
  }
}
