package dev.tributary.error;

/** Somebody else was first: a revision does not match, a producer is fenced, a generation is stale. */
public final class ConflictException extends TributaryException {
  private static final long serialVersionUID = 1L;

  /** With what is known of it. */
  public ConflictException(ErrorInfo info) {
    super(info);
  }

  @Override
  public boolean retryable() {
    return false;
  }

  @Override
  ConflictException with(ErrorInfo info) {
    return new ConflictException(info);
  }
}
