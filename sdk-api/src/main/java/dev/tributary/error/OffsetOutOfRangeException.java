package dev.tributary.error;

/** The offset lies outside what the stream holds. */
public final class OffsetOutOfRangeException extends TributaryException {
  private static final long serialVersionUID = 1L;

  /** With what is known of it. */
  public OffsetOutOfRangeException(ErrorInfo info) {
    super(info);
  }

  @Override
  public boolean retryable() {
    return false;
  }

  @Override
  OffsetOutOfRangeException with(ErrorInfo info) {
    return new OffsetOutOfRangeException(info);
  }
}
