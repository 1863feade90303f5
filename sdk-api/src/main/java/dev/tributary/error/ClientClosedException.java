package dev.tributary.error;

/** The client, or this part of it, is closed. */
public final class ClientClosedException extends TributaryException {
  private static final long serialVersionUID = 1L;

  /** With what is known of it. */
  public ClientClosedException(ErrorInfo info) {
    super(info);
  }

  @Override
  public boolean retryable() {
    return false;
  }

  @Override
  ClientClosedException with(ErrorInfo info) {
    return new ClientClosedException(info);
  }
}
