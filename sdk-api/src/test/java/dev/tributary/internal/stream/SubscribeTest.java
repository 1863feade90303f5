package dev.tributary.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.SubscriptionState;
import dev.tributary.codec.Codec;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.UndecodableException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.internal.Client;
import dev.tributary.internal.CountingSource;
import dev.tributary.internal.ManualTime;
import dev.tributary.internal.ScriptedTransport.FakeSource;
import dev.tributary.internal.ScriptedTransport;
import dev.tributary.stream.Message;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SubscribeTest {
  private final ScriptedTransport transport = new ScriptedTransport();
  private final Queue<Runnable> callbacks = new ArrayDeque<>();
  private int ran;
  private final Client client =
      new Client(transport, ClientConfig.builder("scripted").time(new ManualTime()).callbackExecutor(callbacks::add).prefetch(8).build());

  private void runCallbacks() {
    for (Runnable next = callbacks.poll(); next != null; next = callbacks.poll()) {
      ran++;
      next.run();
    }
  }

  /** Writes down what it hears. */
  private static class Recorder<T> implements Flow.Subscriber<Message<T>> {
    final List<Long> offsets = new ArrayList<>();
    Flow.Subscription subscription;
    Throwable error;
    int ends;

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      this.subscription = subscription;
    }

    @Override
    public void onNext(Message<T> message) {
      offsets.add(message.offset());
    }

    @Override
    public void onError(Throwable error) {
      this.error = error;
      ends++;
    }

    @Override
    public void onComplete() {
      ends++;
    }
  }

  private Recorder<byte[]> subscribe(SubscribeOptions options) {
    Recorder<byte[]> recorder = new Recorder<>();
    client.stream("s").subscribe(options).subscribe(recorder);
    runCallbacks();
    return recorder;
  }

  @Test
  void demandAtTheSourceIsThePrefetchAndIsRenewedInBatches() {
    Recorder<byte[]> recorder = subscribe(SubscribeOptions.from(StartAt.earliest()));
    FakeSource source = transport.source();
    assertThat(source.requests).containsExactly(8L);
    assertThat(source.deliverUpTo(0, 0, 100)).isEqualTo(8);
    runCallbacks();
    assertThat(recorder.offsets).isEmpty();
    recorder.subscription.request(3);
    runCallbacks();
    assertThat(recorder.offsets).containsExactly(0L, 1L, 2L);
    assertThat(source.requests).hasSize(1);
    recorder.subscription.request(Long.MAX_VALUE);
    runCallbacks();
    assertThat(recorder.offsets).hasSize(8);
    assertThat(source.requests.size()).isLessThanOrEqualTo(3);
    assertThat(source.demand).isBetween(4L, 8L);
  }

  @Test
  void aSlowSubscriberHoldsThePrefetchAndNoMore() {
    Recorder<byte[]> recorder = subscribe(SubscribeOptions.from(StartAt.earliest()));
    FakeSource source = transport.source();
    long next = 0;
    for (int i = 0; i < 1000; i++) {
      next += source.deliverUpTo(0, next, 100);
      recorder.subscription.request(1);
      runCallbacks();
      assertThat(next - recorder.offsets.size() + source.demand).isLessThanOrEqualTo(8);
    }
    assertThat(recorder.offsets).hasSize(1000).isSorted();
    assertThat(source.requests.size()).isLessThan(300);
  }

  @Test
  void aBurstIsOneTask() {
    Recorder<byte[]> recorder = subscribe(SubscribeOptions.builder().prefetch(500).build());
    recorder.subscription.request(Long.MAX_VALUE);
    runCallbacks();
    ran = 0;
    transport.source().deliverUpTo(0, 0, 500);
    runCallbacks();
    assertThat(recorder.offsets).hasSize(500);
    assertThat(ran).isEqualTo(1);
  }

  @Test
  void whatComesInABurstIsHandedOverWhenThatIsOver() {
    Recorder<byte[]> recorder = subscribe(SubscribeOptions.from(StartAt.earliest()));
    recorder.subscription.request(Long.MAX_VALUE);
    runCallbacks();
    transport.source().observer.onBurst(
        () -> {
          transport.source().deliverUpTo(0, 0, 5);
          assertThat(callbacks).isEmpty();
        });
    assertThat(callbacks).hasSize(1);
    runCallbacks();
    assertThat(recorder.offsets).containsExactly(0L, 1L, 2L, 3L, 4L);
    transport.source().deliver(0, 5);
    runCallbacks();
    assertThat(recorder.offsets).as("one that comes alone").hasSize(6);
  }

  @Test
  void nothingFollowsACancel() {
    Recorder<byte[]> recorder = subscribe(SubscribeOptions.from(StartAt.earliest()));
    recorder.subscription.request(10);
    transport.source().deliver(0, 0);
    recorder.subscription.cancel();
    assertThat(transport.source().isClosing()).isTrue();
    transport.source().observer.onItem(ScriptedTransport.message(0, 1));
    runCallbacks();
    assertThat(recorder.offsets).isEmpty();
    assertThat(recorder.ends).isZero();
  }

  @Test
  void cancellingInOnSubscribeOpensNothing() {
    client
        .stream("s")
        .subscribe(SubscribeOptions.from(StartAt.earliest()))
        .subscribe(
            new Recorder<>() {
              @Override
              public void onSubscribe(Flow.Subscription subscription) {
                subscription.cancel();
              }
            });
    runCallbacks();
    assertThat(transport.sources).isEmpty();
  }

  @Test
  void whatWasReceivedBeforeTheEndIsDeliveredFirst() {
    Recorder<byte[]> recorder = subscribe(SubscribeOptions.from(StartAt.earliest()));
    transport.source().deliverUpTo(0, 0, 2);
    transport.source().end(new NotFoundException(ErrorInfo.of("gone", "")));
    runCallbacks();
    assertThat(recorder.ends).isZero();
    recorder.subscription.request(2);
    runCallbacks();
    assertThat(recorder.offsets).containsExactly(0L, 1L);
    assertThat(recorder.error).isInstanceOf(NotFoundException.class).hasMessageContaining("subscribe on default/default/s");
    assertThat(recorder.ends).isEqualTo(1);
  }

  @Test
  void closingTheClientEndsItAtOnce() {
    Recorder<byte[]> recorder = subscribe(SubscribeOptions.from(StartAt.earliest()));
    recorder.subscription.request(5);
    client.closeAsync();
    runCallbacks();
    assertThat(recorder.error).isInstanceOf(ClientClosedException.class);
    assertThat(recorder.ends).isEqualTo(1);
    assertThat(transport.source().isClosing()).isTrue();

    assertThat(subscribe(SubscribeOptions.from(StartAt.earliest())).error).isInstanceOf(ClientClosedException.class);
    assertThat(transport.sources).hasSize(1);
  }

  @Test
  void demandThatIsNotPositiveIsAnError() {
    Recorder<byte[]> recorder = subscribe(SubscribeOptions.from(StartAt.earliest()));
    recorder.subscription.request(0);
    runCallbacks();
    assertThat(recorder.error).isInstanceOf(IllegalArgumentException.class);
    assertThat(transport.source().isClosing()).isTrue();
  }

  @Test
  void aSubscriberThatThrowsEndsItsSubscriptionOnly() {
    Recorder<byte[]> other = subscribe(SubscribeOptions.from(StartAt.earliest()));
    FakeSource untouched = transport.source();
    Recorder<byte[]> throwing =
        new Recorder<>() {
          @Override
          public void onNext(Message<byte[]> message) {
            super.onNext(message);
            throw new IllegalStateException("the subscriber's own fault");
          }
        };
    client.stream("s").subscribe(SubscribeOptions.from(StartAt.earliest())).subscribe(throwing);
    throwing.subscription.request(5);
    runCallbacks();
    transport.source().deliverUpTo(0, 0, 3);
    runCallbacks();
    assertThat(throwing.offsets).containsExactly(0L);
    assertThat(throwing.ends).isZero();
    assertThat(transport.source().isClosing()).isTrue();
    assertThat(untouched.isClosing()).isFalse();
    assertThat(other.ends).isZero();
  }

  @Test
  void whatCannotBeDecodedEndsItAndIsNamed() {
    Codec<String> picky =
        Codecs.of(
            value -> value.getBytes(java.nio.charset.StandardCharsets.UTF_8),
            bytes -> {
              String text = new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
              if (text.equals("0:1")) {
                throw new IllegalStateException("not this one");
              }
              return text;
            });
    Recorder<String> recorder = new Recorder<>();
    client.stream("s", picky).subscribe(SubscribeOptions.from(StartAt.earliest())).subscribe(recorder);
    recorder.subscription.request(10);
    runCallbacks();
    transport.source().deliverUpTo(0, 0, 3);
    runCallbacks();
    assertThat(recorder.offsets).containsExactly(0L);
    assertThat(recorder.error).isInstanceOf(UndecodableException.class).hasMessageContaining("offset=1");
    assertThat(transport.source().isClosing()).isTrue();
  }

  @Test
  void statesAreToldInOrderAndEndWithClosed() {
    List<SubscriptionState> states = new ArrayList<>();
    Recorder<byte[]> recorder = subscribe(SubscribeOptions.builder().onState(states::add).build());
    FakeSource source = transport.source();
    source.state(SubscriptionState.LIVE);
    source.state(SubscriptionState.LIVE);
    source.state(SubscriptionState.RECONNECTING);
    source.state(SubscriptionState.LIVE);
    assertThat(states).isEmpty();
    runCallbacks();
    recorder.subscription.cancel();
    runCallbacks();
    assertThat(states)
        .containsExactly(
            SubscriptionState.LIVE, SubscriptionState.RECONNECTING, SubscriptionState.LIVE, SubscriptionState.CLOSED);
  }

  @Test
  void statesThatNobodyListensToDoNotPileUp() {
    List<SubscriptionState> states = new ArrayList<>();
    subscribe(SubscribeOptions.builder().onState(states::add).build());
    FakeSource source = transport.source();
    for (int i = 0; i < 1000; i++) {
      source.state(SubscriptionState.LIVE);
      source.state(SubscriptionState.RECONNECTING);
    }
    source.state(SubscriptionState.LIVE);
    runCallbacks();
    assertThat(states).hasSizeLessThan(100).endsWith(SubscriptionState.LIVE);
  }

  @Test
  void whatCannotBeRightIsTheSubscribersError() {
    assertThat(subscribe(SubscribeOptions.from(StartAt.committed())).error).isInstanceOf(InvalidRequestException.class);
    assertThat(subscribe(SubscribeOptions.builder().group("").build()).error).isInstanceOf(InvalidRequestException.class);
    assertThat(subscribe(SubscribeOptions.builder().partitions(-1).build()).error).isInstanceOf(InvalidRequestException.class);
    transport.capabilities = EnumSet.of(Capability.STREAMS);
    assertThat(subscribe(SubscribeOptions.from(StartAt.time(Instant.EPOCH))).error).isInstanceOf(UnsupportedFeatureException.class);
    assertThat(transport.sources).isEmpty();
  }

  @Test
  void manyMessagesOverThreadsArriveInOrder() throws Exception {
    ExecutorService wire = Executors.newSingleThreadExecutor();
    transport.onSubscribe =
        (spec, observer) -> new CountingSource<>(observer, offset -> ScriptedTransport.message(0, offset), 300_000, wire);
    Client threaded = new Client(transport, ClientConfig.builder("scripted").build());
    CountDownLatch done = new CountDownLatch(1);
    Recorder<byte[]> recorder =
        new Recorder<>() {
          @Override
          public void onSubscribe(Flow.Subscription subscription) {
            super.onSubscribe(subscription);
            subscription.request(7);
          }

          @Override
          public void onNext(Message<byte[]> message) {
            super.onNext(message);
            if (offsets.size() % 7 == 0) {
              subscription.request(7);
            }
          }

          @Override
          public void onComplete() {
            super.onComplete();
            done.countDown();
          }
        };
    threaded.stream("s").subscribe(SubscribeOptions.from(StartAt.earliest())).subscribe(recorder);
    assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(recorder.offsets).hasSize(300_000).isSorted().doesNotHaveDuplicates();
    threaded.close();
    wire.shutdown();
  }
}
