package dev.tributary.internal;

import dev.tributary.Admin;
import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.Health;
import dev.tributary.JobQueue;
import dev.tributary.KeyValueStore;
import dev.tributary.ResourceName;
import dev.tributary.Schemas;
import dev.tributary.Transaction;
import dev.tributary.TransactionOptions;
import dev.tributary.Tributary;
import dev.tributary.access.Access;
import dev.tributary.cluster.Cluster;
import dev.tributary.codec.Codec;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.CloseTimeoutException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.internal.kv.KeyValueHandle;
import dev.tributary.internal.queue.JobQueueHandle;
import dev.tributary.internal.stream.ManyConsumer;
import dev.tributary.internal.stream.StreamHandle;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.TransactionTransport;
import dev.tributary.spi.Transport;
import dev.tributary.spi.TransportProvider;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.StreamSelection;
import dev.tributary.stream.StreamsConsumer;
import dev.tributary.trace.Traces;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/**
 * The client: makes handles, and closes what they opened.
 *
 * <p>It closes from the top down, in one bounded {@link Closing}: what was opened drains while calls may still be made, because draining
 * makes some; then no call begins any more, and those under way are waited for; then the transport goes. At the bound whatever is left
 * fails, so that no future of a user stays open.
 */
public final class Client implements Tributary {
  private final Transport transport;
  private final ClientConfig config;
  private final Calls calls;
  private final Closing closing;
  /** What parts of the client could not finish while it was closed. */
  private final List<String> left = new CopyOnWriteArrayList<>();

  /** Over this transport, which it closes when it is closed. */
  public Client(Transport transport, ClientConfig config) {
    observable(transport, config);
    this.transport = transport;
    this.config = config;
    this.calls = new Calls(transport, config);
    this.closing = new Closing(calls, "close", null, this::drain, this::unfinished, this::letGo);
  }

  /** What is logged and measured is settled when a client is made: not before, when nobody may need it, nor at its first call. */
  private static void observable(Transport transport, ClientConfig config) {
    try {
      System.Logger.Level level = config.logLevel();
      if (level != null) {
        LogLevel.set(level);
      }
      config.instrumentation();
    } catch (InvalidRequestException impossible) {
      transport.close();
      throw impossible;
    }
  }

  /** Over the transport that serves the configured backend. */
  public static Client connect(ClientConfig config) {
    return new Client(provider(config.backend()).open(config), config);
  }

  /** The provider of a backend, found on the class path. */
  public static TransportProvider provider(String backend) {
    Set<String> known = new TreeSet<>();
    for (TransportProvider provider : ServiceLoader.load(TransportProvider.class, Client.class.getClassLoader())) {
      if (provider.schemes().contains(backend)) {
        return provider;
      }
      known.addAll(provider.schemes());
    }
    throw InvalidRequestException.of(
        "no transport for \"" + backend + "\" on the class path",
        known.isEmpty() ? "Add tributary-vertx, or tributary-engine for memory:" : "Known are " + String.join(", ", known));
  }

  @Override
  public EventStream<byte[]> stream(String name) {
    return stream(name, Codecs.bytes());
  }

  @Override
  public <T> EventStream<T> stream(String name, Codec<T> codec) {
    return new StreamHandle<>(calls, resolve(name), codec);
  }

  @Override
  public <T> StreamsConsumer<T> consumer(StreamSelection streams, Codec<T> codec, ConsumerOptions options) {
    return ManyConsumer.open(calls, this::resolve, streams, codec, options);
  }

  @Override
  public JobQueue<byte[]> queue(String name) {
    return queue(name, Codecs.bytes());
  }

  @Override
  public <T> JobQueue<T> queue(String name, Codec<T> codec) {
    return new JobQueueHandle<>(calls, resolve(name), codec);
  }

  @Override
  public KeyValueStore<byte[]> keyValue(String name) {
    return keyValue(name, Codecs.bytes());
  }

  @Override
  public <T> KeyValueStore<T> keyValue(String name, Codec<T> codec) {
    return new KeyValueHandle<>(calls, resolve(name), codec);
  }

  @Override
  public Schemas schemas() {
    return new SchemasHandle(calls, this::resolve);
  }

  @Override
  public Traces traces() {
    return new TracesHandle(calls, this::resolve);
  }

  @Override
  public Access access() {
    return new AccessHandle(calls, this::resolve);
  }

  @Override
  public Cluster cluster() {
    return new ClusterHandle(calls, this::resolve);
  }

  @Override
  public Admin admin() {
    return new AdminHandle(calls, this::resolve);
  }

  @Override
  public Health health() {
    return new HealthHandle(calls);
  }

  @Override
  public CompletableFuture<Transaction> transaction(TransactionOptions options) {
    return calls.checked(
        "begin transaction",
        null,
        () -> {
          Checks checks = calls.checks();
          Checks.present("options", options);
          checks.require(Capability.TRANSACTIONS);
          if (options.producer() != null) {
            checks.require(Capability.NAMED_PRODUCERS);
          }
          if (options.producer() != null) {
            Checks.notEmpty("producer", options.producer());
          }
          TransactionTransport transactions =
              transport.transactions().orElseThrow(() -> checks.unsupported(Capability.TRANSACTIONS));
          TransactionOptions whole = options.toBuilder().timeout(checks.whole(options.timeout())).build();
          // One that begins twice ends by its own timeout.
          return calls.call(
              "begin transaction",
              options.producer(),
              Calls.Repeat.SAFE,
              deadline -> transactions.begin(whole, deadline),
              session -> new TransactionHandle(calls, session));
        });
  }

  @Override
  public <R> CompletableFuture<R> inTransaction(
      TransactionOptions options, Function<? super Transaction, ? extends CompletionStage<R>> work) {
    return calls.checked(
        "transaction",
        null,
        () -> {
          Checks.present("work", work);
          return new InTransaction<R>(transaction(options), work).run();
        });
  }

  @Override
  public Set<Capability> capabilities() {
    return transport.capabilities();
  }

  @Override
  public ClientConfig config() {
    return config;
  }

  @Override
  public CompletableFuture<Void> closeAsync(Duration within) {
    return closing.within(within);
  }

  /** Drains: what was opened in most of the time there is, so that it can say what it could not finish, then what is under way besides. */
  private CompletableFuture<Void> drain(Deadline end) {
    Duration parts = Duration.ofNanos(Math.max(0, end.remainingNanos()) / 10 * 9);
    return calls
        .open()
        .closeAll(parts)
        .thenCompose(
            unfinished -> {
              left.addAll(unfinished);
              return calls.refuse();
            })
        .thenCompose(idle -> disconnect())
        .thenRun(
            () -> {
              if (!left.isEmpty()) {
                throw new CloseTimeoutException(
                    ErrorInfo.of("not finished: " + String.join(", ", left), "Give close more time if this should be finished"), left);
              }
            });
  }

  private List<String> unfinished() {
    List<String> all = new ArrayList<>(left);
    all.addAll(calls.underWay());
    return all;
  }

  private void letGo() {
    calls.refuse();
    calls.abandon();
    disconnect();
  }

  private CompletableFuture<Void> disconnect() {
    CompletableFuture<Void> disconnected;
    try {
      disconnected = transport.close();
    } catch (Throwable thrown) {
      disconnected = CompletableFuture.failedFuture(thrown);
    }
    return disconnected.whenComplete((done, error) -> calls.end());
  }

  private ResourceName resolve(String name) {
    return ResourceName.parse(Checks.present("name", name), config.tenant(), config.namespace());
  }
}
