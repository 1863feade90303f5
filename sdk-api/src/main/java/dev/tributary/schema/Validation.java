package dev.tributary.schema;

import java.util.List;

/**
 * Whether a payload matches a schema.
 *
 * @param errors what does not match; empty if it does
 */
public record Validation(List<String> errors) {
  public Validation {
    errors = List.copyOf(errors);
  }

  /** Whether it matches. */
  public boolean valid() {
    return errors.isEmpty();
  }
}
