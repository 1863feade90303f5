package dev.tributary.config;

import dev.tributary.error.InvalidRequestException;
import dev.tributary.observe.Instrumentation;
import dev.tributary.opentelemetry.OpenTelemetryInstrumentation;
import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Everything a client can be told. Immutable. Made by {@link #builder}, {@link #parse} or {@link #fromEnvironment}; shows no
 * secret in {@code toString}.
 */
public final class ClientConfig {
  /**
   * For {@link Builder#callbackExecutor}: callbacks run on the thread that has the answer, an event loop of the client for instance. The
   * fastest, for callbacks that never block; one that does holds up every connection of its loop. Deadlines are not held up by it.
   */
  public static final Executor INLINE = Runnable::run;

  private final String backend;
  private final List<Endpoint> endpoints;
  private final @Nullable String instance;
  private final String tenant;
  private final String namespace;
  private final Credentials.Provider credentials;
  private final boolean plaintextCredentials;
  private final @Nullable Tls tls;
  private final Duration timeout;
  private final Duration connectTimeout;
  private final Duration idleProbe;
  private final Retry retry;
  private final int connections;
  private final int maxConcurrentCalls;
  private final int maxMessageBytes;
  private final int prefetch;
  private final int prefetchBytes;
  private final long bufferBytes;
  private final int maxInFlightCalls;
  private final long maxInFlightBytes;
  private final boolean compression;
  private final Map<String, String> headers;
  private final Map<String, String> options;
  private final Function<TimeSource, Optional<ProducerIdentity>> producer;
  private final @Nullable Executor callbackExecutor;
  private final @Nullable Instrumentation instrumentation;
  private final boolean metrics;
  private final boolean tracing;
  private volatile @Nullable Instrumentation global;
  private final System.Logger.@Nullable Level logLevel;
  private final TimeSource time;

  private ClientConfig(Builder b) {
    backend = b.backend;
    endpoints = List.copyOf(b.endpoints);
    instance = b.instance;
    tenant = b.tenant;
    namespace = b.namespace;
    credentials = b.credentials;
    plaintextCredentials = b.plaintextCredentials;
    tls = b.tls;
    timeout = b.timeout;
    connectTimeout = b.connectTimeout;
    idleProbe = b.idleProbe;
    retry = b.retry;
    connections = b.connections;
    maxConcurrentCalls = b.maxConcurrentCalls;
    maxMessageBytes = b.maxMessageBytes;
    prefetch = b.prefetch;
    prefetchBytes = b.prefetchBytes;
    bufferBytes = b.bufferBytes;
    maxInFlightCalls = b.maxInFlightCalls;
    maxInFlightBytes = b.maxInFlightBytes;
    compression = b.compression;
    headers = Map.copyOf(b.headers);
    options = Map.copyOf(b.options);
    producer = b.producer;
    callbackExecutor = b.callbackExecutor;
    instrumentation = b.instrumentation;
    metrics = b.metrics;
    tracing = b.tracing;
    logLevel = b.logLevel;
    time = b.time;
  }

  /** A builder for this backend: {@code flowmesh}, {@code memory}, or what a transport on the class path offers. */
  public static Builder builder(String backend) {
    return new Builder(backend);
  }

  /**
   * Reads {@code backend://[token@ | user:password@]host[:port][,host[:port]…][/tenant[/namespace]][?option=value&…]}. The options
   * are those of the configuration table in the README; an unknown one is an error. What an option does not say comes from the
   * defaults. The engine in memory has no address: {@code memory:} or {@code memory:name}.
   *
   * @throws InvalidRequestException if the URI cannot be read; the message never repeats its credentials
   */
  public static ClientConfig parse(String uri) {
    return ConfigUri.parse(uri).finish().build();
  }

  /**
   * Reads {@code TRIBUTARY_URI} and the {@code TRIBUTARY_*} variables of the configuration table, which win over the URI's options.
   *
   * <p>For Disheap, what they leave open is looked up in the variables of its other clients, such as {@code DISHEAP_API_KEY}; without a
   * {@code TRIBUTARY_URI}, {@code DISHEAP_ENDPOINTS} stands in for it.
   *
   * @throws InvalidRequestException if nothing says where to connect, or something cannot be read
   */
  public static ClientConfig fromEnvironment() {
    return fromEnvironment(System.getenv());
  }

  /** {@link #fromEnvironment()} from these variables instead of the process's. */
  public static ClientConfig fromEnvironment(Map<String, String> variables) {
    return ConfigEnvironment.read(variables).finish().build();
  }

  /** A builder that begins with everything of this configuration. */
  public Builder toBuilder() {
    Builder b = new Builder(backend);
    b.endpoints = endpoints;
    b.instance = instance;
    b.tenant = tenant;
    b.namespace = namespace;
    b.credentials = credentials;
    b.plaintextCredentials = plaintextCredentials;
    b.tls = tls;
    b.timeout = timeout;
    b.connectTimeout = connectTimeout;
    b.idleProbe = idleProbe;
    b.retry = retry;
    b.connections = connections;
    b.maxConcurrentCalls = maxConcurrentCalls;
    b.maxMessageBytes = maxMessageBytes;
    b.prefetch = prefetch;
    b.prefetchBytes = prefetchBytes;
    b.bufferBytes = bufferBytes;
    b.maxInFlightCalls = maxInFlightCalls;
    b.maxInFlightBytes = maxInFlightBytes;
    b.compression = compression;
    b.headers.putAll(headers);
    b.options.putAll(options);
    b.producer = producer;
    b.callbackExecutor = callbackExecutor;
    b.instrumentation = instrumentation;
    b.metrics = metrics;
    b.tracing = tracing;
    b.logLevel = logLevel;
    b.time = time;
    return b;
  }

  /** Which transport: the scheme of the URI. */
  public String backend() {
    return backend;
  }

  /** Where to connect; tried in order, moving on at every failure. Empty for backends without an address. */
  public List<Endpoint> endpoints() {
    return endpoints;
  }

  /** The name of an in-process engine, {@code memory:name}; null for the one without a name. */
  public @Nullable String instance() {
    return instance;
  }

  /** The tenant of short names. */
  public String tenant() {
    return tenant;
  }

  /** The namespace of short names. */
  public String namespace() {
    return namespace;
  }

  /** Who the client says it is. */
  public Credentials.Provider credentials() {
    return credentials;
  }

  /** Whether credentials may leave this machine without TLS. */
  public boolean plaintextCredentials() {
    return plaintextCredentials;
  }

  /** TLS, or null for none. */
  public @Nullable Tls tls() {
    return tls;
  }

  /** The one deadline of each call, from the user's call to its completion, retries included. */
  public Duration timeout() {
    return timeout;
  }

  /** How long one connection attempt may take. */
  public Duration connectTimeout() {
    return connectTimeout;
  }

  /** After how long a silent subscription is checked for a dead connection. */
  public Duration idleProbe() {
    return idleProbe;
  }

  /** How failed calls are repeated. */
  public Retry retry() {
    return retry;
  }

  /** Connections for calls, to the endpoint in use; subscriptions have their own. */
  public int connections() {
    return connections;
  }

  /**
   * Calls in flight on one connection; more wait in the client, within their deadline. HTTP/1.1 carries one call on a connection: there it
   * is as many connections in place of one.
   */
  public int maxConcurrentCalls() {
    return maxConcurrentCalls;
  }

  /** The largest answer the client accepts. */
  public int maxMessageBytes() {
    return maxMessageBytes;
  }

  /** How many messages of a subscription may wait in the client. */
  public int prefetch() {
    return prefetch;
  }

  /** How many bytes of a subscription may wait in the client; one message may go past it. */
  public int prefetchBytes() {
    return prefetchBytes;
  }

  /** How many bytes of all subscriptions together may wait in the client; one message of each may go past it. */
  public long bufferBytes() {
    return bufferBytes;
  }

  /** How many calls may be under way or wait in the client; further ones are refused at once. */
  public int maxInFlightCalls() {
    return maxInFlightCalls;
  }

  /** How many bytes those calls may hold; further ones are refused at once, but for one that is alone. */
  public long maxInFlightBytes() {
    return maxInFlightBytes;
  }

  /** Whether requests are gzipped. */
  public boolean compression() {
    return compression;
  }

  /** Sent with every call. */
  public Map<String, String> headers() {
    return headers;
  }

  /** Options of one backend only, without its name: {@code mode} for {@code goqueue.mode}. */
  public Map<String, String> options() {
    return options;
  }

  /**
   * An option of one backend that is a duration, written as all durations are: 500ms, 5s, 2m, 1h or an ISO-8601 duration such as PT5S.
   *
   * @param name without the backend's name
   * @param otherwise what it is if it was not given
   * @throws InvalidRequestException if it is no duration
   */
  public Duration option(String name, Duration otherwise) {
    String given = options.get(name);
    return given == null ? otherwise : ConfigForm.DURATION.read(backend + "." + name, given);
  }

  /**
   * Whose numbers a client opened now puts on its jobs: the configured identity, else one of its own, another at every call. Empty
   * if jobs are not numbered.
   */
  public Optional<ProducerIdentity> newProducer() {
    return producer.apply(time);
  }

  /** Where futures complete and callbacks run; null for a pool of the client's own daemon threads, {@link #INLINE} for none. */
  public @Nullable Executor callbackExecutor() {
    return callbackExecutor;
  }

  /**
   * What watches the client: what it was given, else the metrics and tracing of the process's global OpenTelemetry, as far as they are
   * switched on.
   *
   * @throws InvalidRequestException if they are, and OpenTelemetry is not there
   */
  public Instrumentation instrumentation() {
    if (instrumentation != null) {
      return instrumentation;
    }
    if (!metrics && !tracing) {
      return Instrumentation.NONE;
    }
    Instrumentation known = global;
    if (known == null) {
      try {
        known = OpenTelemetryInstrumentation.global(metrics, tracing);
      } catch (NoClassDefFoundError missing) {
        throw InvalidRequestException.of(
            "metrics and tracing are those of OpenTelemetry, which is not there",
            "Add io.opentelemetry:opentelemetry-api and an SDK, or leave metrics and tracing off");
      }
      global = known;
    }
    return known;
  }

  /** How much the process logs of this library; null for what the process says itself. */
  public System.Logger.@Nullable Level logLevel() {
    return logLevel;
  }

  /** The client's clock and timers. */
  public TimeSource time() {
    return time;
  }

  @Override
  public String toString() {
    return backend + "://" + String.join(",", endpoints.stream().map(Endpoint::toString).toList()) + "/" + tenant + "/" + namespace;
  }

  /** Gathers a {@link ClientConfig}. Not thread-safe. */
  public static final class Builder {
    private final String backend;
    private List<Endpoint> endpoints = List.of();
    private @Nullable String instance;
    private String tenant = "default";
    private String namespace = "default";
    private Credentials.Provider credentials = Credentials.Provider.anonymous();
    private boolean plaintextCredentials;
    private @Nullable Tls tls;
    private Duration timeout = Duration.ofSeconds(30);
    private Duration connectTimeout = Duration.ofSeconds(5);
    private Duration idleProbe = Duration.ofSeconds(15);
    private Retry retry = Retry.DEFAULT;
    private int connections = 1;
    private int maxConcurrentCalls = 64;
    private int maxMessageBytes = 16 << 20;
    private int prefetch = 256;
    private int prefetchBytes = 16 << 20;
    private long bufferBytes = 64 << 20;
    private int maxInFlightCalls = 10_000;
    private long maxInFlightBytes = 64 << 20;
    private boolean compression;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private final Map<String, String> options = new LinkedHashMap<>();
    private Function<TimeSource, Optional<ProducerIdentity>> producer = time -> Optional.of(ProducerIdentity.unique(System.getenv(), time));
    private @Nullable Executor callbackExecutor;
    private @Nullable Instrumentation instrumentation;
    private boolean metrics;
    private boolean tracing;
    private System.Logger.@Nullable Level logLevel;
    private TimeSource time = TimeSource.system();

    Builder(String backend) {
      if (backend.isBlank()) {
        throw InvalidRequestException.of("no backend", "Name one, such as flowmesh or memory");
      }
      this.backend = backend;
    }

    /** Adds an endpoint; several are tried in order. */
    public Builder endpoint(String host, int port) {
      return endpoint(new Endpoint(host, port));
    }

    /** Adds an endpoint; several are tried in order. */
    public Builder endpoint(Endpoint endpoint) {
      var all = new java.util.ArrayList<>(endpoints);
      all.add(endpoint);
      endpoints = all;
      return this;
    }

    /** The name of an in-process engine. */
    public Builder instance(@Nullable String name) {
      this.instance = name;
      return this;
    }

    /** The tenant of short names; {@code default} by default. */
    public Builder tenant(String tenant) {
      this.tenant = Objects.requireNonNull(tenant, "tenant");
      return this;
    }

    /** The namespace of short names; {@code default} by default. */
    public Builder namespace(String namespace) {
      this.namespace = Objects.requireNonNull(namespace, "namespace");
      return this;
    }

    /** A fixed token. */
    public Builder token(String token) {
      return credentials(new Credentials.Token(token));
    }

    /** Fixed credentials. */
    public Builder credentials(Credentials credentials) {
      return credentials(Credentials.Provider.of(credentials));
    }

    /** Credentials that may change; anonymous by default. */
    public Builder credentials(Credentials.Provider provider) {
      this.credentials = Objects.requireNonNull(provider, "provider");
      return this;
    }

    /**
     * Lets credentials leave this machine without TLS; false by default: a client whose credentials would is refused when it is made.
     * Endpoints on the loopback interface need neither.
     */
    public Builder plaintextCredentials(boolean allowed) {
      this.plaintextCredentials = allowed;
      return this;
    }

    /** TLS; none by default. */
    public Builder tls(@Nullable Tls tls) {
      this.tls = tls;
      return this;
    }

    /** The one deadline of each call; 30 s by default. */
    public Builder timeout(Duration timeout) {
      this.timeout = positive("timeout", timeout);
      return this;
    }

    /** How long one connection attempt may take; 5 s by default. */
    public Builder connectTimeout(Duration timeout) {
      this.connectTimeout = positive("connect timeout", timeout);
      return this;
    }

    /** After how long a silent subscription is checked; 15 s by default. */
    public Builder idleProbe(Duration silence) {
      this.idleProbe = positive("idle probe", silence);
      return this;
    }

    /** How failed calls are repeated. */
    public Builder retry(Retry retry) {
      this.retry = Objects.requireNonNull(retry, "retry");
      return this;
    }

    /** Connections for calls; 1 by default. */
    public Builder connections(int connections) {
      this.connections = atLeastOne("connections", connections);
      return this;
    }

    /** Calls in flight on one connection; 64 by default, and below the server's limit of streams. */
    public Builder maxConcurrentCalls(int calls) {
      this.maxConcurrentCalls = atLeastOne("max concurrent calls", calls);
      return this;
    }

    /** The largest answer accepted; 16 MiB by default. */
    public Builder maxMessageBytes(int bytes) {
      this.maxMessageBytes = atLeastOne("max message bytes", bytes);
      return this;
    }

    /** How many messages of a subscription may wait in the client; 256 by default. */
    public Builder prefetch(int messages) {
      this.prefetch = atLeastOne("prefetch", messages);
      return this;
    }

    /** How many bytes of a subscription may wait in the client, whatever {@link #prefetch} allows; 16 MiB by default. */
    public Builder prefetchBytes(int bytes) {
      this.prefetchBytes = atLeastOne("prefetch bytes", bytes);
      return this;
    }

    /** How many bytes of all subscriptions together may wait in the client; 64 MiB by default. */
    public Builder bufferBytes(long bytes) {
      this.bufferBytes = atLeastOne("buffer bytes", bytes);
      return this;
    }

    /** How many calls may be under way or wait in the client before further ones fail with {@code OverloadedException}; 10,000 by default. */
    public Builder maxInFlightCalls(int calls) {
      this.maxInFlightCalls = atLeastOne("max in-flight calls", calls);
      return this;
    }

    /**
     * How many bytes those calls may hold, payloads, headers and what a call itself takes, before further ones fail with
     * {@code OverloadedException}; 64 MiB by default. A call that is alone may be larger.
     */
    public Builder maxInFlightBytes(long bytes) {
      this.maxInFlightBytes = atLeastOne("max in-flight bytes", bytes);
      return this;
    }

    /** Gzips requests; off by default, and not every server can undo it. */
    public Builder compression(boolean gzip) {
      this.compression = gzip;
      return this;
    }

    /** Sends this with every call. */
    public Builder header(String name, String value) {
      headers.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
      return this;
    }

    /** Sets an option of the backend, without its name. */
    public Builder option(String name, String value) {
      options.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
      return this;
    }

    /**
     * Numbers jobs as this producer in this epoch, for backends that know a repeated job by its number. By default every client is a
     * producer of its own, {@code HOST-PID-RANDOM} with the Unix time in seconds as its epoch.
     *
     * <p>Each client counts from 1: two clients, one after the other as well, must not share both the producer and the epoch, or the
     * jobs of the second are taken for repeats of the first one's.
     *
     * @param producer 1 to 255 characters
     * @param epoch at least 1; once a newer one was used, older ones are refused as conflicts
     */
    public Builder configureIdempotency(String producer, long epoch) {
      Optional<ProducerIdentity> identity = Optional.of(new ProducerIdentity(producer, epoch));
      this.producer = time -> identity;
      return this;
    }

    /**
     * Numbers jobs as this producer, every client in a newer epoch than the one before: the Unix time in seconds when it is made. For
     * one client at a time, since the newest one fences the others.
     *
     * @param producer 1 to 255 characters
     */
    public Builder configureIdempotency(String producer) {
      ProducerIdentity.checkId(producer);
      this.producer = time -> Optional.of(ProducerIdentity.newLife(producer, time));
      return this;
    }

    /** Does not number jobs: without a deduplication id, a repeat of one is not noticed, and so the client does not repeat it. */
    public Builder withoutIdempotency() {
      this.producer = time -> Optional.empty();
      return this;
    }

    /**
     * Where futures complete and callbacks run; a pool of the client's own daemon threads by default. {@link #INLINE} for the thread that has
     * the answer. No other executor gets a callback onto a thread of I/O or timers: what it refuses, or would run on the thread that hands it
     * over, runs on a thread of the client's own.
     */
    public Builder callbackExecutor(@Nullable Executor executor) {
      this.callbackExecutor = executor;
      return this;
    }

    /** What watches the client, whatever {@link #metrics} and {@link #tracing} say; nothing by default. */
    public Builder instrumentation(Instrumentation instrumentation) {
      this.instrumentation = Objects.requireNonNull(instrumentation, "instrumentation");
      return this;
    }

    /** Measures by the process's global OpenTelemetry, which must be set up before the client is made; off by default. */
    public Builder metrics(boolean on) {
      this.metrics = on;
      return this;
    }

    /** Traces by the process's global OpenTelemetry, which must be set up before the client is made; off by default. */
    public Builder tracing(boolean on) {
      this.tracing = on;
      return this;
    }

    /**
     * How much the process logs of this library, from when the client is made: the level of the logger {@code dev.tributary} of
     * {@code java.util.logging}, for all clients of the process. Handlers have levels of their own: the usual one drops what is below
     * INFO. By default what the process's logging says; another logging library is configured by its own means only.
     */
    public Builder logLevel(System.Logger.@Nullable Level level) {
      this.logLevel = level;
      return this;
    }

    /** The client's clock and timers; the system's by default. */
    public Builder time(TimeSource time) {
      this.time = Objects.requireNonNull(time, "time");
      return this;
    }

    /** The configuration. */
    public ClientConfig build() {
      return new ClientConfig(this);
    }

    private static Duration positive(String what, Duration duration) {
      if (duration.isNegative() || duration.isZero()) {
        throw InvalidRequestException.of(what + " " + duration + " is not positive", "Give a positive duration");
      }
      return duration;
    }

    private static long atLeastOne(String what, long number) {
      if (number < 1) {
        throw InvalidRequestException.of(what + " " + number + " is less than 1", "Give at least 1");
      }
      return number;
    }

    private static int atLeastOne(String what, int number) {
      if (number < 1) {
        throw InvalidRequestException.of(what + " " + number + " is less than 1", "Give at least 1");
      }
      return number;
    }
  }
}
