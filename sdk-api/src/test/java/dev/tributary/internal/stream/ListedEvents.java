package dev.tributary.internal.stream;

import dev.tributary.stream.Event;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;

/** Events numbered from 0, as many as are asked for, on the thread that asks; counts what it was asked for. */
final class ListedEvents implements Flow.Publisher<Event<byte[]>> {
  final AtomicLong requested = new AtomicLong();
  volatile boolean cancelled;
  private final long count;
  private final int bytes;

  /** This many, each of so many bytes, of which the first is its number. */
  ListedEvents(long count, int bytes) {
    this.count = count;
    this.bytes = bytes;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super Event<byte[]>> subscriber) {
    Each each = new Each(subscriber);
    subscriber.onSubscribe(each);
    each.endIfOver();
  }

  private final class Each implements Flow.Subscription {
    private final Flow.Subscriber<? super Event<byte[]>> subscriber;
    private long given;
    private boolean over;

    Each(Flow.Subscriber<? super Event<byte[]>> subscriber) {
      this.subscriber = subscriber;
    }

    @Override
    public void request(long n) {
      requested.addAndGet(n);
      for (long i = 0; i < n && given < count && !over; i++) {
        byte[] value = new byte[bytes];
        value[0] = (byte) given++;
        subscriber.onNext(Event.of(value));
      }
      endIfOver();
    }

    void endIfOver() {
      if (given == count && !over) {
        over = true;
        subscriber.onComplete();
      }
    }

    @Override
    public void cancel() {
      cancelled = true;
      over = true;
    }
  }
}
