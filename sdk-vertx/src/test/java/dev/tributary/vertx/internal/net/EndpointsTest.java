package dev.tributary.vertx.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.config.Endpoint;
import dev.tributary.config.Retry;
import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class EndpointsTest {
  private static final Endpoint A = new Endpoint("a", 1);
  private static final Endpoint B = new Endpoint("b", 1);

  private final Endpoints endpoints =
      new Endpoints(List.of(A, B), Retry.DEFAULT.withBackoff(Duration.ofDays(1), Duration.ofDays(1)), TimeSource.system());

  @Test
  void movesOnFromOneWhoseOnlyConnectionBroke() {
    long only = endpoints.succeeded(A);
    endpoints.broke(A, only);
    assertThat(endpoints.current()).isEqualTo(B);
  }

  @Test
  void staysWithOneThatWasReachedAgainSince() {
    long before = endpoints.succeeded(A);
    endpoints.succeeded(A);
    endpoints.broke(A, before);
    assertThat(endpoints.current()).isEqualTo(A);
  }
}
