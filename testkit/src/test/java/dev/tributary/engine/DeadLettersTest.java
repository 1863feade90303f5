package dev.tributary.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.RedeliveryPolicy;
import dev.tributary.admin.QueueUpdate;
import dev.tributary.error.NotFoundException;
import dev.tributary.queue.DeadLetter;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.spi.DeadLetterHeaders;
import dev.tributary.spi.DeadLetterTransport;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Settlement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DeadLettersTest extends EngineFixture {
  private final DeadLetterTransport letters = queues().deadLetters();

  private List<DeadLetter<byte[]>> list() {
    return now(letters.list(name("q"), 100, deadline));
  }

  private void limit(int attempts) {
    RedeliveryPolicy policy = RedeliveryPolicy.builder().maxAttempts(attempts).fixedBackoff(Duration.ofMillis(1)).build();
    now(queues().setRedeliveryPolicy(name("q"), policy, deadline));
    assertThat(now(queues().redeliveryPolicy(name("q"), deadline))).isEqualTo(policy);
  }

  private void bury(String value) {
    enqueue("q", value);
    settle("q", Settlement.Kind.REJECT, takeOne("q"), null, "bad").orThrow();
  }

  @Test
  void theLastNackMakesADeadLetter() {
    limit(2);
    EnqueueResult result = enqueue("q", NewJob.builder(bytes("a")).header("mine", "kept").priority(4).build());
    assertThat(settle("q", Settlement.Kind.NACK, takeOne("q"), Duration.ZERO, "first").orThrow().deadLettered()).isFalse();
    seconds(5);
    assertThat(settle("q", Settlement.Kind.NACK, takeOne("q"), Duration.ZERO, "second").orThrow().deadLettered()).isTrue();
    assertThat(take("q", 1)).isEmpty();
    assertThat(now(queues().stats(name("q"), deadline)).deadLettered()).hasValue(1);

    DeadLetter<byte[]> letter = list().get(0);
    assertThat(text(letter.value())).isEqualTo("a");
    assertThat(letter.headers()).isEqualTo(Map.of("mine", "kept"));
    assertThat(letter.attempts()).hasValue(2);
    assertThat(letter.reason()).isEqualTo("second");
    assertThat(letter.failedAt()).isEqualTo(time.now());

    LeasedJob raw = takeOne("q-dlq");
    assertThat(raw.id()).isEqualTo(letter.id());
    assertThat(raw.priority()).isEqualTo(4);
    assertThat(raw.headers())
        .containsEntry("mine", "kept")
        .containsEntry(DeadLetterHeaders.QUEUE, "t/ns/q")
        .containsEntry(DeadLetterHeaders.JOB, result.id())
        .containsEntry(DeadLetterHeaders.ATTEMPTS, "2")
        .containsEntry(DeadLetterHeaders.REASON, "second")
        .containsEntry(DeadLetterHeaders.FAILED_AT, time.now().toString());
  }

  @Test
  void theLastExpiredLeaseMakesADeadLetter() {
    limit(1);
    enqueue("q", "a");
    take("q", 1);
    time.advance(MINUTE);
    assertThat(list()).extracting(DeadLetter::reason).containsExactly("the lease ended");
  }

  @Test
  void aJobMayHaveItsOwnLimit() {
    limit(5);
    enqueue("q", NewJob.builder(bytes("a")).maxAttempts(1).build());
    assertThat(nack("q", takeOne("q")).orThrow().deadLettered()).isTrue();
  }

  @Test
  void rejectDoesNotWaitForTheLimit() {
    enqueue("q", "a");
    assertThat(settle("q", Settlement.Kind.REJECT, takeOne("q"), null, null).orThrow().deadLettered()).isTrue();
    assertThat(list()).extracting(DeadLetter::reason).containsExactly("");
  }

  @Test
  void replayEnqueuesANewJobAndRemovesTheLetter() {
    limit(1);
    EnqueueResult first =
        enqueue("q", NewJob.builder(bytes("a")).header("h", "1").deduplicationId("id").maxAttempts(2).priority(3).build());
    settle("q", Settlement.Kind.REJECT, takeOne("q"), null, "bad").orThrow();
    EnqueueResult again = now(letters.replay(name("q"), list().get(0).id(), deadline));
    assertThat(again.id()).isNotEqualTo(first.id());
    assertThat(again.duplicate()).isFalse();
    assertThat(list()).isEmpty();
    LeasedJob job = takeOne("q");
    assertThat(job.id()).isEqualTo(again.id());
    assertThat(job.headers()).isEqualTo(Map.of("h", "1"));
    assertThat(job.attempt()).isEqualTo(1);
    assertThat(job.priority()).isEqualTo(3);
    assertThat(nack("q", job).orThrow().deadLettered()).as("its own limit of 2 holds still").isFalse();
  }

  @Test
  void replayOfAnUnknownLetterFails() {
    assertThat(error(letters.replay(name("q"), "nothing", deadline))).isInstanceOf(NotFoundException.class);
    bury("a");
    assertThat(error(letters.replay(name("q"), "nothing", deadline))).isInstanceOf(NotFoundException.class);
  }

  @Test
  void listIsOldestFirstAndRemovesNothing() {
    bury("a");
    seconds(1);
    bury("b");
    assertThat(now(letters.list(name("q"), 1, deadline))).extracting(letter -> text(letter.value())).containsExactly("a");
    assertThat(list()).extracting(letter -> text(letter.value())).containsExactly("a", "b");
    now(letters.purge(name("q"), deadline));
    assertThat(list()).isEmpty();
  }

  @Test
  void withoutLettersThereIsNothingToSee() {
    assertThat(list()).isEmpty();
    now(letters.purge(name("q"), deadline));
    assertThat(now(transport.admin().orElseThrow().list(dev.tributary.admin.ResourceKind.QUEUE, deadline)))
        .extracting(info -> info.name().name())
        .containsExactly("q");
  }

  @Test
  void aLetterThatFailsStaysALetter() {
    bury("a");
    now(queues().setRedeliveryPolicy(name("q-dlq"), RedeliveryPolicy.maxAttempts(1), deadline));
    for (Settlement.Kind kind : List.of(Settlement.Kind.NACK, Settlement.Kind.REJECT)) {
      settle("q-dlq", kind, takeOne("q-dlq"), null, "again").orThrow();
      seconds(60);
    }
    assertThat(takeOne("q-dlq").attempt()).isEqualTo(3);
    assertThat(now(queues().redeliveryPolicy(name("other-dlq"), deadline)).maxAttempts()).isZero();
  }

  @Test
  void whatOthersPutThereIsALetterToo() {
    enqueue("q-dlq", NewJob.builder(bytes("odd")).header(DeadLetterHeaders.ATTEMPTS, "many").build());
    DeadLetter<byte[]> letter = list().get(0);
    assertThat(letter.attempts()).isEmpty();
    assertThat(letter.failedAt()).isNull();
    now(letters.replay(name("q"), letter.id(), deadline));
    assertThat(values(take("q", 1))).containsExactly("odd");
  }

  @Test
  void whatFailsInAQueueWithoutANameForItsLettersStays() {
    String longest = "q".repeat(252);
    enqueue(longest, NewJob.builder(bytes("a")).maxAttempts(1).build());
    assertThat(nack(longest, takeOne(longest)).orThrow().deadLettered()).isFalse();
    assertThat(now(letters.list(name(longest), 1, deadline))).isEmpty();
    seconds(59);
    assertThat(take(longest, 1)).isEmpty();
    seconds(1);
    assertThat(takeOne(longest).attempt()).isEqualTo(2);
    String shorter = "q".repeat(251);
    enqueue(shorter, "a");
    assertThat(settle(shorter, Settlement.Kind.REJECT, takeOne(shorter), null, null).orThrow().deadLettered()).isTrue();
    assertThat(now(letters.list(name(shorter), 1, deadline))).hasSize(1);
  }

  @Test
  void lettersGoAfterAWeekOrAsTheQueueSays() {
    bury("a");
    time.advance(Duration.ofDays(7).minusNanos(1));
    assertThat(list()).hasSize(1);
    time.advance(Duration.ofNanos(1));
    assertThat(list()).isEmpty();
    QueueUpdate update = QueueUpdate.builder().deadLetterRetention(Duration.ofSeconds(10)).build();
    now(transport.admin().orElseThrow().updateQueue(name("q"), update, deadline));
    bury("b");
    seconds(9);
    assertThat(list()).hasSize(1);
    seconds(1);
    assertThat(list()).isEmpty();
  }

  @Test
  void whereTenThousandLettersLieAJobStaysInItsQueue() {
    limit(1);
    for (int i = 0; i < 9_999; i++) {
      enqueue("q-dlq", "other");
    }
    bury("last");
    enqueue("q", "one too many");
    assertThat(nack("q", takeOne("q")).orThrow().deadLettered()).isFalse();
    millis(1);
    assertThat(settle("q", Settlement.Kind.REJECT, takeOne("q"), null, "bad").orThrow().deadLettered()).isFalse();
    assertThat(now(queues().stats(name("q"), deadline)).deadLettered()).hasValue(1);
    now(letters.purge(name("q"), deadline));
    millis(1);
    assertThat(nack("q", takeOne("q")).orThrow().deadLettered()).isTrue();
    assertThat(list()).extracting(letter -> text(letter.value())).containsExactly("one too many");
  }
}
