package dev.tributary.vertx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.error.InvalidRequestException;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class VertxReadStreamTest {
  private static final int WINDOW = 4;
  private static Vertx vertx;

  private final Context context = vertx.getOrCreateContext();
  private final Source source = new Source();
  private final List<String> signals = Collections.synchronizedList(new ArrayList<>());
  private final List<Integer> dropped = Collections.synchronizedList(new ArrayList<>());
  private final VertxReadStream<Integer> stream = new VertxReadStream<>(context, WINDOW, source, Function.identity(), dropped::add);

  @BeforeAll
  static void open() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void shut() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @Test
  void subscribesWithItsHandler() throws Exception {
    assertThat(source.subscriber).isNull();
    listen();
    source.emit(1);
    settle();
    assertThat(signals).containsExactly("1");
    listen();
    assertThat(source.subscriptions).isEqualTo(1);
  }

  @Test
  void flowsThroughASmallWindow() throws Exception {
    listen();
    assertThat(source.requested).isEqualTo(WINDOW);
    for (int i = 0; i < 20; i++) {
      source.emit(i);
      settle();
      assertThat(source.requested - i - 1).isBetween(1L, (long) WINDOW);
    }
    assertThat(signals).hasSize(20);
  }

  @Test
  void fetchesExactlyWhatItIsAskedFor() throws Exception {
    stream.pause();
    listen();
    assertThat(source.requested).isZero();
    stream.fetch(3);
    assertThat(source.requested).isEqualTo(3);
    for (int i = 0; i < 3; i++) {
      source.emit(i);
      settle();
    }
    assertThat(source.requested).isEqualTo(3);
    stream.fetch(10);
    assertThat(source.requested).isEqualTo(3 + WINDOW);
    assertThat(signals).containsExactly("0", "1", "2");
  }

  @Test
  void aPauseHoldsBackBothEnds() throws Exception {
    listen();
    stream.pause();
    for (int i = 0; i < WINDOW; i++) {
      source.emit(i);
    }
    settle();
    assertThat(signals).isEmpty();
    assertThat(source.requested).isEqualTo(WINDOW);
    stream.fetch(1);
    settle();
    assertThat(signals).containsExactly("0");
    assertThat(source.requested).isEqualTo(WINDOW);
    stream.resume();
    settle();
    assertThat(signals).containsExactly("0", "1", "2", "3");
    assertThat(source.requested).isGreaterThan(WINDOW);
  }

  @Test
  void theEndComesOnceAndLast() throws Exception {
    listen();
    stream.pause();
    source.emit(1);
    source.subscriber.onComplete();
    settle();
    assertThat(signals).isEmpty();
    stream.resume();
    settle();
    stream.close();
    settle();
    assertThat(signals).containsExactly("1", "end");
  }

  @Test
  void anErrorComesOnceAndLast() throws Exception {
    listen();
    source.emit(1);
    source.subscriber.onError(new IllegalStateException("broken"));
    settle();
    stream.resume();
    stream.close();
    settle();
    assertThat(signals).containsExactly("1", "broken");
  }

  @Test
  void withoutAHandlerItIsCancelled() throws Exception {
    listen();
    stream.pause();
    source.emit(1);
    stream.handler(null);
    source.emit(2);
    settle();
    assertThat(source.cancelled).isEqualTo(1);
    assertThat(signals).isEmpty();
    assertThat(dropped).containsExactly(1, 2);
    assertThatThrownBy(this::listen).isInstanceOf(InvalidRequestException.class).hasMessageContaining("over");
  }

  @Test
  void closingCancelsAndEndsOnce() throws Exception {
    listen();
    stream.pause();
    source.emit(1);
    stream.close();
    stream.close();
    stream.handler(null);
    settle();
    assertThat(source.cancelled).isEqualTo(1);
    assertThat(signals).containsExactly("end");
    assertThat(dropped).containsExactly(1);
  }

  @Test
  void aSubscriptionThatComesTooLateIsCancelled() {
    source.held = true;
    listen();
    stream.close();
    source.release();
    assertThat(source.cancelled).isEqualTo(1);
    assertThat(source.requested).isZero();
  }

  @Test
  void aHandlerThatThrowsMissesNothing() throws Exception {
    CompletableFuture<Throwable> reported = new CompletableFuture<>();
    context.exceptionHandler(reported::complete);
    stream.handler(
        item -> {
          signals.add("" + item);
          if (item == 0) {
            throw new IllegalStateException("mine");
          }
        });
    source.emit(0);
    source.emit(1);
    settle();
    assertThat(signals).containsExactly("0", "1");
    assertThat(reported.get(10, TimeUnit.SECONDS)).hasMessage("mine");
  }

  @Test
  void handlersRunOnTheContext() throws Exception {
    List<Context> contexts = Collections.synchronizedList(new ArrayList<>());
    stream.handler(item -> contexts.add(Vertx.currentContext())).endHandler(end -> contexts.add(Vertx.currentContext()));
    source.emit(1);
    source.subscriber.onComplete();
    settle();
    assertThat(contexts).containsExactly(context, context);
  }

  @Test
  void negativeFetchesAreRefused() {
    assertThatThrownBy(() -> stream.fetch(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aTurnThatIsFullIsNotTheEnd() throws Exception {
    stream.pause();
    listen();
    for (int i = 0; i < 3 * WINDOW; i++) {
      source.emit(i);
    }
    stream.resume();
    settle();
    settle();
    assertThat(signals).hasSize(3 * WINDOW).doesNotContain("end");
  }

  @RepeatedTest(3)
  void nothingIsLostOrReorderedUnderPausesFromElsewhere() throws Exception {
    int count = 5_000;
    AtomicInteger expected = new AtomicInteger();
    CompletableFuture<Void> done = new CompletableFuture<>();
    SubmissionPublisher<Integer> publisher = new SubmissionPublisher<>();
    VertxReadStream<Integer> busy = new VertxReadStream<>(context, 16, publisher, Function.identity(), item -> {});
    busy.exceptionHandler(done::completeExceptionally)
        .endHandler(done::complete)
        .handler(
            item -> {
              if (item != expected.getAndIncrement()) {
                done.completeExceptionally(new AssertionError("got " + item));
              }
            });
    Thread nervous =
        new Thread(
            () -> {
              while (!done.isDone()) {
                busy.pause();
                busy.fetch(ThreadLocalRandom.current().nextInt(5));
                busy.resume();
              }
            });
    nervous.start();
    for (int i = 0; i < count; i++) {
      publisher.submit(i);
    }
    publisher.close();
    done.get(30, TimeUnit.SECONDS);
    nervous.join();
    assertThat(expected).hasValue(count);
  }

  private void listen() {
    stream
        .exceptionHandler(error -> signals.add(error.getMessage()))
        .endHandler(end -> signals.add("end"))
        .handler(item -> signals.add("" + item));
  }

  /** Waits until the context has done what was scheduled on it, and what that scheduled. */
  private void settle() throws Exception {
    for (int i = 0; i < 4; i++) {
      CompletableFuture<Void> turn = new CompletableFuture<>();
      context.runOnContext(turn::complete);
      turn.get(10, TimeUnit.SECONDS);
    }
  }

  /** A publisher that does what the test tells it. */
  private static final class Source implements Flow.Publisher<Integer>, Flow.Subscription {
    Flow.Subscriber<? super Integer> subscriber;
    int subscriptions;
    volatile long requested;
    int cancelled;
    boolean held;

    @Override
    public void subscribe(Flow.Subscriber<? super Integer> subscriber) {
      this.subscriber = subscriber;
      subscriptions++;
      if (!held) {
        release();
      }
    }

    void release() {
      subscriber.onSubscribe(this);
    }

    void emit(int item) {
      subscriber.onNext(item);
    }

    @Override
    public synchronized void request(long n) {
      requested += n;
    }

    @Override
    public void cancel() {
      cancelled++;
    }
  }
}
