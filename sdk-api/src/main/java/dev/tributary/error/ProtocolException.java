package dev.tributary.error;

/** The peer does not speak the protocol, or an answer could not be decoded. */
public final class ProtocolException extends TributaryException {
  private static final long serialVersionUID = 1L;

  /** With what is known of it. */
  public ProtocolException(ErrorInfo info) {
    super(info);
  }

  @Override
  public boolean retryable() {
    return false;
  }

  @Override
  ProtocolException with(ErrorInfo info) {
    return new ProtocolException(info);
  }
}
