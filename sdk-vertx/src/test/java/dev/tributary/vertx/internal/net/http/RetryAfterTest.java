package dev.tributary.vertx.internal.net.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {
  private static final Instant NOW = Instant.parse("2026-03-01T09:30:00Z");

  @ParameterizedTest
  @CsvSource({
    "0, PT0S",
    "1, PT1S",
    "' 120 ', PT2M",
    "9999999, PT9999999S",
    "'Sun, 01 Mar 2026 09:30:30 GMT', PT30S",
    "'Sun, 01 Mar 2026 09:29:30 GMT', PT0S",
    "'Sun, 1 Mar 2026 09:30:00 GMT', PT0S",
  })
  void isSecondsOrADate(String header, Duration pause) {
    assertThat(RetryAfter.read(header, NOW)).isEqualTo(pause);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "-1", "+1", "1.5", "soon", "99999999", "١", "2026-03-01T09:30:00Z", "Sun, 31 Feb 2026 09:30:30 GMT"})
  void isNothingElse(String header) {
    assertThat(RetryAfter.read(header, NOW)).isNull();
  }

  @Test
  void mayBeAbsent() {
    assertThat(RetryAfter.read(null, NOW)).isNull();
  }
}
