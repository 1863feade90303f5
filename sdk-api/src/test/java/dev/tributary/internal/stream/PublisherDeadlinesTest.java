package dev.tributary.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tributary.Outcome;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.CloseTimeoutException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.Client;
import dev.tributary.internal.ManualTime;
import dev.tributary.internal.ScriptedTransport;
import dev.tributary.spi.Steps;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventPublisher;
import dev.tributary.stream.Position;
import dev.tributary.stream.PublisherOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What becomes of a publisher's events in time: each by its own deadline, and all by the end of a close. */
class PublisherDeadlinesTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final ScriptedTransport transport = new ScriptedTransport();
  private final ManualTime time = new ManualTime();
  private final Client client =
      new Client(
          transport,
          ClientConfig.builder("scripted").time(time).callbackExecutor(ClientConfig.INLINE).timeout(TIMEOUT).build());
  private final EventPublisher<byte[]> publisher = publisher(PublisherOptions.DEFAULT);

  private EventPublisher<byte[]> publisher(PublisherOptions options) {
    return client.stream("s").publisher(options);
  }

  private CompletableFuture<Position> publish(int value) {
    return publisher.publish(new byte[] {(byte) value});
  }

  private void seconds(long seconds) {
    time.advance(Duration.ofSeconds(seconds));
  }

  private List<Integer> batch(int call) {
    return transport.call(call).<List<Event<byte[]>>>aboutAs().stream().map(event -> (int) event.value()[0]).toList();
  }

  private static TributaryException failureOf(CompletableFuture<?> call) {
    assertThat(call).isCompletedExceptionally();
    return (TributaryException) Steps.unwrap(catchThrowable(call::join));
  }

  private static void expired(CompletableFuture<?> call, boolean maybeApplied) {
    TributaryException late = failureOf(call);
    assertThat(late).isInstanceOf(DeadlineExceededException.class);
    assertThat(late.maybeApplied()).isEqualTo(maybeApplied);
  }

  @Test
  void whoLingersLongerThanAnEventMayTakeSendsItInTime() {
    EventPublisher<byte[]> patient = publisher(PublisherOptions.linger(Duration.ofMinutes(10)));
    CompletableFuture<Position> event = patient.publish(new byte[1]);
    seconds(29);
    assertThat(transport.calls).hasSize(1);
    transport.call(0).succeed(ScriptedTransport.stored(0, 1));
    assertThat(event).isCompletedWithValue(new Position(0, 0));
  }

  @Test
  void whoLingersAndHearsNothingFailsItsEventByItsDeadline() {
    EventPublisher<byte[]> patient = publisher(PublisherOptions.linger(Duration.ofDays(365_000)));
    CompletableFuture<Position> event = patient.publish(new byte[1]);
    seconds(29);
    assertThat(event).isNotDone();
    seconds(1);
    expired(event, true);
    assertThat(patient.flush()).isCompleted();
  }

  /** An answer takes 29 s; meanwhile others wait, and go together in the next batch. */
  private List<CompletableFuture<Position>> old(int... ages) {
    CompletableFuture<Position> first = publish(100);
    List<CompletableFuture<Position>> waiting = new java.util.ArrayList<>();
    int now = 0;
    for (int age : ages) {
      seconds(age - now);
      now = age;
      waiting.add(publish(age));
    }
    seconds(29 - now);
    transport.call(0).succeed(ScriptedTransport.stored(0, 1));
    assertThat(first).isCompleted();
    return waiting;
  }

  @Test
  void theOthersOfABatchHaveTheTimeThatIsLeftToThem() {
    List<CompletableFuture<Position>> events = old(0, 10, 28);
    assertThat(batch(1)).containsExactly(0, 10, 28);
    seconds(1);
    expired(events.get(0), true);
    assertThat(events.get(1)).isNotDone();
    assertThat(events.get(2)).isNotDone();
    assertThat(transport.call(1).answer()).as("the call goes on").isNotDone();
    seconds(2);
    transport.call(1).succeed(ScriptedTransport.stored(1, 3));
    assertThat(events.get(1)).isCompletedWithValue(new Position(0, 2));
    assertThat(events.get(2)).isCompletedWithValue(new Position(0, 3));
    assertThat(failureOf(events.get(0))).isInstanceOf(DeadlineExceededException.class);
    assertThat(publisher.flush()).isCompleted();
  }

  @Test
  void eachEventOfABatchExpiresByItself() {
    List<CompletableFuture<Position>> events = old(0, 10, 28);
    seconds(10);
    expired(events.get(0), true);
    assertThat(events.get(1)).isNotDone();
    seconds(1);
    expired(events.get(1), true);
    seconds(17);
    assertThat(events.get(2)).isNotDone();
    seconds(1);
    expired(events.get(2), true);
    assertThat(transport.call(1).answer()).isCancelled();
    assertThat(publisher.flush()).isCompleted();
  }

  @Test
  void onlyWhatHasTimeLeftIsTriedAgain() {
    List<CompletableFuture<Position>> events = old(0, 10, 28);
    seconds(2);
    transport.call(1).fail(new ConnectionFailedException(ErrorInfo.of("refused", "")));
    seconds(1);
    assertThat(batch(2)).containsExactly(10, 28);
    CompletableFuture<Position> behind = publish(101);
    transport.call(2).succeed(ScriptedTransport.stored(1, 2));
    expired(events.get(0), true);
    assertThat(events.get(1)).isCompletedWithValue(new Position(0, 1));
    assertThat(events.get(2)).isCompletedWithValue(new Position(0, 2));
    assertThat(batch(3)).containsExactly(101);
    transport.call(3).succeed(ScriptedTransport.stored(3, 1));
    assertThat(behind).isCompleted();
  }

  @Test
  void whatIsRefusedInTheLastTryIsItsOwnError() {
    List<CompletableFuture<Position>> events = old(0, 28);
    seconds(2);
    transport.call(1).fail(new ConnectionFailedException(ErrorInfo.of("refused", "")));
    seconds(1);
    assertThat(batch(2)).containsExactly(28);
    transport.call(2).succeed(List.of(Outcome.failed(new ConnectionFailedException(ErrorInfo.of("cut", "").maybeApplied(true)))));
    expired(events.get(0), true);
    assertThat(failureOf(events.get(1))).isInstanceOf(ConnectionFailedException.class);
    assertThat(publisher.flush()).isCompleted();
  }

  // The end of a close.

  @Test
  void whatIsNotConfirmedInTheTimeOfTheCloseFailsAndIsCounted() {
    List<CompletableFuture<Position>> events = List.of(publish(0), publish(1), publish(2));
    CompletableFuture<Void> flushed = publisher.flush();
    CompletableFuture<Void> closed = publisher.closeAsync(Duration.ofSeconds(5));
    seconds(4);
    assertThat(closed).isNotDone();
    seconds(1);
    CloseTimeoutException late = (CloseTimeoutException) failureOf(closed);
    assertThat(late.count()).isEqualTo(3);
    assertThat(late.unfinished()).hasSize(3);
    assertThat(late.maybeApplied()).isTrue();
    assertThat(events).allSatisfy(event -> assertThat(failureOf(event)).isInstanceOf(ClientClosedException.class));
    assertThat(failureOf(events.get(0)).maybeApplied()).as("it was sent").isTrue();
    assertThat(failureOf(events.get(1)).maybeApplied()).as("it was not").isFalse();
    assertThat(transport.calls).hasSize(1);
    assertThat(transport.call(0).answer()).isCancelled();
    assertThat(flushed).isDone();
    assertThat(failureOf(publish(3))).isInstanceOf(ClientClosedException.class);
  }

  @Test
  void whatExpiredBeforeTheCloseIsOverIsNotCounted() {
    List<CompletableFuture<Position>> events = old(0, 28);
    CompletableFuture<Void> closed = publisher.closeAsync(Duration.ofSeconds(5));
    seconds(5);
    expired(events.get(0), true);
    assertThat(((CloseTimeoutException) failureOf(closed)).count()).isEqualTo(1);
    assertThat(failureOf(events.get(1))).isInstanceOf(ClientClosedException.class);
  }

  @Test
  void theShortestTimeOfACloseCounts() {
    publish(0);
    List<CompletableFuture<Void>> closing =
        List.of(
            publisher.closeAsync(Duration.ofSeconds(20)), publisher.closeAsync(Duration.ofSeconds(2)), publisher.closeAsync(Duration.ofSeconds(10)));
    seconds(2);
    assertThat(closing).allSatisfy(each -> assertThat(failureOf(each)).isInstanceOf(CloseTimeoutException.class));
  }

  @Test
  void aLateAnswerAfterTheCloseChangesNothing() {
    CompletableFuture<Position> event = publish(0);
    publisher.closeAsync(Duration.ofSeconds(1));
    seconds(1);
    transport.call(0).succeed(ScriptedTransport.stored(0, 1));
    assertThat(failureOf(event).maybeApplied()).isTrue();
    assertThat(client.closeAsync()).isCompleted();
    assertThat(time.waiting()).as("a timer for deadlines may be kept for others to join").isLessThanOrEqualTo(1);
  }

  @Test
  void aCloseInTimeLeavesNoTimer() {
    CompletableFuture<Position> event = publish(0);
    CompletableFuture<Void> closed = publisher.closeAsync();
    transport.call(0).succeed(ScriptedTransport.stored(0, 1));
    assertThat(closed).isCompleted();
    assertThat(event).isCompleted();
    assertThat(time.waiting()).as("a timer for deadlines may be kept for others to join").isLessThanOrEqualTo(1);
  }
}
