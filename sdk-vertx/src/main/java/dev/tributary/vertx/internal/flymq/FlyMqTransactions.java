package dev.tributary.vertx.internal.flymq;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.TransactionOptions;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.spi.TransactionTransport;
import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import dev.tributary.vertx.internal.envelope.Envelope;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Transactions of FlyMQ. Where they are switched off a server answers as if there were some, stores at once and takes nothing back; only what their ids
 * look like tells. A server ends one after a minute, and this client sooner if that is asked for.
 */
final class FlyMqTransactions implements TransactionTransport {
  /** What the ids of those begin with that are some. */
  private static final String REAL = "txn-producer-";

  private static final Duration LONGEST = TransactionOptions.DEFAULT.timeout();

  /** How long a server may take to hear that one was given up. */
  private static final Duration GOODBYE = Duration.ofSeconds(3);

  private final FlyMqCaller caller;
  private final FlyMqMapping mapping;
  private final TimeSource time;
  private final Set<OpenTransaction> open = ConcurrentHashMap.newKeySet();

  FlyMqTransactions(FlyMqCaller caller, FlyMqMapping mapping, TimeSource time) {
    this.caller = caller;
    this.mapping = mapping;
    this.time = time;
  }

  @Override
  public CompletableFuture<Session> begin(TransactionOptions options, Deadline deadline) {
    if (options.timeout().compareTo(LONGEST) > 0) {
      throw InvalidRequestException.of("a transaction of " + options.timeout(), "A FlyMQ server has none of more than " + LONGEST);
    }
    return Steps.then(
        call(Opcode.TXN_BEGIN, "", Message.EMPTY, deadline),
        begun -> CompletableFuture.completedFuture(begun(begun, options.timeout())),
        // Nobody has it.
        session -> ((OpenTransaction) session).giveUp());
  }

  private Session begun(Answers.Transaction begun, Duration timeout) {
    if (!begun.success()) {
      throw new ServerErrorException(ErrorInfo.of("the server did not begin a transaction", "Look at its log"));
    }
    if (!begun.id().startsWith(REAL)) {
      throw new UnsupportedFeatureException(
          ErrorInfo.of(
              "the server's transactions are switched off: it would store at once, and take nothing back",
              "Start it with FLYMQ_TRANSACTION_ENABLED=true"));
    }
    return new OpenTransaction(begun.id(), timeout);
  }

  private CompletableFuture<Answers.Transaction> call(Opcode opcode, String id, Message request, Deadline deadline) {
    return caller.call(opcode, id, request, Answers.Transaction.class, deadline);
  }

  /** Ends what nobody can end any more; completes when the server took note, or could not be told in time. */
  CompletableFuture<Void> close() {
    return CompletableFuture.allOf(open.stream().map(OpenTransaction::giveUp).toArray(CompletableFuture[]::new));
  }

  private final class OpenTransaction implements Session {
    private final String id;
    private final TimeSource.Timer timer;
    private volatile boolean over;
    /** Whether no answer came to a commit. */
    private volatile boolean unsure;

    OpenTransaction(String id, Duration timeout) {
      this.id = id;
      open.add(this);
      this.timer = time.schedule(timeout, this::giveUp);
    }

    /** It is rolled back, and over whatever comes of that: then it ends by itself. */
    CompletableFuture<Void> giveUp() {
      over();
      return caller
          .within(GOODBYE, deadline -> call(Opcode.TXN_ROLLBACK, id, new Requests.Name(id), deadline))
          .handle((told, late) -> null);
    }

    private void over() {
      over = true;
      timer.cancel();
      open.remove(this);
    }

    private ConflictException isOver() {
      return new ConflictException(ErrorInfo.of("transaction " + id + " is over", "Begin another one"));
    }

    @Override
    public String id() {
      return id;
    }

    @Override
    public CompletableFuture<List<Outcome<Optional<Position>>>> publish(
        ResourceName stream, List<Event<byte[]>> events, Deadline deadline) {
      if (over) {
        throw isOver();
      }
      return Steps.inOrder(events, event -> publish(stream, event, deadline));
    }

    private CompletableFuture<Optional<Position>> publish(ResourceName stream, Event<byte[]> event, Deadline deadline) {
      requireBare(event);
      String topic = mapping.topic(stream);
      byte[] value = Envelope.bytes(event.value(), event.headers());
      return Steps.map(
          caller.call(Opcode.TXN_PRODUCE, id, new Requests.ProduceInTransaction(id, topic, value), Answers.Produced.class, deadline),
          // Where it will be is not known before the commit.
          stored -> Optional.empty());
    }

    @Override
    public CompletableFuture<List<Outcome<EnqueueResult>>> enqueue(ResourceName queue, List<NewJob<byte[]>> jobs, Deadline deadline) {
      throw new UnsupportedFeatureException(ErrorInfo.of("FlyMQ has no queues", "Publish to a stream"));
    }

    /** A server that could not store all of it says no more than that, and a public one leaves what it stored. */
    @Override
    public CompletableFuture<Void> commit(Deadline deadline) {
      if (over) {
        throw isOver();
      }
      return Steps.translate(
          Steps.map(
              call(Opcode.TXN_COMMIT, id, new Requests.Name(id), deadline),
              answer -> {
                over();
                if (!answer.success()) {
                  throw new ConflictException(
                      ErrorInfo.of(
                              "transaction " + id + " is over, or could not be committed as a whole",
                              "Look at what was stored: a public server leaves what came before the failure")
                          .maybeApplied(true));
                }
                return null;
              }),
          error -> {
            unsure |= error.maybeApplied();
            return error;
          });
    }

    @Override
    public CompletableFuture<Void> abort(Deadline deadline) {
      return over
          ? CompletableFuture.completedFuture(null)
          : Steps.map(
              call(Opcode.TXN_ROLLBACK, id, new Requests.Name(id), deadline),
              answer -> {
                over();
                if (!answer.success() && unsure) {
                  throw isOver().orMaybeApplied();
                }
                return null;
              });
    }
  }

  /** What has no place on the wire is refused, not stripped. */
  private static void requireBare(Event<byte[]> event) {
    if (event.key() != null || event.partition().isPresent() || event.delay() != null || event.ttl() != null || event.schema() != null) {
      throw InvalidRequestException.of(
          "a transaction of FlyMQ has no place for keys, partitions, delays, ttls and schemas", "Leave it out, or publish outside of the transaction");
    }
  }
}
