package dev.tributary.engine;

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
    for (int i = 0; i < payloads.size(); i++) {
      attached.require(
          payloads.get(i), "payload " + i + " of " + payloads.size(), "Nothing of the batch was stored; send what the schema describes");
    }
  }
}
