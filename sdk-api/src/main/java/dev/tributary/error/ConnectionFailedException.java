package dev.tributary.error;

/** No connection, or it broke before the answer came. */
public final class ConnectionFailedException extends TributaryException {
  private static final long serialVersionUID = 1L;

  /** With what is known of it. */
  public ConnectionFailedException(ErrorInfo info) {
    super(info);
  }

  @Override
  public boolean retryable() {
    return true;
  }

  @Override
  ConnectionFailedException with(ErrorInfo info) {
    return new ConnectionFailedException(info);
  }
}
