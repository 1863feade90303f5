package dev.tributary.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.server.EmbeddedServer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FutureQuickTourTest {
  @ParameterizedTest
  @ValueSource(strings = {"memory", "flowmesh"})
  void goesRound(String backend) {
    if (backend.equals("memory")) {
      assertThat(FutureQuickTour.run("memory:")).isEqualTo("welcome 42 for order 42");
      return;
    }
    try (EmbeddedServer server = EmbeddedServer.of(backend).start()) {
      assertThat(FutureQuickTour.run(server.uri())).isEqualTo("welcome 42 for order 42");
    }
  }
}
