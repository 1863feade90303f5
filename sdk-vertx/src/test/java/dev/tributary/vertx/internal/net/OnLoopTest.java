package dev.tributary.vertx.internal.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class OnLoopTest {
  private static final Vertx VERTX = Vertx.vertx();
  private final ContextInternal loop = ((VertxInternal) VERTX).createEventLoopContext();
  private final CompletableFuture<Integer> call = new CompletableFuture<>();

  @AfterAll
  static void stop() throws Exception {
    get(VERTX.close().toCompletionStage().toCompletableFuture());
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(10, TimeUnit.SECONDS);
  }

  @Test
  void whoWaitsHearsOfItBeforeAnythingElseHappensThere() throws Exception {
    List<String> happened = new ArrayList<>();
    CompletableFuture<Integer> over = new CompletableFuture<>();
    CompletableFuture<Integer> whole =
        OnLoop.then(
            call,
            loop,
            (value, result) -> {
              result.complete(value + 1);
              happened.add("went on " + (ContextInternal.current() == loop));
              over.complete(0);
            });
    whole.whenComplete((value, error) -> happened.add("heard " + value));
    call.complete(1);
    get(over);
    assertThat(happened).containsExactly("heard 2", "went on true");
  }

  @Test
  void anErrorIsPassedOn() {
    CompletableFuture<Integer> whole = OnLoop.then(call, loop, (value, result) -> result.complete(value));
    call.completeExceptionally(new IllegalStateException("no"));
    assertThatThrownBy(() -> get(whole)).hasCauseInstanceOf(IllegalStateException.class);
  }

  @Test
  void aCancelledCallIsCancelledAndNothingIsDone() throws Exception {
    List<Integer> done = new ArrayList<>();
    CompletableFuture<Integer> whole = OnLoop.<Integer, Integer>then(call, loop, (value, result) -> done.add(value));
    whole.cancel(true);
    assertThat(call).isCancelled();
    CompletableFuture<Integer> late = OnLoop.<Integer, Integer>then(CompletableFuture.completedFuture(1), loop, (value, result) -> result.complete(2));
    get(late);
    assertThat(done).isEmpty();
  }
}
