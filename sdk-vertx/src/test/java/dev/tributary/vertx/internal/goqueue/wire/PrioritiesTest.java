package dev.tributary.vertx.internal.goqueue.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.error.InvalidRequestException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrioritiesTest {
  @ParameterizedTest
  @CsvSource({"2, critical", "1, high", "0, normal", "-1, low", "-2, background"})
  void haveNames(int priority, String name) {
    assertThat(Priorities.name(priority)).isEqualTo(name);
    assertThat(Priorities.parse(name)).hasValue(priority);
    assertThat(Priorities.NAMES.get(Priorities.place(priority))).isEqualTo(name);
  }

  @ParameterizedTest
  @CsvSource({"'', 0", "HIGH, 1", "High, 1", "Background, -2", "CRITICAL, 2"})
  void areReadInThreeCases(String name, int priority) {
    assertThat(Priorities.parse(name)).hasValue(priority);
  }

  @ParameterizedTest
  @ValueSource(strings = {"hIGH", "HIgh", "urgent", " high", "1", "hİgh"})
  void areNothingElse(String name) {
    assertThat(Priorities.parse(name)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {3, -3, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void areFive(int priority) {
    assertThatThrownBy(() -> Priorities.name(priority)).isInstanceOf(InvalidRequestException.class).hasMessageContaining("priority " + priority);
  }

  @Test
  void garbageIsNone() {
    Random random = new Random(5);
    for (int i = 0; i < 10_000; i++) {
      String garbage = Garbage.near(random, "critical", "abcilrtI ");
      assertThat(Priorities.parse(garbage)).matches(read -> read.isEmpty() || garbage.equalsIgnoreCase("critical"));
    }
  }
}
