package dev.tributary.error;

/** A limit on rate or on what may be in flight is reached, here or at the backend. */
public final class OverloadedException extends TributaryException {
  private static final long serialVersionUID = 1L;

  private final boolean byClient;

  /** With what is known of it. */
  public OverloadedException(ErrorInfo info) {
    this(info, false);
  }

  /**
   * A refusal by the client itself, because as much as it may hold is under way already. Nothing was sent. The client does not try again by
   * itself, which would only hold more: go on when something that is under way has ended.
   */
  public static OverloadedException byClient(String message, String hint) {
    return new OverloadedException(ErrorInfo.of(message, hint), true);
  }

  private OverloadedException(ErrorInfo info, boolean byClient) {
    super(info);
    this.byClient = byClient;
  }

  /** Whether the client refused, and not the backend. */
  public boolean byClient() {
    return byClient;
  }

  @Override
  public boolean retryable() {
    return true;
  }

  @Override
  OverloadedException with(ErrorInfo info) {
    return new OverloadedException(info, byClient);
  }
}
