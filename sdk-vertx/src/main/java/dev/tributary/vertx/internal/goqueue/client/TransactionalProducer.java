package dev.tributary.vertx.internal.goqueue.client;

import dev.tributary.error.ConflictException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.goqueue.wire.BadAnswer;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A producer as the server knows it, from one init to the next: its number, its epoch, and the sequences it has used of each partition. Calls
 * on it are made one after the other. What a sequence is after a transaction that was not committed only the server can tell, and is asked.
 *
 * <p>Only the node that gave the number knows it; another may have given the same to somebody else. So everything goes to that node.
 */
public final class TransactionalProducer {
  /** One that no partition comes to: the refusal says which is expected. */
  private static final int PROBE = Integer.MAX_VALUE;

  private static final int UNKNOWN = -1;

  /** So many connections may break one after the other. */
  private static final int PATIENCE = 3;

  /** Of so many partitions sequences are remembered; what is forgotten is asked for. */
  private static final int MOST_PLACES = 10_000;

  private static final Pattern EXPECTED = Pattern.compile("out of order sequence number: expected (\\d{1,10})");

  public final String name;
  public final Duration timeout;
  private final Api node;
  /** Whether there are other nodes, where another transaction can be begun. */
  private final boolean oneOfSeveral;
  private final AtomicInteger broken = new AtomicInteger();
  private final long id;
  private final int epoch;
  private final Map<Place, Integer> next = new HashMap<>();
  /** Whether partitions that are not known begin at 0. */
  private boolean untouched;

  private record Place(String topic, int partition) {}

  private TransactionalProducer(Api node, boolean oneOfSeveral, String name, Duration timeout, long id, int epoch) {
    this.node = node;
    this.oneOfSeveral = oneOfSeveral;
    this.name = name;
    this.timeout = timeout;
    this.id = id;
    this.epoch = epoch;
    this.untouched = epoch == 0;
  }

  /** Begins as the producer of this name; whoever was it before is shut out. */
  public static CompletableFuture<TransactionalProducer> init(Api api, String name, Duration timeout, Deadline deadline) {
    return Steps.map(
        api.postAnywhere("/producers/init", new Messages.InitProducer(name, timeout.toMillis()), Messages.Producer.class, deadline),
        placed ->
            new TransactionalProducer(
                placed.node(),
                placed.node() != api,
                name,
                timeout,
                placed.answer().producerId(),
                placed.answer().epoch()));
  }

  /** Asks the node; it is taken for gone when no connection can be made, or several in a row break. */
  private <A> CompletableFuture<A> post(String path, Object message, Class<A> type, Deadline deadline) {
    return Steps.translate(
        Steps.map(
            node.post(path, message, type, deadline),
            answer -> {
              broken.set(0);
              return answer;
            }),
        error -> {
          boolean gone =
              oneOfSeveral
                  && error instanceof ConnectionFailedException
                  && (broken.incrementAndGet() >= PATIENCE || !error.maybeApplied());
          return gone
              ? new ConflictException(
                  ErrorInfo.of("the node that knows producer " + name + " is out of reach", "Begin another transaction")
                      .maybeApplied(error.maybeApplied())
                      .causedBy(error))
              : error;
        });
  }

  /** Begins a transaction: its id. */
  public CompletableFuture<String> begin(Deadline deadline) {
    return Steps.map(post("/transactions/begin", who(), Messages.Begun.class, deadline), Messages.Begun::transactionId);
  }

  public CompletableFuture<Messages.Done> commit(Deadline deadline) {
    return post("/transactions/commit", who(), Messages.Done.class, deadline);
  }

  public CompletableFuture<Messages.Done> abort(Deadline deadline) {
    forgetSequences();
    return post("/transactions/abort", who(), Messages.Done.class, deadline);
  }

  public CompletableFuture<Messages.Done> heartbeat(Deadline deadline) {
    return post("/producers/" + id + "/heartbeat", new Messages.ProducerHeartbeat(name, epoch), Messages.Done.class, deadline);
  }

  private Messages.Transact who() {
    return new Messages.Transact(id, epoch, name);
  }

  /** What they are now depends on what became of the transaction. */
  void forgetSequences() {
    next.clear();
    untouched = false;
  }

  /** Publishes to a partition: the offset. */
  public CompletableFuture<Long> publish(String topic, int partition, @Nullable String key, byte[] value, Deadline deadline) {
    Place place = new Place(topic, partition);
    return Steps.then(sequence(place, deadline), sequence -> publish(place, message(place, key, value, sequence), deadline));
  }

  private Messages.TransactionalMessage message(Place place, @Nullable String key, byte[] value, int sequence) {
    return new Messages.TransactionalMessage(id, epoch, place.topic(), place.partition(), key, value, sequence);
  }

  private CompletableFuture<Long> publish(Place place, Messages.TransactionalMessage message, Deadline deadline) {
    if (next.size() >= MOST_PLACES) {
      forgetSequences();
    }
    // Until the answer is there, only the server knows.
    next.put(place, UNKNOWN);
    return Steps.then(
        post("/transactions/publish", message, Messages.Stored.class, deadline),
        stored -> {
          if (stored.duplicate()) {
            throw new ConflictException(
                ErrorInfo.of(
                    "not stored: sequence " + message.sequence() + " of " + place.topic() + "/" + place.partition() + " was used already",
                    "Another process publishes as producer " + name + ": give each a name of its own"));
          }
          next.put(place, message.sequence() + 1);
          return CompletableFuture.completedFuture(stored.offset());
        });
  }

  private CompletableFuture<Integer> sequence(Place place, Deadline deadline) {
    int known = next.getOrDefault(place, untouched ? 0 : UNKNOWN);
    if (known != UNKNOWN) {
      return CompletableFuture.completedFuture(known);
    }
    CompletableFuture<Messages.Done> probe = post("/transactions/publish", message(place, null, new byte[0], PROBE), Messages.Done.class, deadline);
    return Steps.recover(
        Steps.map(
            probe,
            stored -> {
              throw BadAnswer.of("sequence " + PROBE + " was taken");
            }),
        TransactionalProducer::expected);
  }

  private static CompletableFuture<Integer> expected(TributaryException refusal) {
    Matcher found = EXPECTED.matcher(refusal.getMessage());
    if (!found.find()) {
      throw refusal;
    }
    long expected = Long.parseLong(found.group(1));
    if (expected >= PROBE) {
      throw BadAnswer.of("sequence " + expected + " is next");
    }
    return CompletableFuture.completedFuture((int) expected);
  }
}
