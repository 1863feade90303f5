package dev.tributary.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.JobQueue;
import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.Transaction;
import dev.tributary.TransactionOptions;
import dev.tributary.Tributary;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.QueueTransport;
import dev.tributary.spi.StreamTransport;
import dev.tributary.spi.TransactionTransport;
import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class TransactionTest {
  private static final byte[] VALUE = {1};

  private final FakeTransport transport = new FakeTransport();
  private final List<String> calls = new ArrayList<>();
  /** Answers of the next calls; null for success. */
  private final ArrayDeque<CompletableFuture<?>> answers = new ArrayDeque<>();
  private TransactionOptions begun;

  {
    transport.streams = unused(StreamTransport.class);
    transport.queues = unused(QueueTransport.class);
    transport.transactions =
        (options, deadline) -> {
          begun = options;
          return answer("begin", new Session());
        };
  }

  private static <T> T unused(Class<T> role) {
    return role.cast(
        Proxy.newProxyInstance(
            TransactionTest.class.getClassLoader(),
            new Class<?>[] {role},
            (proxy, method, arguments) -> {
              throw new AssertionError(method);
            }));
  }

  @SuppressWarnings("unchecked")
  private <R> CompletableFuture<R> answer(String call, R value) {
    calls.add(call);
    CompletableFuture<?> next = answers.poll();
    return next == null ? CompletableFuture.completedFuture(value) : (CompletableFuture<R>) next;
  }

  private final class Session implements TransactionTransport.Session {
    @Override
    public String id() {
      return "tx";
    }

    @Override
    public CompletableFuture<List<Outcome<Optional<Position>>>> publish(ResourceName stream, List<Event<byte[]>> events, Deadline deadline) {
      return answer("publish", List.of(Outcome.of(Optional.empty())));
    }

    @Override
    public CompletableFuture<List<Outcome<EnqueueResult>>> enqueue(ResourceName queue, List<NewJob<byte[]>> jobs, Deadline deadline) {
      return answer("enqueue", List.of(Outcome.of(new EnqueueResult("job", OptionalLong.empty(), false))));
    }

    @Override
    public CompletableFuture<Void> commit(Deadline deadline) {
      return answer("commit", null);
    }

    @Override
    public CompletableFuture<Void> abort(Deadline deadline) {
      return answer("abort", null);
    }
  }

  private static Throwable failure(CompletableFuture<?> future) {
    assertThat(future).isCompletedExceptionally();
    return future.handle((value, error) -> error instanceof CompletionException c ? c.getCause() : error).join();
  }

  private static ConnectionFailedException broken(boolean maybeApplied) {
    return new ConnectionFailedException(ErrorInfo.of("broken", "").maybeApplied(maybeApplied));
  }

  @Test
  void callsAreMadeOneAfterTheOther() {
    Tributary client = transport.client();
    Transaction transaction = client.transaction().join();
    CompletableFuture<List<Outcome<Optional<Position>>>> slow = new CompletableFuture<>();
    answers.add(slow);
    CompletableFuture<Optional<Position>> publish = transaction.publish(client.stream("s"), Event.of(VALUE));
    CompletableFuture<EnqueueResult> enqueue = transaction.enqueue(client.queue("q"), NewJob.of(VALUE));
    CompletableFuture<Void> commit = transaction.commit();
    assertThat(calls).containsExactly("begin", "publish");
    slow.complete(List.of(Outcome.of(Optional.empty())));
    assertThat(calls).containsExactly("begin", "publish", "enqueue", "commit");
    assertThat(List.of(publish, enqueue, commit)).allMatch(CompletableFuture::isDone);
    assertThat(transaction.id()).isEqualTo("tx");
  }

  @Test
  void aCallThatIsTriedAgainKeepsItsTurn() {
    Tributary client = transport.client();
    Transaction transaction = client.transaction().join();
    answers.add(CompletableFuture.failedFuture(broken(false)));
    transaction.publish(client.stream("s"), Event.of(VALUE));
    transaction.commit();
    assertThat(calls).containsExactly("begin", "publish");
    transport.time.advance(Duration.ofSeconds(1));
    assertThat(calls).containsExactly("begin", "publish", "publish", "commit");
  }

  @Test
  void whoWaitsForTheirTurnHasADeadlineToo() {
    Tributary client = transport.client();
    Transaction transaction = client.transaction().join();
    answers.add(new CompletableFuture<>());
    CompletableFuture<Optional<Position>> first = transaction.publish(client.stream("s"), Event.of(VALUE));
    CompletableFuture<Optional<Position>> second = transaction.publish(client.stream("s"), Event.of(VALUE));
    transport.time.advance(Duration.ofSeconds(10));
    assertThat(failure(first)).isInstanceOf(DeadlineExceededException.class);
    assertThat(failure(second)).isInstanceOf(DeadlineExceededException.class);
    transaction.abort().join();
  }

  @Test
  void cancellingOneLetsTheNextGoOn() {
    Tributary client = transport.client();
    Transaction transaction = client.transaction().join();
    CompletableFuture<?> stuck = new CompletableFuture<>();
    answers.add(stuck);
    CompletableFuture<Optional<Position>> first = transaction.publish(client.stream("s"), Event.of(VALUE));
    CompletableFuture<Optional<Position>> second = transaction.publish(client.stream("s"), Event.of(VALUE));
    CompletableFuture<Void> abort = transaction.abort();
    second.cancel(true);
    assertThat(abort).isNotDone();
    first.cancel(true);
    assertThat(stuck).isCancelled();
    assertThat(abort).isCompleted();
    assertThat(calls).containsExactly("begin", "publish", "abort");
  }

  @Test
  void afterItsEndEverythingIsAConflict() {
    Tributary client = transport.client();
    Transaction committed = client.transaction().join();
    committed.commit().join();
    Transaction aborted = client.transaction().join();
    aborted.abort().join();
    for (CompletableFuture<?> call :
        List.of(
            committed.publish(client.stream("s"), Event.of(VALUE)),
            committed.enqueue(client.queue("q"), NewJob.of(VALUE)),
            committed.commit(),
            committed.abort(),
            aborted.publish(client.stream("s"), Event.of(VALUE)),
            aborted.commit())) {
      assertThat(failure(call)).isInstanceOf(ConflictException.class);
    }
    assertThat(aborted.abort()).isCompleted();
    assertThat(calls).containsExactly("begin", "commit", "begin", "abort");
  }

  @Test
  void aCommitThatFailedCanBeAborted() {
    Transaction transaction = transport.client().transaction().join();
    answers.add(CompletableFuture.failedFuture(broken(true)));
    assertThat(failure(transaction.commit())).isInstanceOf(ConnectionFailedException.class);
    transaction.abort().join();
    assertThat(calls).containsExactly("begin", "commit", "abort");
  }

  @Test
  void handlesOfOthersAreRefused() {
    Tributary client = transport.client();
    Tributary other = transport.client();
    Transaction transaction = client.transaction().join();
    JobQueue<byte[]> fake = unusedQueue();
    for (CompletableFuture<?> call :
        List.of(
            transaction.publish(other.stream("s"), Event.of(VALUE)),
            transaction.enqueue(other.queue("q"), NewJob.of(VALUE)),
            transaction.enqueue(fake, NewJob.of(VALUE)),
            transaction.publish(null, Event.of(VALUE)),
            transaction.publish(client.stream("s"), null),
            transaction.enqueue(client.queue("q"), null))) {
      assertThat(failure(call)).isInstanceOf(InvalidRequestException.class);
    }
    assertThat(calls).containsExactly("begin");
  }

  @SuppressWarnings("unchecked")
  private static JobQueue<byte[]> unusedQueue() {
    return unused(JobQueue.class);
  }

  @Test
  void capabilitiesAreChecked() {
    Tributary client = transport.client();
    Transaction transaction = client.transaction().join();
    transport.capabilities.remove(Capability.TRANSACTIONAL_ENQUEUE);
    assertThat(failure(transaction.enqueue(client.queue("q"), NewJob.of(VALUE)))).isInstanceOf(UnsupportedFeatureException.class);
    transport.capabilities.remove(Capability.TRANSACTIONS);
    assertThat(failure(client.transaction())).isInstanceOf(UnsupportedFeatureException.class);
    assertThat(failure(client.inTransaction(tx -> tx.commit()))).isInstanceOf(UnsupportedFeatureException.class);
  }

  @Test
  void optionsAreChecked() {
    Tributary client = transport.client();
    client.transaction(TransactionOptions.timeout(Duration.ofMillis(1))).join();
    assertThat(begun.timeout()).isEqualTo(Duration.ofSeconds(1));
    assertThat(failure(client.transaction(TransactionOptions.producer("")))).isInstanceOf(InvalidRequestException.class);
    assertThat(failure(client.transaction(null))).isInstanceOf(InvalidRequestException.class);
    assertThat(failure(client.inTransaction(null))).isInstanceOf(InvalidRequestException.class);
    assertThat(calls).containsExactly("begin");
  }

  @Test
  void workThatSucceedsIsCommitted() {
    Tributary client = transport.client();
    CompletableFuture<String> result =
        client.inTransaction(
            tx -> tx.publish(client.stream("s"), Event.of(VALUE)).thenApply(position -> "result"));
    assertThat(result.join()).isEqualTo("result");
    assertThat(calls).containsExactly("begin", "publish", "commit");
  }

  @Test
  void workThatFailsIsAborted() {
    Tributary client = transport.client();
    IllegalStateException why = new IllegalStateException("why");
    assertThat(failure(client.inTransaction(tx -> CompletableFuture.failedFuture(why)))).isSameAs(why);
    assertThat(
            failure(
                client.inTransaction(
                    tx -> {
                      throw why;
                    })))
        .isSameAs(why);
    assertThat(failure(client.inTransaction(tx -> null))).isInstanceOf(InvalidRequestException.class);
    assertThat(calls).containsExactly("begin", "abort", "begin", "abort", "begin", "abort");
  }

  @Test
  void anAbortThatFailsTooIsSuppressed() {
    IllegalStateException why = new IllegalStateException("why");
    CompletableFuture<Object> result =
        transport
            .client()
            .inTransaction(
                tx -> {
                  answers.add(CompletableFuture.failedFuture(new ConflictException(ErrorInfo.of("fenced", ""))));
                  return CompletableFuture.failedFuture(why);
                });
    assertThat(failure(result)).isSameAs(why);
    assertThat(why.getSuppressed()).hasSize(1).allMatch(ConflictException.class::isInstance);
  }

  @Test
  void aCommitThatFailsIsTheResult() {
    Tributary client = transport.client();
    CompletableFuture<Object> refused =
        client.inTransaction(
            tx -> {
              answers.add(CompletableFuture.failedFuture(new ConflictException(ErrorInfo.of("fenced", ""))));
              return CompletableFuture.completedFuture("lost");
            });
    assertThat(failure(refused)).isInstanceOf(ConflictException.class);
    assertThat(calls).containsExactly("begin", "commit", "abort");
    calls.clear();
    CompletableFuture<Object> unknown =
        client.inTransaction(
            tx -> {
              answers.add(CompletableFuture.failedFuture(broken(true)));
              return CompletableFuture.completedFuture("unknown");
            });
    assertThat(failure(unknown)).isInstanceOf(ConnectionFailedException.class);
    assertThat(calls).as("nobody knows whether there is something to abort").containsExactly("begin", "commit");
  }

  @Test
  void cancellingAborts() {
    CompletableFuture<Object> result = transport.client().inTransaction(tx -> new CompletableFuture<>());
    result.cancel(true);
    assertThat(calls).containsExactly("begin", "abort");
  }
}
