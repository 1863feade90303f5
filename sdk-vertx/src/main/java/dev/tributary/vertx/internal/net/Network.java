package dev.tributary.vertx.internal.net;

import dev.tributary.config.ClientConfig;
import dev.tributary.config.Credentials;
import dev.tributary.config.Endpoint;
import dev.tributary.config.Tls;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.OverloadedException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.observe.Instrumentation;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.ClientOptionsBase;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What all connections of one transport share: Vert.x, event loops, endpoints, credentials, TLS. Thread-safe. */
public final class Network {
  private static final Logger LOG = System.getLogger("dev.tributary.net");
  private static final int OWN_LOOPS = 2;
  private static final Runnable NOBODY_WATCHES = () -> {};

  private final ClientConfig config;
  private final VertxInternal vertx;
  private final boolean ownsVertx;
  private final List<ContextInternal> loops;
  private final AtomicInteger turn = new AtomicInteger();
  private final Neighbours neighbours;
  private final Endpoints endpoints;
  private final Bearer bearer;
  private final @Nullable Pem pem;
  private final ConnectErrors connectErrors;
  private final Instrumentation instrumentation;

  private Network(ClientConfig config, int defaultPort, @Nullable Vertx given) {
    if (config.endpoints().isEmpty()) {
      throw InvalidRequestException.of(
          "no endpoint for " + config.backend(), "Write " + config.backend() + "://host:port, or builder.endpoint(host, port)");
    }
    Headers.require(config.headers());
    config.endpoints().forEach(endpoint -> requireConfidential(config, endpoint));
    this.config = config;
    this.neighbours = new Neighbours(config);
    this.endpoints = neighbours.endpoints(config.endpoints().stream().map(e -> e.orPort(defaultPort)).toList());
    this.bearer = new Bearer(config.credentials(), config.retry(), config.time());
    this.pem = config.tls() == null ? null : Pem.read(config.tls());
    this.connectErrors = new ConnectErrors(config.tls() != null);
    this.instrumentation = config.instrumentation();
    this.ownsVertx = given == null;
    this.vertx = (VertxInternal) (given == null ? ownVertx() : given);
    this.loops = given == null ? ownLoops(vertx) : List.of(pinned());
  }

  private Network(Network base, Endpoint only) {
    this.config = base.config;
    this.neighbours = base.neighbours;
    this.endpoints = neighbours.endpoints(List.of(only));
    this.bearer = base.bearer;
    this.pem = base.pem;
    this.instrumentation = base.instrumentation;
    this.connectErrors = base.connectErrors;
    this.ownsVertx = false;
    this.vertx = base.vertx;
    this.loops = base.loops;
  }

  /**
   * On a Vert.x of its own, whose threads keep no process alive. Made on a thread that ends: Netty leaves a map, and with it its class loader, on
   * each thread that makes its parts, and the caller's may live longer than the client.
   */
  public static Network own(ClientConfig config, int defaultPort) {
    try {
      return CompletableFuture.supplyAsync(() -> new Network(config, defaultPort, null), Network::onThreadThatEnds).join();
    } catch (CompletionException failed) {
      throw failed.getCause() instanceof RuntimeException thrown ? thrown : failed;
    }
  }

  /** On this Vert.x, which is never closed, and on the caller's event loop, so that its calls do not change threads. */
  public static Network on(Vertx vertx, ClientConfig config, int defaultPort) {
    return new Network(config, defaultPort, vertx);
  }

  /**
   * Refuses an endpoint that the client's credentials, or a header that looks like some, would be sent to in plain text, over a network.
   * Whatever goes to another endpoint than the configured ones is asked about here too.
   */
  public static void requireConfidential(ClientConfig config, Endpoint endpoint) {
    boolean nobody = config.credentials() instanceof Credentials.Fixed fixed && fixed.value() instanceof Credentials.Anonymous;
    String secret = nobody ? Headers.secret(config.headers()) : "credentials";
    if (secret != null && config.tls() == null && !endpoint.loopback() && !config.plaintextCredentials()) {
      throw InvalidRequestException.of(
          secret + " for " + endpoint.host() + " would be sent in plain text",
          "Use tls=true (builder.tls), or allow it by plaintext-credentials=true (builder.plaintextCredentials)");
    }
  }

  /** The same with one of its endpoints alone, for what depends on which is asked. Lives no longer than this. */
  public Network at(Endpoint only) {
    return new Network(this, only);
  }

  /** The client's configuration. */
  public ClientConfig config() {
    return config;
  }

  /**
   * How many calls may wait for a lane: more than the client lets its users make, so that they meet its limit and not this one, which is for
   * what should not be.
   */
  public int mostWaiting() {
    return (int) Math.min(Integer.MAX_VALUE, 2L * config.maxInFlightCalls());
  }

  /** What a call fails with that would wait behind so many. */
  public static OverloadedException tooMany(int waiting) {
    return OverloadedException.byClient(waiting + " calls wait already", "Make fewer at a time, or allow more connections or calls on each");
  }

  /** What the calls of a closed client fail with. */
  public static TributaryException closedError(boolean maybeApplied) {
    return new ClientClosedException(
        ErrorInfo.of("the client is closed", "Make a new one with Tributary.connect").maybeApplied(maybeApplied));
  }

  /** The client's clock. */
  public TimeSource time() {
    return config.time();
  }

  /** Where to connect. */
  public Endpoints endpoints() {
    return endpoints;
  }

  public Neighbours neighbours() {
    return neighbours;
  }

  public Bearer bearer() {
    return bearer;
  }

  /** Whether what lives long may go on after this error: the next try may end better, if only because other credentials come. */
  public boolean passes(TributaryException error) {
    return error.retryable() || error instanceof UnauthenticatedException && bearer.changes();
  }

  public ConnectErrors connectErrors() {
    return connectErrors;
  }

  public Vertx vertx() {
    return vertx;
  }

  /**
   * Tells who watches of a connection that was made.
   *
   * @return to be run once, when it has ended; never throws
   */
  public Runnable connected(Endpoint endpoint) {
    if (instrumentation == Instrumentation.NONE) {
      return NOBODY_WATCHES;
    }
    try {
      Runnable ended = instrumentation.connected(config.backend(), endpoint.toString());
      return () -> {
        try {
          ended.run();
        } catch (RuntimeException thrown) {
          LOG.log(Level.WARNING, "the instrumentation failed at the end of a connection", thrown);
        }
      };
    } catch (RuntimeException thrown) {
      LOG.log(Level.WARNING, "the instrumentation failed at a connection", thrown);
      return NOBODY_WATCHES;
    }
  }

  /** An event loop: the pinned one, or each in turn. */
  public ContextInternal loop() {
    return loops.get(Math.floorMod(turn.getAndIncrement(), loops.size()));
  }

  /** Runs this with a timeout of its own; what it throws is what the future fails with. */
  public <R> CompletableFuture<R> within(Duration timeout, Function<Deadline, CompletableFuture<R>> work) {
    CompletableFuture<R> running;
    try {
      running = work.apply(Deadline.after(time(), timeout));
    } catch (Throwable defect) {
      return CompletableFuture.failedFuture(defect);
    }
    if (running.isDone()) {
      return running;
    }
    CompletableFuture<R> result = Steps.then(running, CompletableFuture::completedFuture);
    TimeSource.Timer timer =
        time()
            .schedule(
                timeout,
                () -> {
                  if (result.completeExceptionally(
                      new DeadlineExceededException(
                          ErrorInfo.of("no answer within " + timeout, "Check that the server is up and reachable").maybeApplied(true)))) {
                    running.cancel(true);
                  }
                });
    result.whenComplete((value, error) -> timer.cancel());
    return result;
  }

  /** What this endpoint is called there: the name that it is asked for, and that its certificate must have. */
  public String nameOf(Endpoint endpoint) {
    Tls tls = config.tls();
    return tls == null || tls.serverName() == null ? endpoint.host() : tls.serverName();
  }

  /** Options of an HTTP client for this network: timeouts and TLS. */
  public HttpClientOptions options() {
    HttpClientOptions options = new HttpClientOptions();
    Tls tls = secured(options);
    return tls == null ? options : options.setUseAlpn(true).setVerifyHost(tls.verifyHost()).setForceSni(tls.serverName() != null);
  }

  /** Options of a client of bare TCP for this network: timeouts and TLS. */
  public NetClientOptions tcpOptions() {
    NetClientOptions options = new NetClientOptions();
    Tls tls = secured(options);
    return options.setHostnameVerificationAlgorithm(tls != null && tls.verifyHost() ? "HTTPS" : "");
  }

  /** Sets what all clients have; returns what there is to say of TLS, or null. */
  private @Nullable Tls secured(ClientOptionsBase options) {
    int connectMillis = (int) Math.min(Integer.MAX_VALUE, Math.max(1, config.connectTimeout().toMillis()));
    options.setConnectTimeout(connectMillis).setSslHandshakeTimeout(connectMillis).setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
    Tls tls = config.tls();
    if (tls == null || pem == null) {
      return null;
    }
    options.setTrustAll(tls.trustAll()).setSsl(true);
    if (pem.ca() != null) {
      options.setTrustOptions(new PemTrustOptions().addCertValue(pem.ca()));
    }
    if (pem.certificate() != null && pem.key() != null) {
      options.setKeyCertOptions(new PemKeyCertOptions().addCertValue(pem.certificate()).addKeyValue(pem.key()));
    }
    return tls;
  }

  /** Closes Vert.x if it is its own; everything on it must be closed before. */
  public CompletableFuture<Void> close() {
    return ownsVertx ? vertx.close().toCompletionStage().toCompletableFuture() : CompletableFuture.completedFuture(null);
  }

  private static void onThreadThatEnds(Runnable work) {
    Thread thread = new Thread(work, "tributary-start");
    thread.setDaemon(true);
    thread.setContextClassLoader(Network.class.getClassLoader());
    thread.start();
  }

  private static Vertx ownVertx() {
    return Vertx.vertx(
        new VertxOptions()
            .setUseDaemonThread(true)
            .setEventLoopPoolSize(OWN_LOOPS)
            .setWorkerPoolSize(1)
            .setInternalBlockingPoolSize(1)
            .setFileSystemOptions(new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
  }

  private static List<ContextInternal> ownLoops(VertxInternal vertx) {
    List<ContextInternal> contexts = new ArrayList<>();
    for (int i = 0; i < OWN_LOOPS; i++) {
      contexts.add(vertx.createEventLoopContext());
    }
    return List.copyOf(contexts);
  }

  private ContextInternal pinned() {
    ContextInternal current = (ContextInternal) Vertx.currentContext();
    return current != null && current.owner() == vertx && current.isEventLoopContext() ? current : vertx.createEventLoopContext();
  }

  /** The contents of the files, read when the client is made so that a mistake shows at once and not at every connection. */
  private record Pem(@Nullable Buffer ca, @Nullable Buffer certificate, @Nullable Buffer key) {
    static Pem read(Tls tls) {
      return new Pem(certificates("ca", tls.ca()), certificates("certificate", tls.certificate()), key(tls.key()));
    }

    private static @Nullable Buffer certificates(String what, @Nullable Path file) {
      byte[] bytes = bytes(what, file);
      if (bytes == null) {
        return null;
      }
      try {
        if (CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(bytes)).isEmpty()) {
          throw InvalidRequestException.of("the TLS " + what + " file " + file + " holds no certificate", "Give a PEM file");
        }
      } catch (CertificateException unreadable) {
        throw new InvalidRequestException(
            ErrorInfo.of("the TLS " + what + " file " + file + " is not a certificate in PEM form", "Give a PEM file").causedBy(unreadable));
      }
      return Buffer.buffer(bytes);
    }

    private static @Nullable Buffer key(@Nullable Path file) {
      byte[] bytes = bytes("key", file);
      if (bytes == null) {
        return null;
      }
      if (!new String(bytes, StandardCharsets.ISO_8859_1).contains("PRIVATE KEY-----")) {
        throw InvalidRequestException.of("the TLS key file " + file + " is not a private key in PEM form", "Give an unencrypted PEM file");
      }
      return Buffer.buffer(bytes);
    }

    private static byte @Nullable [] bytes(String what, @Nullable Path file) {
      if (file == null) {
        return null;
      }
      try {
        return Files.readAllBytes(file);
      } catch (IOException unreadable) {
        throw new InvalidRequestException(
            ErrorInfo.of("cannot read the TLS " + what + " file " + file, "Check its path and permissions").causedBy(unreadable));
      }
    }
  }
}
