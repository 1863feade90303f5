package dev.tributary.internal.queue;

import static dev.tributary.internal.queue.EnqueueTest.broken;
import static dev.tributary.internal.queue.EnqueueTest.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.JobQueue;
import dev.tributary.Tributary;
import dev.tributary.codec.Codec;
import dev.tributary.codec.Codecs;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.internal.FakeTransport;
import dev.tributary.queue.Job;
import dev.tributary.queue.ReserveOptions;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Settlement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ReceiveTest {
  private static final ReserveOptions WAIT = ReserveOptions.maxWait(Duration.ofSeconds(20));

  private final FakeTransport transport = new FakeTransport();
  private final FakeQueue backend = new FakeQueue(transport);

  private JobQueue<String> queue() {
    return transport.client().queue("q", Codecs.text());
  }

  private void advance(Duration by) {
    transport.time.advance(by);
  }

  @Test
  void takesWhatIsReady() {
    backend.add(3);
    List<Job<String>> jobs = queue().receive(2).join();
    assertThat(jobs).extracting(Job::value).containsExactly("job-0", "job-1");
    assertThat(queue().reserve().join()).map(Job::id).hasValue("job-2");
    assertThat(queue().reserve().join()).isEmpty();
  }

  @Test
  void leasesAreRoundedUpAndBounded() {
    queue().reserve(ReserveOptions.lease(Duration.ofMillis(1_500))).join();
    assertThat(backend.receives.get(0).lease()).isEqualTo(Duration.ofSeconds(2));
    assertThat(failure(queue().reserve(ReserveOptions.lease(Duration.ofHours(2))))).isInstanceOf(InvalidRequestException.class);
    assertThat(failure(queue().receive(0))).isInstanceOf(InvalidRequestException.class);
    assertThat(failure(queue().receive(1, null))).isInstanceOf(InvalidRequestException.class);
    assertThat(backend.receives).hasSize(1);
  }

  @Test
  void neverAsksForMoreThanACallMay() {
    queue().receive(1_000_000).join();
    assertThat(backend.receives.get(0).max()).isEqualTo(100);
  }

  @Test
  void asksAgainAndAgainWhereTheBackendDoesNotWait() {
    CompletableFuture<Optional<Job<String>>> job = queue().reserve(WAIT);
    advance(Duration.ofSeconds(10));
    assertThat(job).isNotDone();
    assertThat(backend.receives.size()).as("pauses grow to a second").isBetween(10, 28);
    assertThat(backend.receives).allMatch(receive -> receive.waited().isZero());
    backend.add(1);
    advance(Duration.ofSeconds(1));
    assertThat(job.join()).map(Job::id).hasValue("job-0");
  }

  @Test
  void theWaitEndsAndAsksOnceMoreAtItsEnd() {
    CompletableFuture<Optional<Job<String>>> job = queue().reserve(WAIT);
    advance(Duration.ofSeconds(20).minusNanos(1));
    assertThat(job).isNotDone();
    int asked = backend.receives.size();
    advance(Duration.ofNanos(1));
    assertThat(job.join()).isEmpty();
    assertThat(backend.receives).hasSize(asked + 1);
  }

  @Test
  void waitsAtTheBackendInTurnsWhereItCan() {
    transport.limits = FakeTransport.limits(10, Duration.ofSeconds(8));
    CompletableFuture<Optional<Job<String>>> job = queue().reserve(WAIT);
    advance(Duration.ofSeconds(20));
    assertThat(job.join()).isEmpty();
    assertThat(backend.receives)
        .extracting(FakeQueue.Receive::waited)
        .containsExactly(Duration.ofSeconds(8), Duration.ofSeconds(8), Duration.ofSeconds(4));
  }

  @Test
  void aBackendThatDoesNotWaitAsItSaysIsNotFlooded() {
    transport.limits = FakeTransport.limits(10, Duration.ofSeconds(60));
    for (int i = 0; i < 1_000; i++) {
      backend.nextReceives.add(() -> CompletableFuture.completedFuture(List.of()));
    }
    CompletableFuture<Optional<Job<String>>> job = queue().reserve(WAIT);
    advance(Duration.ofSeconds(20));
    assertThat(job.join()).isEmpty();
    assertThat(backend.receives.size()).isLessThan(60);
  }

  @Test
  void theWaitAddsToTheDeadline() {
    transport.limits = FakeTransport.limits(10, Duration.ofSeconds(60));
    backend.nextReceives.add(CompletableFuture::new);
    CompletableFuture<Optional<Job<String>>> job = queue().reserve(WAIT);
    advance(Duration.ofSeconds(29));
    assertThat(job).isNotDone();
    advance(Duration.ofSeconds(1));
    assertThat(failure(job)).isInstanceOf(DeadlineExceededException.class);
    assertThat(backend.receives.get(0).answer()).isCancelled();
  }

  @Test
  void aHugeWaitIsNoError() {
    CompletableFuture<Optional<Job<String>>> job = queue().reserve(ReserveOptions.maxWait(Duration.ofSeconds(Long.MAX_VALUE)));
    assertThat(job).isNotDone();
    job.cancel(true);
    assertThat(transport.time.waiting()).isZero();
  }

  @Test
  void faultsAreRetriedIfNothingCanHaveBeenLeased() {
    backend.add(1);
    backend.nextReceives.add(() -> CompletableFuture.failedFuture(broken(false)));
    CompletableFuture<Optional<Job<String>>> job = queue().reserve();
    advance(Duration.ofSeconds(1));
    assertThat(job.join()).isPresent();
    backend.nextReceives.add(() -> CompletableFuture.failedFuture(broken(true)));
    assertThat(failure(queue().reserve()).maybeApplied()).isTrue();
  }

  @Test
  void cancellingEndsTheWait() {
    CompletableFuture<Optional<Job<String>>> job = queue().reserve(WAIT);
    int asked = backend.receives.size();
    job.cancel(true);
    advance(Duration.ofMinutes(1));
    assertThat(backend.receives).hasSize(asked);
  }

  /** A transport whose cancellation comes too late: the answer is on its way already. */
  private static final class Unstoppable extends CompletableFuture<List<LeasedJob>> {
    @Override
    public boolean cancel(boolean mayInterrupt) {
      return false;
    }
  }

  @Test
  void jobsThatComeAfterACancelAreGivenBack() {
    Unstoppable answer = new Unstoppable();
    backend.nextReceives.add(() -> answer);
    queue().receive(2).cancel(true);
    answer.complete(List.of(backend.job("a"), backend.job("b")));
    assertThat(backend.ids(Settlement.Kind.RELEASE)).containsExactly("a", "b");
  }

  @Test
  void jobsThatComeAfterTheDeadlineAreGivenBack() {
    Unstoppable answer = new Unstoppable();
    backend.nextReceives.add(() -> answer);
    CompletableFuture<?> call = queue().receive(2);
    advance(Duration.ofSeconds(10));
    assertThat(failure(call)).isInstanceOf(DeadlineExceededException.class);
    answer.complete(List.of(backend.job("a")));
    assertThat(backend.ids(Settlement.Kind.RELEASE)).containsExactly("a");
  }

  @Test
  void jobsThatComeBetweenTheDeadlineAndTheCancelOfTheTryAreGivenBack() {
    CompletableFuture<List<LeasedJob>> answer = new CompletableFuture<>();
    backend.nextReceives.add(() -> answer);
    CompletableFuture<?> call = queue().receive(2);
    // The call has expired already when it makes the error, and cancels the try after that.
    transport.onName = () -> answer.complete(List.of(backend.job("a")));
    advance(Duration.ofSeconds(10));
    assertThat(answer).isCompleted();
    assertThat(failure(call)).isInstanceOf(DeadlineExceededException.class);
    assertThat(backend.ids(Settlement.Kind.RELEASE)).containsExactly("a");
  }

  @Test
  void jobsThatComeAfterSomebodyElseCompletedTheCallAreGivenBack() {
    for (boolean well : List.of(true, false)) {
      Unstoppable answer = new Unstoppable();
      backend.nextReceives.add(() -> answer);
      CompletableFuture<List<Job<String>>> call = queue().receive(2);
      // As completeOnTimeout and orTimeout do it.
      assertThat(well ? call.complete(List.of()) : call.completeExceptionally(new java.util.concurrent.TimeoutException())).isTrue();
      answer.complete(List.of(backend.job("well-" + well)));
    }
    assertThat(backend.ids(Settlement.Kind.RELEASE)).containsExactly("well-true", "well-false");
  }

  @Test
  void whoCompletesACallEndsItsTry() {
    CompletableFuture<List<LeasedJob>> answer = new CompletableFuture<>();
    backend.nextReceives.add(() -> answer);
    CompletableFuture<Optional<Job<String>>> call = queue().reserve();
    call.complete(Optional.empty());
    assertThat(answer).isCancelled();
    assertThat(call.join()).isEmpty();
  }

  @Test
  void jobsThatWaitForTheCallbackExecutorWhenSomebodyElseCompletesTheCallAreGivenBack() {
    backend.add(1);
    ArrayDeque<Runnable> callbacks = new ArrayDeque<>();
    Tributary client = transport.client(transport.config().callbackExecutor(callbacks::add).build());
    CompletableFuture<Optional<Job<byte[]>>> call = client.queue("q").reserve();
    call.complete(Optional.empty());
    while (!callbacks.isEmpty()) {
      callbacks.poll().run();
    }
    assertThat(call.join()).isEmpty();
    assertThat(backend.ids(Settlement.Kind.RELEASE)).containsExactly("job-0");
  }

  @Test
  void jobsThatWaitForTheCallbackExecutorWhenTheCallIsCancelledAreGivenBack() {
    backend.add(1);
    ArrayDeque<Runnable> callbacks = new ArrayDeque<>();
    Tributary client = transport.client(transport.config().callbackExecutor(callbacks::add).build());
    CompletableFuture<?> call = client.queue("q").reserve();
    assertThat(callbacks).hasSize(1);
    call.cancel(true);
    while (!callbacks.isEmpty()) {
      callbacks.poll().run();
    }
    assertThat(backend.ids(Settlement.Kind.RELEASE)).containsExactly("job-0");
  }

  @Test
  void aJobThatCannotBeDecodedBecomesADeadLetterAndTheOthersAreDelivered() {
    Codec<Integer> numbers =
        new Codec<>() {
          @Override
          public byte[] encode(Integer value) {
            return new byte[] {value.byteValue()};
          }

          @Override
          public Integer decode(byte[] bytes) {
            if (bytes[0] == 0) {
              throw new IllegalStateException("a zero");
            }
            return (int) bytes[0];
          }
        };
    LeasedJob good = backend.job("good");
    LeasedJob bad = new LeasedJob("bad", "", new byte[1], good.headers(), 1, 0, null, null, good.sequence());
    backend.nextReceives.add(() -> CompletableFuture.completedFuture(List.of(bad, good)));
    List<Job<Integer>> jobs = transport.client().queue("q", numbers).receive(2).join();
    assertThat(jobs).extracting(Job::id).containsExactly("good");
    assertThat(backend.ids(Settlement.Kind.REJECT)).containsExactly("bad");
    assertThat(backend.settled(Settlement.Kind.REJECT).get(0).reason()).contains("a zero");
  }

  @Test
  void closingTheClientEndsTheWait() {
    Tributary client = transport.client();
    CompletableFuture<?> call = client.queue("q").reserve(WAIT);
    client.close();
    assertThat(failure(call)).isInstanceOf(ClientClosedException.class);
    int asked = backend.receives.size();
    advance(Duration.ofMinutes(1));
    assertThat(backend.receives).hasSize(asked);
    assertThat(failure(client.queue("q").reserve(WAIT))).isInstanceOf(ClientClosedException.class);
  }
}
