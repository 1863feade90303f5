package dev.tributary.vertx.internal.goqueue.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoTimeTest {
  private static final int CASES = 10_000;
  private static final long FIRST = Instant.parse("0001-01-01T00:00:00Z").getEpochSecond();
  private static final long LAST = Instant.parse("9998-12-31T00:00:00Z").getEpochSecond();

  @ParameterizedTest
  @CsvSource({
    "2026-03-01T09:30:00Z, 2026-03-01T09:30:00Z",
    "2026-03-01T09:30:00.5Z, 2026-03-01T09:30:00.5Z",
    "'2026-03-01T09:30:00,5Z', 2026-03-01T09:30:00.5Z",
    "2026-03-01T09:30:00.123456789+01:00, 2026-03-01T08:30:00.123456789Z",
    "2026-03-01T09:30:00.1234567899Z, 2026-03-01T09:30:00.123456789Z",
    "2026-03-01T09:30:00-05:30, 2026-03-01T15:00:00Z",
    "2026-03-01T09:30:00+00:00, 2026-03-01T09:30:00Z",
    "2024-02-29T23:59:59Z, 2024-02-29T23:59:59Z",
    "0001-01-01T00:00:00Z, 0001-01-01T00:00:00Z",
  })
  void readsTimes(String text, Instant meant) {
    assertThat(GoTime.parse(text).toInstant()).isEqualTo(meant);
  }

  @Test
  void keepsTheOffset() {
    assertThat(GoTime.parse("2026-03-01T09:30:00+01:30").getOffset()).isEqualTo(ZoneOffset.ofHoursMinutes(1, 30));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "now", "2026-03-01", "2026-03-01T09:30:00", "2026-03-01 09:30:00Z", "2026-03-01t09:30:00Z", "2026-03-01T09:30:00z", "2026-3-1T09:30:00Z",
        "2026-03-01T09:30Z", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-03-01T24:00:00Z", "2026-03-01T23:59:60Z", "2026-03-01T09:30:00.Z",
        "2026-03-01T09:30:00+0100", "2026-03-01T09:30:00+1:00", "2026-03-01T09:30:00+01:60", "2026-03-01T09:30:00+19:00", "2026-03-01T09:30:00+01x00",
        "2026-03-01T09:30:00Zx", "2026-03-01T09:30:00 01:00", "+2026-03-01T09:30:00Z", "٢026-03-01T09:30:00Z", "2026-03-01T09:30:00+0a:00"
      })
  void refusesWhatIsNone(String text) {
    assertThatThrownBy(() -> GoTime.parse(text)).isInstanceOf(DateTimeParseException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "2026-03-01T09:30:00Z, 2026-03-01T09:30:00Z",
    "2026-03-01T09:30:00.100Z, 2026-03-01T09:30:00.1Z",
    "2026-03-01T09:30:00.000000001Z, 2026-03-01T09:30:00.000000001Z",
    "2026-03-01T09:30:00.12+05:30, 2026-03-01T09:30:00.12+05:30",
    "2026-03-01T09:30:00-00:30, 2026-03-01T09:30:00-00:30",
  })
  void writesNanoseconds(OffsetDateTime time, String text) {
    assertThat(GoTime.nanos(time)).isEqualTo(text);
  }

  @Test
  void writesWholeSeconds() {
    assertThat(GoTime.seconds(Instant.parse("2026-03-01T09:30:00.999Z"))).isEqualTo("2026-03-01T09:30:00Z");
    assertThat(GoTime.seconds(OffsetDateTime.parse("2026-03-01T09:30:00.999-03:00"))).isEqualTo("2026-03-01T09:30:00-03:00");
    assertThat(GoTime.seconds(GoTime.ZERO)).isEqualTo("0001-01-01T00:00:00Z");
  }

  @Test
  void refusesYearsThatDoNotFit() {
    assertThatThrownBy(() -> GoTime.nanos(Instant.MAX)).isInstanceOf(RuntimeException.class);
    assertThatThrownBy(() -> GoTime.nanos(Instant.parse("+10000-01-01T00:00:00Z"))).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> GoTime.seconds(Instant.parse("-0001-01-01T00:00:00Z"))).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void everyTimeIsReadBackAsItWas() {
    Random random = new Random(3);
    for (int i = 0; i < CASES; i++) {
      Instant instant = Instant.ofEpochSecond(random.nextLong(FIRST, LAST), random.nextInt(1_000_000_000));
      OffsetDateTime time = instant.atOffset(ZoneOffset.ofTotalSeconds(random.nextInt(-18 * 60, 18 * 60) * 60));
      assertThat(GoTime.parse(GoTime.nanos(instant)).toInstant()).isEqualTo(instant);
      if (time.getYear() > 0) {
        assertThat(GoTime.parse(GoTime.nanos(time))).isEqualTo(time);
        assertThat(GoTime.parse(GoTime.seconds(time))).isEqualTo(time.withNano(0));
      }
    }
  }

  @Test
  void garbageIsRefusedAndNothingElse() {
    Random random = new Random(4);
    for (int i = 0; i < CASES; i++) {
      String garbage = random.nextBoolean() ? Garbage.any(random) : Garbage.near(random, "2026-03-01T09:30:00.123+01:00", "0123456789-+:.TZ ");
      try {
        OffsetDateTime read = GoTime.parse(garbage);
        assertThat(GoTime.parse(GoTime.nanos(read))).isEqualTo(read);
      } catch (DateTimeParseException refused) {
        assertThat(refused.getParsedString()).isEqualTo(garbage);
      }
    }
  }
}
