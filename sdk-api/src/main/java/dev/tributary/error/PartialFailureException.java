package dev.tributary.error;

import dev.tributary.Outcome;
import java.util.List;

/** Some items of a batch failed and others did not; {@link #outcomes()} tells them apart, in the order of the request. */
public final class PartialFailureException extends TributaryException {
  private static final long serialVersionUID = 1L;

  private final transient List<? extends Outcome<?>> outcomes;

  /** With the result of every item, in request order. */
  public PartialFailureException(ErrorInfo info, List<? extends Outcome<?>> outcomes) {
    super(info);
    this.outcomes = List.copyOf(outcomes);
  }

  /** One outcome per item, in request order. */
  public List<? extends Outcome<?>> outcomes() {
    return outcomes;
  }

  @Override
  public boolean retryable() {
    return false;
  }

  @Override
  PartialFailureException with(ErrorInfo info) {
    return new PartialFailureException(info, outcomes);
  }
}
