package dev.tributary.internal.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.Capability;
import dev.tributary.JobQueue;
import dev.tributary.Outcome;
import dev.tributary.Tributary;
import dev.tributary.codec.Codecs;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.PartialFailureException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.SchemaRejectedException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.internal.FakeTransport;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class EnqueueTest {
  private final FakeTransport transport = new FakeTransport();
  private final FakeQueue backend = new FakeQueue(transport);

  private JobQueue<String> queue() {
    return transport.client().queue("q", Codecs.text());
  }

  static TributaryException failure(CompletableFuture<?> future) {
    assertThat(future).isCompletedExceptionally();
    return (TributaryException) future.handle((value, error) -> error instanceof CompletionException c ? c.getCause() : error).join();
  }

  static ConnectionFailedException broken(boolean maybeApplied) {
    return new ConnectionFailedException(ErrorInfo.of("broken", "").maybeApplied(maybeApplied));
  }

  private NewJob<byte[]> sent() {
    return backend.enqueues.get(0).get(0);
  }

  @Test
  void delaysAndTtlsAreRoundedUp() {
    NewJob<String> job = NewJob.builder("x").delay(Duration.ofMillis(1)).ttl(Duration.ofMillis(1_001)).build();
    assertThat(queue().enqueue(job).join().id()).isEqualTo("x");
    assertThat(sent().delay()).isEqualTo(Duration.ofSeconds(1));
    assertThat(sent().ttl()).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void notBeforeBecomesADelay() {
    queue().enqueue(NewJob.builder("x").notBefore(transport.time.now().plusMillis(2_500)).build()).join();
    assertThat(sent().delay()).isEqualTo(Duration.ofSeconds(3));
    assertThat(sent().notBefore()).isNull();
  }

  @Test
  void aPastNotBeforeIsNoDelayAndNeedsNoCapability() {
    transport.capabilities.remove(Capability.JOB_DELAY);
    queue().enqueue(NewJob.builder("x").notBefore(transport.time.now()).build()).join();
    assertThat(sent().delay()).isNull();
  }

  static Stream<Arguments> lacking() {
    return Stream.of(
        Arguments.of(Capability.JOB_HEADERS, NewJob.builder("x").header("a", "b").build()),
        Arguments.of(Capability.JOB_DELAY, NewJob.builder("x").delay(Duration.ofSeconds(1)).build()),
        Arguments.of(Capability.JOB_PRIORITY, NewJob.builder("x").priority(1).build()),
        Arguments.of(Capability.JOB_DEDUPLICATION, NewJob.builder("x").deduplicationId("d").build()),
        Arguments.of(Capability.JOB_PARTITION_KEY, NewJob.builder("x").partitionKey("p").build()),
        Arguments.of(Capability.JOB_TTL, NewJob.builder("x").ttl(Duration.ofSeconds(1)).build()),
        Arguments.of(Capability.JOB_MAX_ATTEMPTS, NewJob.builder("x").maxAttempts(2).build()));
  }

  @ParameterizedTest
  @MethodSource("lacking")
  void whatTheBackendCannotKeepIsRefused(Capability capability, NewJob<String> job) {
    transport.capabilities.remove(capability);
    TributaryException error = failure(queue().enqueue(job));
    assertThat(error).isInstanceOf(UnsupportedFeatureException.class);
    assertThat(error.hint()).isNotEmpty();
    assertThat(error.backend()).isEqualTo("fake");
    assertThat(error.operation()).isEqualTo("enqueue");
    assertThat(backend.untouched()).isTrue();
    transport.capabilities.add(capability);
    assertThat(queue().enqueue(job)).isCompleted();
  }

  static Stream<NewJob<String>> wrong() {
    return Stream.of(
        null,
        NewJob.of(""),
        NewJob.builder("x").ttl(Duration.ofMillis(999)).build(),
        NewJob.builder("x").ttl(Duration.ofDays(2)).build(),
        NewJob.builder("x").delay(Duration.ofHours(2)).build(),
        NewJob.builder("x").deduplicationId("").build(),
        NewJob.builder("x").partitionKey("").build());
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void whatCannotBeRightIsRefused(NewJob<String> job) {
    List<NewJob<String>> list = Arrays.asList(NewJob.of("good"), job);
    for (CompletableFuture<?> call : List.of(queue().enqueue(job), queue().enqueueAll(list), queue().enqueueAtomically(list))) {
      TributaryException error = failure(call);
      assertThat(error).isInstanceOf(InvalidRequestException.class);
      assertThat(error.hint()).isNotEmpty();
    }
    assertThat(backend.untouched()).isTrue();
  }

  @Test
  void tooShortATtlSaysWhatWouldDo() {
    assertThat(failure(queue().enqueue(NewJob.builder("x").ttl(Duration.ofMillis(1)).build())).hint()).contains("at least PT1S");
  }

  @Test
  void tooLargeAPayloadIsRefused() {
    assertThat(failure(queue().enqueue("x".repeat(1_001)))).isInstanceOf(PayloadTooLargeException.class);
    NewJob<String> heavyHeaders = NewJob.builder("x").header("h", "y".repeat(10_000)).build();
    assertThat(failure(queue().enqueue(heavyHeaders))).isInstanceOf(PayloadTooLargeException.class);
    assertThat(backend.untouched()).isTrue();
  }

  @Test
  void aBackendWithoutQueuesSaysSoAtOnce() {
    transport.queues = null;
    assertThatThrownBy(this::queue).isInstanceOf(UnsupportedFeatureException.class);
  }

  @Test
  void aPlainEnqueueIsRetriedOnlyIfNothingCanHaveBeenStored() {
    backend.nextEnqueues.add(jobs -> CompletableFuture.failedFuture(broken(false)));
    CompletableFuture<EnqueueResult> retried = queue().enqueue("x");
    transport.time.advance(Duration.ofSeconds(1));
    assertThat(retried).isCompleted();

    backend.nextEnqueues.add(jobs -> CompletableFuture.failedFuture(broken(true)));
    CompletableFuture<EnqueueResult> failed = queue().enqueue("x");
    assertThat(failure(failed).maybeApplied()).isTrue();
  }

  @Test
  void aDeduplicatedEnqueueIsRetried() {
    backend.nextEnqueues.add(jobs -> CompletableFuture.failedFuture(broken(true)));
    backend.nextEnqueues.add(jobs -> CompletableFuture.completedFuture(List.of(Outcome.failed(broken(true)))));
    CompletableFuture<EnqueueResult> result = queue().enqueue(NewJob.builder("x").deduplicationId("d").build());
    transport.time.advance(Duration.ofSeconds(3));
    assertThat(result).isCompleted();
    assertThat(backend.enqueues).hasSize(3);
  }

  private static List<NewJob<String>> jobs(int count) {
    return IntStream.range(0, count).mapToObj(i -> NewJob.of("job-" + i)).toList();
  }

  private List<Integer> batchSizes() {
    return backend.enqueues.stream().map(List::size).toList();
  }

  @Test
  void batchesAreSplitByCountInOrder() {
    transport.limits = FakeTransport.limits(4, Duration.ZERO);
    List<EnqueueResult> results = queue().enqueueAll(jobs(10)).join();
    assertThat(batchSizes()).containsExactly(4, 4, 2);
    assertThat(results).extracting(EnqueueResult::id).containsExactlyElementsOf(jobs(10).stream().map(NewJob::value).toList());
  }

  @Test
  void batchesAreSplitByBytesHeadersIncluded() {
    List<NewJob<String>> list = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      list.add(NewJob.builder("x".repeat(1_000)).header("h", "y".repeat(2_999)).build());
    }
    queue().enqueueAll(list).join();
    assertThat(batchSizes()).containsExactly(2, 2, 1);
  }

  @Test
  void manyTinyBatchesDoNotOverflowTheStack() {
    transport.limits = FakeTransport.limits(1, Duration.ZERO);
    assertThat(queue().enqueueAll(jobs(20_000)).join()).hasSize(20_000);
  }

  @Test
  void anEmptyListIsNoCall() {
    assertThat(queue().enqueueAll(List.of()).join()).isEmpty();
    assertThat(queue().enqueueAtomically(List.of()).join()).isEmpty();
    assertThat(backend.untouched()).isTrue();
  }

  @Test
  void aBatchThatBreaksInTheMiddleTellsWhatIsStored() {
    transport.limits = FakeTransport.limits(2, Duration.ZERO);
    backend.nextEnqueues.add(jobs -> CompletableFuture.completedFuture(FakeQueue.stored(jobs)));
    backend.nextEnqueues.add(jobs -> CompletableFuture.failedFuture(broken(true)));
    TributaryException error = failure(queue().enqueueAll(jobs(6)));
    assertThat(error).isInstanceOf(PartialFailureException.class);
    List<? extends Outcome<?>> outcomes = ((PartialFailureException) error).outcomes();
    assertThat(outcomes).extracting(Outcome::succeeded).containsExactly(true, true, false, false, false, false);
    assertThat(outcomes.get(2).error().maybeApplied()).isTrue();
    assertThat(outcomes.get(4).error().maybeApplied()).as("never sent").isFalse();
    assertThat(outcomes.get(4).error().retryable()).isTrue();
    assertThat(error.operation()).isEqualTo("enqueue");
  }

  @Test
  void aBatchOfWhichNothingIsStoredFailsWithTheReason() {
    backend.nextEnqueues.add(jobs -> CompletableFuture.failedFuture(broken(true)));
    assertThat(failure(queue().enqueueAll(jobs(3)))).isInstanceOf(ConnectionFailedException.class);
  }

  @Test
  void onlyWhatFailedIsSentAgain() {
    backend.nextEnqueues.add(
        jobs -> {
          List<Outcome<EnqueueResult>> outcomes = new ArrayList<>(FakeQueue.stored(jobs));
          outcomes.set(1, Outcome.failed(broken(false)));
          outcomes.set(2, Outcome.failed(broken(false)));
          return CompletableFuture.completedFuture(outcomes);
        });
    CompletableFuture<List<EnqueueResult>> result = queue().enqueueAll(jobs(3));
    transport.time.advance(Duration.ofSeconds(1));
    assertThat(result.join()).extracting(EnqueueResult::id).containsExactly("job-0", "job-1", "job-2");
    assertThat(batchSizes()).containsExactly(3, 2);
  }

  @Test
  void anItemIsNotSentAgainBehindALaterOne() {
    transport.limits = FakeTransport.limits(3, Duration.ZERO);
    backend.nextEnqueues.add(
        jobs -> {
          List<Outcome<EnqueueResult>> outcomes = new ArrayList<>(FakeQueue.stored(jobs));
          outcomes.set(1, Outcome.failed(broken(false)));
          return CompletableFuture.completedFuture(outcomes);
        });
    TributaryException error = failure(queue().enqueueAll(jobs(4)));
    assertThat(((PartialFailureException) error).outcomes()).extracting(Outcome::succeeded).containsExactly(true, false, true, true);
    assertThat(batchSizes()).containsExactly(3, 1);
  }

  @Test
  void aCallOfWhichEveryItemMayBeLostEndsTheList() {
    transport.limits = FakeTransport.limits(2, Duration.ZERO);
    backend.nextEnqueues.add(jobs -> CompletableFuture.completedFuture(FakeQueue.stored(jobs)));
    backend.nextEnqueues.add(
        jobs -> CompletableFuture.completedFuture(List.of(Outcome.failed(broken(true)), Outcome.failed(broken(true)))));
    TributaryException error = failure(queue().enqueueAll(jobs(6)));
    List<? extends Outcome<?>> outcomes = ((PartialFailureException) error).outcomes();
    assertThat(outcomes).extracting(Outcome::succeeded).containsExactly(true, true, false, false, false, false);
    assertThat(outcomes).extracting(o -> o.error() != null && o.error().maybeApplied())
        .containsExactly(false, false, true, true, false, false);
    assertThat(batchSizes()).containsExactly(2, 2);
  }

  @Test
  void aRefusedItemDoesNotHoldUpTheOthers() {
    transport.limits = FakeTransport.limits(2, Duration.ZERO);
    backend.nextEnqueues.add(
        jobs ->
            CompletableFuture.completedFuture(
                List.of(
                    Outcome.failed(new SchemaRejectedException(ErrorInfo.of("no match", ""))),
                    FakeQueue.stored(jobs).get(1))));
    TributaryException error = failure(queue().enqueueAll(jobs(3)));
    assertThat(((PartialFailureException) error).outcomes()).extracting(Outcome::succeeded).containsExactly(false, true, true);
  }

  @Test
  void oneDeadlineForTheWholeList() {
    transport.limits = FakeTransport.limits(1, Duration.ZERO);
    CompletableFuture<List<Outcome<EnqueueResult>>> stuck = new CompletableFuture<>();
    backend.nextEnqueues.add(jobs -> CompletableFuture.completedFuture(FakeQueue.stored(jobs)));
    backend.nextEnqueues.add(jobs -> stuck);
    CompletableFuture<List<EnqueueResult>> result = queue().enqueueAll(jobs(3));
    transport.time.advance(Duration.ofSeconds(10));
    assertThat(failure(result)).isInstanceOf(PartialFailureException.class);
    assertThat(stuck).isCancelled();
    assertThat(transport.time.waiting()).isZero();
  }

  @Test
  void cancellingEndsTheCallOnTheWire() {
    CompletableFuture<List<Outcome<EnqueueResult>>> stuck = new CompletableFuture<>();
    backend.nextEnqueues.add(jobs -> stuck);
    queue().enqueueAll(jobs(3)).cancel(true);
    assertThat(stuck).isCancelled();
  }

  @Test
  void anAtomicBatchMustFitOneCall() {
    transport.limits = FakeTransport.limits(2, Duration.ZERO);
    assertThat(failure(queue().enqueueAtomically(jobs(3)))).isInstanceOf(PayloadTooLargeException.class);
    assertThat(backend.untouched()).isTrue();
    assertThat(queue().enqueueAtomically(jobs(2)).join()).hasSize(2);
    transport.capabilities.remove(Capability.ATOMIC_ENQUEUE);
    assertThat(failure(queue().enqueueAtomically(jobs(2)))).isInstanceOf(UnsupportedFeatureException.class);
  }

  @Test
  void otherOperationsNeedTheirCapability() {
    transport.capabilities.removeAll(List.of(Capability.PEEK, Capability.PURGE, Capability.REDELIVERY_POLICY));
    JobQueue<String> queue = queue();
    for (CompletableFuture<?> call : List.of(queue.peek(1), queue.purge(), queue.redeliveryPolicy())) {
      assertThat(failure(call)).isInstanceOf(UnsupportedFeatureException.class);
    }
    assertThat(backend.untouched()).isTrue();
  }

  @Test
  void peekLooksAndChecks() {
    backend.add(3);
    assertThat(queue().peek(2).join()).extracting(job -> job.value()).containsExactly("job-0", "job-1");
    assertThat(failure(queue().peek(0))).isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void afterCloseNothingIsSent() {
    Tributary client = transport.client();
    JobQueue<String> queue = client.queue("q", Codecs.text());
    client.close();
    for (CompletableFuture<?> call : List.of(queue.enqueue("x"), queue.enqueueAll(jobs(2)), queue.reserve(), queue.stats())) {
      assertThat(failure(call)).isInstanceOf(ClientClosedException.class);
    }
    assertThat(backend.untouched()).isTrue();
  }
}
