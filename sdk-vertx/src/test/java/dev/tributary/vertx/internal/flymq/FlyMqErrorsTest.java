package dev.tributary.vertx.internal.flymq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.error.AlreadyExistsException;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.OffsetOutOfRangeException;
import dev.tributary.error.PermissionDeniedException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.SchemaRejectedException;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FlyMqErrorsTest {
  private static final Map<String, Class<? extends TributaryException>> MEANINGS =
      Map.ofEntries(
          Map.entry("topic not found: nope", NotFoundException.class),
          Map.entry("topic not found", NotFoundException.class),
          Map.entry("consumer group not found: t:g", NotFoundException.class),
          Map.entry("schema not found: us v1", NotFoundException.class),
          Map.entry("failed to delete schema: schema not found: us v0", NotFoundException.class),
          Map.entry("partition 7 not found", InvalidRequestException.class),
          Map.entry("partition 7 out of range", InvalidRequestException.class),
          Map.entry("delay 24h0m0.001s exceeds maximum allowed delay 24h0m0s", InvalidRequestException.class),
          Map.entry("not leader: leader_id=", ConnectionFailedException.class),
          Map.entry("not partition leader: partition=0 leader_addr=h:9093", ConnectionFailedException.class),
          Map.entry("topic t not ready after create (timeout)", ConnectionFailedException.class),
          Map.entry("authentication required", UnauthenticatedException.class),
          Map.entry("user account is disabled", UnauthenticatedException.class),
          Map.entry("unauthorized", PermissionDeniedException.class),
          Map.entry("admin access required for audit queries", PermissionDeniedException.class),
          Map.entry("transaction is not active: aborted", ConflictException.class),
          Map.entry("schema validation failed: [a b]", SchemaRejectedException.class),
          Map.entry("failed to register schema: no", SchemaRejectedException.class),
          Map.entry("unknown opcode: 49", UnsupportedFeatureException.class),
          Map.entry("user \"bob\" already exists", AlreadyExistsException.class),
          Map.entry("buffer too small", ProtocolViolationException.class),
          Map.entry("open /data/x: too many open files", ServerErrorException.class));

  @Test
  void theTextSaysWhatItIs() {
    MEANINGS.forEach(
        (text, type) -> {
          TributaryException error = FlyMqErrors.of(Opcode.PRODUCE, text);
          assertThat(error).as(text).isInstanceOf(type).hasMessageContaining(text);
          assertThat(error.hint()).isNotEmpty();
          assertThat(error.maybeApplied()).as(text).isEqualTo(type == ServerErrorException.class);
        });
  }

  @Test
  void theEndOfAFileIsAPlaceBehindTheEndOrAFullPartition() {
    assertThat(FlyMqErrors.of(Opcode.CONSUME, "EOF")).isInstanceOf(OffsetOutOfRangeException.class);
    TributaryException full = FlyMqErrors.of(Opcode.PRODUCE, "EOF");
    assertThat(full).isInstanceOf(ServerErrorException.class);
    assertThat(full.retryable()).isFalse();
    assertThat(full.hint()).contains("FLYMQ_SEGMENT_BYTES");
  }
}
