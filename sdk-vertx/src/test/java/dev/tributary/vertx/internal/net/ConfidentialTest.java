package dev.tributary.vertx.internal.net;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.Tributary;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Credentials;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.vertx.VertxTributary;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Credentials leave the machine under TLS, or by permission. No client here ever connects. */
class ConfidentialTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "flowmesh://s3cret@broker",
        "flowmesh://s3cret@broker?tls=false&plaintext-credentials=false",
        "flowmesh://s3cret@localhost,broker",
        "flowmesh://s3cret@localhost?flowmesh.http=broker:8080",
        "flowmesh://bob:s3cret@[fe80::1]:1",
        "goqueue://192.0.2.1?header.x-api-key=s3cret",
        "flowmesh://192.0.2.1?header.authorization=s3cret",
        "disheap://192.0.2.1?header.X-Session-Token=s3cret",
        "goqueue://localhost,192.0.2.1?header.cookie=s3cret",
        "flowmesh://localhost?flowmesh.http=broker:8080&header.my-secret=s3cret"
      })
  void areNotToldInPlainText(String uri) {
    refused(ClientConfig.parse(uri));
  }

  @Test
  void areNotToldInPlainTextWhereverTheyComeFrom() {
    refused(ClientConfig.builder("flowmesh").endpoint("broker", 1).credentials(Credentials.Provider.token(() -> "s3cret")).build());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "flowmesh://broker",
        "flowmesh://s3cret@broker?tls=true",
        "flowmesh://s3cret@broker?plaintext-credentials=true",
        "flowmesh://s3cret@127.0.0.1,localhost:1,[::1]:2?flowmesh.http=localhost",
        "goqueue://192.0.2.1?header.x-tag=s3cret",
        "goqueue://192.0.2.1?header.x-api-key=s3cret&tls=true",
        "goqueue://127.0.0.1?header.x-api-key=s3cret"
      })
  void areToldOtherwise(String uri) {
    assertThatCode(() -> Tributary.connect(uri).close()).doesNotThrowAnyException();
  }

  @Test
  void areNotToldOverTheCallersVertxEither() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      assertThatThrownBy(() -> VertxTributary.connect(vertx, "flowmesh://s3cret@broker"))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("plain text");
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
  }

  private static void refused(ClientConfig config) {
    assertThatThrownBy(() -> Tributary.connect(config))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("plain text")
        .hasMessageContaining("plaintext-credentials=true")
        .hasMessageNotContaining("s3cret");
  }
}
