package dev.tributary.internal.queue;

import dev.tributary.SubscriptionState;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.Payloads;
import dev.tributary.internal.Serial;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Source;
import dev.tributary.spi.SourceObserver;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A source of decoded jobs, on the callback executor. A job that cannot be decoded is refused, and another asked for in its place.
 */
final class DecodingSource<T> implements Source, SourceObserver<LeasedJob> {
  private final Leasing leasing;
  private final Payloads<T> payloads;
  private final SourceObserver<Delivery<T>> observer;
  private final Serial serial;
  private final Source source;

  DecodingSource(Leasing leasing, Payloads<T> payloads, Duration lease, SourceObserver<Delivery<T>> observer) {
    this.leasing = leasing;
    this.payloads = payloads;
    this.observer = observer;
    this.serial = new Serial(leasing.calls());
    this.source = leasing.open(lease, this);
  }

  @Override
  public void request(long n) {
    source.request(n);
  }

  @Override
  public CompletableFuture<Void> close() {
    return source.close().thenCompose(closed -> leasing.givenBack());
  }

  @Override
  public void onItem(LeasedJob job) {
    serial.execute(() -> decode(job));
  }

  private void decode(LeasedJob job) {
    Delivery<T> delivery = new Delivery<>(leasing, job);
    try {
      delivery.decode(payloads);
    } catch (TributaryException undecodable) {
      leasing.refuse(job, undecodable);
      source.request(1);
      return;
    }
    observer.onItem(delivery);
  }

  @Override
  public long room() {
    return observer.room();
  }

  @Override
  public void onState(SubscriptionState state) {
    serial.execute(() -> observer.onState(state));
  }

  @Override
  public void onEnd(@Nullable TributaryException error) {
    serial.execute(() -> observer.onEnd(error));
  }
}
