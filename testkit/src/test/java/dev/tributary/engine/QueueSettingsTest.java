package dev.tributary.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.RedeliveryPolicy;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.QueueUpdate;
import dev.tributary.queue.NewJob;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.LeasedJob;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class QueueSettingsTest extends EngineFixture {
  private final AdminTransport admin = transport.admin().orElseThrow();

  private void create(QueueConfig.Builder config) {
    now(admin.createQueue(name("q"), config.build(), deadline));
  }

  private QueueConfig config() {
    return now(admin.queueConfig(name("q"), deadline));
  }

  private long pending() {
    return now(queues().stats(name("q"), deadline)).pending();
  }

  @Test
  void areReadAsTheyWereMadeAndChanged() {
    create(QueueConfig.builder().partitions(2).replicas(3).lease(MINUTE).maxAttempts(4).option("mode", "MIN"));
    QueueConfig made = config();
    assertThat(made.partitions()).isEqualTo(2);
    assertThat(made.replicas()).isEqualTo(3);
    assertThat(made.lease()).isEqualTo(MINUTE);
    assertThat(made.retention()).isNull();
    assertThat(made.maxAttempts()).hasValue(4);
    assertThat(made.redelivery()).isEqualTo(RedeliveryPolicy.maxAttempts(4));
    assertThat(made.deadLetterRetention()).isEqualTo(Duration.ofDays(7));
    assertThat(made.options()).isEqualTo(Map.of("mode", "MIN"));

    now(admin.updateQueue(name("q"), QueueUpdate.builder().build(), deadline));
    assertThat(config()).as("nothing said, nothing changed").isEqualTo(made);

    QueueUpdate update =
        QueueUpdate.builder()
            .lease(Duration.ofSeconds(5))
            .retention(Duration.ofHours(1))
            .maxAttempts(0)
            .deadLetterRetention(Duration.ofHours(2))
            .option("note", "x")
            .build();
    now(admin.updateQueue(name("q"), update, deadline));
    assertThat(config())
        .isEqualTo(
            made.toBuilder()
                .lease(Duration.ofSeconds(5))
                .retention(Duration.ofHours(1))
                .redelivery(RedeliveryPolicy.maxAttempts(0))
                .deadLetterRetention(Duration.ofHours(2))
                .option("note", "x")
                .build());
  }

  @Test
  void theLeaseIsForThoseWhoAskForNone() {
    create(QueueConfig.builder().lease(Duration.ofSeconds(7)));
    enqueue("q", "a");
    enqueue("q", "b");
    assertThat(now(queues().receive(name("q"), 1, Duration.ZERO, Duration.ZERO, deadline)))
        .extracting(job -> job.leaseDeadline().instant())
        .containsExactly(time.now().plusSeconds(7));
    assertThat(now(queues().receive(name("q"), 1, MINUTE, Duration.ZERO, deadline)))
        .extracting(job -> job.leaseDeadline().instant())
        .containsExactly(time.now().plus(MINUTE));
  }

  @Test
  void theRetentionEndsWhatIsNotLeased() {
    create(QueueConfig.builder().retention(Duration.ofSeconds(10)));
    enqueue("q", "leased");
    LeasedJob leased = takeOne("q");
    enqueue("q", "waits");
    enqueue("q", NewJob.builder(bytes("shorter")).ttl(Duration.ofSeconds(3)).build());
    enqueue("q", NewJob.builder(bytes("longer")).ttl(Duration.ofSeconds(30)).build());
    seconds(3);
    assertThat(pending()).isEqualTo(2);
    time.advance(Duration.ofSeconds(7).minusNanos(1));
    assertThat(pending()).isEqualTo(2);
    time.advance(Duration.ofNanos(1));
    assertThat(pending()).isZero();
    ack("q", leased).orThrow();
  }

  @Test
  void theLimitOfAttemptsCountsForWhatIsThereAlready() {
    create(QueueConfig.builder().maxAttempts(5));
    enqueue("q", "a");
    enqueue("q", NewJob.builder(bytes("own")).maxAttempts(3).build());
    now(admin.updateQueue(name("q"), QueueUpdate.builder().maxAttempts(1).build(), deadline));
    List<LeasedJob> jobs = take("q", 2);
    assertThat(jobs).extracting(LeasedJob::maxAttempts).containsExactly(OptionalInt.of(1), OptionalInt.of(3));
    assertThat(jobs).extracting(job -> nack("q", job).orThrow().deadLettered()).containsExactly(true, false);
  }
}
