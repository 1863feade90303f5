package dev.tributary.internal;

import dev.tributary.Outcome;
import dev.tributary.error.TributaryException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A future whose result is made of another's. Unlike what {@code thenApply} returns, cancelling it cancels the other.
 */
public final class Derived<S, R> extends CompletableFuture<R> implements BiConsumer<S, @Nullable Throwable> {
  private final CompletableFuture<S> source;
  private final Function<? super S, ? extends R> convert;
  private final Function<TributaryException, ? extends R> recover;

  private Derived(
      CompletableFuture<S> source,
      Function<? super S, ? extends R> convert,
      Function<TributaryException, ? extends R> recover) {
    this.source = source;
    this.convert = convert;
    this.recover = recover;
  }

  /** What {@code convert} makes of the source's value; what it throws fails this. */
  public static <S, R> CompletableFuture<R> of(CompletableFuture<S> source, Function<? super S, ? extends R> convert) {
    return of(
        source,
        convert,
        error -> {
          throw error;
        });
  }

  /** The same, with a chance to make a value of an error: {@code recover} throws what is to stay one. */
  public static <S, R> CompletableFuture<R> of(
      CompletableFuture<S> source,
      Function<? super S, ? extends R> convert,
      Function<TributaryException, ? extends R> recover) {
    Derived<S, R> derived = new Derived<>(source, convert, recover);
    source.whenComplete(derived);
    return derived;
  }

  /** The one result of a batch of one. */
  public static <R> CompletableFuture<R> only(CompletableFuture<List<Outcome<R>>> batch) {
    return of(batch, outcomes -> outcomes.get(0).orThrow());
  }

  @Override
  public void accept(S value, @Nullable Throwable error) {
    try {
      complete(error == null ? convert.apply(value) : recover.apply(Faults.of(error)));
    } catch (Throwable thrown) {
      completeExceptionally(thrown);
    }
  }

  @Override
  public boolean cancel(boolean mayInterrupt) {
    boolean cancelled = super.cancel(mayInterrupt);
    source.cancel(mayInterrupt);
    return cancelled;
  }
}
