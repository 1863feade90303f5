package dev.tributary.engine;

import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.Retention;
import dev.tributary.admin.StreamConfig;
import dev.tributary.config.Credentials;
import dev.tributary.engine.access.Directory;
import dev.tributary.engine.access.Trail;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A whole backend in memory: streams, queues, key-value stores, transactions, schemas. Several clients may share it, each through a
 * {@link #connect() connection} of its own.
 *
 * <p>Its meanings are exact, and exactly in time: nothing that expired is ever seen, nothing that is due is ever missing. All time comes
 * from one {@link TimeSource}, so that a test with {@code VirtualTime} decides when a lease ends. What it
 * decides where the SPI leaves a choice:
 *
 * <ul>
 *   <li>A stream, queue or store that does not exist is created by whatever names it first, unless that is switched off.
 *   <li>Events of one key go to the partition that a hash of the key chooses; those without key or partition take turns.
 *   <li>An event with a delay is read behind what was published before it is due, at an offset it gets then; the one its publisher is
 *       told names it until then and stays empty. Its ttl begins when it is due.
 *   <li>A group's new member takes over from where the group committed, or where the former reader of the partition began.
 *       A partition that moves is handed over when its member has committed for it, at the latest after 5 s.
 *   <li>What retention removes from the front of a partition is gone: a reader or a group whose place was there goes by its
 *       {@link dev.tributary.stream.OffsetReset}. An event whose ttl ended is not missed by anybody.
 *   <li>Jobs of one key go to the partition that wins for the key by rendezvous hashing; those without one take turns. A queue has at
 *       most 1,000 partitions; naming one it has not is an {@code InvalidRequestException}.
 *   <li>Jobs are taken, from however many partitions, by priority, then by the time they became visible, then by sequence. Who waits
 *       for jobs takes turns.
 *   <li>A producer whose numbers a queue has all forgotten is unknown there, and may begin with any epoch. Of one producer the last
 *       10,000 numbers are remembered.
 *   <li>Dead letters are jobs of the queue {@code <name>-dlq}, kept for 7 days unless the queue says otherwise, and at most 10,000 of
 *       them. While there is no room for another, or where that name would be too long, a job that failed for good stays in its
 *       queue and comes back after the longest backoff of the policy.
 *   <li>A consumer of a group has at most 1,000 messages of a partition under leases. Priorities count among the next 10,000 that are ready, and no
 *       more is handed out while 100,000 of a partition are not settled. Dead letters of streams are kept for 14 days, whether a group gave
 *       them up or a client added them.
 *   <li>Replicas and options of a queue are kept, shown, and have no effect.
 *   <li>A job whose lease ended comes back after the backoff of the queue's policy, like a nacked one.
 *   <li>A settlement without a receipt counts for whoever has the job.
 *   <li>A watch keeps every change for its observer, up to {@link Builder#watchBuffer} of them; beyond that it ends with
 *       {@code OverloadedException}.
 *   <li>Users are asked who they are if there are any. A resource without a list of who may use it is open to all of them; what somebody reads or
 *       waits for ends when they may not any more. The audit trail has the latest 10,000 events.
 *   <li>A new transaction of a producer aborts that producer's open one.
 * </ul>
 *
 * <p>Thread-safe. It has no threads: what a call causes happens on the thread of that call, what time causes on the time source's.
 * Observers and futures are served outside of its lock.
 */
public final class MemoryEngine implements AutoCloseable {
  private final Gate gate;
  private final Duration dedupWindow;
  private final int watchBuffer;
  private final Retention retention;
  private final Ids ids;
  private final Resources<StreamConfig, StreamLog> streams;
  private final Resources<QueueConfig, QueueState> queues;
  private final Resources<Boolean, KeyStore> stores;
  private final SchemaRegistry schemas;
  private final Replays replays;
  private final Directory directory;
  private final Trail trail;
  private final Map<String, MemoryTransaction> producers = new HashMap<>();
  private final Set<Connection> connections = new LinkedHashSet<>();
  private volatile boolean live = true;
  private volatile boolean ready = true;
  private boolean closed;

  private MemoryEngine(Builder b) {
    gate = new Gate(b.time);
    dedupWindow = b.dedupWindow;
    watchBuffer = b.watchBuffer;
    retention = b.retention;
    ids = new Ids(b.seed == null ? new SplittableRandom().nextLong() : b.seed);
    streams =
        new Resources<>(
            "stream", b.createOnFirstUse ? b.newStreams : null, (name, config) -> new StreamLog(this, name, kept(config)));
    queues =
        new Resources<>(
            "queue", b.createOnFirstUse ? b.newQueues : null, (name, config) -> new QueueState(this, name, config));
    stores = new Resources<>("key-value store", b.createOnFirstUse ? true : null, (name, config) -> new KeyStore(gate, name));
    schemas = new SchemaRegistry(gate.clock());
    replays = new Replays(gate, ids);
    directory = new Directory(b.time, b.administrators);
    trail = new Trail(b.time);
    directory.onChange(() -> gate.run(() -> connections.forEach(Connection::review)));
  }

  private StreamConfig kept(StreamConfig config) {
    return config.toBuilder().retention(config.retention().orElse(retention)).build();
  }

  /** An engine with the defaults, on this time. */
  public static MemoryEngine on(TimeSource time) {
    return builder().time(time).build();
  }

  /** A builder with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** A connection of whoever owns the engine: it may do everything, and nothing of it is in the audit trail. */
  public MemoryTransport connect() {
    return connect(null, this::disconnect);
  }

  /**
   * A new client's connection, as whoever it says it is. It is found out at the first call, and only if the engine has users; the credentials must be
   * there at once.
   */
  public MemoryTransport connect(Credentials.Provider credentials) {
    return connect(credentials, this::disconnect);
  }

  /** The connection of the only client, with which the engine is closed. */
  MemoryTransport connectAlone(Credentials.Provider credentials) {
    return connect(credentials, connection -> close());
  }

  private MemoryTransport connect(Credentials.@Nullable Provider credentials, Consumer<Connection> onClose) {
    Connection connection = new Connection(gate, new Visitor(directory, trail, credentials));
    boolean late =
        gate.enter(
            () -> {
              connections.add(connection);
              return closed;
            });
    if (late) {
      disconnect(connection);
    }
    return new MemoryTransport(this, connection, onClose);
  }

  /** What health says from now on when asked whether the engine answers; true at first. */
  public void live(boolean answers) {
    live = answers;
  }

  /** What health says from now on when asked whether the engine takes work; true at first. */
  public void ready(boolean takesWork) {
    ready = takesWork;
  }

  /** Deletes every stream, queue, store and schema, and aborts every named producer's transaction. What reads or waits ends. */
  public void clear() {
    gate.run(
        () -> {
          List.copyOf(producers.values()).forEach(MemoryTransaction::abandon);
          streams.clear().forEach(this::delete);
          queues.clear().forEach(QueueState::delete);
          stores.clear().forEach(KeyStore::delete);
          schemas.clear();
        });
  }

  /** Inside: a stream that is no longer listed ends. */
  void delete(StreamLog stream) {
    stream.delete();
    replays.forget(stream);
  }

  /** Closes every connection and forgets every timer. Again is no error. */
  @Override
  public void close() {
    List<Connection> open =
        gate.enter(
            () -> {
              closed = true;
              return List.copyOf(connections);
            });
    open.forEach(this::disconnect);
    gate.run(() -> gate.schedule().clear());
  }

  private void disconnect(Connection connection) {
    gate.run(() -> connections.remove(connection));
    connection.close();
  }

  Gate gate() {
    return gate;
  }

  Duration dedupWindow() {
    return dedupWindow;
  }

  int watchBuffer() {
    return watchBuffer;
  }

  Ids ids() {
    return ids;
  }

  Resources<StreamConfig, StreamLog> streams() {
    return streams;
  }

  Resources<QueueConfig, QueueState> queues() {
    return queues;
  }

  Resources<Boolean, KeyStore> stores() {
    return stores;
  }

  SchemaRegistry schemas() {
    return schemas;
  }

  Directory directory() {
    return directory;
  }

  Trail trail() {
    return trail;
  }

  Replays replays() {
    return replays;
  }

  /** The open transaction of each named producer. */
  Map<String, MemoryTransaction> producers() {
    return producers;
  }

  boolean live() {
    return live;
  }

  boolean ready() {
    return ready;
  }

  /** Gathers what a {@link MemoryEngine} is made of. Not thread-safe. */
  public static final class Builder {
    private TimeSource time = TimeSource.system();
    private boolean createOnFirstUse = true;
    private StreamConfig newStreams = StreamConfig.DEFAULT;
    private QueueConfig newQueues = QueueConfig.DEFAULT;
    private Duration dedupWindow = Duration.ofDays(1);
    private int watchBuffer = 10_000;
    private Retention retention = Retention.DEFAULT;
    private @Nullable Long seed;
    private final Map<String, String> administrators = new LinkedHashMap<>();

    private Builder() {}

    /** Its clock and timers; the system's by default. */
    public Builder time(TimeSource time) {
      this.time = Objects.requireNonNull(time, "time");
      return this;
    }

    /** Whether what does not exist is created when it is first used; else that is a {@code NotFoundException}. True by default. */
    public Builder createOnFirstUse(boolean create) {
      this.createOnFirstUse = create;
      return this;
    }

    /** How streams are made on first use; with one partition by default. */
    public Builder newStreams(StreamConfig config) {
      this.newStreams = Objects.requireNonNull(config, "config");
      return this;
    }

    /** How queues are made on first use; {@link QueueConfig#DEFAULT} by default. */
    public Builder newQueues(QueueConfig config) {
      this.newQueues = Objects.requireNonNull(config, "config");
      return this;
    }

    /** How long deduplication ids and the numbers of producers are remembered, if they are not too many; a day by default. */
    public Builder dedupWindow(Duration window) {
      if (window.isNegative() || window.isZero()) {
        throw InvalidRequestException.of("dedup window " + window + " is not positive", "Give a positive duration");
      }
      this.dedupWindow = window;
      return this;
    }

    /** How many changes a watch may be behind before it ends; 10,000 by default. */
    public Builder watchBuffer(int changes) {
      if (changes < 1) {
        throw InvalidRequestException.of("a watch buffer of " + changes, "Give at least 1");
      }
      this.watchBuffer = changes;
      return this;
    }

    /** What partitions of streams keep that do not say so themselves; everything by default. */
    public Builder retention(Retention kept) {
      this.retention = Objects.requireNonNull(kept, "retention");
      return this;
    }

    /**
     * Has users from now on, of whom this one may do everything: clients are asked who they are. Servers in front that know users have the same. By
     * default there are none, and everybody may do everything.
     */
    public Builder administrator(String user, String password) {
      administrators.put(Objects.requireNonNull(user, "user"), Objects.requireNonNull(password, "password"));
      return this;
    }

    /** Makes ids the same in every run; they are different by default. */
    public Builder seed(long seed) {
      this.seed = seed;
      return this;
    }

    /** The engine. */
    public MemoryEngine build() {
      return new MemoryEngine(this);
    }
  }
}
