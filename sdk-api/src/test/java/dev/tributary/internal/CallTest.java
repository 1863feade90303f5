package dev.tributary.internal;

import dev.tributary.spi.Steps;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tributary.Outcome;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Retry;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.OverloadedException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.Calls.Repeat;
import dev.tributary.observe.Instrumentation;
import dev.tributary.observe.Observation;
import dev.tributary.observe.Operation;
import dev.tributary.spi.Deadline;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class CallTest {
  private final ManualTime time = new ManualTime();
  private final Queue<Runnable> callbacks = new ArrayDeque<>();
  private final List<CompletableFuture<String>> tries = new ArrayList<>();
  private Calls calls = calls(Retry.DEFAULT);

  private Calls calls(Retry retry) {
    return new Calls(
        new ScriptedTransport(),
        ClientConfig.builder("scripted").time(time).timeout(Duration.ofMillis(500)).retry(retry).callbackExecutor(callbacks::add).build());
  }

  private CompletableFuture<String> attempt(Deadline deadline) {
    CompletableFuture<String> made = new CompletableFuture<>();
    tries.add(made);
    return made;
  }

  private CompletableFuture<String> call(Repeat repeat) {
    return calls.call("test", "thing", repeat, this::attempt);
  }

  private void runCallbacks() {
    for (Runnable next = callbacks.poll(); next != null; next = callbacks.poll()) {
      next.run();
    }
  }

  private static TributaryException refused() {
    return new ConnectionFailedException(ErrorInfo.of("refused", ""));
  }

  private static TributaryException cut() {
    return new ConnectionFailedException(ErrorInfo.of("cut", "").maybeApplied(true));
  }

  private TributaryException failureOf(CompletableFuture<?> call) {
    runCallbacks();
    assertThat(call).isCompletedExceptionally();
    return (TributaryException) Steps.unwrap(catchThrowable(call::join));
  }

  @Test
  void completesOnTheCallbackExecutorOnly() {
    CompletableFuture<String> call = call(Repeat.SAFE);
    tries.get(0).complete("yes");
    assertThat(call).isNotDone();
    runCallbacks();
    assertThat(call).isCompletedWithValue("yes");
    assertThat(tries).hasSize(1);
  }

  @Test
  void anAttemptThatNeverCompletesEndsAtTheDeadlineAndOnTheWire() {
    CompletableFuture<String> call = call(Repeat.UNLESS_APPLIED);
    time.advance(Duration.ofMillis(499));
    assertThat(callbacks).isEmpty();
    time.advance(Duration.ofMillis(1));
    assertThat(tries.get(0)).isCancelled();
    TributaryException failure = failureOf(call);
    assertThat(failure).isInstanceOf(DeadlineExceededException.class);
    assertThat(failure.maybeApplied()).isTrue();
    assertThat(failure.getMessage()).contains("test on thing (scripted)", "PT0.5S");
    assertThat(failure.hint()).contains("raise the timeout");
    assertThat(failure.getCause()).isNull();
  }

  @Test
  void theDeadlineIsTotalAndTellsWhatWentWrongBefore() {
    CompletableFuture<String> call = call(Repeat.SAFE);
    TributaryException first = refused();
    tries.get(0).completeExceptionally(first);
    time.advance(Duration.ofMillis(200));
    assertThat(tries).hasSize(2);
    time.advance(Duration.ofMillis(300));
    TributaryException failure = failureOf(call);
    assertThat(failure).isInstanceOf(DeadlineExceededException.class).hasCause(first);
    assertThat(failure.getMessage()).contains("2 tries");
    assertThat(tries.get(1)).isCancelled();
    assertThat(time.waiting()).isZero();
  }

  @Test
  void whatMayHaveBeenAppliedIsRepeatedOnlyIfThatIsSafe() {
    CompletableFuture<String> unsafe = call(Repeat.UNLESS_APPLIED);
    tries.get(0).completeExceptionally(cut());
    assertThat(failureOf(unsafe).maybeApplied()).isTrue();
    assertThat(tries).hasSize(1);

    CompletableFuture<String> untouched = call(Repeat.UNLESS_APPLIED);
    tries.get(1).completeExceptionally(refused());
    time.advance(Duration.ofMillis(100));
    tries.get(2).complete("second");
    runCallbacks();
    assertThat(untouched).isCompletedWithValue("second");

    CompletableFuture<String> safe = call(Repeat.SAFE);
    tries.get(3).completeExceptionally(cut());
    time.advance(Duration.ofMillis(100));
    tries.get(4).complete("again");
    runCallbacks();
    assertThat(safe).isCompletedWithValue("again");
  }

  @Test
  void whatCannotSucceedIsNotRepeated() {
    CompletableFuture<String> call = call(Repeat.SAFE);
    tries.get(0).completeExceptionally(InvalidRequestException.of("wrong", ""));
    assertThat(failureOf(call)).isInstanceOf(InvalidRequestException.class);
    time.advance(Duration.ofSeconds(1));
    assertThat(tries).hasSize(1);
  }

  @Test
  void anEarlierTryThatMayHaveBeenAppliedIsNotForgotten() {
    calls = calls(Retry.maxAttempts(2));
    CompletableFuture<String> call = call(Repeat.SAFE);
    tries.get(0).completeExceptionally(cut());
    time.advance(Duration.ofMillis(100));
    tries.get(1).completeExceptionally(refused());
    TributaryException failure = failureOf(call);
    assertThat(failure).hasMessageContaining("refused");
    assertThat(failure.maybeApplied()).isTrue();
  }

  @Test
  void aPauseThatWouldOutlastTheDeadlineIsNotWaitedFor() {
    CompletableFuture<String> call = call(Repeat.SAFE);
    var busy = new OverloadedException(ErrorInfo.of("busy", "").retryAfter(Duration.ofDays(400_000)));
    tries.get(0).completeExceptionally(busy);
    assertThat(failureOf(call)).isInstanceOf(OverloadedException.class).hasMessageContaining("busy");
    assertThat(time.waiting()).isLessThanOrEqualTo(1);
  }

  @Test
  void waitsAtLeastAsLongAsTheBackendAsks() {
    call(Repeat.SAFE);
    tries.get(0).completeExceptionally(new OverloadedException(ErrorInfo.of("busy", "").retryAfter(Duration.ofMillis(300))));
    time.advance(Duration.ofMillis(299));
    assertThat(tries).hasSize(1);
    time.advance(Duration.ofMillis(101));
    assertThat(tries).hasSize(2);
  }

  @Test
  void cancelEndsTheTryOrThePause() {
    CompletableFuture<String> running = call(Repeat.SAFE);
    running.cancel(true);
    assertThat(tries.get(0)).isCancelled();

    CompletableFuture<String> pausing = call(Repeat.SAFE);
    tries.get(1).completeExceptionally(refused());
    pausing.cancel(true);
    time.advance(Duration.ofSeconds(1));
    assertThat(tries).hasSize(2);
    assertThat(callbacks).isEmpty();
  }

  @Test
  void aCallThatIsCancelledWhileItsTryIsMadeCancelsTheTry() {
    List<CompletableFuture<String>> held = new ArrayList<>();
    held.add(
        calls.call(
            "test",
            null,
            Repeat.SAFE,
            deadline -> {
              if (tries.isEmpty()) {
                CompletableFuture<String> failing = attempt(deadline);
                failing.completeExceptionally(refused());
                return failing;
              }
              held.get(0).cancel(true);
              return attempt(deadline);
            }));
    time.advance(Duration.ofMillis(100));
    assertThat(tries.get(1)).isCancelled();
  }

  @Test
  void whatATransportThrowsIsAFailure() {
    CompletableFuture<String> call =
        calls.call(
            "test",
            null,
            Repeat.UNLESS_APPLIED,
            deadline -> {
              throw new IllegalStateException("boom");
            });
    assertThat(failureOf(call)).isInstanceOf(ServerErrorException.class).hasRootCauseMessage("boom");
  }

  @Test
  void aDeadlineThatHasPassedSendsNothing() {
    Deadline passed = calls.deadline();
    time.advance(Duration.ofMillis(500));
    CompletableFuture<String> call =
        calls.call("test", null, Repeat.SAFE, Observation.NONE, passed, this::attempt, Function.identity());
    TributaryException failure = failureOf(call);
    assertThat(failure).isInstanceOf(DeadlineExceededException.class);
    assertThat(failure.maybeApplied()).isFalse();
    assertThat(tries).isEmpty();
  }

  @Test
  void aBatchThatIsRefusedWholeIsRepeatedAndAMixedOneIsNot() {
    List<CompletableFuture<List<Outcome<String>>>> batches = new ArrayList<>();
    Function<Deadline, CompletableFuture<List<Outcome<String>>>> attempt =
        deadline -> {
          batches.add(new CompletableFuture<>());
          return batches.get(batches.size() - 1);
        };
    CompletableFuture<List<Outcome<String>>> batch =
        calls.batch("test", null, Repeat.UNLESS_APPLIED, Observation.NONE, calls.deadline(), 0, 2, attempt, Function.identity());
    batches.get(0).complete(List.of(Outcome.failed(refused()), Outcome.failed(refused())));
    time.advance(Duration.ofMillis(100));
    assertThat(batches).hasSize(2);
    List<Outcome<String>> mixed = List.of(Outcome.of("a"), Outcome.failed(refused()));
    batches.get(1).complete(mixed);
    runCallbacks();
    assertThat(batch).isCompletedWithValue(mixed);

    CompletableFuture<List<Outcome<String>>> short1 =
        calls.batch("test", null, Repeat.SAFE, Observation.NONE, calls.deadline(), 0, 2, attempt, Function.identity());
    batches.get(2).complete(List.of(Outcome.of("a")));
    assertThat(failureOf(short1)).isInstanceOf(ProtocolViolationException.class);
  }

  @Test
  void aSingleItemFailsAsItsOutcome() {
    CompletableFuture<String> call =
        calls.single(
            "test",
            null,
            Repeat.UNLESS_APPLIED,
            Observation.NONE,
            0,
            deadline -> CompletableFuture.completedFuture(List.of(Outcome.<String>failed(cut()))));
    assertThat(failureOf(call)).hasMessageContaining("cut");
  }

  @Test
  void afterCloseEveryCallFails() {
    calls.refuse();
    assertThat(failureOf(call(Repeat.SAFE))).isInstanceOf(ClientClosedException.class);
    assertThat(tries).isEmpty();
  }

  @Test
  void aCallWhoseTimeEndsWhileItWaitsForAConnectionWasNotApplied() {
    Deadline end = calls.deadline();
    CompletableFuture<String> waits =
        calls.call("test", "thing", Repeat.UNLESS_APPLIED, Observation.NONE, end, this::attempt, Function.identity());
    end.waits();
    time.advance(Duration.ofSeconds(1));
    assertThat(failureOf(waits)).isInstanceOf(DeadlineExceededException.class).matches(error -> !error.maybeApplied());
    assertThat(end.sent()).as("it may leave now").isFalse();

    Deadline again = calls.deadline();
    CompletableFuture<String> refused =
        calls.call("test", "thing", Repeat.UNLESS_APPLIED, Observation.NONE, again, this::attempt, Function.identity());
    again.waits();
    tries.get(1).completeExceptionally(refused());
    time.advance(Duration.ofSeconds(1));
    assertThat(failureOf(refused)).as("why there is none").isInstanceOf(ConnectionFailedException.class).matches(error -> !error.maybeApplied());

    Deadline sent = calls.deadline();
    CompletableFuture<String> away =
        calls.call("test", "thing", Repeat.UNLESS_APPLIED, Observation.NONE, sent, this::attempt, Function.identity());
    sent.waits();
    assertThat(sent.sent()).isTrue();
    assertThat(sent.sent()).as("again").isTrue();
    time.advance(Duration.ofSeconds(1));
    assertThat(failureOf(away)).isInstanceOf(DeadlineExceededException.class).matches(error -> error.maybeApplied());
  }

  @Test
  void aCallThatWouldBeTriedAgainWhenTheClientIsClosedSaysSo() {
    CompletableFuture<String> call = call(Repeat.SAFE);
    tries.get(0).completeExceptionally(refused());
    calls.refuse();
    time.advance(Duration.ofMillis(100));
    assertThat(tries).hasSize(1);
    assertThat(failureOf(call)).isInstanceOf(ClientClosedException.class).matches(error -> !error.maybeApplied());
  }

  @Test
  void whatATransportThrowsAfterTheCloseIsNoDefect() {
    CompletableFuture<String> call = call(Repeat.SAFE);
    calls.refuse();
    tries.get(0).completeExceptionally(new RejectedExecutionException("event executor terminated"));
    assertThat(failureOf(call)).isInstanceOf(ClientClosedException.class);
  }

  @Test
  void aStepOfTheSdkWaitsForNoCallback() {
    CompletableFuture<String> step = calls.steps().call("step", null, Repeat.SAFE, this::attempt);
    tries.get(0).complete("yes");
    assertThat(step).isCompletedWithValue("yes");
    CompletableFuture<String> late = calls.steps().call("step", null, Repeat.SAFE, this::attempt);
    time.advance(Duration.ofSeconds(1));
    assertThat(late).isCompletedExceptionally();
    assertThat(callbacks).isEmpty();
  }

  @Test
  void whatIsRefusedByTheClientIsRefusedAtOnceAndOnce() {
    calls =
        new Calls(
            new ScriptedTransport(),
            ClientConfig.builder("scripted").time(time).callbackExecutor(callbacks::add).maxInFlightCalls(2).maxInFlightBytes(2_000).build());
    CompletableFuture<String> large = payload(1_000_000);
    assertThat(failureOf(payload(0))).isInstanceOf(OverloadedException.class).hasMessageContaining("1 calls");
    tries.get(0).complete("stored");
    runCallbacks();
    assertThat(large).isCompleted();
    payload(0);
    CompletableFuture<String> second = payload(0);
    assertThat(failureOf(payload(0))).isInstanceOf(OverloadedException.class).hasMessageContaining("2 calls");
    assertThat(tries).hasSize(3);
    second.cancel(true);
    assertThat(payload(0)).isNotDone();
    assertThat(calls.steps().call("step", null, Repeat.SAFE, this::attempt)).as("a step is never refused").isNotDone();
  }

  private CompletableFuture<String> payload(long bytes) {
    return calls.call("put", "thing", Repeat.SAFE, Observation.NONE, bytes, this::attempt, Function.identity());
  }

  @Test
  void aRefusalOfTheClientFurtherDownIsNotTriedAgain() {
    CompletableFuture<String> call = call(Repeat.SAFE);
    tries.get(0).completeExceptionally(OverloadedException.byClient("too much waits", ""));
    assertThat(failureOf(call)).isInstanceOf(OverloadedException.class);
    assertThat(tries).hasSize(1);
  }

  @Test
  void anObservationThatThrowsHarmsNothing() {
    Instrumentation harmful =
        operation ->
            error -> {
              throw new IllegalStateException("of the instrumentation");
            };
    calls =
        new Calls(
            new ScriptedTransport(),
            ClientConfig.builder("scripted").time(time).callbackExecutor(callbacks::add).instrumentation(harmful).build());
    Observation observation = calls.observe(Operation.Kind.SETTLE, "ack", null, null, -1, 0, -1, null, List.of());
    CompletableFuture<String> call = calls.call("ack", null, Repeat.SAFE, observation, calls.deadline(), this::attempt, Function.identity());
    tries.get(0).complete("yes");
    runCallbacks();
    assertThat(call).isCompletedWithValue("yes");
  }

  @Test
  void theObservationEndsOnceWhateverHappens() {
    List<Throwable> ends = new ArrayList<>();
    Observation observation = ends::add;
    CompletableFuture<String> call =
        calls.call("test", null, Repeat.SAFE, observation, calls.deadline(), this::attempt, Function.identity());
    tries.get(0).complete("yes");
    call.cancel(true);
    runCallbacks();
    assertThat(ends).hasSize(1);
    assertThatThrownBy(call::join).isInstanceOf(CancellationException.class);
  }

  @Test
  void deadlinesShareTimersAndKeepNoneForLong() {
    Deadlines deadlines = new Deadlines(time);
    Deadlines.Entry first = deadlines.add(Duration.ofHours(1).toNanos(), () -> {});
    Deadlines.Entry second = deadlines.add(Duration.ofHours(1).toNanos(), () -> {});
    assertThat(time.waiting()).isEqualTo(1);
    first.remove();
    assertThat(time.waiting()).isEqualTo(1);
    second.remove();
    second.remove();
    assertThat(time.waiting()).isZero();

    List<String> ran = new ArrayList<>();
    deadlines.add(Duration.ofHours(1).toNanos(), () -> ran.add("due"));
    time.advance(Duration.ofHours(1));
    assertThat(ran).containsExactly("due");
  }
}
