package dev.tributary.testkit.flowmesh;

import dev.tributary.stream.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Takes what a subscription brings, all of it at once. */
final class Received implements Flow.Subscriber<Message<String>> {
  private static final long SECONDS = 30;

  private final List<Message<String>> messages = new ArrayList<>();
  private final CompletableFuture<Void> end = new CompletableFuture<>();
  private volatile Flow.Subscription subscription;

  @Override
  public void onSubscribe(Flow.Subscription given) {
    subscription = given;
    given.request(Long.MAX_VALUE);
  }

  @Override
  public synchronized void onNext(Message<String> message) {
    messages.add(message);
    notifyAll();
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

  void cancel() {
    subscription.cancel();
  }

  /** Waits until so many are here. */
  synchronized void await(int count) throws InterruptedException, TimeoutException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (messages.size() < count) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0 || this.end.isDone()) {
        throw new TimeoutException(messages.size() + " messages of " + count + "; ended " + this.end);
      }
      wait(left);
    }
  }

  synchronized List<String> values() {
    return messages.stream().map(Message::value).toList();
  }

  synchronized List<Long> offsets() {
    return messages.stream().map(Message::offset).toList();
  }

  /** Completes when the subscription does. */
  CompletableFuture<Void> end() {
    return end;
  }
}
