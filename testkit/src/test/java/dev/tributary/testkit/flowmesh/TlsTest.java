package dev.tributary.testkit.flowmesh;

import dev.tributary.Tributary;
import dev.tributary.admin.ResourceKind;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.wire.TlsCases;
import java.util.List;
import java.util.concurrent.CompletableFuture;

class TlsTest extends TlsCases {
  @Override
  protected EmbeddedServer.Builder server() {
    return EmbeddedServer.flowmesh();
  }

  /** Over gRPC and over HTTP. */
  @Override
  protected List<CompletableFuture<?>> calls(Tributary client) {
    return List.of(client.keyValue("kv").put("k", new byte[1]), client.admin().list(ResourceKind.KEY_VALUE));
  }
}
