package dev.tributary.testkit.server;

import dev.tributary.admin.Retention;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.TimeSource;
import dev.tributary.spi.Transport;
import dev.tributary.testkit.server.internal.net.Connections;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A server on real sockets that speaks the protocol of a backend, and serves it from any {@link Transport}: from a fresh engine in
 * memory, if none is given.
 *
 * <p>Thread-safe. It has event loops of its own, on daemon threads. Starting, stopping and closing wait, so they are not for event
 * loops.
 */
public final class EmbeddedServer implements AutoCloseable {
  /** What a partition of a stream keeps in an engine of the server's own. */
  private static final Retention RETENTION = Retention.builder().maxMessages(1_000_000).maxBytes(1L << 30).build();

  private static final long CONTROL_SECONDS = 30;
  private static final int MAX_PORT = 65_535;

  private final Vertx vertx;
  private final Protocol.Service service;
  private final ServerOptions options;
  private final ServerFaults faults = new ServerFaults();
  private final @Nullable MemoryEngine engine;
  private volatile Protocol.Ports ports;
  private boolean running;
  private boolean closed;

  private EmbeddedServer(Protocol protocol, ServerOptions options, @Nullable MemoryEngine engine, Protocol.Ports wanted) {
    this.options = options;
    this.engine = engine;
    this.ports = wanted;
    this.vertx =
        Connections.vertx(
            new VertxOptions()
                .setUseDaemonThread(true)
                .setFileSystemOptions(new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)),
            options.limits());
    this.service = protocol.open(vertx, options, faults);
  }

  /** A server that speaks FlowMesh. */
  public static Builder flowmesh() {
    return of("flowmesh");
  }

  /** A server that speaks Disheap. */
  public static Builder disheap() {
    return of("disheap");
  }

  /** A server that speaks GoQueue. */
  public static Builder goqueue() {
    return of("goqueue");
  }

  /** A server that speaks FlyMQ. */
  public static Builder flymq() {
    return of("flymq");
  }

  /** A server that speaks the protocol of this name. */
  public static Builder of(String protocol) {
    List<Protocol> known = ServiceLoader.load(Protocol.class).stream().map(ServiceLoader.Provider::get).toList();
    return known.stream()
        .filter(one -> one.name().equals(protocol))
        .findFirst()
        .map(Builder::new)
        .orElseThrow(
            () ->
                InvalidRequestException.of(
                    "no embedded server speaks " + protocol, "There are " + known.stream().map(Protocol::name).toList()));
  }

  /** Listens again after {@link #stop()}, on the same ports, with everything as it was; no effect while it runs. */
  public synchronized EmbeddedServer start() {
    if (closed) {
      throw new IllegalStateException("the server is closed");
    }
    if (!running) {
      ports = await(service.listen(ports.main(), ports.http()));
      running = true;
    }
    return this;
  }

  /** Closes its sockets: connections break, new ones are refused, what it serves stays. No effect if it does not run. */
  public synchronized void stop() {
    if (running) {
      running = false;
      await(service.close());
    }
  }

  /** A complete URI for a client, without a token. */
  public String uri() {
    return service.uri(options.host(), ports);
  }

  /** Where it listens. */
  public String host() {
    return options.host();
  }

  /** The port of the protocol. */
  public int port() {
    return ports.main();
  }

  /** The port of its HTTP side. */
  public int httpPort() {
    return ports.http();
  }

  /** What it serves: create resources here, or look behind the scenes. */
  public Transport transport() {
    return options.transport();
  }

  /** What it is to do wrong. */
  public ServerFaults faults() {
    return faults;
  }

  /** Stops for good, and closes the engine if it was its own. Again is no error. */
  @Override
  public synchronized void close() {
    if (!closed) {
      stop();
      closed = true;
      if (engine != null) {
        engine.close();
      }
      await(vertx.close());
    }
  }

  private static <T> T await(Future<T> done) {
    if (Context.isOnEventLoopThread()) {
      throw new IllegalStateException("a server is not controlled from an event loop: this call waits");
    }
    try {
      return done.toCompletionStage().toCompletableFuture().get(CONTROL_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new CompletionException(interrupted);
    } catch (ExecutionException failed) {
      throw failed.getCause() instanceof TributaryException known ? known : new CompletionException(failed.getCause());
    } catch (TimeoutException stuck) {
      throw new IllegalStateException("the server does not answer", stuck);
    }
  }

  /** Gathers what a server is told. Not thread-safe. */
  public static final class Builder {
    private final Protocol protocol;
    private int port;
    private int httpPort;
    private String host = "127.0.0.1";
    private @Nullable Transport transport;
    private TimeSource time = TimeSource.system();
    private final Set<String> tokens = new LinkedHashSet<>();
    private final Map<String, String> administrators = new LinkedHashMap<>();
    private @Nullable EmbeddedServer first;
    private boolean authOnSubscribe;
    private boolean createOnFirstUse;
    private boolean rateLimited;
    private int maxExtensions = 10;
    private boolean releaseOnDisconnect;
    private ServerLimits limits;
    private DoubleSupplier jitter = () -> ThreadLocalRandom.current().nextDouble();
    private @Nullable Path certificate;
    private @Nullable Path key;
    private @Nullable Path clientCa;
    private final Set<Quirk> quirks = EnumSet.noneOf(Quirk.class);

    private Builder(Protocol protocol) {
      this.protocol = protocol;
      this.createOnFirstUse = protocol.createsOnFirstUse();
      this.limits = protocol.limits();
    }

    /** The port; 0, the default, for a free one. */
    public Builder port(int port) {
      this.port = checked(port);
      return this;
    }

    private static int checked(int port) {
      if (port < 0 || port > MAX_PORT) {
        throw InvalidRequestException.of("there is no port " + port, "Give one up to " + MAX_PORT + ", or 0 for a free one");
      }
      return port;
    }

    /** The port that servers of this protocol usually have. */
    public Builder usualPort() {
      return port(protocol.usualPort());
    }

    /** The port of the HTTP side; 0, the default, for a free one. */
    public Builder httpPort(int port) {
      this.httpPort = checked(port);
      return this;
    }

    /** Where to listen; 127.0.0.1 by default. */
    public Builder host(String host) {
      this.host = Objects.requireNonNull(host, "host");
      return this;
    }

    /** What to serve; it is not closed with the server. By default an engine in memory, which is. */
    public Builder transport(Transport transport) {
      this.transport = Objects.requireNonNull(transport, "transport");
      return this;
    }

    /** The clock, also of the engine in memory; the system's by default. */
    public Builder time(TimeSource time) {
      this.time = Objects.requireNonNull(time, "time");
      return this;
    }

    /** Asks for one of these tokens; by default it asks for none. */
    public Builder token(String... accepted) {
      tokens.addAll(List.of(accepted));
      return this;
    }

    /**
     * Asks for a name and a password, where the protocol has users; this one may do everything. By default its users are those of
     * the engine it serves, if that has any, and otherwise it asks for none.
     */
    public Builder administrator(String user, String password) {
      administrators.put(Objects.requireNonNull(user, "user"), Objects.requireNonNull(password, "password"));
      return this;
    }

    /**
     * Is another node of the cluster of this server, where the protocol's servers share what a {@link Transport} does not keep: it serves the
     * same, and knows the same users.
     */
    public Builder nodeOf(EmbeddedServer first) {
      this.first = Objects.requireNonNull(first, "first");
      return transport(first.transport());
    }

    /** Whether a subscription needs a token too, which FlowMesh does not ask for; false by default. */
    public Builder authOnSubscribe(boolean asks) {
      this.authOnSubscribe = asks;
      return this;
    }

    /**
     * Whether it creates the streams, queues and stores that do not exist when they are used; by default as servers of this protocol do:
     * FlowMesh's and FlyMQ's create, Disheap's and GoQueue's do not.
     */
    public Builder createOnFirstUse(boolean creates) {
      this.createOnFirstUse = creates;
      return this;
    }

    /** Whether clients that ask too often by HTTP are held back, as Disheap's gateway and GoQueue do it; false by default. */
    public Builder rateLimited(boolean limited) {
      this.rateLimited = limited;
      return this;
    }

    /** How often a lease can be extended, at least 0, where the protocol's servers bound that; 10 by default. */
    public Builder maxExtensions(int most) {
      if (most < 0) {
        throw InvalidRequestException.of("a lease with " + most + " extensions", "Give 0 or more");
      }
      this.maxExtensions = most;
      return this;
    }

    /** Whether pushed jobs are given back when their client goes away, and not only when their leases end; false by default. */
    public Builder releaseOnDisconnect(boolean releases) {
      this.releaseOnDisconnect = releases;
      return this;
    }

    /** What its clients may make it hold and wait for; {@link ServerLimits#DEFAULT} by default, with FlyMQ's own times there. */
    public Builder limits(ServerLimits limits) {
      this.limits = Objects.requireNonNull(limits, "limits");
      return this;
    }

    /** Where the chance in its backoffs comes from: numbers from 0 to less than 1. Asked by any thread. */
    public Builder jitter(DoubleSupplier numbers) {
      this.jitter = Objects.requireNonNull(numbers, "numbers");
      return this;
    }

    /** Speaks TLS, with these PEM files. */
    public Builder tls(Path certificate, Path key) {
      this.certificate = Objects.requireNonNull(certificate, "certificate");
      this.key = Objects.requireNonNull(key, "key");
      return this;
    }

    /** Asks clients for a certificate of this authority; needs {@link #tls}. */
    public Builder mutualTls(Path ca) {
      this.clientCa = Objects.requireNonNull(ca, "ca");
      return this;
    }

    /** Shows these faults of public servers. */
    public Builder emulate(Quirk... shown) {
      quirks.addAll(List.of(shown));
      return this;
    }

    /**
     * Starts it.
     *
     * @throws InvalidRequestException if it cannot listen where it is to, because another process does for instance
     */
    public EmbeddedServer start() {
      if (clientCa != null && certificate == null) {
        throw InvalidRequestException.of("mutual TLS needs TLS", "Call tls(certificate, key) too");
      }
      MemoryEngine own = transport == null ? MemoryEngine.builder().time(time).createOnFirstUse(false).retention(RETENTION).build() : null;
      Transport served = own == null ? Objects.requireNonNull(transport) : own.connect();
      EmbeddedServer server =
          new EmbeddedServer(
              protocol,
              new ServerOptions(
                  served,
                  time,
                  host,
                  Set.copyOf(tokens),
                  Map.copyOf(administrators),
                  first == null ? null : first.service,
                  authOnSubscribe,
                  createOnFirstUse,
                  rateLimited,
                  maxExtensions,
                  releaseOnDisconnect,
                  limits,
                  jitter,
                  certificate,
                  key,
                  clientCa,
                  Set.copyOf(quirks)),
              own,
              new Protocol.Ports(port, httpPort));
      try {
        return server.start();
      } catch (RuntimeException failed) {
        server.close();
        throw failed;
      }
    }
  }
}
