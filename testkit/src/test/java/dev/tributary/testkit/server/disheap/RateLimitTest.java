package dev.tributary.testkit.server.disheap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.VirtualTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RateLimitTest {
  private final VirtualTime time = new VirtualTime();
  private final RateLimit limit = new RateLimit(time);

  @Test
  void grantsABurstAndThenSoManyAMinute() {
    drain("a");
    assertThat(limit.take("a").granted()).isFalse();
    time.advance(Duration.ofMillis(60));
    assertThat(limit.take("a").granted()).isTrue();
    assertThat(limit.take("a").granted()).isFalse();
    int granted = 0;
    for (int second = 0; second < 60; second++) {
      time.advance(Duration.ofSeconds(1));
      for (int i = 0; i < 50; i++) {
        granted += limit.take("a").granted() ? 1 : 0;
      }
    }
    assertThat(granted).isBetween(RateLimit.PER_MINUTE - 1, RateLimit.PER_MINUTE + 1);
  }

  @Test
  void neverGrantsMoreThanABurstAtOnce() {
    time.advance(Duration.ofDays(365));
    drain("a");
    assertThat(limit.take("a").granted()).isFalse();
    time.advance(Duration.ofDays(365));
    drain("a");
    assertThat(limit.take("a").granted()).isFalse();
  }

  @Test
  void countsClientsApart() {
    drain("a");
    assertThat(limit.take("b").granted()).isTrue();
  }

  @Test
  void tellsWhatIsLeft() {
    RateLimit.Turn first = limit.take("a");
    assertThat(first.remaining()).isEqualTo(RateLimit.BURST - 1);
    assertThat(first.full()).isEqualTo(time.now().plusMillis(60));
    drain("b");
    RateLimit.Turn refused = limit.take("b");
    assertThat(refused.remaining()).isZero();
    assertThat(refused.full()).isEqualTo(time.now().plusSeconds(6));
  }

  @Test
  void remembersOnlySoManyClients() {
    drain("quiet");
    drain("busy");
    for (int i = 0; i < 10_000; i++) {
      limit.take("busy");
      limit.take("client" + i);
    }
    assertThat(limit.take("busy").granted()).as("who comes again and again is remembered").isFalse();
    assertThat(limit.take("quiet").granted()).as("who was quiet for longest is forgotten").isTrue();
  }

  private void drain(String client) {
    for (int i = 0; i < RateLimit.BURST; i++) {
      assertThat(limit.take(client).granted()).isTrue();
    }
  }
}
