package dev.tributary.testkit.goqueue;

import static dev.tributary.testkit.wire.Outcomes.of;

import dev.tributary.ResourceName;
import dev.tributary.Tributary;
import dev.tributary.admin.StreamConfig;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.queue.ReserveOptions;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.wire.TlsCases;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

class TlsTest extends TlsCases {
  private final MemoryEngine engine = MemoryEngine.builder().createOnFirstUse(false).build();

  @BeforeEach
  void createTopic() throws Exception {
    Deadline soon = Deadline.after(TimeSource.system(), Duration.ofSeconds(30));
    of(engine.connect().admin().orElseThrow().createStream(ResourceName.parse("s", "default", "default"), StreamConfig.DEFAULT, soon));
  }

  @AfterEach
  void closeEngine() {
    engine.close();
  }

  @Override
  protected EmbeddedServer.Builder server() {
    return EmbeddedServer.goqueue().transport(engine.connect());
  }

  /** One that is answered at once, and one that waits at the server, over a connection of another kind. */
  @Override
  protected List<CompletableFuture<?>> calls(Tributary client) {
    return List.of(client.queue("s").reserve(ReserveOptions.maxWait(Duration.ofSeconds(5))), client.stream("s").publish(new byte[1]));
  }
}
