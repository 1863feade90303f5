package dev.tributary.vertx.internal.flymq;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.SchemaRejectedException;
import dev.tributary.schema.Validation;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.flymq.shipped.Bounds;
import dev.tributary.vertx.internal.flymq.shipped.OutOfBounds;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Has values validated by what the server has under a name now.
 *
 * @param name of the schema, on the wire
 * @param version the latest when this was made
 * @param bounds what the server bears of values of that version
 */
record Validator(FlyMqCaller caller, String name, int version, Bounds bounds) {
  CompletableFuture<Validation> validate(byte[] value, Deadline deadline) {
    try {
      bounds.check(value);
    } catch (OutOfBounds error) {
      return CompletableFuture.completedFuture(new Validation(List.of(error.text())));
    }
    return Steps.map(
        caller.call(Opcode.VALIDATE_SCHEMA, name, new Requests.ValidateSchema(name, value), Answers.Validated.class, deadline),
        answer -> new Validation(answer.valid() ? List.of() : answer.errors().isEmpty() ? List.of("invalid") : answer.errors()));
  }

  /** The schema's name; fails if the value is not valid. */
  CompletableFuture<String> require(byte[] value, Deadline deadline) {
    return Steps.map(
        validate(value, deadline),
        validation -> {
          if (!validation.valid()) {
            throw new SchemaRejectedException(
                ErrorInfo.of(
                    "the value does not match version " + version + " of " + name + ": " + String.join("; ", validation.errors()),
                    "Send what the schema describes"),
                validation.errors());
          }
          return name;
        });
  }
}
