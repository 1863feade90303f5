package dev.tributary.internal;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** What is thrown by others, as what this SDK throws. */
public final class Faults {
  private Faults() {}

  /** The error itself, without the wrappings of futures. */
  public static Throwable unwrap(Throwable fault) {
    Throwable inner = fault;
    while ((inner instanceof CompletionException || inner instanceof ExecutionException) && inner.getCause() != null) {
      inner = inner.getCause();
    }
    return inner;
  }

  /** The SDK's error in it, or one that carries it as its cause: a transport threw what it should not. */
  public static TributaryException of(Throwable fault) {
    Throwable inner = unwrap(fault);
    if (inner instanceof TributaryException known) {
      return known;
    }
    return new ServerErrorException(
        ErrorInfo.of("unexpected " + inner, "This is a defect of the transport; the cause tells where").causedBy(inner).maybeApplied(true));
  }
}
