package dev.tributary.vertx;

import io.vertx.core.Context;
import io.vertx.core.streams.ReadStream;
import java.util.concurrent.Flow;

/**
 * The items of a Vert.x stream for one subscriber, who gets as many as they ask for. The stream is only touched on a context: that of whoever gave it.
 *
 * @param context where the stream is used
 * @param stream without a handler yet; paused until it is asked
 */
record ReadStreamPublisher<T>(Context context, ReadStream<T> stream) implements Flow.Publisher<T> {
  @Override
  public void subscribe(Flow.Subscriber<? super T> subscriber) {
    context.runOnContext(now -> new Items(subscriber).begin());
  }

  /** What the subscriber has of the stream. */
  private final class Items implements Flow.Subscription {
    private final Flow.Subscriber<? super T> subscriber;
    /** Of the context. */
    private boolean over;

    Items(Flow.Subscriber<? super T> subscriber) {
      this.subscriber = subscriber;
    }

    void begin() {
      subscriber.onSubscribe(this);
      try {
        stream.pause();
        stream.exceptionHandler(
            error -> {
              if (end()) {
                subscriber.onError(error);
              }
            });
        stream.endHandler(
            done -> {
              if (end()) {
                subscriber.onComplete();
              }
            });
        stream.handler(
            item -> {
              if (!over) {
                subscriber.onNext(item);
              }
            });
      } catch (RuntimeException unusable) {
        if (end()) {
          subscriber.onError(unusable);
        }
      }
    }

    private boolean end() {
      boolean first = !over;
      over = true;
      return first;
    }

    @Override
    public void request(long n) {
      context.runOnContext(
          now -> {
            if (!over) {
              stream.fetch(n);
            }
          });
    }

    /** What comes meanwhile is dropped: a stream that stayed paused might hold up what it comes from. */
    @Override
    public void cancel() {
      context.runOnContext(
          now -> {
            if (end()) {
              stream.exceptionHandler(null);
              stream.endHandler(null);
              stream.handler(null);
              stream.resume();
            }
          });
    }
  }
}
