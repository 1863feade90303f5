package dev.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.ResourceName;
import dev.tributary.error.InvalidRequestException;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamPatternTest {
  private static StreamPattern pattern(String text) {
    return StreamPattern.parse(text, "acme", "shop");
  }

  private static boolean matches(String pattern, String name) {
    return pattern(pattern).matches(ResourceName.parse(name, "acme", "shop"));
  }

  @Test
  void plusStandsForOneLevel() {
    assertThat(matches("orders.+", "orders.eu")).isTrue();
    assertThat(matches("+.eu", "orders.eu")).isTrue();
    assertThat(matches("+.+", "orders.eu")).isTrue();
    assertThat(matches("orders.+.open", "orders.eu.open")).isTrue();
    assertThat(matches("orders.+", "orders.")).isTrue();
    assertThat(matches("orders.+", "orders")).isFalse();
    assertThat(matches("orders.+", "orders.eu.open")).isFalse();
    assertThat(matches("+", "orders.eu")).isFalse();
  }

  @Test
  void hashStandsForTheRestAlsoForNone() {
    assertThat(matches("orders.#", "orders.eu")).isTrue();
    assertThat(matches("orders.#", "orders.eu.open")).isTrue();
    assertThat(matches("orders.#", "orders")).isTrue();
    assertThat(matches("+.eu.#", "orders.eu.open.late")).isTrue();
    assertThat(matches("#", "anything.at.all")).isTrue();
    assertThat(matches("orders.#", "ordersmore")).isFalse();
    assertThat(matches("orders.eu.#", "orders.us")).isFalse();
  }

  @Test
  void everythingElseStandsForItself() {
    assertThat(matches("orders", "orders")).isTrue();
    assertThat(matches("orders", "Orders")).isFalse();
    assertThat(matches("or*ers", "orders")).isFalse();
    assertThat(matches("o.ders", "orders")).isFalse();
  }

  @Test
  void tenantAndNamespaceAreTheClientsUnlessThePatternSaysOthers() {
    assertThat(matches("#", "acme/shop/a")).isTrue();
    assertThat(matches("#", "acme/store/a")).isFalse();
    assertThat(matches("#", "other/shop/a")).isFalse();
    assertThat(matches("store/#", "acme/store/a.b")).isTrue();
    assertThat(matches("+/#", "acme/store/a")).isTrue();
    assertThat(matches("+/#", "other/store/a")).isFalse();
    assertThat(matches("+/+/a.+", "other/store/a.b")).isTrue();
  }

  @Test
  void deadLettersAreMatchedOnlyWhereTheyAreWrittenOut() {
    for (String letters : List.of("orders.dlq", "orders-dlq", "a.orders-dlq")) {
      assertThat(matches("#", letters)).isFalse();
      assertThat(matches("+", letters)).isFalse();
      assertThat(matches("orders.+", letters)).isFalse();
      assertThat(matches("a.#", letters)).isFalse();
    }
    assertThat(matches("+.dlq", "orders.dlq")).isTrue();
    assertThat(matches("orders-dlq", "orders-dlq")).isTrue();
  }

  @Test
  void aWildcardIsAWholeLevelAndHashTheLast() {
    for (String wrong : List.of("a+", "+a.b", "a.#.b", "a#", "##", "++", "#/a", "#/+/a", "a+/b", "", "a/b/c/d", "a//b")) {
      assertThatThrownBy(() -> pattern(wrong)).as(wrong).isInstanceOf(InvalidRequestException.class);
    }
  }
}
