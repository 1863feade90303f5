package dev.tributary.testkit.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A subscriber that asks for as much as it is told to and keeps what it gets. */
final class Probe<T> implements Flow.Subscriber<T> {
  private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
  private final List<T> items = new ArrayList<>();
  private final AtomicInteger ends = new AtomicInteger();
  private final AtomicInteger ignored = new AtomicInteger();
  private final long initial;
  private final Predicate<? super T> ignore;
  private volatile @Nullable Throwable error;

  private Probe(long initial, Predicate<? super T> ignore) {
    this.initial = initial;
    this.ignore = ignore;
  }

  /** Asks for everything. */
  static <T> Probe<T> of(Flow.Publisher<T> publisher) {
    return of(publisher, Long.MAX_VALUE);
  }

  /** Asks for this many to begin with. */
  static <T> Probe<T> of(Flow.Publisher<T> publisher, long demand) {
    Probe<T> probe = new Probe<>(demand, item -> false);
    publisher.subscribe(probe);
    return probe;
  }

  /** Asks for everything and keeps what is not to be ignored. */
  static <T> Probe<T> ignoring(Flow.Publisher<T> publisher, Predicate<? super T> ignore) {
    Probe<T> probe = new Probe<>(Long.MAX_VALUE, ignore);
    publisher.subscribe(probe);
    return probe;
  }

  @Override
  public void onSubscribe(Flow.Subscription made) {
    subscription.complete(made);
    if (initial > 0) {
      made.request(initial);
    }
  }

  @Override
  public synchronized void onNext(T item) {
    if (ignore.test(item)) {
      ignored.incrementAndGet();
    } else {
      items.add(item);
    }
  }

  @Override
  public void onError(Throwable failure) {
    error = failure;
    ends.incrementAndGet();
  }

  @Override
  public void onComplete() {
    ends.incrementAndGet();
  }

  void request(long n) {
    Contract.get(subscription).request(n);
  }

  void cancel() {
    Contract.get(subscription).cancel();
  }

  synchronized List<T> items() {
    return List.copyOf(items);
  }

  synchronized int count() {
    return items.size();
  }

  /** How many were ignored. */
  int ignored() {
    return ignored.get();
  }

  /** How many terminal signals there were. */
  int ends() {
    return ends.get();
  }

  @Nullable Throwable error() {
    return error;
  }
}
