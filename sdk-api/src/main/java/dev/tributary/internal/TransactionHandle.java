package dev.tributary.internal;

import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.JobQueue;
import dev.tributary.ResourceName;
import dev.tributary.Transaction;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.internal.queue.JobQueueHandle;
import dev.tributary.internal.stream.StreamHandle;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TransactionTransport;
import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A transaction, over the transport's session: calls wait for their turn, each within its own deadline. */
final class TransactionHandle implements Transaction {
  private final Calls calls;
  private final TransactionTransport.Session session;
  private CompletableFuture<Void> line = CompletableFuture.completedFuture(null);
  private State state = State.OPEN;
  private @Nullable CompletableFuture<Void> ending;

  TransactionHandle(Calls calls, TransactionTransport.Session session) {
    this.calls = calls;
    this.session = session;
  }

  private enum State {
    OPEN("is open"),
    COMMITTED("was committed already, or is about to be"),
    ABORTED("was aborted already, or is about to be");

    private final String text;

    State(String text) {
      this.text = text;
    }
  }

  @Override
  public String id() {
    return session.id();
  }

  @Override
  public <T> CompletableFuture<Optional<Position>> publish(EventStream<T> stream, Event<T> event) {
    return calls.checked(
        "publish in transaction",
        null,
        () -> {
          if (!(Checks.present("stream", stream) instanceof StreamHandle<T> handle) || !handle.isOf(calls)) {
            throw foreign("stream");
          }
          ResourceName name = handle.name();
          List<Event<byte[]>> events = List.of(handle.prepare(event));
          return inTurn(
              "publish in transaction", name, deadline -> Steps.only(session.publish(name, events, deadline)));
        });
  }

  @Override
  public <T> CompletableFuture<EnqueueResult> enqueue(JobQueue<T> queue, NewJob<T> job) {
    return calls.checked(
        "enqueue in transaction",
        null,
        () -> {
          calls.checks().require(Capability.TRANSACTIONAL_ENQUEUE);
          if (!(Checks.present("queue", queue) instanceof JobQueueHandle<T> handle) || !handle.isOf(calls)) {
            throw foreign("queue");
          }
          ResourceName name = handle.name();
          List<NewJob<byte[]>> jobs = List.of(handle.encode(job));
          return inTurn(
              "enqueue in transaction", name, deadline -> Steps.only(session.enqueue(name, jobs, deadline)));
        });
  }

  private static InvalidRequestException foreign(String what) {
    return InvalidRequestException.of(
        "the " + what + " is not of the client that began the transaction", "Use a " + what + " of that client");
  }

  private synchronized <R> CompletableFuture<R> inTurn(
      String operation, ResourceName name, Function<Deadline, CompletableFuture<R>> attempt) {
    if (state != State.OPEN) {
      throw over();
    }
    return queued(operation, name, Calls.Repeat.UNLESS_APPLIED, attempt);
  }

  @Override
  public CompletableFuture<Void> commit() {
    return calls.checked("commit", null, () -> end(State.COMMITTED));
  }

  @Override
  public CompletableFuture<Void> abort() {
    return calls.checked("abort", null, () -> end(State.ABORTED));
  }

  /** Ends it, once; a commit that failed leaves it to be committed again or aborted. */
  private synchronized CompletableFuture<Void> end(State how) {
    CompletableFuture<Void> before = ending;
    boolean open = before == null || before.isCompletedExceptionally();
    if (!open) {
      if (how == State.ABORTED && state == State.ABORTED) {
        return before;
      }
      throw over();
    }
    state = how;
    CompletableFuture<Void> call =
        how == State.COMMITTED
            ? queued("commit", null, Calls.Repeat.UNLESS_APPLIED, session::commit)
            : queued("abort", null, Calls.Repeat.SAFE, session::abort);
    ending = call;
    return call;
  }

  private ConflictException over() {
    return new ConflictException(
        ErrorInfo.of(
            "the transaction " + (ending != null && ending.isCompletedExceptionally() ? "could not be ended" : state.text),
            "Begin another one"));
  }

  /** Under the lock: a call that begins when those before it are through, whatever became of them. */
  private <R> CompletableFuture<R> queued(
      String operation, @Nullable ResourceName name, Calls.Repeat repeat, Function<Deadline, CompletableFuture<R>> attempt) {
    CompletableFuture<Void> before = line;
    CompletableFuture<Void> mine = new CompletableFuture<>();
    line = mine;
    CompletableFuture<R> call =
        calls.call(operation, name, repeat, deadline -> before.isDone() ? attempt.apply(deadline) : Steps.then(before.copy(), through -> attempt.apply(deadline)));
    call.whenComplete((done, error) -> before.whenComplete((through, never) -> mine.complete(null)));
    return call;
  }
}
