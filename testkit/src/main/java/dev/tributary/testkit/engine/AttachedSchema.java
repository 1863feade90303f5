package dev.tributary.testkit.engine;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.SchemaRejectedException;
import dev.tributary.schema.Schema;
import dev.tributary.schema.Validation;
import java.util.List;
import java.util.function.Supplier;

/**
 * The version of a subject that payloads of a stream or queue must match. If the version is deleted, nothing matches: writing
 * unchecked would break the promise of the attachment.
 */
record AttachedSchema(Supplier<SchemaVersion> version) {
  /** Refuses all of them if one does not match. */
  void check(List<byte[]> payloads) {
    SchemaVersion attached = version.get();
    Schema schema = attached.schema();
    for (int i = 0; i < payloads.size(); i++) {
      Validation validation = attached.validate(payloads.get(i));
      if (!validation.valid()) {
        throw new SchemaRejectedException(
            ErrorInfo.of(
                "payload " + i + " of " + payloads.size() + " does not match version " + schema.version() + " of " + schema.subject()
                    + ": " + String.join("; ", validation.errors()),
                "Nothing of the batch was stored; send what the schema describes"));
      }
    }
  }
}
