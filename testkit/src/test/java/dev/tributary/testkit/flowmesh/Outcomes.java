package dev.tributary.testkit.flowmesh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.error.TributaryException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** How calls end. */
final class Outcomes {
  private static final long SECONDS = 30;

  private Outcomes() {}

  static <T> T of(CompletableFuture<T> call) throws Exception {
    return call.get(SECONDS, TimeUnit.SECONDS);
  }

  /** The error of a call, which must say what to do. */
  static TributaryException failure(CompletableFuture<?> call) throws Exception {
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
