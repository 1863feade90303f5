package dev.tributary.testkit.fault;

import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.internal.ClosedPort;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy between a client and a server that can be told to misbehave. It starts by forwarding everything, and {@link #heal()}
 * brings it back to that.
 *
 * <p>Thread-safe. What a method says holds when it returns: each waits for the proxy's own event loop, so they are not for event
 * loops. Faults add up until they are healed. Buffers are bounded: what cannot be delivered slows the sender.
 */
public final class FaultProxy implements AutoCloseable {
  private static final String HOST = "127.0.0.1";
  private static final long CONTROL_SECONDS = 30;
  private static final Duration LONGEST_DELAY = Duration.ofDays(365);

  private enum Welcome {
    FORWARD,
    SILENCE
  }

  private final Vertx vertx;
  private final Context loop;
  private final NetClient dialer;
  private final TimeSource time;
  private final Map<Direction, Conditions> conditions = new EnumMap<>(Direction.class);
  private final Set<Link> links = new LinkedHashSet<>();
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicInteger open = new AtomicInteger();
  private volatile int port;
  private @Nullable NetServer listener;
  private Welcome welcome = Welcome.FORWARD;
  private String targetHost;
  private int targetPort;
  private boolean closed;

  private FaultProxy(String targetHost, int targetPort, TimeSource time) {
    this.targetHost = targetHost;
    this.targetPort = targetPort;
    this.time = time;
    for (Direction direction : Direction.values()) {
      conditions.put(direction, new Conditions());
    }
    vertx =
        Vertx.vertx(
            new VertxOptions()
                .setUseDaemonThread(true)
                .setEventLoopPoolSize(1)
                .setFileSystemOptions(new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
    loop = vertx.getOrCreateContext();
    dialer = vertx.createNetClient();
  }

  /** A proxy on a free port of the loopback interface in front of this server, forwarding. */
  public static FaultProxy before(String host, int port) {
    return before(host, port, TimeSource.system());
  }

  /** The same with its own time for {@link #delay}. */
  public static FaultProxy before(String host, int port, TimeSource time) {
    FaultProxy proxy = new FaultProxy(Objects.requireNonNull(host, "host"), port, time);
    try {
      proxy.control(proxy::listen);
      return proxy;
    } catch (RuntimeException failed) {
      proxy.vertx.close();
      throw failed;
    }
  }

  /** Where it listens. */
  public String host() {
    return HOST;
  }

  /** The port it listens on; the same for its whole life. */
  public int port() {
    return port;
  }

  /** Connections it has accepted so far. */
  public long connections() {
    return accepted.get();
  }

  /** Connections that are open now at one end at least. */
  public int open() {
    return open.get();
  }

  /** Bytes it has passed on so far; what it swallowed does not count. */
  public long bytes(Direction direction) {
    return of(direction).bytes.sum();
  }

  /** Bytes it has read and not passed on yet. */
  long held(Direction direction) {
    return of(direction).held.sum();
  }

  /**
   * Ends every fault. Connections that have lost bytes, or were kept in silence, are closed; the others go on where they stopped: what
   * was held back is passed on at once, also by those that were idle in a black hole.
   */
  public void heal() {
    control(
        () -> {
          welcome = Welcome.FORWARD;
          conditions.values().forEach(Conditions::heal);
          each(Link::beyondRepair, Link::cut);
          each(link -> true, link -> link.swallow(false));
          return listener == null ? listen() : Future.succeededFuture();
        });
  }

  /** Closes the listening socket and with it all connections, as a server process that dies does: new ones are refused. */
  public void refuse() {
    control(
        () -> {
          NetServer old = listener;
          listener = null;
          each(link -> true, Link::cut);
          return old == null ? Future.succeededFuture() : old.close().compose(closed -> new ClosedPort(dialer, HOST, port).refuses());
        });
  }

  /** New connections are accepted and then hear nothing. */
  public void acceptThenSilent() {
    now(() -> welcome = Welcome.SILENCE);
  }

  /** The next connection to pass this many bytes in this direction from now on is closed after exactly these, once. */
  public void cutAfter(long bytes, Direction direction) {
    if (bytes < 0) {
      throw new IllegalArgumentException("cannot cut after " + bytes + " bytes");
    }
    now(
        () -> {
          of(direction).cutAfter(bytes);
          each(link -> true, Link::flow);
        });
  }

  /** Closes every connection; new ones are forwarded. */
  public void cutNow() {
    now(() -> each(link -> true, Link::cut));
  }

  /** Breaks every connection with a reset in place of an orderly end. */
  public void reset() {
    now(() -> each(link -> true, Link::reset));
  }

  /** Keeps connections open but passes nothing on in this direction; nothing is lost. */
  public void stall(Direction direction) {
    now(
        () -> {
          of(direction).stalled = true;
          each(link -> true, Link::flow);
        });
  }

  /** Passes everything on in this direction so much later than it came, also what is held back now, in order; zero for at once. */
  public void delay(Duration delay, Direction direction) {
    if (delay.isNegative()) {
      throw new IllegalArgumentException("cannot delay by " + delay);
    }
    long nanos = delay.compareTo(LONGEST_DELAY) < 0 ? delay.toNanos() : LONGEST_DELAY.toNanos();
    now(
        () -> {
          of(direction).delayNanos = nanos;
          each(link -> true, Link::flow);
        });
  }

  /** Swallows what comes from either side, ends included, and keeps connections open, new ones too. */
  public void blackHole() {
    now(
        () -> {
          welcome = Welcome.SILENCE;
          each(link -> true, link -> link.swallow(true));
        });
  }

  /** The server's end of every connection is closed, the client's stays open and hears nothing; new ones are forwarded. */
  public void halfOpen() {
    now(() -> each(link -> true, Link::loseServer));
  }

  /** Forwards new connections to this server; those that are open stay. */
  public void retarget(String host, int port) {
    now(
        () -> {
          targetHost = host;
          targetPort = port;
        });
  }

  /** Closes everything. Again is no error. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      await(vertx.close());
    }
  }

  private Future<Void> listen() {
    NetServer server = vertx.createNetServer(new NetServerOptions().setHost(HOST).setPort(port));
    server.connectHandler(this::accept);
    return server
        .listen()
        .map(
            bound -> {
              port = bound.actualPort();
              listener = bound;
              return null;
            });
  }

  private void accept(NetSocket client) {
    accepted.incrementAndGet();
    open.incrementAndGet();
    client.pause();
    Link[] self = new Link[1];
    Link link =
        new Link(
            client,
            () -> {
              if (links.remove(self[0])) {
                open.decrementAndGet();
              }
            });
    self[0] = link;
    links.add(link);
    if (welcome == Welcome.SILENCE) {
      link.silence();
      return;
    }
    dialer
        .connect(targetPort, targetHost)
        .onSuccess(server -> link.join(server, of(Direction.TO_SERVER), of(Direction.TO_CLIENT), time, loop))
        .onFailure(refused -> link.cut());
  }

  private Conditions of(Direction direction) {
    return Objects.requireNonNull(conditions.get(direction), "direction");
  }

  /** On a copy: what it does may remove links. */
  private void each(Predicate<Link> which, Consumer<Link> what) {
    List.copyOf(links).stream().filter(which).forEach(what);
  }

  private void now(Runnable change) {
    control(
        () -> {
          change.run();
          return Future.succeededFuture();
        });
  }

  /** Runs a change on the event loop and waits for it, one after the other. */
  private synchronized void control(Supplier<Future<Void>> change) {
    if (closed) {
      throw new IllegalStateException("the proxy is closed");
    }
    if (Context.isOnEventLoopThread()) {
      throw new IllegalStateException("a proxy is not controlled from an event loop: this call waits");
    }
    Promise<Void> done = Promise.promise();
    loop.runOnContext(
        turn -> {
          try {
            change.get().onComplete(done);
          } catch (RuntimeException failed) {
            done.fail(failed);
          }
        });
    await(done.future());
  }

  private static void await(Future<Void> done) {
    try {
      done.toCompletionStage().toCompletableFuture().get(CONTROL_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new CompletionException(interrupted);
    } catch (ExecutionException failed) {
      throw new CompletionException(failed.getCause());
    } catch (TimeoutException stuck) {
      throw new IllegalStateException("the proxy does not answer", stuck);
    }
  }
}
