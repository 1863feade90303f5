package dev.tributary.vertx.internal.goqueue;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.TransactionOptions;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.spi.TransactionTransport;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventKey;
import dev.tributary.stream.Position;
import dev.tributary.vertx.internal.envelope.Envelope;
import dev.tributary.vertx.internal.envelope.Text;
import dev.tributary.vertx.internal.goqueue.client.Api;
import dev.tributary.vertx.internal.goqueue.client.Groups;
import dev.tributary.vertx.internal.goqueue.client.Publisher;
import dev.tributary.vertx.internal.goqueue.client.Topics;
import dev.tributary.vertx.internal.goqueue.client.TransactionalProducer;
import dev.tributary.vertx.internal.goqueue.wire.Murmur3;
import dev.tributary.vertx.internal.net.Network;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Transactions of GoQueue. A producer is kept from one transaction to the next: by its name, or, if it has none, for whichever transaction
 * without a name comes next, so that the server has no more of them than there were transactions at a time.
 */
final class GoQueueTransactions implements TransactionTransport {
  /** What the server allows. */
  private static final Duration LONGEST = Duration.ofMinutes(15);

  /** Of so many that have no transaction the server's numbers are remembered. */
  private static final int MOST_RESTING = 1_000;

  private static final char IN_UUID = '-';

  private final Api api;
  private final Topics topics;
  private final Publisher publisher;
  private final Network network;
  private final String unnamed = "tributary" + IN_UUID + UUID.randomUUID();
  private final Map<String, TransactionalProducer> resting = new HashMap<>();
  private final ArrayDeque<String> free = new ArrayDeque<>();
  private final Set<OpenTransaction> open = ConcurrentHashMap.newKeySet();
  private int names;

  GoQueueTransactions(Api api, Topics topics, Publisher publisher, Network network) {
    this.api = api;
    this.topics = topics;
    this.publisher = publisher;
    this.network = network;
  }

  @Override
  public CompletableFuture<Session> begin(TransactionOptions options, Deadline deadline) {
    Duration timeout = Duration.ofMillis(options.timeout().plusNanos(999_999).toMillis());
    if (timeout.compareTo(LONGEST) > 0) {
      throw InvalidRequestException.of("a transaction of " + options.timeout(), "GoQueue has none of more than " + LONGEST);
    }
    String given = options.producer();
    String name;
    TransactionalProducer known;
    synchronized (this) {
      name = given != null ? given : free.isEmpty() ? unnamed + IN_UUID + ++names : free.pop();
      known = resting.remove(name);
    }
    boolean fits = known != null && known.timeout.equals(timeout);
    CompletableFuture<Session> begun =
        fits
            ? Steps.recover(
                begin(known, given == null, deadline),
                ConflictException.class,
                // Somebody else was it meanwhile, or the server has forgotten it.
                fenced -> init(name, timeout, given == null, deadline))
            : init(name, timeout, given == null, deadline);
    begun.whenComplete(
        (session, error) -> {
          // The name of one that was cancelled may be in use by now.
          if (given == null && error != null && Steps.unwrap(error) instanceof TributaryException) {
            giveName(name);
          }
        });
    return begun;
  }

  private synchronized void giveName(String name) {
    free.push(name);
  }

  private CompletableFuture<Session> init(String name, Duration timeout, boolean free, Deadline deadline) {
    return Steps.then(TransactionalProducer.init(api, name, timeout, deadline), producer -> begin(producer, free, deadline));
  }

  private CompletableFuture<Session> begin(TransactionalProducer producer, boolean free, Deadline deadline) {
    return Steps.then(
        producer.begin(deadline),
        id -> CompletableFuture.completedFuture(new OpenTransaction(id, producer, free)),
        // Nobody has it.
        session -> ((OpenTransaction) session).giveUp());
  }

  /** Ends what nobody can end any more; completes when the server took note, or could not be told in time. */
  CompletableFuture<Void> close() {
    return CompletableFuture.allOf(open.stream().map(OpenTransaction::giveUp).toArray(CompletableFuture[]::new));
  }

  /** One transaction. */
  private final class OpenTransaction implements Session {
    /** How often to say that it lives: without that the server would forget it, timeout and all. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(5);

    private final String id;
    private final TransactionalProducer producer;
    private final boolean free;
    private final long end;
    private TimeSource.@Nullable Timer timer;
    private @Nullable TributaryException fenced;
    private boolean over;
    /** Whether no answer came to a commit. */
    private volatile boolean unsure;

    OpenTransaction(String id, TransactionalProducer producer, boolean free) {
      this.id = id;
      this.producer = producer;
      this.free = free;
      this.end = network.time().nanos() + producer.timeout.toNanos() + HEARTBEAT.toNanos();
      open.add(this);
      beatLater();
    }

    /** It is aborted, and over whatever comes of that: then it ends by itself, or when the producer begins anew. */
    CompletableFuture<Void> giveUp() {
      CompletableFuture<Void> done = new CompletableFuture<>();
      api.within(Groups.GOODBYE, producer::abort)
          .whenComplete(
              (aborted, error) -> {
                over(error == null);
                done.complete(null);
              });
      return done;
    }

    @Override
    public String id() {
      return id;
    }

    private synchronized void beatLater() {
      if (!over && fenced == null && network.time().nanos() - end < 0) {
        timer = network.time().schedule(HEARTBEAT, this::beat);
      }
    }

    private void beat() {
      beatLater();
      api.within(HEARTBEAT, producer::heartbeat)
          .whenComplete(
              (alive, error) -> {
                if (error != null && Steps.unwrap(error) instanceof ConflictException conflict) {
                  fence(conflict);
                }
              });
    }

    private synchronized void fence(TributaryException why) {
      fenced = why;
    }

    /** Why nothing can be done with it: it is over, or the producer's name is somebody else's by now. */
    private synchronized @Nullable TributaryException refusal() {
      return over ? new ConflictException(ErrorInfo.of("transaction " + id + " is over", "Begin another one")) : fenced;
    }

    private void requireOpen() {
      TributaryException refusal = refusal();
      if (refusal != null) {
        throw refusal;
      }
    }

    @Override
    public CompletableFuture<List<Outcome<Optional<Position>>>> publish(
        ResourceName stream, List<Event<byte[]>> events, Deadline deadline) {
      return Steps.map(store(stream, events, deadline), outcomes -> outcomes.stream().map(OpenTransaction::known).toList());
    }

    /** A server that stores only when it commits says -1. */
    private static Outcome<Optional<Position>> known(Outcome<Position> stored) {
      TributaryException error = stored.error();
      return error != null ? Outcome.failed(error) : Outcome.of(Optional.of(stored.orThrow()).filter(position -> position.offset() >= 0));
    }

    private CompletableFuture<List<Outcome<Position>>> store(ResourceName stream, List<Event<byte[]>> events, Deadline deadline) {
      requireOpen();
      return Steps.inOrder(events, event -> store(stream, event, deadline));
    }

    private CompletableFuture<Position> store(ResourceName stream, Event<byte[]> event, Deadline deadline) {
      String topic = topics.of(stream);
      byte[] value = text(event);
      return Steps.then(
          partition(topic, event, deadline),
          partition ->
              Steps.map(
                  producer.publish(topic, partition, event.key() == null ? null : event.key().text(), value, deadline),
                  offset -> new Position(partition, offset)));
    }

    @Override
    public CompletableFuture<List<Outcome<EnqueueResult>>> enqueue(ResourceName queue, List<NewJob<byte[]>> jobs, Deadline deadline) {
      return Steps.map(
          store(queue, jobs.stream().map(GoQueueQueues::event).toList(), deadline),
          outcomes -> outcomes.stream().map(GoQueueQueues::result).toList());
    }

    @Override
    public CompletableFuture<Void> commit(Deadline deadline) {
      requireOpen();
      return Steps.translate(
          Steps.map(
              producer.commit(deadline),
              committed -> {
                over(true);
                return null;
              }),
          error -> {
            if (error instanceof ConflictException) {
              over(false);
              return unsure ? error.orMaybeApplied() : error;
            }
            unsure |= error.maybeApplied();
            return error;
          });
    }

    @Override
    public CompletableFuture<Void> abort(Deadline deadline) {
      if (refusal() != null) {
        over(false);
        return CompletableFuture.completedFuture(null);
      }
      return Steps.recover(
          Steps.map(
              producer.abort(deadline),
              aborted -> {
                over(true);
                return null;
              }),
          ConflictException.class,
          fenced -> {
            over(false);
            if (unsure) {
              throw fenced.orMaybeApplied();
            }
            return CompletableFuture.completedFuture(null);
          });
    }

    /** Ends here; if it ended well, its producer can begin the next one. */
    void over(boolean well) {
      synchronized (this) {
        if (over) {
          return;
        }
        over = true;
        if (timer != null) {
          timer.cancel();
        }
      }
      open.remove(this);
      synchronized (GoQueueTransactions.this) {
        if (well && resting.size() < MOST_RESTING) {
          resting.put(producer.name, producer);
        }
        if (free) {
          giveName(producer.name);
        }
      }
    }
  }

  /** As it is sent; refused if a transaction cannot say it. */
  private static byte[] text(Event<byte[]> event) {
    if (event.delay() != null || event.ttl() != null || event.priority() != 0 || event.deduplicationId() != null) {
      throw new UnsupportedFeatureException(
          ErrorInfo.of(
              "a transaction of GoQueue knows no delays, ttls, priorities and deduplication ids", "Leave it out, or publish outside of the transaction"));
    }
    if (event.key() != null) {
      Text.checked("the key", event.key().text());
    }
    return Envelope.text(event.value(), event.headers());
  }

  /** Chosen here: left to the server, it is 0 or any. */
  private CompletableFuture<Integer> partition(String topic, Event<byte[]> event, Deadline deadline) {
    if (event.partition().isPresent()) {
      return topics.partition(topic, event.partition().getAsInt(), deadline);
    }
    EventKey key = event.key();
    return Steps.map(
        topics.partitions(topic, deadline),
        partitions -> key == null || key.size() == 0 ? publisher.nextPartition(topic, partitions) : Murmur3.partition(key.text(), partitions));
  }
}
