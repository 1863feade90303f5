package dev.tributary.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Outcome;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.PartialFailureException;
import dev.tributary.error.SchemaRejectedException;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.Client;
import dev.tributary.internal.ManualTime;
import dev.tributary.internal.ScriptedTransport;
import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import dev.tributary.stream.PublisherOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;

class PublishFromTest {
  private final ScriptedTransport transport = new ScriptedTransport();
  private final ManualTime time = new ManualTime();
  private final Client client =
      new Client(
          transport,
          ClientConfig.builder("scripted").time(time).callbackExecutor(ClientConfig.INLINE).timeout(Duration.ofSeconds(1)).build());
  private final List<Object> signals = new ArrayList<>();
  private Flow.Subscription subscription;

  private void publish(Flow.Publisher<Event<byte[]>> source, PublisherOptions options, long demand) {
    client
        .stream("s")
        .publishFrom(source, options)
        .subscribe(
            new Flow.Subscriber<>() {
              @Override
              public void onSubscribe(Flow.Subscription made) {
                subscription = made;
                if (demand > 0) {
                  made.request(demand);
                }
              }

              @Override
              public void onNext(Position position) {
                signals.add(position.offset());
              }

              @Override
              public void onError(Throwable error) {
                signals.add(error);
              }

              @Override
              public void onComplete() {
                signals.add("end");
              }
            });
  }

  private List<Integer> batch(int call) {
    return transport.call(call).<List<Event<byte[]>>>aboutAs().stream().map(event -> (int) event.value()[0]).toList();
  }

  private int sent() {
    return transport.calls.stream().mapToInt(call -> call.<List<?>>aboutAs().size()).sum();
  }

  private static PublisherOptions inFlight(int events) {
    return PublisherOptions.builder().maxInFlightEvents(events).build();
  }

  private static TributaryException refusal() {
    return new SchemaRejectedException(ErrorInfo.of("does not fit", "Mend it"));
  }

  @Test
  void nothingIsAskedForThatNobodyWants() {
    ListedEvents source = new ListedEvents(10, 1);
    transport.onPublish = events -> ScriptedTransport.stored(0, events.size());
    publish(source, PublisherOptions.DEFAULT, 0);
    assertThat(source.requested).hasValue(0);
    subscription.request(3);
    assertThat(source.requested).hasValue(3);
    assertThat(signals).hasSize(3);
    subscription.request(Long.MAX_VALUE);
    assertThat(signals).hasSize(11).endsWith("end");
  }

  @Test
  void noMoreAreInFlightThanAllowed() {
    ListedEvents source = new ListedEvents(100, 1);
    publish(source, inFlight(4), Long.MAX_VALUE);
    assertThat(source.requested).hasValue(4);
    transport.call(0).succeed(ScriptedTransport.stored(0, 1));
    assertThat(batch(1)).containsExactly(1, 2, 3);
    transport.call(1).succeed(ScriptedTransport.stored(1, 3));
    assertThat(signals).containsExactly(0L, 1L, 2L, 3L);
    assertThat(source.requested.get() - signals.size()).isBetween(1L, 4L);
  }

  @Test
  void bytesInFlightAreBoundedByTheLargestSoFar() {
    ListedEvents source = new ListedEvents(100, 1000);
    publish(source, PublisherOptions.builder().maxInFlightBytes(5000).build(), Long.MAX_VALUE);
    assertThat(source.requested).hasValue(5);
    transport.call(0).succeed(ScriptedTransport.stored(0, 1));
    assertThat(source.requested.get()).isLessThanOrEqualTo(6);
  }

  @Test
  void noMoreIsAskedForAtATimeThanMayTurnOutLarge() {
    Hand source = new Hand();
    publish(source, PublisherOptions.DEFAULT, Long.MAX_VALUE);
    assertThat(source.requested).isEqualTo(1);
    source.give(0);
    assertThat(source.requested - 1).isEqualTo(64);
  }

  @Test
  void theErrorOfTheSourceComesWhenAllBeforeItIsConfirmed() {
    Hand source = new Hand();
    publish(source, PublisherOptions.linger(Duration.ofMinutes(1)), Long.MAX_VALUE);
    source.give(0);
    source.give(1);
    IllegalStateException fault = new IllegalStateException("broken");
    source.subscriber.onError(fault);
    assertThat(batch(0)).containsExactly(0, 1);
    assertThat(signals).isEmpty();
    transport.call(0).succeed(ScriptedTransport.stored(0, 2));
    assertThat(signals).containsExactly(0L, 1L, fault);
    assertThat(source.cancelled).as("a source that ended is not cancelled").isFalse();
  }

  @Test
  void whatWasStoredBehindTheFirstFailureIsInTheError() {
    Hand source = new Hand();
    publish(source, PublisherOptions.DEFAULT, Long.MAX_VALUE);
    for (int i = 0; i < 5; i++) {
      source.give(i);
    }
    transport.call(0).succeed(ScriptedTransport.stored(0, 1));
    transport
        .call(1)
        .succeed(
            List.of(Outcome.of(new Position(0, 1)), Outcome.failed(refusal()), Outcome.of(new Position(0, 2)), Outcome.failed(refusal())));
    assertThat(signals).hasSize(3).startsWith(0L, 1L);
    PartialFailureException failure = (PartialFailureException) signals.get(2);
    assertThat(failure.outcomes()).hasSize(3);
    assertThat(failure.outcomes().get(1).value()).isEqualTo(new Position(0, 2));
    assertThat(source.cancelled).isTrue();
  }

  @Test
  void whatIsNotOnTheWireWhenOneFailsIsNotSent() {
    Hand source = new Hand();
    publish(source, PublisherOptions.builder().maxBatchEvents(1).build(), Long.MAX_VALUE);
    for (int i = 0; i < 4; i++) {
      source.give(i);
    }
    TributaryException refusal = refusal();
    transport.call(0).succeed(List.of(Outcome.failed(refusal)));
    assertThat(transport.calls).hasSize(1);
    assertThat(signals).hasSize(1).first().isInstanceOf(SchemaRejectedException.class);
    assertThat(source.cancelled).isTrue();
  }

  @Test
  void anEventThatCannotBeSentEndsItAsItselfIfNothingBehindItWasStored() {
    Hand source = new Hand();
    publish(source, PublisherOptions.DEFAULT, Long.MAX_VALUE);
    source.give(0);
    source.subscriber.onNext(Event.builder(new byte[1]).deduplicationId("").build());
    source.give(2);
    assertThat(signals).isEmpty();
    transport.call(0).succeed(ScriptedTransport.stored(0, 1));
    assertThat(signals).hasSize(2).startsWith(0L);
    assertThat(signals.get(1)).isInstanceOf(InvalidRequestException.class);
    assertThat(sent()).isEqualTo(1);
  }

  @Test
  void cancellingCancelsTheSourceAndWithdrawsWhatIsNotSent() {
    Hand source = new Hand();
    publish(source, PublisherOptions.DEFAULT, Long.MAX_VALUE);
    source.give(0);
    source.give(1);
    subscription.cancel();
    assertThat(source.cancelled).isTrue();
    transport.call(0).succeed(ScriptedTransport.stored(0, 1));
    assertThat(transport.calls).hasSize(1);
    assertThat(signals).isEmpty();
  }

  @Test
  void closingTheClientSendsWhatWasTakenAndSaysSo() {
    Hand source = new Hand();
    publish(source, PublisherOptions.linger(Duration.ofMinutes(1)), Long.MAX_VALUE);
    source.give(0);
    client.closeAsync();
    assertThat(source.cancelled).isTrue();
    transport.call(0).succeed(ScriptedTransport.stored(0, 1));
    assertThat(signals).hasSize(2).startsWith(0L);
    assertThat(signals.get(1)).isInstanceOf(ClientClosedException.class);
  }

  @Test
  void aSourceThatGivesMoreThanItWasAskedForIsEnded() {
    Hand source = new Hand();
    publish(source, PublisherOptions.DEFAULT, 1);
    source.give(0);
    source.give(1);
    assertThat(source.cancelled).isTrue();
    transport.call(0).succeed(ScriptedTransport.stored(0, 1));
    assertThat(signals).hasSize(2).startsWith(0L);
    assertThat((TributaryException) signals.get(1)).hasMessageContaining("more than it was asked for");
    assertThat(sent()).isEqualTo(1);
  }

  @Test
  void aSourceThatThrowsWhenItIsSubscribedToIsToldAsItsError() {
    IllegalStateException fault = new IllegalStateException("used up");
    publish(
        subscriber -> {
          throw fault;
        },
        PublisherOptions.DEFAULT,
        1);
    assertThat(signals).containsExactly(fault);
  }

  @Test
  void anEventThatGetsNoAnswerEndsItWithinTheTimeout() {
    Hand source = new Hand();
    publish(source, PublisherOptions.DEFAULT, Long.MAX_VALUE);
    source.give(0);
    time.advance(Duration.ofSeconds(1));
    assertThat(signals).hasSize(1);
    assertThat(((TributaryException) signals.get(0)).maybeApplied()).isTrue();
    assertThat(source.cancelled).isTrue();
  }

  /** A source whose test gives. */
  private static final class Hand implements Flow.Publisher<Event<byte[]>>, Flow.Subscription {
    Flow.Subscriber<? super Event<byte[]>> subscriber;
    boolean cancelled;
    long requested;

    @Override
    public void subscribe(Flow.Subscriber<? super Event<byte[]>> to) {
      subscriber = to;
      to.onSubscribe(this);
    }

    void give(int number) {
      subscriber.onNext(Event.of(new byte[] {(byte) number}));
    }

    @Override
    public void request(long n) {
      requested += n;
    }

    @Override
    public void cancel() {
      cancelled = true;
    }
  }
}
