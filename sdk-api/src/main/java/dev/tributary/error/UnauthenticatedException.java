package dev.tributary.error;

/**
 * The backend does not accept the credentials, or wants some and got none; or they could not be had from their provider, which is asked again:
 * then it says after what pause.
 */
public final class UnauthenticatedException extends TributaryException {
  private static final long serialVersionUID = 1L;

  /** With what is known of it. */
  public UnauthenticatedException(ErrorInfo info) {
    super(info);
  }

  @Override
  public boolean retryable() {
    return retryAfter().isPresent();
  }

  @Override
  UnauthenticatedException with(ErrorInfo info) {
    return new UnauthenticatedException(info);
  }
}
