package dev.tributary.vertx.internal.goqueue.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.spi.LeasedJob;
import dev.tributary.vertx.internal.goqueue.ManualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class UnbrokenPollsTest {
  private static final LeasedJob JOB =
      new LeasedJob("0:7", "r", new byte[0], Map.of(), 1, OptionalInt.of(3), 0, Instant.EPOCH, null, OptionalLong.of(7), 0, null);

  private final ManualTime time = new ManualTime();
  private final CompletableFuture<List<LeasedJob>> request = new CompletableFuture<>();
  private final CompletableFuture<Void> given = new CompletableFuture<>();
  private final List<String> back = new ArrayList<>();
  private final List<String> hurried = new ArrayList<>();
  private final UnbrokenPolls polls = new UnbrokenPolls(time, this::back);

  private CompletableFuture<List<LeasedJob>> poll() {
    return polls.poll(
        request,
        () -> {
          hurried.add("now");
          return CompletableFuture.completedFuture(hurried.size() > 1);
        });
  }

  private CompletableFuture<?> back(LeasedJob job) {
    back.add(job.id());
    return given;
  }

  @Test
  void theJobsAreWhatItBrings() {
    CompletableFuture<List<LeasedJob>> jobs = poll();
    request.complete(List.of(JOB));
    assertThat(jobs).isCompletedWithValue(List.of(JOB));
    assertThat(back).isEmpty();
    assertThat(polls.over()).isCompleted();
  }

  @Test
  void nothingIsAnAnswerToo() {
    CompletableFuture<List<LeasedJob>> jobs = poll();
    request.complete(List.of());
    assertThat(jobs).isCompletedWithValue(List.of());
    assertThat(hurried).isEmpty();
  }

  @Test
  void anErrorEndsTheWait() {
    CompletableFuture<List<LeasedJob>> jobs = poll();
    request.completeExceptionally(new ConnectionFailedException(ErrorInfo.of("broke", "again")));
    assertThat(jobs).isCompletedExceptionally();
    assertThat(polls.over()).isCompleted();
  }

  @Test
  void whatComesToSomebodyWhoIsGoneIsGivenBackBeforeItIsOver() {
    poll().cancel(true);
    CompletableFuture<Void> over = polls.over();
    assertThat(request).as("it is not broken off").isNotDone();
    assertThat(hurried).as("the server does not know it yet").hasSize(1);
    time.pass(Duration.ofMillis(250));
    assertThat(hurried).hasSize(2);
    time.pass(Duration.ofMillis(250));
    assertThat(hurried).as("it was told").hasSize(2);
    request.complete(List.of(JOB));
    assertThat(back).containsExactly("0:7");
    assertThat(over).isNotDone();
    given.complete(null);
    assertThat(over).isCompleted();
  }
}
