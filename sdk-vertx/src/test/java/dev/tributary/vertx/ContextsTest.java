package dev.tributary.vertx;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ContextsTest {
  private final Vertx vertx = Vertx.vertx();
  private final Contexts contexts = new Contexts(vertx);

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @Test
  void futuresCompleteOnTheCallersContext() throws Exception {
    Context caller = elsewhere(vertx);
    CompletableFuture<String> stage = new CompletableFuture<>();
    CompletableFuture<Context> completedOn = new CompletableFuture<>();
    on(caller, () -> contexts.future(stage).onComplete(done -> completedOn.complete(Vertx.currentContext())));
    stage.complete("x");
    assertThat(get(completedOn)).isSameAs(caller);
  }

  @Test
  void callersWithoutAContextGetTheClients() throws Exception {
    CompletableFuture<Context> completedOn = new CompletableFuture<>();
    contexts.future(CompletableFuture.completedFuture("x")).onComplete(done -> completedOn.complete(Vertx.currentContext()));
    assertThat(get(completedOn).owner()).isSameAs(vertx);
  }

  @Test
  void theContextOfAnotherVertxIsNone() throws Exception {
    Vertx other = Vertx.vertx();
    try {
      CompletableFuture<Context> completedOn = new CompletableFuture<>();
      on(
          elsewhere(other),
          () -> contexts.future(CompletableFuture.completedFuture("x")).onComplete(done -> completedOn.complete(Vertx.currentContext())));
      assertThat(get(completedOn).owner()).isSameAs(vertx);
    } finally {
      get(other.close().toCompletionStage().toCompletableFuture());
    }
  }

  @Test
  void failuresAreNotWrapped() throws Exception {
    CompletableFuture<String> stage = new CompletableFuture<>();
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    contexts.future(stage.thenApply(Function.identity())).onFailure(failure::complete);
    IllegalStateException mine = new IllegalStateException("mine");
    stage.completeExceptionally(mine);
    assertThat(get(failure)).isSameAs(mine);
  }

  @Test
  void handlersRunOnTheContextTheyWereGivenOn() throws Exception {
    Context caller = elsewhere(vertx);
    Promise<String> later = Promise.promise();
    CompletableFuture<Context> ranOn = new CompletableFuture<>();
    Function<Integer, CompletableFuture<String>> handler =
        on(
            caller,
            () ->
                contexts.handler(
                    (Integer n) -> {
                      ranOn.complete(Vertx.currentContext());
                      return later.future();
                    }));
    CompletableFuture<String> handled = handler.apply(1);
    assertThat(get(ranOn)).isSameAs(caller);
    assertThat(handled).isNotDone();
    later.complete("done");
    assertThat(get(handled)).isEqualTo("done");
  }

  @Test
  void handlersThatThrowOrReturnNothingFail() {
    Function<Integer, CompletableFuture<String>> throwing =
        contexts.handler(
            n -> {
              throw new IllegalStateException("mine");
            });
    assertThat(throwing.apply(1)).failsWithin(10, TimeUnit.SECONDS).withThrowableOfType(ExecutionException.class).withMessageContaining("mine");
    Function<Integer, CompletableFuture<String>> empty = contexts.handler(n -> null);
    assertThat(empty.apply(1)).failsWithin(10, TimeUnit.SECONDS).withThrowableOfType(ExecutionException.class).withMessageContaining("no future");
    Function<Integer, CompletableFuture<String>> failing = contexts.handler(n -> Future.failedFuture("said no"));
    assertThat(failing.apply(1)).failsWithin(10, TimeUnit.SECONDS).withThrowableOfType(ExecutionException.class).withMessageContaining("said no");
  }

  @Test
  void listenersAreCalledOnTheContextTheyWereGivenOn() throws Exception {
    Context caller = elsewhere(vertx);
    CompletableFuture<Context> calledOn = new CompletableFuture<>();
    on(caller, () -> contexts.<String>listener(state -> calledOn.complete(Vertx.currentContext()))).accept("x");
    assertThat(get(calledOn)).isSameAs(caller);
  }

  /** A context that is not the client's. */
  private static Context elsewhere(Vertx vertx) throws Exception {
    CompletableFuture<Context> context = new CompletableFuture<>();
    Thread thread = new Thread(() -> context.complete(vertx.getOrCreateContext()));
    thread.start();
    thread.join();
    return get(context);
  }

  private static <R> R on(Context context, Supplier<R> call) throws Exception {
    CompletableFuture<R> result = new CompletableFuture<>();
    context.runOnContext(now -> result.complete(call.get()));
    return get(result);
  }

  private static <R> R get(CompletableFuture<R> future) throws Exception {
    return future.get(10, TimeUnit.SECONDS);
  }
}
