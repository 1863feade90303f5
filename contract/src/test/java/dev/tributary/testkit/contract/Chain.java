package dev.tributary.testkit.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A publisher, and what is done with its items on their way, as libraries of operators do it: a step asks for as much as it is asked for, and for one
 * more whenever it passes nothing on. What a step still holds at the end is dropped, since a subscription has none.
 */
record Chain<T>(Flow.Publisher<T> items) implements Flow.Publisher<T> {
  @Override
  public void subscribe(Flow.Subscriber<? super T> subscriber) {
    items.subscribe(subscriber);
  }

  Chain<T> filter(Predicate<? super T> wanted) {
    return then(() -> item -> Optional.of(item).filter(wanted));
  }

  <R> Chain<R> map(Function<? super T, ? extends R> change) {
    return then(() -> item -> Optional.of(change.apply(item)));
  }

  Chain<List<T>> inGroupsOf(int size) {
    return then(
        () -> {
          List<T> group = new ArrayList<>();
          return item -> {
            group.add(item);
            if (group.size() < size) {
              return Optional.empty();
            }
            List<T> full = List.copyOf(group);
            group.clear();
            return Optional.of(full);
          };
        });
  }

  /** A step that each subscriber has for itself. */
  private <R> Chain<R> then(Supplier<Function<T, Optional<R>>> step) {
    return new Chain<>(subscriber -> items.subscribe(new Link<T, R>(step.get(), subscriber)));
  }

  private static final class Link<T, R> implements Flow.Subscriber<T> {
    private final Function<T, Optional<R>> step;
    private final Flow.Subscriber<? super R> down;
    private Flow.@Nullable Subscription up;

    private Link(Function<T, Optional<R>> step, Flow.Subscriber<? super R> down) {
      this.step = step;
      this.down = down;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      up = subscription;
      down.onSubscribe(subscription);
    }

    @Override
    public void onNext(T item) {
      step.apply(item).ifPresentOrElse(down::onNext, () -> Objects.requireNonNull(up).request(1));
    }

    @Override
    public void onError(Throwable failure) {
      down.onError(failure);
    }

    @Override
    public void onComplete() {
      down.onComplete();
    }
  }
}
