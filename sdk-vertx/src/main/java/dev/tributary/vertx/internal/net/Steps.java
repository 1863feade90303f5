package dev.tributary.vertx.internal.net;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A call made of several, one after the other: cancelling it cancels the one under way. {@code thenCompose} would leave it running. */
public final class Steps<T> extends CompletableFuture<T> {
  private static final Consumer<Object> FORGET = value -> {};

  private final Consumer<? super T> unclaimed;
  private volatile @Nullable CompletableFuture<?> current;

  private Steps(Consumer<? super T> unclaimed) {
    this.unclaimed = unclaimed;
  }

  /** This, then that. */
  public static <S, T> CompletableFuture<T> then(CompletableFuture<S> first, Function<? super S, CompletableFuture<T>> next) {
    return then(first, next, FORGET);
  }

  /** This, then that; a result that comes after the cancellation goes to {@code unclaimed}. */
  public static <S, T> CompletableFuture<T> then(
      CompletableFuture<S> first, Function<? super S, CompletableFuture<T>> next, Consumer<? super T> unclaimed) {
    Steps<T> steps = new Steps<>(unclaimed);
    steps.during(first);
    first.whenComplete(
        (value, error) -> {
          if (error != null) {
            steps.completeExceptionally(unwrap(error));
          } else if (!steps.isDone()) {
            steps.follow(() -> next.apply(value));
          }
        });
    return steps;
  }

  /** This, and what is made of its result. */
  public static <S, T> CompletableFuture<T> map(CompletableFuture<S> first, Function<? super S, ? extends T> convert) {
    return then(first, value -> CompletableFuture.completedFuture(convert.apply(value)));
  }

  /** This, or that if it fails. */
  public static <T> CompletableFuture<T> recover(
      CompletableFuture<T> first, Function<TributaryException, CompletableFuture<T>> otherwise) {
    return recover(first, otherwise, FORGET);
  }

  /** This, or that if it fails; a result that comes after the cancellation goes to {@code unclaimed}. */
  public static <T> CompletableFuture<T> recover(
      CompletableFuture<T> first, Function<TributaryException, CompletableFuture<T>> otherwise, Consumer<? super T> unclaimed) {
    Steps<T> steps = new Steps<>(unclaimed);
    steps.during(first);
    first.whenComplete(
        (value, error) -> {
          if (error == null) {
            steps.finish(value);
          } else if (unwrap(error) instanceof TributaryException known && !steps.isDone()) {
            steps.follow(() -> otherwise.apply(known));
          } else {
            steps.completeExceptionally(unwrap(error));
          }
        });
    return steps;
  }

  /** The error of a call, as one that is known; anything else is a fault of this driver. */
  public static TributaryException known(Throwable error) {
    return unwrap(error) instanceof TributaryException known
        ? known
        : new ServerErrorException(ErrorInfo.of("unexpected " + error, "The cause tells where").causedBy(error));
  }

  /** The fault itself, without the wrapping of futures. */
  public static Throwable unwrap(Throwable error) {
    return error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
  }

  private void follow(Supplier<CompletableFuture<T>> next) {
    CompletableFuture<T> step;
    try {
      step = next.get();
    } catch (Throwable thrown) {
      completeExceptionally(thrown);
      return;
    }
    during(step);
    step.whenComplete(
        (value, error) -> {
          if (error != null) {
            completeExceptionally(unwrap(error));
          } else {
            finish(value);
          }
        });
  }

  private void finish(T value) {
    if (!complete(value)) {
      unclaimed.accept(value);
    }
  }

  private void during(CompletableFuture<?> step) {
    current = step;
    if (isCancelled()) {
      step.cancel(true);
    }
  }

  @Override
  public boolean cancel(boolean mayInterrupt) {
    boolean cancelled = super.cancel(mayInterrupt);
    CompletableFuture<?> step = current;
    if (cancelled && step != null) {
      step.cancel(mayInterrupt);
    }
    return cancelled;
  }
}
