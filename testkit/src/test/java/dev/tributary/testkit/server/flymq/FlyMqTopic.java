package dev.tributary.testkit.server.flymq;

import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.Quirk;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** A server, and clients that end with the test. */
@Timeout(60)
abstract class FlyMqTopic {
  final VirtualTime time = new VirtualTime();
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  <T extends AutoCloseable> T opened(T resource) {
    opened.push(resource);
    return resource;
  }

  EmbeddedServer start(Quirk... quirks) {
    return opened(EmbeddedServer.flymq().time(time).emulate(quirks).start());
  }

  EmbeddedServer startWithUsers(Quirk... quirks) {
    return opened(EmbeddedServer.flymq().time(time).administrator("admin", "secret").emulate(quirks).start());
  }

  FlyMqClient connect(EmbeddedServer server) {
    return opened(new FlyMqClient(server));
  }

  @AfterEach
  void closeAll() throws Exception {
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
  }
}
