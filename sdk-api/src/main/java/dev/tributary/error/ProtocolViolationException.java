package dev.tributary.error;

/** The peer does not speak the protocol, or an answer could not be decoded. */
public final class ProtocolViolationException extends TributaryException {
  private static final long serialVersionUID = 1L;

  /** With what is known of it. */
  public ProtocolViolationException(ErrorInfo info) {
    super(info);
  }

  @Override
  public boolean retryable() {
    return false;
  }

  @Override
  ProtocolViolationException with(ErrorInfo info) {
    return new ProtocolViolationException(info);
  }
}
