package dev.tributary.error;

/** The backend does not accept the credentials, or wants some and got none. */
public final class UnauthenticatedException extends TributaryException {
  private static final long serialVersionUID = 1L;

  /** With what is known of it. */
  public UnauthenticatedException(ErrorInfo info) {
    super(info);
  }

  @Override
  public boolean retryable() {
    return false;
  }

  @Override
  UnauthenticatedException with(ErrorInfo info) {
    return new UnauthenticatedException(info);
  }
}
