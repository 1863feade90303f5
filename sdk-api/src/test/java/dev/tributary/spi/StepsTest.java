package dev.tributary.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.Outcome;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StepsTest {
  private static final InvalidRequestException REFUSED = InvalidRequestException.of("refused", "Mend it");

  private final CompletableFuture<Integer> first = new CompletableFuture<>();
  private final CompletableFuture<Integer> second = new CompletableFuture<>();

  private static TributaryException passing(boolean maybeApplied) {
    return new ConnectionFailedException(ErrorInfo.of("cut", "Try again").maybeApplied(maybeApplied));
  }

  private static Throwable failure(CompletableFuture<?> whole) {
    assertThat(whole).isDone();
    return whole.handle((value, error) -> error).join();
  }

  @Test
  void aCancelledWholeCancelsTheCallUnderWayAndMakesNoOther() {
    List<Integer> made = new ArrayList<>();
    CompletableFuture<Integer> whole =
        Steps.then(
            first,
            value -> {
              made.add(value);
              return second;
            });
    assertThat(whole.cancel(true)).isTrue();
    assertThat(first).isCancelled();
    assertThat(made).isEmpty();
  }

  @Test
  void aCancelledWholeCancelsTheSecondCallWhenThatIsUnderWay() {
    CompletableFuture<Integer> whole = Steps.then(first, value -> second);
    first.complete(1);
    whole.cancel(true);
    assertThat(second).isCancelled();
  }

  @Test
  void aWholeThatIsCancelledWhileTheSecondCallIsMadeCancelsIt() {
    List<CompletableFuture<Integer>> whole = new ArrayList<>();
    whole.add(
        Steps.then(
            first,
            value -> {
              whole.get(0).cancel(true);
              return second;
            }));
    first.complete(1);
    assertThat(second).isCancelled();
  }

  @Test
  void whetherTheCallOrTheCancellationComesFirstOneOfThemEndsIt() throws Exception {
    CyclicBarrier start = new CyclicBarrier(2);
    for (int i = 0; i < 2_000; i++) {
      CompletableFuture<Integer> one = new CompletableFuture<>();
      CompletableFuture<Integer> two = new CompletableFuture<>();
      CompletableFuture<Integer> whole = Steps.then(one, value -> two);
      CompletableFuture<Void> other =
          CompletableFuture.runAsync(
              () -> {
                await(start);
                one.complete(1);
              });
      await(start);
      whole.cancel(true);
      other.get(10, TimeUnit.SECONDS);
      // Cancelled by whoever saw it, unless it was never made.
      assertThat(one.isCancelled() || two.isCancelled() || two.getNumberOfDependents() == 0).isTrue();
    }
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await(10, TimeUnit.SECONDS);
    } catch (Exception broken) {
      throw new AssertionError(broken);
    }
  }

  @Test
  void aResultThatComesAfterTheCancellationIsGivenBack() {
    List<Integer> unclaimed = new ArrayList<>();
    CompletableFuture<Integer> stubborn =
        new CompletableFuture<>() {
          @Override
          public boolean cancel(boolean mayInterrupt) {
            return false;
          }
        };
    CompletableFuture<Integer> whole = Steps.then(first, value -> stubborn, unclaimed::add);
    first.complete(1);
    whole.cancel(true);
    stubborn.complete(2);
    assertThat(unclaimed).containsExactly(2);
  }

  @Test
  void aFirstResultThatComesAfterTheCancellationOfItsRescueIsGivenBack() {
    List<Integer> unclaimed = new ArrayList<>();
    CompletableFuture<Integer> stubborn =
        new CompletableFuture<>() {
          @Override
          public boolean cancel(boolean mayInterrupt) {
            return false;
          }
        };
    CompletableFuture<Integer> whole = Steps.recover(stubborn, error -> second, unclaimed::add);
    whole.cancel(true);
    stubborn.complete(3);
    assertThat(unclaimed).containsExactly(3);
  }

  @Test
  void whatAFunctionThrowsFailsTheWholeAnErrorToo() {
    AssertionError defect = new AssertionError("defect");
    CompletableFuture<Integer> then =
        Steps.then(
            first,
            value -> {
              throw defect;
            });
    CompletableFuture<Integer> map =
        Steps.map(
            first,
            value -> {
              throw defect;
            });
    first.complete(1);
    assertThat(failure(then)).isSameAs(defect);
    assertThat(failure(map)).isSameAs(defect);
  }

  @Test
  void aCallThatIsNullFailsTheWhole() {
    CompletableFuture<Integer> whole = Steps.then(first, value -> nothing());
    first.complete(1);
    assertThat(failure(whole)).isInstanceOf(NullPointerException.class);
  }

  @SuppressWarnings("NullAway") // what the caller must not do
  private static CompletableFuture<Integer> nothing() {
    return null;
  }

  @Test
  void theErrorOfACallArrivesWithoutItsWrappings() {
    CompletableFuture<Integer> then = Steps.then(first.thenApply(value -> value), value -> second);
    CompletableFuture<Integer> map = Steps.map(first.thenApply(value -> value), value -> value);
    first.completeExceptionally(REFUSED);
    assertThat(failure(then)).isSameAs(REFUSED);
    assertThat(failure(map)).isSameAs(REFUSED);
    assertThat(Steps.unwrap(new ExecutionException(new CompletionException(REFUSED)))).isSameAs(REFUSED);
  }

  @Test
  void whatIsNoErrorOfTheSdkBecomesOneThatMayHaveBeenApplied() {
    IllegalStateException defect = new IllegalStateException("defect");
    TributaryException known = Steps.known(new CompletionException(defect));
    assertThat(known).isInstanceOf(ServerErrorException.class).hasCause(defect);
    assertThat(known.maybeApplied()).isTrue();
    assertThat(Steps.known(REFUSED)).isSameAs(REFUSED);
  }

  @Test
  void anErrorIsRecoveredFromByACallOrByAValue() {
    CompletableFuture<Integer> called = Steps.recover(first, error -> second);
    CompletableFuture<String> made = Steps.map(first, value -> "value", error -> "error");
    first.completeExceptionally(REFUSED);
    second.complete(2);
    assertThat(called).isCompletedWithValue(2);
    assertThat(made).isCompletedWithValue("error");
  }

  @Test
  void whatIsNoErrorOfTheSdkIsNotRecoveredFrom() {
    CompletableFuture<Integer> whole = Steps.recover(first, error -> second);
    IllegalStateException defect = new IllegalStateException("defect");
    first.completeExceptionally(defect);
    assertThat(failure(whole)).isSameAs(defect);
  }

  @Test
  void whateverFailedCanBeFollowedByAnother() {
    CompletableFuture<Integer> whole = Steps.otherwise(first, error -> second);
    first.completeExceptionally(new IllegalStateException("defect"));
    second.complete(2);
    assertThat(whole).isCompletedWithValue(2);
  }

  @Test
  void whatComesAfterTheCancellationCanBeUndone() {
    CompletableFuture<Integer> stubborn =
        new CompletableFuture<>() {
          @Override
          public boolean cancel(boolean mayInterrupt) {
            return false;
          }
        };
    List<Integer> seen = new ArrayList<>();
    Steps.map(stubborn, seen::add).cancel(true);
    stubborn.complete(7);
    assertThat(seen).containsExactly(7);

    List<Throwable> undone = new ArrayList<>();
    Steps.otherwise(
            first,
            error -> {
              undone.add(error);
              return second;
            })
        .cancel(true);
    assertThat(undone).singleElement().isInstanceOf(CancellationException.class);
    Steps.recover(
            second,
            error -> {
              throw new AssertionError("a cancellation is no error of the SDK");
            })
        .cancel(true);
  }

  @Test
  void callsTogetherHaveAllTheirResultsOrTheFirstErrorWhichCancelsTheOthers() {
    CompletableFuture<List<Integer>> failing = Steps.together(List.of(first, second));
    first.completeExceptionally(REFUSED);
    assertThat(failure(failing)).isSameAs(REFUSED);
    assertThat(second).isCancelled();
    assertThat(Steps.together(List.of(CompletableFuture.completedFuture(1), CompletableFuture.completedFuture(2))).join())
        .containsExactly(1, 2);
    CompletableFuture<Integer> third = new CompletableFuture<>();
    Steps.together(List.of(third)).cancel(true);
    assertThat(third).isCancelled();
  }

  @Test
  void callsSideBySideHaveAnOutcomeEachInTheirOrder() {
    CompletableFuture<List<Outcome<Integer>>> all = Steps.all(List.of(first, second));
    second.completeExceptionally(REFUSED);
    assertThat(all).isNotDone();
    first.complete(1);
    assertThat(all.join()).containsExactly(Outcome.of(1), Outcome.failed(REFUSED));
    assertThat(Steps.all(List.<CompletableFuture<Integer>>of()).join()).isEmpty();
  }

  @Test
  void callsThatMayAllBeTriedAgainFailAsAWholeAndOneThatMayHaveBeenAppliedSpeaksForThem() {
    CompletableFuture<List<Outcome<Integer>>> all = Steps.all(List.of(first, second));
    CompletableFuture<List<Outcome<Integer>>> each = Steps.each(List.of(first, second), call -> call);
    first.completeExceptionally(passing(false));
    second.completeExceptionally(passing(true));
    assertThat(failure(all)).isInstanceOfSatisfying(TributaryException.class, error -> assertThat(error.maybeApplied()).isTrue());
    assertThat(each.join()).noneMatch(Outcome::succeeded);
  }

  @Test
  void oneKindOfErrorIsRecoveredFromAndEveryOtherStays() {
    NotFoundException absent = new NotFoundException(ErrorInfo.of("absent", "Make it"));
    assertThat(Steps.recover(CompletableFuture.failedFuture(absent), NotFoundException.class, error -> CompletableFuture.completedFuture(1)).join())
        .isEqualTo(1);
    assertThat(failure(Steps.recover(CompletableFuture.failedFuture(REFUSED), NotFoundException.class, error -> first))).isSameAs(REFUSED);
    Error defect = new AssertionError("defect");
    assertThat(failure(Steps.recover(CompletableFuture.failedFuture(defect), NotFoundException.class, error -> first))).isSameAs(defect);
  }

  @Test
  void anErrorIsTranslatedAndADefectIsNot() {
    NotFoundException absent = new NotFoundException(ErrorInfo.of("absent", "Make it"));
    assertThat(failure(Steps.translate(CompletableFuture.failedFuture(REFUSED), error -> absent))).isSameAs(absent);
    assertThat(Steps.translate(CompletableFuture.completedFuture(1), error -> absent).join()).isEqualTo(1);
    Error defect = new AssertionError("defect");
    assertThat(failure(Steps.translate(CompletableFuture.failedFuture(defect), error -> absent))).isSameAs(defect);
  }

  @Test
  void aCallThatIsRefusedByAThrowIsTheOutcomeOfItsQuestionAlone() {
    Function<Integer, CompletableFuture<Integer>> call =
        question -> {
          if (question == 2) {
            throw REFUSED;
          }
          return CompletableFuture.completedFuture(question);
        };
    List<Integer> questions = List.of(1, 2, 3);
    List<Outcome<Integer>> expected = List.of(Outcome.of(1), Outcome.failed(REFUSED), Outcome.of(3));
    assertThat(Steps.each(questions, call).join()).isEqualTo(expected);
    assertThat(Steps.all(questions, 2, call).join()).isEqualTo(expected);
    assertThat(Steps.inOrder(questions, call).join()).isEqualTo(expected);
  }

  @Test
  void aDefectAmongCallsSideBySideFailsThemAndLeavesNothingOpen() {
    CompletableFuture<List<Outcome<Integer>>> all = Steps.all(List.of(first, second));
    first.complete(1);
    second.completeExceptionally(new IllegalStateException("defect"));
    assertThat(failure(all)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void cancellingCallsSideBySideCancelsAllOfThem() {
    Steps.all(List.of(first, second)).cancel(true);
    assertThat(first).isCancelled();
    assertThat(second).isCancelled();
  }

  @Test
  void noMoreQuestionsAreUnderWayThanAllowed() {
    List<CompletableFuture<Integer>> calls = new ArrayList<>();
    CompletableFuture<List<Outcome<Integer>>> all =
        Steps.all(
            List.of(1, 2, 3, 4, 5),
            2,
            question -> {
              CompletableFuture<Integer> call = new CompletableFuture<>();
              calls.add(call);
              return call;
            });
    for (int i = 0; i < 5; i++) {
      assertThat(calls.stream().filter(call -> !call.isDone())).hasSizeLessThanOrEqualTo(2);
      calls.get(i).complete(i);
    }
    assertThat(all.join()).extracting(Outcome::value).containsExactly(0, 1, 2, 3, 4);
  }

  @Test
  void questionsInOrderAreAskedOneByOneAndStopAtWhatMayBeTriedAgain() {
    List<Integer> asked = new ArrayList<>();
    List<CompletableFuture<Integer>> answers = List.of(first, second, new CompletableFuture<>());
    CompletableFuture<List<Outcome<Integer>>> all =
        Steps.inOrder(
            List.of(0, 1, 2),
            question -> {
              asked.add(question);
              return answers.get(question);
            });
    assertThat(asked).containsExactly(0);
    first.complete(1);
    assertThat(asked).containsExactly(0, 1);
    second.completeExceptionally(passing(true));
    assertThat(asked).containsExactly(0, 1);
    List<Outcome<Integer>> outcomes = all.join();
    assertThat(outcomes.get(0)).isEqualTo(Outcome.of(1));
    assertThat(maybeApplied(outcomes.get(1))).isTrue();
    assertThat(maybeApplied(outcomes.get(2))).isFalse();
  }

  private static boolean maybeApplied(Outcome<Integer> outcome) {
    return java.util.Objects.requireNonNull(outcome.error()).maybeApplied();
  }

  @Test
  void questionsInOrderFailAsTheFirstDoesIfNothingWasApplied() {
    CompletableFuture<List<Outcome<Integer>>> all = Steps.inOrder(List.of(0, 1), question -> first);
    first.completeExceptionally(passing(false));
    assertThat(failure(all)).isInstanceOf(ConnectionFailedException.class);
    assertThatThrownBy(() -> Steps.inOrder(List.of(0), question -> CompletableFuture.failedFuture(passing(true))).join())
        .hasCauseInstanceOf(ConnectionFailedException.class);
  }

  @Test
  void oneRefusalAmongQuestionsInOrderDoesNotStopTheOthers() {
    CompletableFuture<List<Outcome<Integer>>> all =
        Steps.inOrder(
            List.of(0, 1),
            question -> question == 0 ? CompletableFuture.failedFuture(REFUSED) : CompletableFuture.completedFuture(question));
    assertThat(all.join()).containsExactly(Outcome.failed(REFUSED), Outcome.of(1));
  }

  @Test
  void aHundredThousandCallsThatAreOverAtOnceNeedNoDeeperFrames() {
    List<Integer> questions = IntStream.range(0, 100_000).boxed().toList();
    assertThat(Steps.inOrder(questions, CompletableFuture::completedFuture).join()).hasSize(100_000);
  }

  @Test
  void whatALoopThrowsEndsIt() {
    IllegalStateException defect = new IllegalStateException("defect");
    assertThat(
            failure(
                new Looping() {
                  @Override
                  @Nullable CompletableFuture<Integer> next() {
                    throw defect;
                  }
                }.begin()))
        .isSameAs(defect);
    assertThat(
            failure(
                new Looping() {
                  @Override
                  void answered() {
                    throw defect;
                  }
                }.begin()))
        .isSameAs(defect);
  }

  private static class Looping extends Steps<Integer> {
    Looping begin() {
      loop(this::next, (value, error) -> answered());
      return this;
    }

    @Nullable CompletableFuture<Integer> next() {
      return completedFuture(1);
    }

    void answered() {}
  }
}
