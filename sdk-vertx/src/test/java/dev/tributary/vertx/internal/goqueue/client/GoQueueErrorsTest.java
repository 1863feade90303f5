package dev.tributary.vertx.internal.goqueue.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.error.OverloadedException;
import dev.tributary.error.TributaryException;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoQueueErrorsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "400|name is required|InvalidRequestException|false",
        "400|invalid JSON: http: request body too large|PayloadTooLargeException|false",
        "400|sequence check failed: out of order sequence number: expected 4, got 9|ConflictException|false",
        "403|partition not assigned to this member|ConflictException|false",
        "403|forbidden|PermissionDeniedException|false",
        "404|topic not found|NotFoundException|false",
        "404|group not found|NotFoundException|false",
        "404|member not found (may have been evicted)|NotFoundException|false",
        "405||ProtocolViolationException|false",
        "409|topic already exists|AlreadyExistsException|false",
        "409|stale generation (rebalance occurred)|ConflictException|false",
        "409|producer fenced by newer instance|ConflictException|false",
        "409|transaction already in progress|ConflictException|false",
        "409|schema incompatible: a property changed|SchemaRejectedException|false",
        "422|invalid schema: no type|SchemaRejectedException|false",
        "500|ack failed: receipt handle not found|LeaseLostException|false",
        "500|receipt handle expired|LeaseLostException|false",
        "500|invalid transaction state for operation: expected Ongoing, got Empty|ConflictException|false",
        "500|unknown producer ID|ConflictException|false",
        "500|invalid producer epoch|ConflictException|false",
        "500|invalid partition 9|InvalidRequestException|false",
        "500|failed to join group: group g is dead|ConflictException|false",
        "500|the disk is full|ServerErrorException|true",
        "502|bad gateway|ConnectionFailedException|true",
        "503|not the controller node, please retry|ConnectionFailedException|false",
        "503|broker is not ready|ConnectionFailedException|false",
        "503|multi-tenancy not enabled|UnsupportedFeatureException|false",
        "503|partition scaler not configured|UnsupportedFeatureException|false",
        "504||ConnectionFailedException|true",
        "507||ServerErrorException|true",
      })
  void aTextSaysMoreThanItsStatus(int status, String text, String kind, boolean maybeApplied) {
    String said = text == null ? "" : text;
    TributaryException json = GoQueueErrors.of(status, new JsonObject().put("error", said).put("status", status).encode(), null);
    TributaryException plain = GoQueueErrors.of(status, said + "\n", null);
    for (TributaryException error : new TributaryException[] {json, plain}) {
      assertThat(error.getClass().getSimpleName()).isEqualTo(kind);
      assertThat(error.maybeApplied()).isEqualTo(maybeApplied);
      assertThat(error.getMessage()).contains(said).contains("HTTP " + status);
      assertThat(error.hint()).isNotBlank();
    }
  }

  @Test
  void thePauseThatTheServerAsksForIsKept() {
    assertThat(GoQueueErrors.of(429, "rate limit exceeded", Duration.ofSeconds(1)))
        .isInstanceOf(OverloadedException.class)
        .satisfies(error -> assertThat(error.retryAfter()).contains(Duration.ofSeconds(1)));
    assertThat(GoQueueErrors.of(503, "not the controller node, please retry", Duration.ofSeconds(2)).retryAfter()).contains(Duration.ofSeconds(2));
  }

  @Test
  void aBodyThatOnlyLooksLikeJsonIsShownAsItIs() {
    assertThat(GoQueueErrors.of(500, "{broken", null).getMessage()).contains("{broken");
    assertThat(GoQueueErrors.of(400, "{\"error\":7}", null).getMessage()).contains("{\"error\":7}");
    assertThat(GoQueueErrors.of(400, "x".repeat(10_000), null).getMessage()).hasSizeLessThan(400);
  }
}
