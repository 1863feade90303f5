package dev.tributary.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tributary.Outcome;
import dev.tributary.codec.Codec;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.Client;
import dev.tributary.internal.ManualTime;
import dev.tributary.internal.ScriptedTransport;
import dev.tributary.observe.Instrumentation;
import dev.tributary.observe.Observation;
import dev.tributary.spi.Steps;
import dev.tributary.stream.EventPublisher;
import dev.tributary.stream.Position;
import dev.tributary.stream.PublisherOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A publisher goes on, whatever those throw whom it calls and whatever its users do with what it gave them. */
class PublisherFaultsTest {
  private final ScriptedTransport transport = new ScriptedTransport();
  private final ManualTime time = new ManualTime();

  private Client client(Instrumentation instrumentation) {
    return new Client(
        transport,
        ClientConfig.builder("scripted")
            .time(time)
            .callbackExecutor(ClientConfig.INLINE)
            .timeout(Duration.ofSeconds(1))
            .instrumentation(instrumentation)
            .build());
  }

  private EventPublisher<byte[]> publisher() {
    return client(Instrumentation.NONE).stream("s").publisher();
  }

  private static List<CompletableFuture<Position>> publish(EventPublisher<byte[]> publisher, int count) {
    return Stream.generate(() -> publisher.publish(new byte[1])).limit(count).toList();
  }

  private static TributaryException failureOf(CompletableFuture<?> call) {
    assertThat(call).isCompletedExceptionally();
    return (TributaryException) Steps.unwrap(catchThrowable(call::join));
  }

  static Stream<Throwable> thrown() {
    return Stream.of(new IllegalStateException("thrown"), new AssertionError("thrown"), new StackOverflowError("thrown"));
  }

  private static <E extends Throwable> RuntimeException sneak(Throwable thrown) throws E {
    @SuppressWarnings("unchecked") // that is what it is for
    E any = (E) thrown;
    throw any;
  }

  // Who throws.

  @ParameterizedTest
  @MethodSource("thrown")
  void aTransportThatThrowsFailsThatBatchOnly(Throwable thrown) {
    EventPublisher<byte[]> publisher = publisher();
    List<CompletableFuture<Position>> first = publish(publisher, 1);
    List<CompletableFuture<Position>> second = publish(publisher, 3);
    transport.onPublish =
        events -> {
          transport.onPublish = null;
          throw PublisherFaultsTest.<RuntimeException>sneak(thrown);
        };
    transport.call(0).succeed(ScriptedTransport.stored(0, 1));
    assertThat(first.get(0)).isCompleted();
    assertThat(second).allSatisfy(event -> assertThat(failureOf(event)).isInstanceOf(ServerErrorException.class).hasCause(thrown));
    assertThat(publisher.flush()).isCompleted();
    List<CompletableFuture<Position>> third = publish(publisher, 1);
    transport.lastCall().succeed(ScriptedTransport.stored(1, 1));
    assertThat(third.get(0)).isCompletedWithValue(new Position(0, 1));
    assertThat(publisher.closeAsync()).isCompleted();
  }

  @Test
  void aTransportThatAnswersNonsenseFailsThatBatchOnly() {
    EventPublisher<byte[]> publisher = publisher();
    List<CompletableFuture<Position>> first = publish(publisher, 1);
    List<CompletableFuture<Position>> second = publish(publisher, 2);
    transport.call(0).succeed(List.of());
    assertThat(failureOf(first.get(0)).maybeApplied()).isTrue();
    transport.call(1).succeed(null);
    assertThat(second).allSatisfy(event -> assertThat(failureOf(event).maybeApplied()).isTrue());
    List<CompletableFuture<Position>> third = publish(publisher, 1);
    List<CompletableFuture<Position>> fourth = publish(publisher, 2);
    transport.lastCall().succeed(ScriptedTransport.stored(1, 1));
    List<Outcome<Position>> holes = new ArrayList<>();
    holes.add(null);
    holes.add(Outcome.of(new Position(0, 3)));
    transport.lastCall().succeed(holes);
    assertThat(third.get(0)).isCompleted();
    assertThat(failureOf(fourth.get(0)).maybeApplied()).isTrue();
    assertThat(fourth.get(1)).isDone();
    assertThat(publisher.closeAsync()).isCompleted();
  }

  @ParameterizedTest
  @MethodSource("thrown")
  void anInstrumentationThatThrowsHarmsNothing(Throwable thrown) {
    List<Instrumentation> all = List.of(
        operation -> {
          throw PublisherFaultsTest.<RuntimeException>sneak(thrown);
        },
        operation ->
            new Observation() {
              @Override
              public Map<String, String> headers() {
                throw PublisherFaultsTest.<RuntimeException>sneak(thrown);
              }

              @Override
              public void end(Throwable error) {}
            },
        operation ->
            new Observation() {
              @Override
              public void end(Throwable error) {
                throw PublisherFaultsTest.<RuntimeException>sneak(thrown);
              }
            });
    for (Instrumentation instrumentation : all) {
      EventPublisher<byte[]> publisher = client(instrumentation).stream("s").publisher();
      List<CompletableFuture<Position>> events = publish(publisher, 3);
      transport.lastCall().succeed(ScriptedTransport.stored(0, 1));
      transport.lastCall().succeed(ScriptedTransport.stored(1, 2));
      assertThat(events).allSatisfy(event -> assertThat(event).isCompleted());
      assertThat(publisher.closeAsync()).isCompleted();
    }
  }

  @ParameterizedTest
  @MethodSource("thrown")
  void aCodecThatThrowsFailsItsEventOnly(Throwable thrown) {
    Codec<String> picky =
        Codecs.of(
            value -> {
              if (value.equals("bad")) {
                throw PublisherFaultsTest.<RuntimeException>sneak(thrown);
              }
              return value.getBytes(StandardCharsets.UTF_8);
            },
            bytes -> "");
    EventPublisher<String> publisher = client(Instrumentation.NONE).stream("s", picky).publisher();
    CompletableFuture<Position> one = publisher.publish("one");
    CompletableFuture<Position> bad = publisher.publish("bad");
    CompletableFuture<Position> two = publisher.publish("two");
    assertThat(failureOf(bad)).isInstanceOf(InvalidRequestException.class).hasCause(thrown);
    transport.lastCall().succeed(ScriptedTransport.stored(0, 1));
    transport.lastCall().succeed(ScriptedTransport.stored(1, 1));
    assertThat(one).isCompleted();
    assertThat(two).isCompleted();
    assertThat(publisher.closeAsync()).isCompleted();
  }

  @ParameterizedTest
  @MethodSource("thrown")
  void aCallbackThatThrowsHarmsNothing(Throwable thrown) {
    EventPublisher<byte[]> publisher = publisher();
    List<CompletableFuture<Position>> events = publish(publisher, 3);
    events.forEach(
        event ->
            event.whenComplete(
                (stored, error) -> {
                  throw PublisherFaultsTest.<RuntimeException>sneak(thrown);
                }));
    transport.lastCall().succeed(ScriptedTransport.stored(0, 1));
    transport.lastCall().succeed(ScriptedTransport.stored(1, 2));
    assertThat(events).allSatisfy(event -> assertThat(event).isCompleted());
    assertThat(publisher.closeAsync()).isCompleted();
  }

  // What users do with their futures.

  @Test
  void whoWaitsForRoomMayCancelAndTimeItsFuture() {
    EventPublisher<byte[]> publisher = client(Instrumentation.NONE).stream("s").publisher(PublisherOptions.builder().maxInFlightEvents(1).build());
    List<CompletableFuture<Position>> first = publish(publisher, 1);
    CompletableFuture<Void> mine = publisher.ready();
    CompletableFuture<Void> completed = publisher.ready();
    CompletableFuture<Void> other = publisher.ready();
    mine.cancel(true);
    completed.complete(null);
    assertThat(other).isNotDone();
    CompletableFuture<Void> later = publisher.ready();
    assertThat(later).isNotDone();
    transport.lastCall().succeed(ScriptedTransport.stored(0, 1));
    assertThat(first.get(0)).isCompleted();
    assertThat(other).isCompleted();
    assertThat(later).isCompleted();
    assertThat(mine).isCancelled();
  }

  @Test
  void whoWaitsForAFlushMayCancelAndTimeItsFuture() {
    EventPublisher<byte[]> publisher = publisher();
    publish(publisher, 1);
    CompletableFuture<Void> mine = publisher.flush();
    CompletableFuture<Void> completed = publisher.flush();
    CompletableFuture<Void> other = publisher.flush();
    mine.cancel(true);
    completed.complete(null);
    assertThat(other).isNotDone();
    CompletableFuture<Void> closing = publisher.closeAsync();
    closing.cancel(true);
    CompletableFuture<Void> closed = publisher.closeAsync();
    assertThat(closed).isNotDone();
    transport.lastCall().succeed(ScriptedTransport.stored(0, 1));
    assertThat(other).isCompleted();
    assertThat(closed).isCompleted();
  }

  @Test
  @Timeout(60)
  void manyCallbacksMayWaitForAFlushOnOtherThreads() throws Exception {
    Client real = new Client(transport, ClientConfig.builder("scripted").build());
    EventPublisher<byte[]> publisher = real.stream("s").publisher();
    List<CompletableFuture<Position>> events = publish(publisher, 30);
    List<CompletableFuture<Void>> flushed = new ArrayList<>();
    for (CompletableFuture<Position> event : events) {
      flushed.add(
          event.thenRun(
              () -> {
                CompletableFuture<Void> done = new CompletableFuture<>();
                Thread other =
                    new Thread(
                        () -> {
                          publisher.flush().join();
                          done.complete(null);
                        });
                other.setDaemon(true);
                other.start();
                done.join();
              }));
    }
    transport.call(0).succeed(ScriptedTransport.stored(0, 1));
    transport.call(1).succeed(ScriptedTransport.stored(1, 29));
    CompletableFuture.allOf(flushed.toArray(CompletableFuture[]::new)).get(30, TimeUnit.SECONDS);
    real.closeAsync().get(30, TimeUnit.SECONDS);
  }
}
