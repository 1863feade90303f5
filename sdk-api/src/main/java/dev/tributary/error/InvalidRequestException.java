package dev.tributary.error;

/** The call cannot be right: a bad name, option, offset, duration. Nothing was sent, or the backend refused it. */
public final class InvalidRequestException extends TributaryException {
  private static final long serialVersionUID = 1L;

  /** With what is known of it. */
  public InvalidRequestException(ErrorInfo info) {
    super(info);
  }

  /** What is wrong with the call, and what would be right. */
  public static InvalidRequestException of(String message, String hint) {
    return new InvalidRequestException(ErrorInfo.of(message, hint));
  }

  @Override
  public boolean retryable() {
    return false;
  }

  @Override
  InvalidRequestException with(ErrorInfo info) {
    return new InvalidRequestException(info);
  }
}
