package dev.tributary.testkit.flymq;

import static dev.tributary.testkit.wire.Outcomes.of;

import dev.tributary.Tributary;
import dev.tributary.admin.StreamConfig;
import dev.tributary.config.ClientConfig;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.wire.TlsCases;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

class TlsTest extends TlsCases {
  private final MemoryEngine engine = MemoryEngine.builder().build();

  @BeforeEach
  void createTopic() throws Exception {
    try (Tributary observer = Tributary.over(engine.connect(), ClientConfig.builder("memory").build())) {
      of(observer.admin().createStream("s", StreamConfig.DEFAULT));
    }
  }

  @AfterEach
  void closeEngine() {
    engine.close();
  }

  @Override
  protected EmbeddedServer.Builder server() {
    return EmbeddedServer.flymq().transport(engine.connect());
  }

  @Override
  protected boolean answersWhatItDoesNotKnow() {
    return false;
  }

  /** One that stores and one that asks. */
  @Override
  protected List<CompletableFuture<?>> calls(Tributary client) {
    return List.of(client.stream("s").publish(new byte[1]), client.stream("s").read(0, 0, 1));
  }
}
