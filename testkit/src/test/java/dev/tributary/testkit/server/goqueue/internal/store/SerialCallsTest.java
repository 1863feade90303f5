package dev.tributary.testkit.server.goqueue.internal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.spi.Deadline;
import dev.tributary.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SerialCallsTest {
  private final VirtualTime time = new VirtualTime();
  private final SerialCalls serial = new SerialCalls(time);
  private final List<CompletableFuture<String>> begun = new ArrayList<>();

  private CompletableFuture<String> take() {
    return serial.make(
        Deadline.after(time, Duration.ofSeconds(30)),
        () -> {
          CompletableFuture<String> operation = new CompletableFuture<>();
          begun.add(operation);
          return operation;
        });
  }

  @Test
  void beginsOneWhenTheOneBeforeHasEnded() {
    CompletableFuture<String> first = take();
    CompletableFuture<String> second = take();
    CompletableFuture<String> third = take();
    assertThat(begun).hasSize(1);
    begun.get(0).complete("a");
    assertThat(first).isCompletedWithValue("a");
    assertThat(begun).hasSize(2);
    begun.get(1).completeExceptionally(new IllegalStateException("no"));
    assertThat(second).failsWithin(Duration.ZERO).withThrowableThat().havingCause().withMessage("no");
    assertThat(begun).hasSize(3);
    begun.get(2).complete("c");
    assertThat(third).isCompletedWithValue("c");
    assertThat(time.pendingTimers()).isZero();
  }

  @Test
  void doesNotBeginWhatWasCancelled() {
    take();
    take().cancel(true);
    CompletableFuture<String> third = take();
    begun.get(0).complete("a");
    assertThat(begun).hasSize(2);
    begun.get(1).complete("c");
    assertThat(third).isCompletedWithValue("c");
  }

  @Test
  void goesOnThoughNobodyWaits() {
    take().cancel(true);
    take();
    assertThat(begun).hasSize(1);
    assertThat(begun.get(0)).isNotDone();
    begun.get(0).complete("a");
    assertThat(begun).hasSize(2);
  }

  @Test
  void cancelsAtTheDeadline() {
    CompletableFuture<String> stuck = take();
    take();
    time.advance(Duration.ofSeconds(30));
    assertThat(begun.get(0)).isCancelled();
    assertThatThrownBy(stuck::join).isInstanceOf(CancellationException.class);
    assertThat(begun).hasSize(2);
  }

  @Test
  void goesOnAfterAnOperationThatThrows() {
    CompletableFuture<String> thrown =
        serial.make(
            Deadline.after(time, Duration.ofSeconds(30)),
            () -> {
              throw Refusal.conflict("no");
            });
    assertThat(thrown).isCompletedExceptionally();
    take();
    assertThat(begun).hasSize(1);
  }

  @Test
  void isNoDeeperTheMoreWait() {
    CompletableFuture<String> first = take();
    List<CompletableFuture<Integer>> others = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      int number = i;
      others.add(serial.make(Deadline.after(time, Duration.ofSeconds(30)), () -> CompletableFuture.completedFuture(number)));
    }
    begun.get(0).complete("a");
    assertThat(first).isDone();
    assertThat(others).allMatch(CompletableFuture::isDone);
  }
}
