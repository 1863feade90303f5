package dev.tributary.vertx.internal.disheap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.config.ClientConfig;
import dev.tributary.config.Credentials;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.spi.Transport;
import dev.tributary.vertx.internal.health.proto.HealthCheckResponse;
import dev.tributary.vertx.internal.health.proto.HealthCheckResponse.ServingStatus;
import dev.tributary.vertx.internal.health.proto.HealthMethods;
import io.vertx.grpc.common.GrpcStatus;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DisheapProviderTest extends DisheapTest {
  private static void open(ClientConfig config) throws Exception {
    Transport made = new DisheapProvider().open(config);
    made.close().get(10, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"dh_id_secret", "dh_x", "dh.aWQ.c2VjcmV0", "dh.a-_9.c2VjcmV0LXNlY3JldC1zZWNyZXQ"})
  void takesKeysOfBothForms(String key) throws Exception {
    open(ClientConfig.builder("disheap").endpoint("localhost", 1).token(key).build());
  }

  @ParameterizedTest
  @ValueSource(strings = {"dh_", "dh.", "dh.aWQ", "dh.aWQ.", "dh..c2VjcmV0", "dh.aWQ.c2VjcmV0.more", "dh.aWQ.c2V+cmV0", "sesame", "DH_x"})
  void refusesOthersWithoutShowingThem(String key) {
    assertThatThrownBy(() -> open(ClientConfig.builder("disheap").endpoint("localhost", 1).token(key).build()))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageNotContaining("sesame")
        .hasMessageNotContaining("aWQ");
  }

  @Test
  void refusesUsersWithPasswords() {
    assertThatThrownBy(
            () -> open(ClientConfig.builder("disheap").endpoint("localhost", 1).credentials(new Credentials.UserPassword("u", "p")).build()))
        .isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void sendsTheKeyAsABearer() throws Exception {
    server.on(
        HealthMethods.CHECK,
        (q, call) ->
            call.response()
                .end(
                    HealthCheckResponse.newBuilder()
                        .setStatus("Bearer dh_key".equals(call.headers().get("authorization")) ? ServingStatus.SERVING : ServingStatus.UNKNOWN)
                        .build()));
    connect(config().token("dh_key"));
    assertThat(get(driver.health().live(soon()))).isTrue();
  }

  @Test
  void looksAtSuppliedKeysWhenTheyAreUsed() throws Exception {
    server.answer(
        HealthMethods.CHECK,
        q -> {
          throw refusal(GrpcStatus.UNAVAILABLE, "not asked");
        });
    connect(config().credentials(Credentials.Provider.token(() -> "sesame")));
    assertThat(failure(driver.health().live(soon()), InvalidRequestException.class).getMessage()).doesNotContain("sesame");
    assertThat(server.asked).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "disheap://localhost?disheap.colour=red",
        "disheap://localhost?disheap.http=",
        "disheap://a,b?disheap.http=a:8080",
        "disheap://localhost?disheap.fan-out=yes",
        "disheap://localhost?disheap.mode=middle",
        "disheap://localhost?disheap.max-priority=-1",
        "disheap://localhost?disheap.max-priority=much",
        "disheap://"
      })
  void refusesWhatCannotBeMeant(String uri) {
    assertThatThrownBy(() -> open(ClientConfig.parse(uri))).isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void takesItsOptions() throws Exception {
    open(
        ClientConfig.parse(
            "disheap://a,b:9091?disheap.http=a,b:8081&disheap.fan-out=true&disheap.mode=MIN&disheap.max-priority=10"));
  }

  @Test
  void namesTheHttpSideToNobodyInPlainText() {
    assertThatThrownBy(() -> open(ClientConfig.parse("disheap://dh_key@localhost?disheap.http=example.org")))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("plain text");
  }
}
