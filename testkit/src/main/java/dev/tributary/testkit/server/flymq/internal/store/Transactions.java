package dev.tributary.testkit.server.flymq.internal.store;

import dev.tributary.TransactionOptions;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.spi.TransactionTransport;
import dev.tributary.stream.Position;
import dev.tributary.testkit.server.flymq.internal.store.Records.NewRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Transactions of the transport, by the ids that they have on this wire: whoever knows one may go on with it, on whatever connection. One that
 * is not over in time is aborted. Of one that is over its end is known for a while, and nothing else is kept. Thread-safe.
 */
public final class Transactions {
  /** What the ids of transactions begin with that are none where the feature is off. */
  public static final String REAL = "txn-producer-";

  private static final Duration TIMEOUT = TransactionOptions.DEFAULT.timeout();
  private static final int MOST_OPEN = 1_000;
  private static final int MOST_REMEMBERED = 10_000;
  /** About what a record takes besides its value. */
  private static final int RECORD = 100;

  private static final Duration CLEANUP = Duration.ofSeconds(30);

  private final Topics topics;
  private final Records records;
  private final TimeSource time;
  private final long mostBytes;
  private final AtomicLong lastNumber = new AtomicLong();
  private final Map<String, Open> open = new LinkedHashMap<>();
  private final Map<String, End> ended =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, End> eldest) {
          return size() > MOST_REMEMBERED;
        }
      };
  private long bytes;

  private enum End {
    COMMITTED("committed"),
    ABORTED("aborted");

    private final String text;

    End(String text) {
      this.text = text;
    }
  }

  /** {@code mostBytes} is what may wait in transactions, all of them together. */
  public Transactions(Topics topics, Records records, TimeSource time, long mostBytes) {
    this.topics = topics;
    this.records = records;
    this.time = time;
    this.mostBytes = mostBytes;
  }

  /** One that is not over. Operations on it take turns. */
  private static final class Open {
    private final String id;
    private final TransactionTransport.Session session;
    private TimeSource.Timer timer = () -> {};
    private CompletableFuture<?> last = CompletableFuture.completedFuture(null);
    private long bytes;

    Open(String id, TransactionTransport.Session session) {
      this.id = id;
      this.session = session;
    }

    synchronized <T> CompletableFuture<T> inTurn(Supplier<CompletableFuture<T>> operation) {
      CompletableFuture<Object> before = new CompletableFuture<>();
      last.whenComplete((done, error) -> before.complete(this));
      CompletableFuture<T> result = Steps.then(before, ready -> operation.get());
      last = result;
      return result;
    }
  }

  private TransactionTransport transport() {
    return topics.transport().transactions().orElseThrow(() -> new Refusal(topics.transport().backend() + " has no transactions"));
  }

  /** Begins one, and says its id. */
  public CompletableFuture<String> begin(Deadline deadline) {
    synchronized (this) {
      if (open.size() >= MOST_OPEN) {
        throw new Refusal("too many transactions: " + MOST_OPEN + " are open");
      }
    }
    return Steps.map(
        transport().begin(new TransactionOptions(null, TIMEOUT), deadline),
        session -> {
          Open begun = new Open(REAL + nanos() + "-" + lastNumber.incrementAndGet(), session);
          synchronized (this) {
            open.put(begun.id, begun);
          }
          begun.timer = time.schedule(TIMEOUT, () -> rollback(begun.id, Deadline.after(time, CLEANUP)));
          return begun.id;
        });
  }

  private String nanos() {
    Instant now = time.now();
    return now.getEpochSecond() + String.format("%09d", now.getNano());
  }

  private synchronized @Nullable Open find(String id) {
    return open.get(id);
  }

  private Open require(String id) {
    Open found = find(id);
    if (found == null) {
      End end;
      synchronized (this) {
        end = ended.get(id);
      }
      throw new Refusal(end == null ? "transaction not found: " + id : "transaction is not active: " + end.text);
    }
    return found;
  }

  /** Adds a record that nobody sees before the commit; says where it will be, if that is known. */
  public CompletableFuture<Optional<Position>> add(String id, String topic, byte[] value, Deadline deadline) {
    Open transaction = require(id);
    return transaction.inTurn(
        () -> {
          require(id);
          reserve(transaction, RECORD + value.length);
          return topics.withNew(
              topic,
              deadline,
              found -> Steps.only(transaction.session.publish(found.stream(), List.of(records.event(found, NewRecord.of(value))), deadline)));
        });
  }

  private synchronized void reserve(Open transaction, int more) {
    if (bytes + more > mostBytes) {
      throw new Refusal("transactions hold too much: " + mostBytes + " bytes are allowed");
    }
    bytes += more;
    transaction.bytes += more;
  }

  /** Makes all of it visible; false if it is over, and then, or if that fails, nothing of it ever is. */
  public CompletableFuture<Boolean> commit(String id, Deadline deadline) {
    return end(
        id,
        transaction ->
            Steps.otherwise(
                Steps.map(transaction.session.commit(deadline), done -> over(transaction, End.COMMITTED)),
                error -> {
                  over(transaction, End.ABORTED);
                  return Steps.otherwise(
                      Steps.map(transaction.session.abort(deadline), aborted -> false), unheard -> CompletableFuture.completedFuture(false));
                }));
  }

  /** Drops all of it; false if it is over. */
  public CompletableFuture<Boolean> rollback(String id, Deadline deadline) {
    return end(
        id,
        transaction -> {
          over(transaction, End.ABORTED);
          // If the transport does not hear of it, it ends the transaction in time.
          return Steps.otherwise(
              Steps.map(transaction.session.abort(deadline), done -> true), unheard -> CompletableFuture.completedFuture(true));
        });
  }

  private CompletableFuture<Boolean> end(String id, Function<Open, CompletableFuture<Boolean>> how) {
    Open transaction = find(id);
    return transaction == null
        ? CompletableFuture.completedFuture(false)
        : transaction.inTurn(() -> find(id) == null ? CompletableFuture.completedFuture(false) : how.apply(transaction));
  }

  private synchronized boolean over(Open transaction, End end) {
    transaction.timer.cancel();
    open.remove(transaction.id);
    ended.put(transaction.id, end);
    bytes -= transaction.bytes;
    transaction.bytes = 0;
    return true;
  }
}
