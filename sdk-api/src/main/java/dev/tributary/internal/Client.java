package dev.tributary.internal;

import dev.tributary.Admin;
import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.Health;
import dev.tributary.JobQueue;
import dev.tributary.KeyValueStore;
import dev.tributary.ResourceName;
import dev.tributary.Schemas;
import dev.tributary.Traces;
import dev.tributary.Transaction;
import dev.tributary.TransactionOptions;
import dev.tributary.Tributary;
import dev.tributary.codec.Codec;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.internal.kv.KeyValueHandle;
import dev.tributary.internal.queue.JobQueueHandle;
import dev.tributary.internal.stream.StreamHandle;
import dev.tributary.spi.TransactionTransport;
import dev.tributary.spi.Transport;
import dev.tributary.spi.TransportProvider;
import java.time.Duration;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The client: makes handles, and closes what they opened. */
public final class Client implements Tributary {
  private final Transport transport;
  private final ClientConfig config;
  private final Calls calls;
  private final @Nullable ExecutorService ownCallbacks;
  private final AtomicReference<@Nullable CompletableFuture<Void>> closing = new AtomicReference<>();

  /** Over this transport, which it closes when it is closed. */
  public Client(Transport transport, ClientConfig config) {
    observable(transport, config);
    this.transport = transport;
    this.config = config;
    Executor executor = config.callbackExecutor();
    this.ownCallbacks = executor == null ? CallbackPool.create() : null;
    this.calls = new Calls(transport, config, executor == null ? ownCallbacks : executor);
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
        known.isEmpty() ? "Add sdk-vertx (or testkit for memory:)" : "Known are " + String.join(", ", known));
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
            Checks.notEmpty("producer", options.producer());
          }
          TransactionTransport transactions =
              transport.transactions().orElseThrow(() -> checks.unsupported(Capability.TRANSACTIONS));
          TransactionOptions whole = options.withTimeout(checks.whole(options.timeout()));
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
    CompletableFuture<Void> done = new CompletableFuture<>();
    if (!closing.compareAndSet(null, done)) {
      return java.util.Objects.requireNonNull(closing.get());
    }
    calls
        .open()
        .closeAll()
        .thenCompose(
            drained -> {
              calls.close();
              return transport.close();
            })
        .whenComplete(
            (closed, error) -> {
              if (error == null) {
                done.complete(null);
              } else {
                done.completeExceptionally(Faults.of(error).at(transport.backend(), "close", null));
              }
              if (ownCallbacks != null) {
                ownCallbacks.shutdown();
              }
            });
    return done;
  }

  private ResourceName resolve(String name) {
    return ResourceName.parse(Checks.present("name", name), config.tenant(), config.namespace());
  }
}
