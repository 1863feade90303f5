package dev.tributary.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.error.InvalidRequestException;
import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProducerIdentityTest {
  private static final Instant NOW = Instant.parse("2100-01-01T00:00:00.9Z");

  private final ClientConfig.Builder builder = ClientConfig.builder("memory").time(at(NOW));

  @Test
  void everyClientIsAProducerOfItsOwn() {
    ClientConfig config = builder.build();
    ProducerIdentity first = config.newProducer().orElseThrow();
    assertThat(first.epoch()).isEqualTo(NOW.getEpochSecond());
    assertThat(config.newProducer().orElseThrow().id()).isNotEqualTo(first.id());
    assertThat(config.toBuilder().build().newProducer().orElseThrow().id()).isNotEqualTo(first.id());
  }

  @Test
  void itsNameSaysWhereToLookForIt() {
    String tail = "-" + ProcessHandle.current().pid() + "-[0-9a-f]{8}";
    assertThat(named(Map.of("HOSTNAME", "web-1", "COMPUTERNAME", "other"))).matches("web-1" + tail);
    assertThat(named(Map.of("HOSTNAME", " ", "COMPUTERNAME", "DESK"))).matches("DESK" + tail);
    assertThat(named(Map.of())).matches("host" + tail);
    assertThat(named(Map.of("HOSTNAME", "h".repeat(300)))).matches("h{200}" + tail);
  }

  @Test
  void aConfiguredOneIsEveryClients() {
    ClientConfig config = builder.configureIdempotency("billing", 7).build();
    assertThat(config.newProducer()).contains(new ProducerIdentity("billing", 7)).isEqualTo(config.newProducer());
    assertThat(config.toBuilder().build().newProducer()).isEqualTo(config.newProducer());
  }

  @Test
  void aNameAloneGetsANewerEpochWithEveryClient() {
    ClientConfig config = builder.configureIdempotency("billing").build();
    ProducerIdentity first = config.newProducer().orElseThrow();
    ProducerIdentity second = config.newProducer().orElseThrow();
    assertThat(first.epoch()).isGreaterThanOrEqualTo(NOW.getEpochSecond());
    assertThat(second).isEqualTo(new ProducerIdentity("billing", first.epoch() + 1));
    Instant tomorrow = Instant.ofEpochSecond(first.epoch() + 86_400);
    assertThat(config.toBuilder().time(at(tomorrow)).build().newProducer()).contains(new ProducerIdentity("billing", tomorrow.getEpochSecond()));
  }

  @Test
  void aClockBeforeTheEpochCountsFromOne() {
    ClientConfig config = builder.time(at(Instant.EPOCH.minusSeconds(5))).build();
    assertThat(config.newProducer().orElseThrow().epoch()).isEqualTo(1);
  }

  @Test
  void theLastWordCounts() {
    assertThat(builder.configureIdempotency("billing", 7).withoutIdempotency().build().newProducer()).isEmpty();
    assertThat(builder.configureIdempotency("billing", 7).build().newProducer()).isPresent();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 256})
  void anIdHasALength(int length) {
    String id = "p".repeat(length);
    assertThatThrownBy(() -> builder.configureIdempotency(id, 1)).isInstanceOf(InvalidRequestException.class).hasMessageContaining(length + " characters");
    assertThatThrownBy(() -> builder.configureIdempotency(id)).isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void anEpochIsPositive() {
    assertThatThrownBy(() -> builder.configureIdempotency("p", 0))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("less than 1");
    assertThat(new ProducerIdentity("p".repeat(255), 1).id()).hasSize(255);
  }

  private static String named(Map<String, String> environment) {
    return ProducerIdentity.unique(environment, at(NOW)).id();
  }

  private static TimeSource at(Instant now) {
    return new TimeSource() {
      @Override
      public Instant now() {
        return now;
      }

      @Override
      public long nanos() {
        throw new AssertionError("an identity asks for the time of day only");
      }

      @Override
      public Timer schedule(Duration delay, Runnable task) {
        throw new AssertionError("an identity asks for the time of day only");
      }
    };
  }
}
