package dev.tributary.internal;

import dev.tributary.SubscriptionState;
import dev.tributary.spi.Source;
import dev.tributary.spi.SourceObserver;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A publisher over a source of the transport; every subscriber gets a source of its own.
 *
 * @param calls the client
 * @param operation what subscribing is called in errors
 * @param resource what is subscribed to, for errors
 * @param open checks and opens; what it throws is the subscriber's error
 * @param decode an item for the subscriber, on the callback executor; what it throws ends the subscription
 * @param discard told of items that were taken from the source but not handed to the subscriber
 * @param window most items asked from the source and not yet handed over
 * @param ahead whether the window is filled without demand; else items are only asked for as the subscriber demands them
 * @param onState told of changes of state
 * @param <S> what the source delivers
 * @param <T> what the subscriber receives
 */
public record SourcePublisher<S, T>(
    Calls calls,
    String operation,
    Object resource,
    Function<SourceObserver<S>, ? extends Source> open,
    Function<? super S, ? extends T> decode,
    Consumer<? super S> discard,
    int window,
    boolean ahead,
    Consumer<SubscriptionState> onState)
    implements Flow.Publisher<T> {

  /** Of items that may simply be dropped, fetched ahead. */
  public static <S, T> SourcePublisher<S, T> fetchingAhead(
      Calls calls,
      String operation,
      Object resource,
      Function<SourceObserver<S>, ? extends Source> open,
      Function<? super S, ? extends T> decode,
      int window,
      Consumer<SubscriptionState> onState) {
    return new SourcePublisher<>(calls, operation, resource, open, decode, dropped -> {}, window, true, onState);
  }

  /** Of items that the source must not be asked for without a subscriber who wants them. */
  public static <S, T> SourcePublisher<S, T> onDemand(
      Calls calls,
      String operation,
      Object resource,
      Function<SourceObserver<S>, ? extends Source> open,
      Function<? super S, ? extends T> decode,
      Consumer<? super S> discard,
      int window,
      Consumer<SubscriptionState> onState) {
    return new SourcePublisher<>(calls, operation, resource, open, decode, discard, window, false, onState);
  }

  @Override
  public void subscribe(Flow.Subscriber<? super T> subscriber) {
    new SourceSubscription<>(this, Objects.requireNonNull(subscriber, "subscriber")).start();
  }
}
