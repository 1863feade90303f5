package dev.tributary.testkit.server.internal.grpc;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Puts futures one after the other so that cancelling the whole cancels the step that runs, which the JDK's own do not. */
public final class Steps {
  private Steps() {}

  public static <T, U> CompletableFuture<U> map(CompletableFuture<T> first, Function<T, U> mapping) {
    return then(first, value -> CompletableFuture.completedFuture(mapping.apply(value)));
  }

  public static <T, U> CompletableFuture<U> then(CompletableFuture<T> first, Function<T, CompletableFuture<U>> next) {
    return after(first, (value, error) -> error == null ? next.apply(value) : CompletableFuture.failedFuture(error));
  }

  public static <T> CompletableFuture<T> recover(CompletableFuture<T> first, Function<Throwable, CompletableFuture<T>> next) {
    return after(first, (value, error) -> error == null ? first : next.apply(error));
  }

  /** All of them at once. Fails with the first that does, and then cancels the others. */
  public static <T> CompletableFuture<List<T>> all(List<CompletableFuture<T>> all) {
    CompletableFuture<List<T>> whole = new CompletableFuture<>();
    CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
        .thenRun(() -> whole.complete(all.stream().map(CompletableFuture::join).toList()));
    all.forEach(
        one ->
            one.whenComplete(
                (value, error) -> {
                  if (error != null) {
                    whole.completeExceptionally(unwrap(error));
                  }
                }));
    whole.whenComplete((values, error) -> all.forEach(one -> one.cancel(true)));
    return whole;
  }

  @SuppressWarnings("NullAway") // a value is there whenever there is no error
  private static <T, U> CompletableFuture<U> after(
      CompletableFuture<T> first, BiFunction<T, @Nullable Throwable, CompletableFuture<U>> next) {
    CompletableFuture<U> whole = new CompletableFuture<>();
    AtomicReference<CompletableFuture<?>> running = new AtomicReference<>(first);
    first.whenComplete(
        (value, error) -> {
          CompletableFuture<U> second;
          try {
            second = next.apply(value, error == null ? null : unwrap(error));
          } catch (RuntimeException failed) {
            second = CompletableFuture.failedFuture(failed);
          }
          running.set(second);
          if (whole.isCancelled()) {
            second.cancel(true);
          }
          second.whenComplete(
              (result, failure) -> {
                if (failure == null) {
                  whole.complete(result);
                } else {
                  whole.completeExceptionally(unwrap(failure));
                }
              });
        });
    if (!whole.isDone()) {
      whole.whenComplete(
          (result, failure) -> {
            if (whole.isCancelled()) {
              running.get().cancel(true);
            }
          });
    }
    return whole;
  }

  public static Throwable unwrap(Throwable error) {
    return error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
  }
}
