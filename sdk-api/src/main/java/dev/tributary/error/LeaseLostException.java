package dev.tributary.error;

/** The job is no longer ours: the lease ended, or the job was settled already. */
public final class LeaseLostException extends TributaryException {
  private static final long serialVersionUID = 1L;

  /** With what is known of it. */
  public LeaseLostException(ErrorInfo info) {
    super(info);
  }

  @Override
  public boolean retryable() {
    return false;
  }

  @Override
  LeaseLostException with(ErrorInfo info) {
    return new LeaseLostException(info);
  }
}
