package dev.tributary.error;

/** The backend has no such feature; the hint says what to use instead. Tributary.capabilities() tells beforehand. */
public final class UnsupportedFeatureException extends TributaryException {
  private static final long serialVersionUID = 1L;

  /** With what is known of it. */
  public UnsupportedFeatureException(ErrorInfo info) {
    super(info);
  }

  @Override
  public boolean retryable() {
    return false;
  }

  @Override
  UnsupportedFeatureException with(ErrorInfo info) {
    return new UnsupportedFeatureException(info);
  }
}
