package dev.tributary.testkit.disheap;

import dev.tributary.Tributary;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.wire.TlsCases;
import java.util.List;
import java.util.concurrent.CompletableFuture;

class TlsTest extends TlsCases {
  @Override
  protected EmbeddedServer.Builder server() {
    return EmbeddedServer.disheap().createOnFirstUse(true);
  }

  /** One that is answered once, and one that is answered by a stream. */
  @Override
  protected List<CompletableFuture<?>> calls(Tributary client) {
    return List.of(client.queue("q").enqueue(new byte[1]), client.queue("q").reserve());
  }
}
