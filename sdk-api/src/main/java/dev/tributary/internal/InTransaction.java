package dev.tributary.internal;

import dev.tributary.Transaction;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Steps;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Work in a transaction: committed when it succeeds, aborted when it fails or the caller cancels. */
final class InTransaction<R> extends CompletableFuture<R> {
  private final CompletableFuture<Transaction> begun;
  private final Function<? super Transaction, ? extends CompletionStage<R>> work;

  InTransaction(CompletableFuture<Transaction> begun, Function<? super Transaction, ? extends CompletionStage<R>> work) {
    this.begun = begun;
    this.work = work;
  }

  /** Starts when the transaction has begun. */
  InTransaction<R> run() {
    begun.whenComplete(
        (transaction, error) -> {
          if (error != null) {
            completeExceptionally(error);
          } else if (!isDone()) {
            work(transaction);
          }
        });
    return this;
  }

  private void work(Transaction transaction) {
    try {
      CompletionStage<R> stage = work.apply(transaction);
      if (stage == null) {
        throw InvalidRequestException.of("the work returned null", "Return a completed future if there is nothing to wait for");
      }
      stage.whenComplete(
          (value, error) -> {
            if (error == null) {
              commit(transaction, value);
            } else {
              abort(transaction, Steps.unwrap(error));
            }
          });
    } catch (RuntimeException | Error thrown) {
      abort(transaction, thrown);
    }
  }

  private void commit(Transaction transaction, R value) {
    transaction
        .commit()
        .whenComplete(
            (done, error) -> {
              if (error == null) {
                complete(value);
              } else if (error instanceof TributaryException known && !known.maybeApplied()) {
                abort(transaction, error);
              } else {
                // Nobody knows whether there is still something to abort.
                completeExceptionally(error);
              }
            });
  }

  private void abort(Transaction transaction, Throwable why) {
    transaction
        .abort()
        .whenComplete(
            (done, error) -> {
              if (error != null && error != why) {
                why.addSuppressed(error);
              }
              completeExceptionally(why);
            });
  }

  @Override
  public boolean cancel(boolean mayInterrupt) {
    boolean cancelled = super.cancel(mayInterrupt);
    if (cancelled && !begun.cancel(mayInterrupt)) {
      begun.thenAccept(Transaction::abort);
    }
    return cancelled;
  }
}
