package dev.tributary.error;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The one base of everything that fails in this SDK. Unchecked; driver exceptions appear only as causes.
 *
 * <p>{@link #retryable()} says whether trying again can help; {@link #maybeApplied()} whether the failed call may have taken
 * effect all the same. The SDK itself retries only what is both safe and promising, so an error that reaches you has already
 * survived that.
 */
public abstract class TributaryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String hint;
  private volatile boolean maybeApplied;
  private final @Nullable Duration retryAfter;
  private volatile @Nullable String backend;
  private volatile @Nullable String operation;
  private volatile @Nullable String resource;

  /** For the subclasses of this package. */
  TributaryException(ErrorInfo info) {
    super(info.message(), info.cause());
    this.hint = info.hint();
    this.maybeApplied = info.maybeApplied();
    this.retryAfter = info.retryAfter();
  }

  /** Whether the same call may succeed later without a change by the caller. */
  public abstract boolean retryable();

  /** What to do, in one sentence; empty if there is nothing sensible to say. */
  public String hint() {
    return hint;
  }

  /** Whether the backend may have carried out the call although no confirmation arrived. */
  public boolean maybeApplied() {
    return maybeApplied;
  }

  /** How long the backend asked to wait before the next try. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }

  /** The backend's name, {@code flowmesh} for instance; empty if the call never got as far as a backend. */
  public String backend() {
    return orEmpty(backend);
  }

  /** The operation that failed, {@code publish} for instance. */
  public String operation() {
    return orEmpty(operation);
  }

  /** The stream, queue, store or subject the operation was about; empty if none. */
  public String resource() {
    return orEmpty(resource);
  }

  /**
   * Says where the error happened, as far as that is not known yet. For the SDK and for transports; the first to say it wins.
   *
   * @return this
   */
  public TributaryException at(@Nullable String backend, @Nullable String operation, @Nullable String resource) {
    if (this.backend == null) {
      this.backend = backend;
    }
    if (this.operation == null) {
      this.operation = operation;
    }
    if (this.resource == null) {
      this.resource = resource;
    }
    return this;
  }

  /**
   * Says that an earlier try of the same call may have been carried out, although this one was not. For the SDK.
   *
   * @return this
   */
  public TributaryException orMaybeApplied() {
    maybeApplied = true;
    return this;
  }

  /** Place, message and hint in one line. */
  @Override
  public String getMessage() {
    StringBuilder text = new StringBuilder();
    if (operation != null) {
      text.append(operation);
      if (resource != null) {
        text.append(" on ").append(resource);
      }
      if (backend != null) {
        text.append(" (").append(backend).append(')');
      }
      text.append(": ");
    }
    text.append(super.getMessage());
    if (!hint.isEmpty()) {
      text.append(". ").append(hint);
    }
    return text.toString();
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
