package dev.tributary.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Tributary;
import dev.tributary.config.Endpoint;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.error.ClientClosedException;
import dev.tributary.testkit.server.EmbeddedServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

@TributaryTest
class TributaryExtensionTest {
  private static final List<FakeTributary> USED = new ArrayList<>();

  @BeforeEach
  void fill(Tributary client) {
    client.stream("s").publish(new byte[1]).join();
  }

  @RepeatedTest(2)
  void everyTestHasAFakeOfItsOwn(FakeTributary fake, Tributary client, VirtualTime time, MemoryEngine engine) {
    assertThat(client).isSameAs(fake);
    assertThat(time).isSameAs(fake.time());
    assertThat(engine).isSameAs(fake.engine());
    assertThat(USED).doesNotContain(fake);
    USED.add(fake);
    assertThat(client.stream("s").latestOffset(0).join()).as("what this test published, no other").hasValue(0);
  }

  @Test
  void parametersAreOptional() {}

  @Test
  void aClientOverTheWireTalksToTheServerOfTheTest(EmbeddedServer server, @OverTheWire Tributary wired, FakeTributary fake) {
    assertThat(wired).isNotSameAs(fake);
    wired.stream("s").publish(new byte[1]).join();
    assertThat(wired.config().endpoints()).containsExactly(new Endpoint("127.0.0.1", server.port()));

    server.stop();
    server.start();

    assertThat(wired.stream("s").latestOffset(0).join()).as("what was published before the restart").hasValue(0);
  }

  @AfterAll
  static void allAreClosed() {
    assertThat(USED)
        .hasSize(2)
        .allSatisfy(
            fake ->
                assertThat(fake.stream("s").latestOffset(0))
                    .failsWithin(Duration.ZERO)
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(ClientClosedException.class));
  }
}
