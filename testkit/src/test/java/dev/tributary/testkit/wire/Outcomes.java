package dev.tributary.testkit.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.error.TributaryException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** How calls end. */
public final class Outcomes {
  private static final long SECONDS = 30;

  private Outcomes() {}

  /** The result of a call. */
  public static <T> T of(CompletableFuture<T> call) throws Exception {
    return call.get(SECONDS, TimeUnit.SECONDS);
  }

  /** The error of a call, which must say what to do. */
  public static TributaryException failure(CompletableFuture<?> call) throws Exception {
    try {
      Object value = of(call);
      throw new AssertionError("a result: " + value);
    } catch (ExecutionException failed) {
      assertThat(failed.getCause()).isInstanceOf(TributaryException.class);
      TributaryException error = (TributaryException) failed.getCause();
      assertThat(error.hint()).isNotEmpty();
      return error;
    }
  }
}
