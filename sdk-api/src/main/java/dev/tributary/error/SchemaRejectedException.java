package dev.tributary.error;

import java.util.List;

/** The payload does not match its schema, or the schema is invalid or incompatible. */
public final class SchemaRejectedException extends TributaryException {
  private static final long serialVersionUID = 2L;

  private final List<String> errors;

  /** With what is known of it, where the backend does not tell one error from another. */
  public SchemaRejectedException(ErrorInfo info) {
    this(info, List.of());
  }

  /** With what is known of it, and what does not match. */
  public SchemaRejectedException(ErrorInfo info, List<String> errors) {
    super(info);
    this.errors = List.copyOf(errors);
  }

  /** What does not match, one text for each; empty where the backend says no more than the message. */
  public List<String> errors() {
    return errors;
  }

  @Override
  public boolean retryable() {
    return false;
  }

  @Override
  SchemaRejectedException with(ErrorInfo info) {
    return new SchemaRejectedException(info, errors);
  }
}
