package dev.tributary.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"localhost", "LocalHost", "127.0.0.1", "127.0.0.0", "127.255.255.255", "::1", "0:0:0:0:0:0:0:1", "0000::0001", "::ffff:127.0.0.1"})
  void whatStaysOnThisMachine(String host) {
    assertThat(new Endpoint(host, 1).loopback()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "broker",
        "localhost.example.com",
        "127.0.0.1.example.com",
        "127.example.com",
        "127.0.0.256",
        "127.0.0",
        "1127.0.0.1",
        "128.0.0.1",
        "0.0.0.0",
        "::",
        "::2",
        "fe80::1%eth0",
        "::ffff:10.0.0.1",
        ":1",
        "zz::1",
        "[::1]"
      })
  void whatMayNot(String host) {
    assertThat(new Endpoint(host, 1).loopback()).isFalse();
  }

  @Test
  void isReadFromText() {
    assertThat(Endpoint.parse("broker")).isEqualTo(new Endpoint("broker", 0));
    assertThat(Endpoint.parse("broker:9090")).isEqualTo(new Endpoint("broker", 9090));
    assertThat(Endpoint.parse("[fe80::1%eth0]:9090")).isEqualTo(new Endpoint("fe80::1%eth0", 9090));
  }

  @ParameterizedTest
  @ValueSource(strings = {"broker", "broker:9090", "[::1]", "[::1]:9090"})
  void isWrittenAsItIsRead(String text) {
    assertThat(Endpoint.parse(text)).hasToString(text);
  }
}
