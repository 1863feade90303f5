package dev.tributary.testkit.server.goqueue.internal.transactions;

import static dev.tributary.testkit.server.goqueue.internal.transactions.OpenTransaction.State.ONGOING;
import static dev.tributary.testkit.server.goqueue.internal.transactions.OpenTransaction.State.PREPARE_ABORT;
import static dev.tributary.testkit.server.goqueue.internal.transactions.OpenTransaction.State.PREPARE_COMMIT;

import dev.tributary.TransactionOptions;
import dev.tributary.error.ConflictException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.spi.TransactionTransport;
import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import dev.tributary.testkit.server.goqueue.internal.store.Appends;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import dev.tributary.testkit.server.goqueue.internal.store.Topic;
import dev.tributary.testkit.server.goqueue.internal.store.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Transactions of producers, over those of the transport. Whoever publishes must have one, in the present epoch. One that takes longer
 * than its producer said is aborted, and so is one that a newer instance of the producer finds.
 *
 * <p>A number counts as used when its message is stored. Where that cannot be known, because the transport did not say, the transaction
 * can only be aborted: so nothing is stored twice.
 */
public class Transactions {
  private static final Duration CLEANUP = Duration.ofSeconds(30);
  /** A place that is known only when it is committed. */
  private static final long UNKNOWN_OFFSET = -1;

  private final Topics topics;
  private final Appends appends;
  private final TimeSource time;
  private final Producers producers;
  private final Sequences sequences = new Sequences();

  /** Who a producer is to say that it is. */
  public record Identity(long producer, int epoch) {}

  /**
   * Something to publish.
   *
   * @param topic where
   * @param event what, with its partition
   * @param sequence its number in this partition
   */
  public record Publish(Topic topic, Event<byte[]> event, int sequence) {
    public int partition() {
      return event.partition().orElseThrow();
    }
  }

  /**
   * What became of it.
   *
   * @param partition where it is
   * @param offset where it is; -1 if the transport says so only when it commits; 0 of a duplicate
   * @param duplicate whether its number was used before, and nothing is stored
   */
  public record Published(int partition, long offset, boolean duplicate) {}

  public Transactions(Topics topics, Appends appends, TimeSource time) {
    this.topics = topics;
    this.appends = appends;
    this.time = time;
    this.producers = new Producers(time);
  }

  public Producers producers() {
    return producers;
  }

  public Sequences sequences() {
    return sequences;
  }

  protected Appends appends() {
    return appends;
  }

  protected TimeSource time() {
    return time;
  }

  private TransactionTransport transport() {
    return topics
        .transport()
        .transactions()
        .orElseThrow(() -> new Refusal(501, topics.transport().backend() + " has no transactions"));
  }

  /** What all transactions that are not over are. */
  public List<OpenTransaction> open() {
    return producers.all().stream().map(Producer::open).filter(Objects::nonNull).toList();
  }

  /** A producer of this name begins, or begins anew: whoever was it before is shut out, and its transaction aborted. */
  public CompletableFuture<Identity> init(String name, Duration timeout, Deadline deadline) {
    transport();
    Producer producer = producers.named(name);
    return producer
        .serial()
        .make(
            deadline,
            () ->
                Steps.map(
                    abandon(producer, deadline),
                    abandoned -> {
                      producers.renew(producer, timeout);
                      producer.heard(time.nanos());
                      return new Identity(producer.id(), producer.epoch());
                    }));
  }

  /** Ends its transaction, if there is one, so that it is never committed. */
  CompletableFuture<Void> abandon(Producer producer, Deadline deadline) {
    OpenTransaction transaction = producer.open();
    if (transaction == null) {
      return CompletableFuture.completedFuture(null);
    }
    // Nobody can commit it any more: if the transport does not hear of the abort, it ends the transaction at its timeout.
    return Steps.map(
        Steps.otherwise(transaction.session().abort(deadline), unheard -> CompletableFuture.completedFuture(null)),
        aborted -> aborted(transaction));
  }

  public void heartbeat(long id, int epoch, String name) {
    Producer producer = producers.require(id, name);
    if (epoch > producer.epoch()) {
      throw Refusal.conflict("invalid producer epoch");
    }
    producer.requireEpoch(epoch);
    producer.heard(time.nanos());
  }

  public CompletableFuture<OpenTransaction> begin(long id, int epoch, String name, Deadline deadline) {
    return inTurn(
        producers.require(id, name),
        epoch,
        deadline,
        producer -> {
          if (producer.open() != null) {
            throw Refusal.conflict("transaction already in progress");
          }
          return Steps.map(
              transport().begin(TransactionOptions.builder().producer(name).timeout(sessionTimeout(producer)).build(), deadline),
              session -> begun(producer, session));
        });
  }

  /** How long the transport lets it live: here as long as it may take. */
  protected Duration sessionTimeout(Producer producer) {
    return producer.timeout();
  }

  private OpenTransaction begun(Producer producer, TransactionTransport.Session session) {
    Instant now = time.now();
    String nanos = now.getEpochSecond() + String.format("%09d", now.getNano());
    String id = "txn-" + nanos + "-" + String.format("%016x", ThreadLocalRandom.current().nextLong());
    OpenTransaction transaction = new OpenTransaction(id, producer, session, now);
    producer.open(transaction);
    watch(transaction);
    return transaction;
  }

  /** Sees to its end. */
  protected void watch(OpenTransaction transaction) {
    transaction.timer(time.schedule(transaction.producer().timeout(), () -> expire(transaction)));
  }

  /** It took too long. */
  protected void expire(OpenTransaction transaction) {
    Producer producer = transaction.producer();
    Deadline deadline = Deadline.after(time, CLEANUP);
    producer
        .serial()
        .make(
            deadline,
            () -> producer.open() == transaction ? abandon(producer, deadline) : CompletableFuture.completedFuture(null));
  }

  public CompletableFuture<Published> publish(long id, int epoch, Publish publish, Deadline deadline) {
    return inTurn(
        producers.require(id),
        epoch,
        deadline,
        producer -> {
          OpenTransaction transaction = producer.requireOpen(ONGOING);
          Sequences.Key key = key(producer.id(), publish);
          return switch (sequences.judge(key, publish.sequence())) {
            case GAP -> throw outOfOrder(key, publish);
            case DUPLICATE -> CompletableFuture.completedFuture(new Published(publish.partition(), 0, true));
            case NEW ->
                Steps.map(
                    store(transaction, publish, deadline),
                    stored -> {
                      sequences.use(key, publish.sequence());
                      return stored;
                    });
          };
        });
  }

  protected static Sequences.Key key(long producer, Publish publish) {
    return new Sequences.Key(producer, publish.topic().name(), publish.partition());
  }

  protected Refusal outOfOrder(Sequences.Key key, Publish publish) {
    return Refusal.badRequest(
        "sequence check failed: out of order sequence number: expected " + sequences.expected(key) + ", got " + publish.sequence());
  }

  /** Publishes within a transaction, which is over if what comes of that cannot be known. */
  protected CompletableFuture<Published> store(OpenTransaction transaction, Publish publish, Deadline deadline) {
    transaction.parts().add(new OpenTransaction.Part(publish.topic().name(), publish.partition()));
    return Steps.map(
        Steps.otherwise(
            transaction.session().publish(publish.topic().stream(), List.of(publish.event()), deadline),
            error -> {
              if (error instanceof ConflictException) {
                aborted(transaction);
                throw OpenTransaction.State.mismatch(OpenTransaction.State.EMPTY, ONGOING);
              } else if (unknown(error)) {
                transaction.state(PREPARE_ABORT);
              }
              return CompletableFuture.failedFuture(error);
            }),
        outcomes -> {
          TributaryException refused = outcomes.get(0).error();
          if (refused == null) {
            transaction.wrote(publish.topic(), Appends.size(publish.event()));
          } else if (refused.maybeApplied()) {
            transaction.state(PREPARE_ABORT);
          }
          return published(outcomes.get(0).orThrow().orElse(new Position(publish.partition(), UNKNOWN_OFFSET)));
        });
  }

  /** What became of the only event. */
  protected static Published published(Position position) {
    return new Published(position.partition(), position.offset(), false);
  }

  /** Whether something that failed so may have happened all the same. */
  private static boolean unknown(Throwable error) {
    return !(error instanceof TributaryException failed) || failed.maybeApplied();
  }

  public CompletableFuture<Void> commit(long id, int epoch, String name, Deadline deadline) {
    return inTurn(
        producers.require(id, name),
        epoch,
        deadline,
        producer -> {
          OpenTransaction transaction = requireCommittable(producer);
          transaction.state(PREPARE_COMMIT);
          return Steps.then(
              Steps.otherwise(
                  Steps.map(transaction.session().commit(deadline), done -> committed(transaction)),
                  error -> notCommitted(transaction, error, deadline)),
              done -> CompletableFuture.completedFuture(done));
        });
  }

  /** What may be committed: also what was before, if what came of it is not known. */
  public OpenTransaction requireCommittable(Producer producer) {
    OpenTransaction transaction = producer.open();
    return transaction != null && transaction.state() == PREPARE_COMMIT ? transaction : producer.requireOpen(ONGOING);
  }

  private CompletableFuture<Void> notCommitted(OpenTransaction transaction, Throwable error, Deadline deadline) {
    if (error instanceof ConflictException) {
      aborted(transaction);
      throw OpenTransaction.State.mismatch(OpenTransaction.State.EMPTY, ONGOING);
    } else if (unknown(error)) {
      return CompletableFuture.failedFuture(error);
    } else if (error instanceof TributaryException refused && refused.retryable()) {
      transaction.state(ONGOING);
      return CompletableFuture.failedFuture(error);
    }
    return Steps.then(
        abandon(transaction.producer(), deadline),
        abandoned -> CompletableFuture.failedFuture(Refusal.internal("commit failed: " + error.getMessage())));
  }

  public CompletableFuture<Void> abort(long id, int epoch, String name, Deadline deadline) {
    return inTurn(
        producers.require(id, name),
        epoch,
        deadline,
        producer -> {
          OpenTransaction transaction = producer.requireOpen(ONGOING, PREPARE_ABORT);
          transaction.state(PREPARE_ABORT);
          return Steps.map(transaction.session().abort(deadline), done -> aborted(transaction));
        });
  }

  private @Nullable Void committed(OpenTransaction transaction) {
    transaction.parts().forEach(part -> sequences.commit(key(transaction, part)));
    transaction.written().forEach(appends::appended);
    return over(transaction);
  }

  private @Nullable Void aborted(OpenTransaction transaction) {
    transaction.parts().forEach(part -> forgetUses(key(transaction, part)));
    return over(transaction);
  }

  /** What was used in a transaction that is aborted counts as not used. */
  protected void forgetUses(Sequences.Key key) {
    sequences.abort(key);
  }

  private static Sequences.Key key(OpenTransaction transaction, OpenTransaction.Part part) {
    return new Sequences.Key(transaction.producer().id(), part.topic(), part.partition());
  }

  private static @Nullable Void over(OpenTransaction transaction) {
    transaction.stopTimer();
    transaction.producer().open(null);
    return null;
  }

  /** What a producer does: when it is its turn, and if it is still its epoch by then. */
  private <T> CompletableFuture<T> inTurn(Producer producer, int epoch, Deadline deadline, Operation<T> operation) {
    producer.requireEpoch(epoch);
    Supplier<CompletableFuture<T>> current =
        () -> {
          producer.requireEpoch(epoch);
          return operation.begin(producer);
        };
    return producer.serial().make(deadline, current);
  }

  private interface Operation<T> {
    public CompletableFuture<T> begin(Producer producer);
  }
}
