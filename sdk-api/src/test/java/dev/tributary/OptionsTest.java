package dev.tributary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.admin.Retention;
import dev.tributary.admin.StreamConfig;
import dev.tributary.config.Retry;
import dev.tributary.config.Tls;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.queue.JobsOptions;
import dev.tributary.queue.ReserveOptions;
import dev.tributary.replay.ReplayOptions;
import dev.tributary.stream.PublisherOptions;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.StreamSelection;
import dev.tributary.trace.TraceQuery;
import dev.tributary.trace.TraceStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Options are made by builders, begin with the defaults or with other options, and are checked when they are built. */
class OptionsTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  @Test
  void aBuilderSetsEverySetting() {
    assertThat(ReserveOptions.builder().lease(SECOND).maxWait(MINUTE).build()).isEqualTo(new ReserveOptions(SECOND, MINUTE));
    assertThat(
            PublisherOptions.builder()
                .maxBatchEvents(1)
                .maxBatchBytes(2)
                .linger(SECOND)
                .maxInFlightEvents(3)
                .maxInFlightBytes(4)
                .build())
        .isEqualTo(new PublisherOptions(1, 2, SECOND, 3, 4));
    assertThat(TransactionOptions.builder().producer("p").timeout(SECOND).build()).isEqualTo(new TransactionOptions("p", SECOND));
    assertThat(
            RedeliveryPolicy.builder()
                .maxAttempts(9)
                .initialBackoff(SECOND)
                .maxBackoff(MINUTE)
                .multiplier(3)
                .strategy(RedeliveryPolicy.Strategy.LINEAR)
                .build())
        .isEqualTo(new RedeliveryPolicy(9, SECOND, MINUTE, 3, RedeliveryPolicy.Strategy.LINEAR));
    assertThat(Retry.builder().maxAttempts(9).backoff(SECOND, MINUTE).multiplier(3).build()).isEqualTo(new Retry(9, SECOND, MINUTE, 3));
    assertThat(Tls.builder().trusting(Path.of("ca")).client(Path.of("c"), Path.of("k")).serverName("q.example").withoutHostCheck().trustAll().build())
        .isEqualTo(new Tls(Path.of("ca"), Path.of("c"), Path.of("k"), "q.example", false, true));
    Retention retention = new Retention(MINUTE, OptionalLong.of(5), OptionalLong.of(6));
    assertThat(Retention.builder().maxAge(MINUTE).maxMessages(5).maxBytes(6).build()).isEqualTo(retention);
    assertThat(StreamConfig.builder().partitions(3).retention(retention).build()).isEqualTo(new StreamConfig(3, retention));
    assertThat(ReplayOptions.builder("g", StartAt.offset(1)).endOffset(2).endTime(Instant.EPOCH).build())
        .isEqualTo(new ReplayOptions("g", StartAt.offset(1), OptionalLong.of(2), Instant.EPOCH));
    assertThat(
            TraceQuery.builder()
                .stream("s")
                .partition(1)
                .group("g")
                .between(Instant.EPOCH, Instant.MAX)
                .status(TraceStatus.FAILED)
                .limit(7)
                .build())
        .isEqualTo(new TraceQuery("s", OptionalInt.of(1), "g", Instant.EPOCH, Instant.MAX, TraceStatus.FAILED, 7));
  }

  @Test
  void aBuilderBeginsWithEverythingOfOtherOptions() {
    ReserveOptions reserve = new ReserveOptions(SECOND, MINUTE);
    assertThat(reserve.toBuilder().build()).isEqualTo(reserve);
    JobsOptions jobs = JobsOptions.builder().lease(SECOND).renewal(MINUTE).withoutRenewal().onState(state -> {}).build();
    assertThat(jobs.toBuilder().build()).isEqualTo(jobs);
    PublisherOptions publisher = new PublisherOptions(1, 2, SECOND, 3, 4);
    assertThat(publisher.toBuilder().build()).isEqualTo(publisher);
    TransactionOptions transaction = new TransactionOptions("p", SECOND);
    assertThat(transaction.toBuilder().build()).isEqualTo(transaction);
    RedeliveryPolicy policy = new RedeliveryPolicy(9, SECOND, MINUTE, 3, RedeliveryPolicy.Strategy.LINEAR);
    assertThat(policy.toBuilder().build()).isEqualTo(policy);
    Retry retry = new Retry(9, SECOND, MINUTE, 3);
    assertThat(retry.toBuilder().build()).isEqualTo(retry);
    Tls tls = new Tls(Path.of("ca"), Path.of("c"), Path.of("k"), "q.example", false, true);
    assertThat(tls.toBuilder().build()).isEqualTo(tls);
    StreamConfig stream = new StreamConfig(3, new Retention(MINUTE, OptionalLong.of(5), OptionalLong.of(6)));
    assertThat(stream.toBuilder().retention(stream.retention().toBuilder().build()).build()).isEqualTo(stream);
    ReplayOptions replay = new ReplayOptions("g", StartAt.offset(1), OptionalLong.of(2), Instant.EPOCH);
    assertThat(replay.toBuilder().build()).isEqualTo(replay);
    TraceQuery query = new TraceQuery("s", OptionalInt.of(1), "g", Instant.EPOCH, Instant.MAX, TraceStatus.FAILED, 7);
    assertThat(query.toBuilder().build()).isEqualTo(query);
    StreamSelection streams =
        StreamSelection.builder()
            .streams("a")
            .matching("b.#")
            .refresh(SECOND)
            .maxStreams(7)
            .onJoined(name -> {})
            .onLeft(name -> {})
            .onRefreshFailed(error -> {})
            .build();
    assertThat(streams.toBuilder().build()).usingRecursiveComparison().isEqualTo(streams);
  }

  @Test
  void theShortFormsAreTheDefaultsWithOneSetting() {
    assertThat(ReserveOptions.lease(MINUTE)).isEqualTo(new ReserveOptions(MINUTE, Duration.ZERO));
    assertThat(ReserveOptions.maxWait(MINUTE)).isEqualTo(new ReserveOptions(Duration.ofSeconds(30), MINUTE));
    assertThat(JobsOptions.lease(MINUTE)).isEqualTo(JobsOptions.builder().lease(MINUTE).build());
    assertThat(PublisherOptions.linger(MINUTE)).isEqualTo(PublisherOptions.builder().linger(MINUTE).build());
    assertThat(TransactionOptions.producer("p")).isEqualTo(TransactionOptions.builder().producer("p").build());
    assertThat(TransactionOptions.timeout(MINUTE)).isEqualTo(TransactionOptions.builder().timeout(MINUTE).build());
    assertThat(RedeliveryPolicy.maxAttempts(7)).isEqualTo(RedeliveryPolicy.builder().maxAttempts(7).build());
    assertThat(RedeliveryPolicy.fixedBackoff(MINUTE).backoff(5)).isEqualTo(MINUTE);
    assertThat(Retry.maxAttempts(7)).isEqualTo(Retry.builder().maxAttempts(7).build());
    assertThat(Retry.backoff(SECOND, MINUTE)).isEqualTo(Retry.builder().backoff(SECOND, MINUTE).build());
    assertThat(Retention.maxAge(MINUTE)).isEqualTo(new Retention(MINUTE, OptionalLong.empty(), OptionalLong.empty()));
    assertThat(Retention.maxMessages(5)).isEqualTo(new Retention(null, OptionalLong.of(5), OptionalLong.empty()));
    assertThat(Retention.maxBytes(6)).isEqualTo(new Retention(null, OptionalLong.empty(), OptionalLong.of(6)));
    assertThat(StreamConfig.retention(Retention.maxBytes(6))).isEqualTo(new StreamConfig(1, Retention.maxBytes(6)));
  }

  @Test
  void aJobMayBeHeldForAtLeastItsLease() {
    assertThat(JobsOptions.lease(Duration.ofHours(2)).maxLease()).isEqualTo(Duration.ofHours(2));
    assertThatThrownBy(() -> JobsOptions.builder().renewal(SECOND).lease(MINUTE).build()).isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void whatIsWrongIsRefusedWhenItIsBuilt() {
    List<ThrowingCallable> wrong =
        List.of(
            () -> ReserveOptions.builder().lease(Duration.ZERO).build(),
            () -> JobsOptions.builder().lease(Duration.ZERO).build(),
            () -> PublisherOptions.builder().maxInFlightBytes(0).build(),
            () -> TransactionOptions.builder().timeout(Duration.ZERO).build(),
            () -> RedeliveryPolicy.builder().initialBackoff(MINUTE).maxBackoff(SECOND).build(),
            () -> Retry.builder().multiplier(0.5).build(),
            () -> StreamConfig.builder().partitions(0).build(),
            () -> Retention.builder().maxMessages(0).build(),
            () -> ReplayOptions.builder("g", StartAt.latest()).build(),
            () -> ReplayOptions.builder("g", StartAt.offset(0)).endOffset(-1).build(),
            () -> TraceQuery.builder().limit(0).build(),
            () -> StreamSelection.builder().build(),
            () -> StreamSelection.of("a/b/c/d"),
            () -> StreamSelection.matching("a.#.b"),
            () -> StreamSelection.matching("#/a"),
            () -> StreamSelection.matching("a+"),
            () -> StreamSelection.matching("a.b#"),
            () -> StreamSelection.builder().streams("a").refresh(Duration.ZERO).build(),
            () -> StreamSelection.builder().streams("a").maxStreams(0).build(),
            () -> StreamSelection.builder().streams("a", "b").maxStreams(1).build());
    wrong.forEach(made -> assertThatThrownBy(made).isInstanceOf(InvalidRequestException.class));
  }
}
