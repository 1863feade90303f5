package dev.tributary.vertx.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.config.ClientConfig;
import dev.tributary.config.Endpoint;
import java.util.List;
import org.junit.jupiter.api.Test;

class EndpointsTest {
  private static final Endpoint A = new Endpoint("a", 1);
  private static final Endpoint B = new Endpoint("b", 1);

  private final Endpoints endpoints = new Neighbours(ClientConfig.builder("test").build()).endpoints(List.of(A, B));
  private final Standing first = endpoints.choice();

  @Test
  void movesOnFromOneWhoseOnlyConnectionBroke() {
    long only = first.connected();
    first.broke(only);
    assertThat(endpoints.current()).isEqualTo(B);
  }

  @Test
  void staysWithOneThatWasReachedAgainSince() {
    long before = first.connected();
    first.connected();
    first.broke(before);
    assertThat(endpoints.current()).isEqualTo(A);
  }
}
