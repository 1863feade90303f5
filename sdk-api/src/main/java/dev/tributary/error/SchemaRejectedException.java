package dev.tributary.error;

/** The payload does not match its schema, or the schema is invalid or incompatible. */
public final class SchemaRejectedException extends TributaryException {
  private static final long serialVersionUID = 1L;

  /** With what is known of it. */
  public SchemaRejectedException(ErrorInfo info) {
    super(info);
  }

  @Override
  public boolean retryable() {
    return false;
  }

  @Override
  SchemaRejectedException with(ErrorInfo info) {
    return new SchemaRejectedException(info);
  }
}
