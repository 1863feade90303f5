package dev.tributary.testkit.contract;

import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A source that gives what is asked for, on the thread that asks, and then ends, and keeps count. For one subscriber. */
final class Listed<T> implements Flow.Publisher<T>, Flow.Subscription {
  private final List<T> items;
  private final @Nullable Throwable error;
  private final AtomicLong requested = new AtomicLong();
  private volatile boolean over;
  private volatile boolean cancelled;
  private int given;
  private Flow.@Nullable Subscriber<? super T> subscriber;

  private Listed(List<T> items, @Nullable Throwable error) {
    this.items = List.copyOf(items);
    this.error = error;
  }

  /** Gives these and completes. */
  static <T> Listed<T> of(List<T> items) {
    return new Listed<>(items, null);
  }

  /** Gives these and fails. */
  static <T> Listed<T> failing(List<T> items, Throwable error) {
    return new Listed<>(items, error);
  }

  @Override
  public void subscribe(Flow.Subscriber<? super T> to) {
    subscriber = to;
    to.onSubscribe(this);
  }

  @Override
  public void request(long n) {
    requested.addAndGet(n);
    Flow.Subscriber<? super T> to = subscriber;
    for (long i = 0; i < n && given < items.size() && !over && to != null; i++) {
      to.onNext(items.get(given++));
    }
    if (given == items.size() && !over && to != null) {
      over = true;
      if (error == null) {
        to.onComplete();
      } else {
        to.onError(error);
      }
    }
  }

  @Override
  public void cancel() {
    over = true;
    cancelled = true;
  }

  long requested() {
    return requested.get();
  }

  boolean cancelled() {
    return cancelled;
  }
}
