package dev.tributary.engine;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.SchemaRejectedException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.schema.Schema;
import dev.tributary.schema.Validation;
import org.jspecify.annotations.Nullable;

/**
 * A registered version, and what is needed to check payloads by it.
 *
 * @param schema what was registered
 * @param json its compiled form if it is JSON Schema, else null
 */
record SchemaVersion(Schema schema, @Nullable JsonDefinition json) {
  /** Refuses a payload that does not match; {@code what} and {@code hint} are for the error. */
  void require(byte[] payload, String what, String hint) {
    Validation validation = validate(payload);
    if (!validation.valid()) {
      throw new SchemaRejectedException(
          ErrorInfo.of(
              what + " does not match version " + schema.version() + " of " + schema.subject() + ": " + String.join("; ", validation.errors()), hint),
          validation.errors());
    }
  }

  Validation validate(byte[] payload) {
    if (json == null) {
      throw new UnsupportedFeatureException(
          ErrorInfo.of(
              "the memory backend does not check payloads by " + schema.format() + " schemas",
              "Use JSON Schema, or check payloads in your codec"));
    }
    return new Validation(json.errors(payload));
  }
}
