package dev.tributary.error;

/** The deadline passed before the backend confirmed. */
public final class TimeoutException extends TributaryException {
  private static final long serialVersionUID = 1L;

  /** With what is known of it. */
  public TimeoutException(ErrorInfo info) {
    super(info);
  }

  @Override
  public boolean retryable() {
    return true;
  }

  @Override
  TimeoutException with(ErrorInfo info) {
    return new TimeoutException(info);
  }
}
