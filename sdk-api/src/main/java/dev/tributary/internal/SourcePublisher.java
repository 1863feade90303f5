package dev.tributary.internal;

import dev.tributary.SubscriptionState;
import dev.tributary.spi.Source;
import dev.tributary.spi.SourceObserver;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * A publisher over a source of the transport; every subscriber gets a source of its own.
 *
 * @param calls the client
 * @param operation what subscribing is called in errors
 * @param resource what is subscribed to, for errors
 * @param open checks and opens; what it throws is the subscriber's error
 * @param decode an item for the subscriber, on the callback executor; what it throws goes to {@code undecodable}
 * @param undecodable deals with an item that could not be decoded: the subscription goes on without it when that succeeds, and ends with what
 *     it fails with
 * @param discard told of items that were taken from the source but not handed to the subscriber
 * @param size the bytes that an item holds
 * @param window most items asked from the source and not yet handed over
 * @param windowBytes most bytes that wait for the subscriber; one item may go past it
 * @param ahead whether the window is filled without demand; else items are only asked for as the subscriber demands them
 * @param listener told what happens besides items
 * @param <S> what the source delivers
 * @param <T> what the subscriber receives
 */
public record SourcePublisher<S, T>(
    Calls calls,
    String operation,
    Object resource,
    Function<SourceObserver<S>, ? extends Source> open,
    Function<? super S, ? extends T> decode,
    BiFunction<? super S, Throwable, CompletableFuture<Void>> undecodable,
    Consumer<? super S> discard,
    ToLongFunction<? super S> size,
    int window,
    long windowBytes,
    boolean ahead,
    Listener listener)
    implements Flow.Publisher<T> {

  /**
   * Told what happens besides items, on the callback executor.
   *
   * @param onState told of changes of state
   * @param onAssigned told of partitions before their first item
   * @param onRevoked told of partitions after their last item
   */
  public record Listener(Consumer<SubscriptionState> onState, Consumer<Set<Integer>> onAssigned, Consumer<Set<Integer>> onRevoked) {
    /** One to which only the state matters. */
    public static Listener ofState(Consumer<SubscriptionState> onState) {
      return new Listener(onState, assigned -> {}, revoked -> {});
    }
  }

  /** Of items that may simply be dropped, fetched ahead. */
  public static <S, T> SourcePublisher<S, T> fetchingAhead(
      Calls calls,
      String operation,
      Object resource,
      Function<SourceObserver<S>, ? extends Source> open,
      Function<? super S, ? extends T> decode,
      ToLongFunction<? super S> size,
      int window,
      Consumer<SubscriptionState> onState) {
    return new SourcePublisher<>(
        calls,
        operation,
        resource,
        open,
        decode,
        (item, why) -> CompletableFuture.failedFuture(why),
        dropped -> {},
        size,
        window,
        calls.config().prefetchBytes(),
        true,
        Listener.ofState(onState));
  }

  /** Of items that the source must not be asked for without a subscriber who wants them. */
  public static <S, T> SourcePublisher<S, T> onDemand(
      Calls calls,
      String operation,
      Object resource,
      Function<SourceObserver<S>, ? extends Source> open,
      Function<? super S, ? extends T> decode,
      Consumer<? super S> discard,
      ToLongFunction<? super S> size,
      int window,
      Consumer<SubscriptionState> onState) {
    return new SourcePublisher<>(
        calls,
        operation,
        resource,
        open,
        decode,
        (item, why) -> {
          discard.accept(item);
          return CompletableFuture.failedFuture(why);
        },
        discard,
        size,
        window,
        calls.config().prefetchBytes(),
        false,
        Listener.ofState(onState));
  }

  @Override
  public void subscribe(Flow.Subscriber<? super T> subscriber) {
    new SourceSubscription<>(this, Objects.requireNonNull(subscriber, "subscriber")).start();
  }
}
