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
 *
 * <p>Immutable: one fault, of a connection for instance, may fail many calls, and each of them gets an error of its own that says its
 * own place.
 */
public abstract class TributaryException extends RuntimeException {
  private static final long serialVersionUID = 2L;

  private final ErrorInfo info;

  /** For the subclasses of this package. */
  TributaryException(ErrorInfo info) {
    super(info.message(), info.cause());
    this.info = info;
  }

  /** An error of the same class that knows this. */
  abstract TributaryException with(ErrorInfo info);

  /** Whether the same call may succeed later without a change by the caller. */
  public abstract boolean retryable();

  /** What to do, in one sentence; empty if there is nothing sensible to say. */
  public String hint() {
    return info.hint();
  }

  /** Whether the backend may have carried out the call although no confirmation arrived. */
  public boolean maybeApplied() {
    return info.maybeApplied();
  }

  /** How long the backend asked to wait before the next try. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(info.retryAfter());
  }

  /** The backend's name, {@code flowmesh} for instance; empty if the call never got as far as a backend. */
  public String backend() {
    return orEmpty(info.backend());
  }

  /** The operation that failed, {@code publish} for instance. */
  public String operation() {
    return orEmpty(info.operation());
  }

  /** The stream, queue, store or subject the operation was about; empty if none. */
  public String resource() {
    return orEmpty(info.resource());
  }

  /**
   * The same error with its place, as far as that is not known yet: the first to say it wins. For the SDK and for transports.
   *
   * @return a copy with the same cause and stack; this, if there is nothing to add
   */
  public TributaryException at(@Nullable String backend, @Nullable String operation, @Nullable String resource) {
    return copy(info.at(backend, operation, resource));
  }

  /**
   * The same error, saying that an earlier try of the same call may have been carried out, although this one was not. For the SDK.
   *
   * @return a copy with the same cause and stack; this, if it says so already
   */
  public TributaryException orMaybeApplied() {
    return copy(info.maybeApplied(true));
  }

  private TributaryException copy(ErrorInfo wanted) {
    if (wanted.equals(info)) {
      return this;
    }
    TributaryException copy = with(wanted);
    copy.setStackTrace(getStackTrace());
    return copy;
  }

  /** Place, message and hint in one line. */
  @Override
  public String getMessage() {
    StringBuilder text = new StringBuilder();
    if (info.operation() != null) {
      text.append(info.operation());
      if (info.resource() != null) {
        text.append(" on ").append(info.resource());
      }
      if (info.backend() != null) {
        text.append(" (").append(info.backend()).append(')');
      }
      text.append(": ");
    }
    text.append(info.message());
    if (!info.hint().isEmpty()) {
      text.append(". ").append(info.hint());
    }
    return text.toString();
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
