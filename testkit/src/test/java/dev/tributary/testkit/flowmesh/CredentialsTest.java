package dev.tributary.testkit.flowmesh;

import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.wire.CredentialCases;

class CredentialsTest extends CredentialCases {
  CredentialsTest() {
    super("flowmesh", SECRET + "-good.1", SECRET + "-next.2", SECRET + "-bad.3");
  }

  @Override
  protected EmbeddedServer.Builder more(EmbeddedServer.Builder builder) {
    return builder.authOnSubscribe(true);
  }
}
