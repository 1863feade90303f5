package dev.tributary.testkit.server.goqueue.internal.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MalformedBodyTest {
  @ParameterizedTest
  @CsvSource({
    "/topics, invalid JSON: EOF",
    "/messages/ack, invalid request body",
    "/admin/tenants, invalid request body: EOF",
  })
  void isToldInTheWordsOfTheRoute(String path, String told) {
    assertThat(new MalformedBody("EOF").text(path)).isEqualTo(told);
  }

  @Test
  void numbersHaveAsManyBitsAsTheProtocolGivesThem() {
    assertThat(JsonRequest.int16("epoch", 32_767)).isEqualTo(32_767);
    assertThatThrownBy(() -> JsonRequest.int16("epoch", 32_768)).isInstanceOf(MalformedBody.class);
    assertThat(JsonRequest.int32("hours", -(1L << 31))).isEqualTo(Integer.MIN_VALUE);
    assertThatThrownBy(() -> JsonRequest.int32("hours", 1L << 31)).isInstanceOf(MalformedBody.class);
  }
}
