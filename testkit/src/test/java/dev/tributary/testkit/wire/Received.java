package dev.tributary.testkit.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;

/** Takes what a publisher brings, all of it at once. */
public final class Received<T> implements Flow.Subscriber<T> {
  private static final long SECONDS = 30;

  private final List<T> items = new ArrayList<>();
  private final CompletableFuture<Void> end = new CompletableFuture<>();
  private final Consumer<? super T> settle;

  /** Only takes. */
  public Received() {
    this(item -> {});
  }

  /** Does this with each. */
  public Received(Consumer<? super T> settle) {
    this.settle = settle;
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    given.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(T item) {
    synchronized (this) {
      items.add(item);
      notifyAll();
    }
    settle.accept(item);
  }

  @Override
  public void onError(Throwable error) {
    end.completeExceptionally(error);
    wake();
  }

  @Override
  public void onComplete() {
    end.complete(null);
    wake();
  }

  private synchronized void wake() {
    notifyAll();
  }

  /** Waits until so many are here. */
  public synchronized void await(int count) throws InterruptedException, TimeoutException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (items.size() < count) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0 || this.end.isDone()) {
        throw new TimeoutException(items.size() + " items of " + count + "; ended " + this.end);
      }
      wait(left);
    }
  }

  /** This of each that is here. */
  public synchronized <V> List<V> all(Function<? super T, V> of) {
    return items.stream().map(of).toList();
  }

  /** Completes when the publisher does. */
  public CompletableFuture<Void> end() {
    return end;
  }
}
