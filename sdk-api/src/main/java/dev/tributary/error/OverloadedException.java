package dev.tributary.error;

/** A limit on rate or on what may be in flight is reached, here or at the backend. */
public final class OverloadedException extends TributaryException {
  private static final long serialVersionUID = 1L;

  /** With what is known of it. */
  public OverloadedException(ErrorInfo info) {
    super(info);
  }

  @Override
  public boolean retryable() {
    return true;
  }

  @Override
  OverloadedException with(ErrorInfo info) {
    return new OverloadedException(info);
  }
}
