package dev.tributary.vertx.internal.goqueue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.config.ClientConfig;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.spi.Transport;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GoQueueProviderTest extends GoQueueTest {
  private static void open(String uri) throws Exception {
    Transport made = new GoQueueProvider().open(ClientConfig.parse(uri));
    assertThat(made.backend()).isEqualTo("goqueue");
    made.close().get(10, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "goqueue://localhost",
        "goqueues://localhost",
        "goqueue://gq_key@localhost:8080,127.0.0.1:8081",
        "goqueue://localhost?goqueue.group-names=plain&goqueue.rebalance=cooperative&goqueue.heartbeat=500ms&goqueue.queue-group=crew",
        "goqueues://localhost?goqueues.heartbeat=10s",
        "goqueue://localhost?goqueue.heartbeat=PT0.5S"
      })
  void takesItsOptions(String uri) throws Exception {
    open(uri);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "goqueue://localhost?goqueue.colour=red",
        "goqueue://localhost?goqueue.group-names=short",
        "goqueue://localhost?goqueue.rebalance=never",
        "goqueue://localhost?goqueue.heartbeat=11s",
        "goqueue://localhost?goqueue.heartbeat=99ms",
        "goqueue://localhost?goqueue.heartbeat=3",
        "goqueue://localhost?goqueue.heartbeat=1h",
        "goqueue://localhost?goqueue.queue-group=a/b",
        "goqueue://"
      })
  void refusesWhatCannotBeMeant(String uri) {
    assertThatThrownBy(() -> open(uri)).isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void speaksTlsWhereTheSchemeSaysSo() throws Exception {
    server.on("GET /livez", "{'status':'pass'}");
    ClientConfig.Builder config = ClientConfig.builder("goqueues").endpoint("127.0.0.1", server.listen());
    driver = new GoQueueProvider().open(config.connectTimeout(Duration.ofSeconds(20)).build());
    assertThat(failure(driver.health().live(soon()), ProtocolViolationException.class).getMessage()).contains("TLS");
    assertThat(server.asked).isEmpty();
  }

  @Test
  void sendsTheKeyAsABearer() throws Exception {
    server.on("GET /livez", q -> ScriptedHttp.Reply.ok("{'status':'" + ("Bearer gq_key".equals(q.authorization()) ? "pass" : "fail") + "'}"));
    connect(config().token("gq_key"));
    assertThat(get(driver.health().live(soon()))).isTrue();
  }
}
