package dev.tributary.error;

/** The payload or batch is larger than the backend takes. */
public final class PayloadTooLargeException extends TributaryException {
  private static final long serialVersionUID = 1L;

  /** With what is known of it. */
  public PayloadTooLargeException(ErrorInfo info) {
    super(info);
  }

  @Override
  public boolean retryable() {
    return false;
  }

  @Override
  PayloadTooLargeException with(ErrorInfo info) {
    return new PayloadTooLargeException(info);
  }
}
