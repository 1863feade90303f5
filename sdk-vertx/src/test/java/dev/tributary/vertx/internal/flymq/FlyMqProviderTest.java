package dev.tributary.vertx.internal.flymq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.config.ClientConfig;
import dev.tributary.error.InvalidRequestException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlyMqProviderTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "flymq://h?flymq.nonsense=1",
        "flymq://h?flymq.ttl=yes",
        "flymq://h?flymq.partition=1",
        "flymq://h?flymq.group-names=short",
        "flymqs://h?flymqs.ttl=maybe",
        "flymq://h?header.x=y",
        "flymq://token@127.0.0.1"
      })
  void whatCannotBeMeantIsRefused(String uri) {
    assertThatThrownBy(() -> new FlyMqProvider().open(ClientConfig.parse(uri))).isInstanceOf(InvalidRequestException.class).hasMessageNotContaining("token@");
  }

  @Test
  void optionsAreRead() {
    FlyMqOptions options = FlyMqOptions.of(ClientConfig.parse("flymq://h?flymq.ttl=true&flymq.group-names=plain"));
    assertThat(options).isEqualTo(new FlyMqOptions(true, false, true));
    assertThat(FlyMqOptions.of(ClientConfig.parse("flymqs://h?flymqs.partition=true"))).isEqualTo(new FlyMqOptions(false, true, false));
  }
}
