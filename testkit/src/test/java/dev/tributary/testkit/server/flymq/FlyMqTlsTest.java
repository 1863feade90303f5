package dev.tributary.testkit.server.flymq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.wire.Identity;
import dev.tributary.vertx.internal.flymq.wire.Frame;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import io.netty.buffer.ByteBufUtil;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlyMqTlsTest extends FlyMqTopic {
  @TempDir private static Path files;

  private static Buffer whoAmI(EmbeddedServer server, NetClientOptions options) throws Exception {
    Vertx vertx = Vertx.vertx();
    // Held to the end: Vert.x closes the connections of a client that the garbage collector finds.
    NetClient client = vertx.createNetClient(options.setSsl(true).setHostnameVerificationAlgorithm("HTTPS"));
    try {
      CompletableFuture<Buffer> answer = new CompletableFuture<>();
      client
          .connect(server.port(), server.host())
          .onFailure(answer::completeExceptionally)
          .onSuccess(
              socket -> {
                socket.closeHandler(closed -> answer.completeExceptionally(new AssertionError("closed")));
                socket.handler(answer::complete);
                socket.write(Buffer.buffer(ByteBufUtil.getBytes(Frame.of(Opcode.WHOAMI, Message.EMPTY))));
              });
      return answer.get(20, TimeUnit.SECONDS);
    } finally {
      client.close();
      vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void requestsAreAnsweredOverTlsAndByWhoAskedForACertificate() throws Exception {
    Identity here = Identity.create(files, "here", "dns:localhost,ip:127.0.0.1");
    Identity caller = Identity.create(files, "caller", "dns:caller.example");
    PemTrustOptions trust = new PemTrustOptions().addCertPath(here.certificate().toString());
    EmbeddedServer server = opened(EmbeddedServer.flymq().tls(here.certificate(), here.key()).start());
    assertThat(server.uri()).startsWith("flymqs://");
    assertThat(whoAmI(server, new NetClientOptions().setTrustOptions(trust)).getByte(2)).isEqualTo((byte) Opcode.WHOAMI.code());
    assertThat(connect(server).refused(Opcode.WHOAMI, Message.EMPTY)).as("in plain text").isEqualTo("closed");
    EmbeddedServer mutual = opened(EmbeddedServer.flymq().tls(here.certificate(), here.key()).mutualTls(caller.certificate()).start());
    PemKeyCertOptions own = new PemKeyCertOptions().addCertPath(caller.certificate().toString()).addKeyPath(caller.key().toString());
    assertThat(whoAmI(mutual, new NetClientOptions().setTrustOptions(trust).setKeyCertOptions(own)).length()).isPositive();
    assertThatThrownBy(() -> whoAmI(mutual, new NetClientOptions().setTrustOptions(trust))).isNotNull();
  }
}
