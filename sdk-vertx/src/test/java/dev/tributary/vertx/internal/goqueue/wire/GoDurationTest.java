package dev.tributary.vertx.internal.goqueue.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoDurationTest {
  private static final int CASES = 10_000;

  @ParameterizedTest
  @CsvSource({
    "0, PT0S",
    "-0, PT0S",
    "+0, PT0S",
    "0s, PT0S",
    "1h30m, PT1H30M",
    "1.5s, PT1.5S",
    "300ms, PT0.3S",
    "-1.5h, PT-1H-30M",
    "+5s, PT5S",
    "30m1h, PT1H30M",
    ".5s, PT0.5S",
    "1.s, PT1S",
    "1us, PT0.000001S",
    "1µs, PT0.000001S",
    "1μs, PT0.000001S",
    "7ns, PT0.000000007S",
    "0.1ns, PT0S",
    "1.9ns, PT0.000000001S",
    "3.078611338s, PT3.078611338S",
    "9m8.438593145s, PT9M8.438593145S",
    "0.333333333333333333333333333h, PT20M",
    "9223372036854775807ns, PT2562047H47M16.854775807S",
    "-9223372036854775808ns, PT-2562047H-47M-16.854775808S",
    "2562047h47m16.854775807s, PT2562047H47M16.854775807S",
  })
  void readsWhatGoReads(String text, Duration meant) {
    assertThat(GoDuration.parse(text)).isEqualTo(meant);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "+", "-", "10", "1d", ".", ".s", "1h-5m", "- 1s", " 1s", "1s ", "1S", "s", "1e3s", "1,5s", "--1s", "1.2.3s", "١s",
        "9223372036854775808ns", "-9223372036854775809ns", "9223372036854775807ns1ns", "2562048h", "99999999999999999999h", "9223372036855ms"
      })
  void refusesWhatGoRefuses(String text) {
    assertThatThrownBy(() -> GoDuration.parse(text)).isInstanceOf(DateTimeParseException.class).hasMessageContaining("duration \"" + text + "\"");
  }

  @ParameterizedTest
  @CsvSource({
    "PT0S, 0s",
    "PT0.000000001S, 1ns",
    "PT0.0000011S, 1.1µs",
    "PT0.0022S, 2.2ms",
    "PT0.3S, 300ms",
    "PT1S, 1s",
    "PT3.3S, 3.3s",
    "PT1M, 1m0s",
    "PT1H, 1h0m0s",
    "PT1H2M3.5S, 1h2m3.5s",
    "PT4H5.001S, 4h0m5.001s",
    "PT26H, 26h0m0s",
    "PT-0.0015S, -1.5ms",
    "PT2562047H47M16.854775807S, 2562047h47m16.854775807s",
    "PT-2562047H-47M-16.854775808S, -2562047h47m16.854775808s",
    "PT9999999H, 2562047h47m16.854775807s",
    "PT-9999999H, -2562047h47m16.854775808s",
  })
  void writesWhatGoWrites(Duration duration, String text) {
    assertThat(GoDuration.format(duration)).isEqualTo(text);
  }

  @Test
  void everyDurationIsReadBackAsItWas() {
    Random random = new Random(1);
    for (int i = 0; i < CASES; i++) {
      Duration duration = Duration.ofNanos(random.nextLong() >> random.nextInt(63));
      assertThat(GoDuration.parse(GoDuration.format(duration))).isEqualTo(duration);
    }
  }

  @Test
  void garbageIsRefusedAndNothingElse() {
    Random random = new Random(2);
    for (int i = 0; i < CASES; i++) {
      String garbage = Garbage.of(random, "0123456789.+-nuµmshd ٣");
      try {
        Duration read = GoDuration.parse(garbage);
        assertThat(GoDuration.parse(GoDuration.format(read))).isEqualTo(read);
      } catch (DateTimeParseException refused) {
        assertThat(refused.getParsedString()).isEqualTo(garbage);
      }
    }
  }
}
