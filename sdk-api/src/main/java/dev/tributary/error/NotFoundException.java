package dev.tributary.error;

/** The stream, queue, store, key, job, schema or group does not exist. */
public final class NotFoundException extends TributaryException {
  private static final long serialVersionUID = 1L;

  /** With what is known of it. */
  public NotFoundException(ErrorInfo info) {
    super(info);
  }

  @Override
  public boolean retryable() {
    return false;
  }

  @Override
  NotFoundException with(ErrorInfo info) {
    return new NotFoundException(info);
  }
}
