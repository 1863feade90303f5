package dev.tributary.internal.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.ResourceName;
import dev.tributary.error.InvalidRequestException;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FlatNamesTest {
  private final FlatNames names = new FlatNames("default", "default", 255);
  private final FlatNames dotted = names.withDots();

  @ParameterizedTest
  @CsvSource({
    "orders, orders",
    "work_queue-1, work_queue-1",
    "default/default/a__b, a__b",
    "eu/orders, default__eu__orders",
    "shop/eu/orders, shop__eu__orders",
    "orders.eu, default__default__orders_2Eeu",
    "shop/eu/new_orders, shop__eu__new_5Forders",
    "shop/eu/größe, shop__eu__gr_C3_B6_C3_9Fe",
    "default/default/a__b__c, default__default__a_5F_5Fb_5F_5Fc",
  })
  void writesNamesAndReadsThemBack(String name, String flat) {
    ResourceName full = ResourceName.parse(name, "default", "default");
    assertThat(names.flat(full)).isEqualTo(flat);
    assertThat(names.full(flat)).isEqualTo(full);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a__b", "__", "___", "a_", "_2E", "a__b__c_", "a__b__c_2", "a__b__c_2e", "a__b__c_41", "a__b__c_C3", "a____c", "a__b__c__d"})
  void aNameThatIsNotEscapedIsItself(String foreign) {
    assertThat(names.full(foreign)).isEqualTo(new ResourceName("default", "default", foreign));
    assertThat(names.flat(names.full(foreign))).isEqualTo(foreign);
  }

  @Test
  void aNameOfOthersThatReadsLikeAnEscapedOneIsWrittenAsItWasRead() {
    String ours = "default__default__plain";
    assertThat(names.flat(names.full(ours))).isEqualTo(ours);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a.b", "a b", "ä", "a/b", "a\u0000"})
  void otherCharactersAreNoFlatName(String flat) {
    assertThatThrownBy(() -> names.full(flat)).isInstanceOf(InvalidRequestException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "orders, orders",
    "orders.eu_1.dlq, orders.eu_1.dlq",
    "...a, ...a",
    "shop/eu/new.orders, shop__eu__new.orders",
    "shop/eu/new_orders, shop__eu__new_5Forders",
    "a b, default__default__a_20b",
  })
  void dotsStayWhereTheyAreKnown(String name, String flat) {
    ResourceName full = ResourceName.parse(name, "default", "default");
    assertThat(dotted.flat(full)).isEqualTo(flat);
    assertThat(dotted.full(flat)).isEqualTo(full);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a b", "a/b"})
  void dotsAloneAreNoName(String flat) {
    assertThatThrownBy(() -> dotted.full(flat)).isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void whatIsTooLongIsRefused() {
    assertThat(names.flat(new ResourceName("default", "default", "x".repeat(255)))).hasSize(255);
    assertThatThrownBy(() -> names.full("x".repeat(256))).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> names.flat(new ResourceName("default", "default", ".".repeat(90)))).isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void noTwoNamesBecomeOne() {
    noTwoBecomeOne(names);
    noTwoBecomeOne(dotted);
  }

  private static void noTwoBecomeOne(FlatNames names) {
    Random random = new Random(7);
    String letters = "aF2_-.é5/ 0";
    Map<String, ResourceName> seen = new HashMap<>();
    for (int i = 0; i < 50_000; i++) {
      ResourceName name = random(random, letters);
      if (name == null) {
        continue;
      }
      String flat = names.flat(name);
      assertThat(names.full(flat)).as(flat).isEqualTo(name);
      assertThat(seen.computeIfAbsent(flat, first -> name)).isEqualTo(name);
    }
    assertThat(seen).hasSizeGreaterThan(1_000);
  }

  private static ResourceName random(Random random, String letters) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(12) + 1; i > 0; i--) {
      text.append(letters.charAt(random.nextInt(letters.length())));
    }
    try {
      return ResourceName.parse(text.toString(), "default", "default");
    } catch (InvalidRequestException none) {
      return null;
    }
  }
}
