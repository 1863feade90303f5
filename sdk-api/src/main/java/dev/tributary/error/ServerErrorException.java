package dev.tributary.error;

/** The backend failed in a way it does not explain. */
public final class ServerErrorException extends TributaryException {
  private static final long serialVersionUID = 1L;

  /** With what is known of it. */
  public ServerErrorException(ErrorInfo info) {
    super(info);
  }

  @Override
  public boolean retryable() {
    return false;
  }

  @Override
  ServerErrorException with(ErrorInfo info) {
    return new ServerErrorException(info);
  }
}
