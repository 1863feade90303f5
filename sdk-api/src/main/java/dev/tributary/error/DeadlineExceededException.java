package dev.tributary.error;

/** The deadline passed before the backend confirmed. */
public final class DeadlineExceededException extends TributaryException {
  private static final long serialVersionUID = 1L;

  /** With what is known of it. */
  public DeadlineExceededException(ErrorInfo info) {
    super(info);
  }

  @Override
  public boolean retryable() {
    return true;
  }

  @Override
  DeadlineExceededException with(ErrorInfo info) {
    return new DeadlineExceededException(info);
  }
}
