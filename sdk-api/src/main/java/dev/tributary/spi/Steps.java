package dev.tributary.spi;

import dev.tributary.Outcome;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A future made of several calls: cancelling it cancels the call under way, which those of {@code thenApply}, {@code thenCompose} and {@code allOf}
 * leave running. For authors of transports.
 *
 * <p>Who sets the call under way looks afterwards whether the whole was cancelled, and who cancels the whole looks afterwards which call is under way:
 * one of the two cancels it, whichever came first. What a function throws fails the whole, an {@link Error} too; the error of a call is passed on as it
 * is, without the wrapping of futures. Functions run where the call they wait for is completed. Thread-safe.
 */
public class Steps<T> extends CompletableFuture<T> {
  private volatile @Nullable CompletableFuture<?> underWay;

  /** A whole of which nothing is under way yet. */
  protected Steps() {}

  /** This, then that. */
  public static <S, T> CompletableFuture<T> then(CompletableFuture<S> first, Function<? super S, CompletableFuture<T>> next) {
    return new Followed<>(first, next, null);
  }

  /** This, then that; a result that comes after the cancellation goes to {@code unclaimed}. */
  public static <S, T> CompletableFuture<T> then(
      CompletableFuture<S> first, Function<? super S, CompletableFuture<T>> next, Consumer<? super T> unclaimed) {
    return new Followed<>(first, next, unclaimed);
  }

  /** This, and what is made of its result; also of one that comes after the cancellation, which may have to be given back. */
  public static <S, T> CompletableFuture<T> map(CompletableFuture<S> first, Function<? super S, ? extends T> convert) {
    return new Mapped<>(first, convert, null);
  }

  /** This, and what is made of its result, or of its error: {@code recover} throws what is to stay one. */
  public static <S, T> CompletableFuture<T> map(
      CompletableFuture<S> first, Function<? super S, ? extends T> convert, Function<TributaryException, ? extends T> recover) {
    return new Mapped<>(first, convert, recover);
  }

  /** This, or that if it fails with an error of this SDK; any other is a defect, and stays. */
  public static <T> CompletableFuture<T> recover(
      CompletableFuture<T> first, Function<TributaryException, CompletableFuture<T>> otherwise) {
    return new Recovered<>(first, TributaryException.class, otherwise, null);
  }

  /** As {@link #recover(CompletableFuture, Function)}; a result that comes after the cancellation goes to {@code unclaimed}. */
  public static <T> CompletableFuture<T> recover(
      CompletableFuture<T> first, Function<TributaryException, CompletableFuture<T>> otherwise, Consumer<? super T> unclaimed) {
    return new Recovered<>(first, TributaryException.class, otherwise, unclaimed);
  }

  /** This, or that if it fails with this kind of error; any other stays. */
  public static <T, E extends Throwable> CompletableFuture<T> recover(
      CompletableFuture<T> first, Class<E> kind, Function<? super E, CompletableFuture<T>> otherwise) {
    return new Recovered<>(first, kind, otherwise, null);
  }

  /** This, and if it fails with an error of this SDK, that one in its place. */
  public static <T> CompletableFuture<T> translate(CompletableFuture<T> first, UnaryOperator<TributaryException> error) {
    return recover(
        first,
        failed -> {
          throw error.apply(failed);
        });
  }

  /** This, and if it fails with this kind of error, another in its place; any other stays. */
  public static <T, E extends Throwable> CompletableFuture<T> translate(
      CompletableFuture<T> first, Class<E> kind, Function<? super E, ? extends Throwable> error) {
    return recover(first, kind, failed -> CompletableFuture.failedFuture(error.apply(failed)));
  }

  /** This, or that if it fails, whatever with; also if it fails because the whole was cancelled, when there may be something to undo. */
  public static <T> CompletableFuture<T> otherwise(CompletableFuture<T> first, Function<Throwable, CompletableFuture<T>> otherwise) {
    return new Recovered<>(first, Throwable.class, otherwise, null);
  }

  /** Calls side by side: all their results, in order, or the first error, which cancels the others. */
  public static <T> CompletableFuture<List<T>> together(List<CompletableFuture<T>> calls) {
    CompletableFuture<Void> first = new CompletableFuture<>();
    calls.forEach(
        call ->
            call.whenComplete(
                (value, error) -> {
                  if (error != null) {
                    first.completeExceptionally(unwrap(error));
                  }
                }));
    CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new)).thenRun(() -> first.complete(null));
    CompletableFuture<List<T>> whole = map(first, done -> calls.stream().map(CompletableFuture::join).toList());
    whole.whenComplete((values, error) -> calls.forEach(call -> call.cancel(true)));
    return whole;
  }

  /**
   * Calls side by side: an outcome for each, in order. If all of them failed and may be tried again, this fails so, that the client above can try
   * again; what is no error of this SDK fails it too. Cancelling it cancels those still under way.
   */
  public static <T> CompletableFuture<List<Outcome<T>>> all(List<CompletableFuture<T>> calls) {
    return calls.size() == 1 ? map(calls.get(0), value -> List.of(Outcome.of(value)), Steps::refused) : SideBySide.of(calls, true);
  }

  private static <T> List<Outcome<T>> refused(TributaryException error) {
    if (error.retryable()) {
      throw error;
    }
    return List.of(Outcome.failed(error));
  }

  /**
   * The outcomes of this call for each question, all at once; each has one of its own, also where all may be tried again. What {@code call} throws
   * is one.
   */
  public static <Q, T> CompletableFuture<List<Outcome<T>>> each(List<Q> questions, Function<? super Q, CompletableFuture<T>> call) {
    return SideBySide.of(questions.stream().map(question -> begin(call, question)).toList(), false);
  }

  /** The outcomes of this call for each question, as {@link #all(List)}, as many at a time as {@code most}; what {@code call} throws is one. */
  public static <Q, T> CompletableFuture<List<Outcome<T>>> all(
      List<Q> questions, int most, Function<? super Q, CompletableFuture<T>> call) {
    return SideBySide.of(questions, most, call);
  }

  /**
   * The outcomes of this call for each question, one after the other, where side by side they would be stored in any order. After one that may be
   * tried again the rest is not sent, that none overtakes it. If the first may be tried again, and nothing of it was applied, this fails as that does.
   */
  public static <Q, T> CompletableFuture<List<Outcome<T>>> inOrder(List<Q> questions, Function<? super Q, CompletableFuture<T>> call) {
    return OneByOne.of(questions, call);
  }

  /** The call about this; what its maker throws is its error. */
  static <Q, T> CompletableFuture<T> begin(Function<? super Q, CompletableFuture<T>> call, Q question) {
    try {
      return call.apply(question);
    } catch (TributaryException refused) {
      return CompletableFuture.failedFuture(refused);
    }
  }

  /** The one result of a batch of one. */
  public static <T> CompletableFuture<T> only(CompletableFuture<List<Outcome<T>>> batch) {
    return map(batch, outcomes -> outcomes.get(0).orThrow());
  }

  /** The error itself, without the wrappings of futures. */
  public static Throwable unwrap(Throwable error) {
    Throwable inner = error;
    while ((inner instanceof CompletionException || inner instanceof ExecutionException) && inner.getCause() != null) {
      inner = inner.getCause();
    }
    return inner;
  }

  /** The SDK's error in it, or one that carries it as its cause: somebody threw what he should not. */
  public static TributaryException known(Throwable error) {
    Throwable inner = unwrap(error);
    if (inner instanceof TributaryException known) {
      return known;
    }
    return new ServerErrorException(
        ErrorInfo.of("unexpected " + inner, "This is a defect of the transport; the cause tells where").causedBy(inner).maybeApplied(true));
  }

  /** From now on this is the call under way. */
  protected final <C extends CompletableFuture<?>> C during(C call) {
    underWay = call;
    if (isCancelled()) {
      call.cancel(true);
    }
    return call;
  }

  /** Fails it with what this throws. */
  protected final void guarded(Runnable step) {
    try {
      step.run();
    } catch (Throwable thrown) {
      completeExceptionally(thrown);
    }
  }

  /** Ends as this call ends. */
  protected final void end(CompletableFuture<T> call) {
    during(call).whenComplete(this::ended);
  }

  /**
   * Makes call after call until this is over: a loop and not a recursion, because a call may be over at once.
   *
   * @param next makes a call, or completes this and returns null
   * @param answered told what became of it
   */
  protected final <S> void loop(Supplier<? extends @Nullable CompletableFuture<S>> next, BiConsumer<@Nullable S, @Nullable Throwable> answered) {
    while (!isDone()) {
      CompletableFuture<S> call;
      try {
        call = next.get();
      } catch (Throwable thrown) {
        completeExceptionally(thrown);
        return;
      }
      if (call == null) {
        return;
      }
      boolean waits = !during(call).isDone();
      call.whenComplete(
          (value, error) -> {
            guarded(() -> answered.accept(value, error));
            if (waits) {
              loop(next, answered);
            }
          });
      if (waits) {
        return;
      }
    }
  }

  /** A result that comes when this is over already; without a use unless somebody has to give it back. */
  void unclaimed(T value) {}

  final void ended(T value, @Nullable Throwable error) {
    if (error != null) {
      completeExceptionally(unwrap(error));
    } else if (!complete(value)) {
      unclaimed(value);
    }
  }

  @Override
  public boolean cancel(boolean mayInterrupt) {
    boolean cancelled = super.cancel(mayInterrupt);
    CompletableFuture<?> call = underWay;
    if (cancelled && call != null) {
      call.cancel(mayInterrupt);
    }
    return cancelled;
  }

  /** One object for the most frequent of all: it listens to the call, and is what comes of it. */
  private static final class Mapped<S, T> extends Steps<T> implements BiConsumer<S, @Nullable Throwable> {
    private final Function<? super S, ? extends T> convert;
    private final @Nullable Function<TributaryException, ? extends T> recover;

    Mapped(
        CompletableFuture<S> first,
        Function<? super S, ? extends T> convert,
        @Nullable Function<TributaryException, ? extends T> recover) {
      this.convert = convert;
      this.recover = recover;
      during(first).whenComplete(this);
    }

    @Override
    public void accept(S value, @Nullable Throwable error) {
      try {
        if (error == null) {
          complete(convert.apply(value));
        } else if (recover != null) {
          complete(recover.apply(known(error)));
        } else {
          completeExceptionally(unwrap(error));
        }
      } catch (Throwable thrown) {
        completeExceptionally(thrown);
      }
    }
  }

  /** A call that is followed by another; it is both futures' listener. */
  private abstract static class Two<S, T> extends Steps<T> implements BiConsumer<S, @Nullable Throwable> {
    private final @Nullable Consumer<? super T> unclaimed;

    Two(@Nullable Consumer<? super T> unclaimed) {
      this.unclaimed = unclaimed;
    }

    @Override
    final void unclaimed(T value) {
      if (unclaimed != null) {
        unclaimed.accept(value);
      }
    }
  }

  private static final class Followed<S, T> extends Two<S, T> {
    private final Function<? super S, CompletableFuture<T>> next;

    Followed(CompletableFuture<S> first, Function<? super S, CompletableFuture<T>> next, @Nullable Consumer<? super T> unclaimed) {
      super(unclaimed);
      this.next = next;
      during(first).whenComplete(this);
    }

    @Override
    public void accept(S value, @Nullable Throwable error) {
      if (error != null) {
        completeExceptionally(unwrap(error));
      } else if (!isDone()) {
        guarded(() -> end(next.apply(value)));
      }
    }
  }

  private static final class Recovered<E, T> extends Two<T, T> {
    private final Class<E> recoverable;
    private final Function<? super E, CompletableFuture<T>> otherwise;

    Recovered(
        CompletableFuture<T> first,
        Class<E> recoverable,
        Function<? super E, CompletableFuture<T>> otherwise,
        @Nullable Consumer<? super T> unclaimed) {
      super(unclaimed);
      this.recoverable = recoverable;
      this.otherwise = otherwise;
      during(first).whenComplete(this);
    }

    @Override
    public void accept(T value, @Nullable Throwable error) {
      if (error == null) {
        ended(value, null);
      } else if (recoverable.isInstance(unwrap(error))) {
        E known = recoverable.cast(unwrap(error));
        if (!isDone() || recoverable == Throwable.class) {
          guarded(() -> end(otherwise.apply(known)));
        }
      } else {
        completeExceptionally(unwrap(error));
      }
    }
  }
}
