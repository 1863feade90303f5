package dev.tributary.error;

/** What should be created is there already. */
public final class AlreadyExistsException extends TributaryException {
  private static final long serialVersionUID = 1L;

  /** With what is known of it. */
  public AlreadyExistsException(ErrorInfo info) {
    super(info);
  }

  @Override
  public boolean retryable() {
    return false;
  }

  @Override
  AlreadyExistsException with(ErrorInfo info) {
    return new AlreadyExistsException(info);
  }
}
