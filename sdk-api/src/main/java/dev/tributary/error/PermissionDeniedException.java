package dev.tributary.error;

/** The credentials are known but do not allow this. */
public final class PermissionDeniedException extends TributaryException {
  private static final long serialVersionUID = 1L;

  /** With what is known of it. */
  public PermissionDeniedException(ErrorInfo info) {
    super(info);
  }

  @Override
  public boolean retryable() {
    return false;
  }

  @Override
  PermissionDeniedException with(ErrorInfo info) {
    return new PermissionDeniedException(info);
  }
}
