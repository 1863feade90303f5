package dev.tributary.error;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an error knows about itself, gathered before the exception is made.
 *
 * @param message what went wrong, without a final stop
 * @param hint what to do about it, in one sentence; empty if there is nothing sensible to say
 * @param maybeApplied whether the backend may have carried out the call although it failed
 * @param retryAfter how long the backend asked to wait, if it said so
 * @param cause the underlying fault, if any
 * @param backend the backend's name; null while that is not known
 * @param operation the operation that failed; null while that is not known
 * @param resource what the operation was about; null while that is not known, or if there is nothing
 */
public record ErrorInfo(
    String message,
    String hint,
    boolean maybeApplied,
    @Nullable Duration retryAfter,
    @Nullable Throwable cause,
    @Nullable String backend,
    @Nullable String operation,
    @Nullable String resource)
    implements Serializable {

  public ErrorInfo {
    Objects.requireNonNull(message, "message");
    Objects.requireNonNull(hint, "hint");
  }

  /** An error with a message and a hint; nothing applied, no cause, no place. */
  public static ErrorInfo of(String message, String hint) {
    return new ErrorInfo(message, hint, false, null, null, null, null, null);
  }

  /** The same, with the underlying fault. */
  public ErrorInfo causedBy(@Nullable Throwable fault) {
    return new ErrorInfo(message, hint, maybeApplied, retryAfter, fault, backend, operation, resource);
  }

  /** The same, saying whether the backend may have carried out the call. */
  public ErrorInfo maybeApplied(boolean applied) {
    return new ErrorInfo(message, hint, applied, retryAfter, cause, backend, operation, resource);
  }

  /** The same, with the pause the backend asked for. */
  public ErrorInfo retryAfter(@Nullable Duration pause) {
    return new ErrorInfo(message, hint, maybeApplied, pause, cause, backend, operation, resource);
  }

  /** The same, with its place as far as that was not known before: the first to say it wins. */
  public ErrorInfo at(@Nullable String backend, @Nullable String operation, @Nullable String resource) {
    return new ErrorInfo(
        message,
        hint,
        maybeApplied,
        retryAfter,
        cause,
        this.backend == null ? backend : this.backend,
        this.operation == null ? operation : this.operation,
        this.resource == null ? resource : this.resource);
  }
}
