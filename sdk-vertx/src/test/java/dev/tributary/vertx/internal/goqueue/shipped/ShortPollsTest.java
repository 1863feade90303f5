package dev.tributary.vertx.internal.goqueue.shipped;

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

final class ShortPollsTest {
  private static final LeasedJob JOB =
      new LeasedJob("0:7", "r", new byte[0], Map.of(), 1, OptionalInt.of(3), 0, Instant.EPOCH, null, OptionalLong.of(7), 0, null);

  private final ManualTime time = new ManualTime();
  private final List<Duration> stays = new ArrayList<>();
  private final List<CompletableFuture<List<LeasedJob>>> answers = new ArrayList<>();
  private final CompletableFuture<Void> given = new CompletableFuture<>();
  private final List<String> back = new ArrayList<>();
  private final List<String> hurried = new ArrayList<>();
  private final ShortPolls polls = new ShortPolls(time, this::back);

  /** One request may stay for a second. */
  private final class Server implements ShortPolls.Server {
    @Override
    public Duration longest() {
      return Duration.ofSeconds(1);
    }

    @Override
    public CompletableFuture<List<LeasedJob>> ask(Duration stay) {
      stays.add(stay);
      CompletableFuture<List<LeasedJob>> answer = new CompletableFuture<>();
      answers.add(answer);
      return answer;
    }

    @Override
    public CompletableFuture<Boolean> hurry() {
      hurried.add("now");
      return CompletableFuture.completedFuture(hurried.size() > 1);
    }
  }

  private CompletableFuture<?> back(LeasedJob job) {
    back.add(job.id());
    return given;
  }

  private void nothingFor(Duration stay) {
    time.pass(stay);
    answers.get(answers.size() - 1).complete(List.of());
  }

  @Test
  void oneShortPollFollowsAnotherUntilTheTimeIsOver() {
    CompletableFuture<List<LeasedJob>> jobs = polls.poll(new Server(), Duration.ofMillis(2_500));
    nothingFor(Duration.ofSeconds(1));
    nothingFor(Duration.ofSeconds(1));
    assertThat(jobs).isNotDone();
    nothingFor(Duration.ofMillis(500));
    assertThat(jobs).isCompletedWithValue(List.of());
    assertThat(stays).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofMillis(500));
  }

  @Test
  void theFirstJobsEndTheWait() {
    CompletableFuture<List<LeasedJob>> jobs = polls.poll(new Server(), Duration.ofSeconds(20));
    nothingFor(Duration.ofSeconds(1));
    answers.get(1).complete(List.of(JOB));
    assertThat(jobs).isCompletedWithValue(List.of(JOB));
    assertThat(stays).hasSize(2);
    assertThat(back).isEmpty();
    assertThat(polls.over()).isCompleted();
  }

  @Test
  void aLookIsOnePoll() {
    CompletableFuture<List<LeasedJob>> jobs = polls.poll(new Server(), Duration.ZERO);
    answers.get(0).complete(List.of());
    assertThat(jobs).isCompletedWithValue(List.of());
    assertThat(stays).containsExactly(Duration.ZERO);
  }

  @Test
  void aServerThatDoesNotWaitIsNotAskedAgainAtOnce() {
    CompletableFuture<List<LeasedJob>> jobs = polls.poll(new Server(), Duration.ofSeconds(20));
    nothingFor(Duration.ofMillis(499));
    assertThat(jobs).isCompletedWithValue(List.of());
    assertThat(stays).hasSize(1);
  }

  @Test
  void anErrorEndsTheWait() {
    CompletableFuture<List<LeasedJob>> jobs = polls.poll(new Server(), Duration.ofSeconds(20));
    answers.get(0).completeExceptionally(new ConnectionFailedException(ErrorInfo.of("broke", "again")));
    assertThat(jobs).isCompletedExceptionally();
    assertThat(polls.over()).isCompleted();
  }

  @Test
  void whatComesToSomebodyWhoIsGoneIsGivenBackBeforeItIsOver() {
    polls.poll(new Server(), Duration.ofSeconds(20)).cancel(true);
    CompletableFuture<Void> over = polls.over();
    assertThat(answers.get(0)).as("it is not broken off").isNotDone();
    assertThat(hurried).as("the server does not know it yet").hasSize(1);
    time.pass(Duration.ofMillis(250));
    assertThat(hurried).hasSize(2);
    time.pass(Duration.ofMillis(250));
    assertThat(hurried).as("it was told").hasSize(2);
    answers.get(0).complete(List.of(JOB));
    assertThat(back).containsExactly("0:7");
    assertThat(over).isNotDone();
    given.complete(null);
    assertThat(over).isCompleted();
    assertThat(stays).as("no poll follows").hasSize(1);
  }
}
