package dev.tributary.vertx.internal.net.grpc;

import com.google.protobuf.Message;
import dev.tributary.config.Endpoint;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.net.Approach;
import dev.tributary.vertx.internal.net.Bearer;
import dev.tributary.vertx.internal.net.Dialer;
import dev.tributary.vertx.internal.net.HttpDialer;
import dev.tributary.vertx.internal.net.Neighbours;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.OnLoop;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The way to the backend for some of the calls: one connection at a time, made when it is needed and again when it broke, a bound on
 * the calls in flight on it, and a bounded queue of those that wait for their turn or for the connection. All state belongs to one event
 * loop.
 */
final class GrpcLane implements Approach.Lane<HttpDialer.Made>, Neighbours.Lane {
  private final Network network;
  private final GrpcErrors errors;
  private final Probe<?, ?> probe;
  private final ContextInternal context;
  private final int limit;
  private final int maxWaiting;
  private final int window;
  private final Map<String, String> headers;
  private final LinkedHashSet<Exchange<?>> waiting = new LinkedHashSet<>();
  private final Set<GrpcConnection> retiring = new HashSet<>();
  private @Nullable GrpcConnection connection;
  private @Nullable GrpcConnection candidate;
  private @Nullable Approach<HttpDialer.Made> approach;
  private boolean freeing;
  private boolean closed;
  private volatile int generation;
  private volatile boolean gzip;

  /** A call that any healthy server answers at once. */
  record Probe<Q extends Message, A extends Message>(Rpc<Q, A> rpc, Q request) {}

  GrpcLane(
      Network network, GrpcErrors errors, Probe<?, ?> probe, ContextInternal context, int limit, int maxWaiting, int window) {
    this.network = network;
    this.errors = errors;
    this.probe = probe;
    this.context = context;
    this.limit = limit;
    this.maxWaiting = maxWaiting;
    this.window = window;
    this.headers = network.config().headers();
    this.gzip = network.config().compression();
    network.neighbours().add(this);
  }

  @Override
  public ContextInternal context() {
    return context;
  }

  TimeSource time() {
    return network.time();
  }

  GrpcErrors errors() {
    return errors;
  }

  Map<String, String> headers() {
    return headers;
  }

  int limit() {
    return limit;
  }

  int maxMessageBytes() {
    return network.config().maxMessageBytes();
  }

  Duration idleProbe() {
    return network.config().idleProbe();
  }

  long idleProbeNanos() {
    return Deadline.nanos(idleProbe());
  }

  Duration probeTimeout() {
    return network.config().connectTimeout();
  }

  long probeTimeoutNanos() {
    return Deadline.nanos(probeTimeout());
  }

  Bearer bearer() {
    return network.bearer();
  }

  /** Counts the connections it has made. Any thread. */
  int generation() {
    return generation;
  }

  /** Whether to zip what is sent. Any thread. */
  boolean gzip() {
    return gzip;
  }

  /** The server at the other end refuses what is zipped; the next one may take it. */
  void withoutGzip() {
    gzip = false;
  }

  /** Starts a call now or when there is room. */
  void submit(Exchange<?> exchange) {
    if (closed) {
      exchange.fail(Network.closedError(false));
      return;
    }
    GrpcConnection on = connection;
    if (on != null && waiting.isEmpty() && on.free()) {
      exchange.start(on);
      return;
    }
    if (waiting.size() >= maxWaiting) {
      exchange.fail(Network.tooMany(waiting.size()));
      return;
    }
    waiting.add(exchange);
    if (on == null) {
      connect();
    }
  }

  /** Whether a call would have to wait until its endpoint, which cannot be reached, may be tried again. */
  boolean unreachable() {
    return connection == null && !closed && !network.endpoints().choice().open();
  }

  /** It does not want to wait any more. */
  void forget(Exchange<?> exchange) {
    waiting.remove(exchange);
  }

  /** A call ended: the next may start. */
  void freed() {
    if (freeing) {
      return; // One that ends as soon as it starts makes no deeper stack.
    }
    freeing = true;
    try {
      GrpcConnection on = connection;
      while (on != null && on == connection && on.free() && !waiting.isEmpty()) {
        Iterator<Exchange<?>> first = waiting.iterator();
        Exchange<?> next = first.next();
        first.remove();
        next.start(on);
      }
    } finally {
      freeing = false;
    }
  }

  /** This connection takes no new calls. */
  void retired(GrpcConnection which) {
    if (which == connection) {
      connection = null;
      retiring.add(which);
      if (!waiting.isEmpty()) {
        connect();
      }
    }
    retiring.removeIf(GrpcConnection::closed);
  }

  /** Tells who watches; see {@link Network#connected}. */
  Runnable connected(Endpoint endpoint) {
    return network.connected(endpoint);
  }

  /** A connection to this endpoint has died without a word: others may have. */
  void died(Endpoint endpoint) {
    network.neighbours().died(endpoint);
  }

  @Override
  public void suspect(Endpoint endpoint) {
    OnLoop.run(
        context,
        endpoint,
        where -> {
          List<GrpcConnection> all = new ArrayList<>(retiring);
          if (connection != null) {
            all.add(connection);
          }
          all.stream().filter(one -> one.endpoint().equals(where)).forEach(GrpcConnection::suspected);
        });
  }

  /** Asks on this connection whether somebody is there. */
  Exchange<?> probe(GrpcConnection on) {
    return probe(probe, on);
  }

  private <Q extends Message, A extends Message> Exchange<A> probe(Probe<Q, A> what, GrpcConnection on) {
    Exchange<A> exchange = new Exchange<>(what.rpc(), new ProbeOwner<>(on), this);
    exchange.start(on);
    String header = bearer().known();
    exchange.send(Frames.encode(what.request(), false), true, header == null ? "" : header, probeTimeoutNanos());
    return exchange;
  }

  /** Any answer is a sign of life, so none of it matters. */
  private record ProbeOwner<A>(GrpcConnection on) implements Exchange.Owner<A> {
    @Override
    public void onFree() {}

    @Override
    public void onMessage(A message) {}

    @Override
    public void onEnd(@Nullable TributaryException error) {
      on.asked(error);
    }
  }

  /** Ends everything. */
  void close() {
    if (closed) {
      return;
    }
    closed = true;
    network.neighbours().remove(this);
    if (approach != null) {
      approach.abandon();
      approach = null;
    }
    if (candidate != null) {
      candidate.close();
      candidate = null;
    }
    for (Exchange<?> exchange : List.copyOf(waiting)) {
      waiting.remove(exchange);
      exchange.fail(Network.closedError(false));
    }
    if (connection != null) {
      connection.close();
      connection = null;
    }
    List.copyOf(retiring).forEach(GrpcConnection::close);
  }

  boolean closed() {
    return closed;
  }

  private void connect() {
    if (approach == null && !closed) {
      approach = new Approach<>(network, this);
      approach.begin();
    }
  }

  @Override
  public boolean wanted() {
    return !closed && !waiting.isEmpty();
  }

  @Override
  public Dialer<HttpDialer.Made> dialer() {
    return HttpDialer.http2(network, network.vertx().createHttpClient(options()));
  }

  @Override
  public void ask(Approach<HttpDialer.Made> way, HttpDialer.Made connection, Consumer<@Nullable TributaryException> answered) {
    GrpcConnection made = new GrpcConnection(this, way.standing(), connection.client(), connection.http());
    candidate = made;
    made.ask(answered);
  }

  @Override
  public void connected(Approach<HttpDialer.Made> way, HttpDialer.Made fresh, boolean asked) {
    approach = null;
    GrpcConnection made =
        asked ? Objects.requireNonNull(candidate) : new GrpcConnection(this, way.standing(), fresh.client(), fresh.http());
    candidate = null;
    generation++;
    gzip = network.config().compression();
    connection = made;
    if (made.retired()) {
      retired(made);
    }
    freed();
  }

  @Override
  public void failed(Approach<HttpDialer.Made> way, TributaryException error) {
    approach = null;
    candidate = null;
    for (Exchange<?> exchange : List.copyOf(waiting)) {
      if (waiting.remove(exchange)) {
        exchange.fail(error);
      }
    }
  }

  @Override
  public void unwanted(Approach<HttpDialer.Made> way) {
    approach = null;
  }

  private HttpClientOptions options() {
    HttpClientOptions options = network.options().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false);
    options.setInitialSettings(new Http2Settings().setInitialWindowSize(window).setPushEnabled(false));
    // Room for every stream, so that one that is not read does not hold up the others.
    options.setHttp2ConnectionWindowSize((int) Math.min(Integer.MAX_VALUE, (long) window * limit));
    return options;
  }
}
