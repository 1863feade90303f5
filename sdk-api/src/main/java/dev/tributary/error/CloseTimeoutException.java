package dev.tributary.error;

import java.util.List;

/**
 * Something was closed before all that was under way in it was finished: {@link #count()} things were not, and {@link #unfinished()} names
 * the first of them. Whether the backend carried them out is not known.
 */
public final class CloseTimeoutException extends TributaryException {
  private static final long serialVersionUID = 1L;

  private static final int NAMED = 100;

  private final int count;
  private final List<String> unfinished;

  /** With what could not be finished. */
  public CloseTimeoutException(ErrorInfo info, List<String> unfinished) {
    this(info, unfinished.size(), unfinished);
  }

  private CloseTimeoutException(ErrorInfo info, int count, List<String> unfinished) {
    super(info.maybeApplied(true));
    this.count = count;
    this.unfinished = List.copyOf(unfinished.subList(0, Math.min(NAMED, unfinished.size())));
  }

  /** How many calls, jobs, handlers and events were not finished. */
  public int count() {
    return count;
  }

  /** What they are: an operation and its resource, a job's id; 100 at most. */
  public List<String> unfinished() {
    return unfinished;
  }

  @Override
  public boolean retryable() {
    return false;
  }

  @Override
  CloseTimeoutException with(ErrorInfo info) {
    return new CloseTimeoutException(info, count, unfinished);
  }
}
