package dev.tributary.vertx.internal.net;

import dev.tributary.config.Endpoint;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.TimeSource;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The way to the backend for some of the HTTP calls: a bounded number of connections, made when there is no free one and kept for a while, and a
 * bounded queue of those that wait for one. All state belongs to one event loop.
 */
final class HttpLane {
  /** Servers close a connection that is idle for a minute: ours is gone before, so that no call meets one that is being closed. */
  private static final Duration IDLE = Duration.ofSeconds(30);

  private final Network network;
  private final HttpClientAgent client;
  private final ContextInternal context;
  private final int limit;
  private final int maxWaiting;
  private final boolean prompt;
  private final Map<String, String> headers;
  private final Set<HttpLink> open = new HashSet<>();
  private final Deque<HttpLink> idle = new ArrayDeque<>();
  private final LinkedHashSet<HttpCall> waiting = new LinkedHashSet<>();
  private final Set<HttpCall> asking = new HashSet<>();
  private int connecting;
  private boolean serving;
  private boolean closed;
  private long heard;
  private long expiryAt;
  private TimeSource.@Nullable Timer expiry;
  private TimeSource.@Nullable Timer idleCheck;

  /**
   * A lane.
   *
   * @param limit the most connections to one endpoint
   * @param prompt whether servers answer at once here, so that silence is suspicious
   */
  HttpLane(Network network, HttpClientAgent client, int limit, int maxWaiting, boolean prompt) {
    this.network = network;
    this.client = client;
    this.context = network.loop();
    this.limit = limit;
    this.maxWaiting = maxWaiting;
    this.prompt = prompt;
    this.headers = network.config().headers();
  }

  ContextInternal context() {
    return context;
  }

  TimeSource time() {
    return network.time();
  }

  Bearer bearer() {
    return network.bearer();
  }

  ConnectErrors connectErrors() {
    return network.connectErrors();
  }

  Map<String, String> headers() {
    return headers;
  }

  int maxAnswerBytes() {
    return network.config().maxMessageBytes();
  }

  /** It waits for credentials. */
  void ask(HttpCall call) {
    if (closed) {
      call.failed(GrpcLane.closedError(false));
      return;
    }
    asking.add(call);
    watch(call);
  }

  /** Starts a call now or when there is a connection. */
  void submit(HttpCall call) {
    if (closed) {
      call.failed(GrpcLane.closedError(false));
      return;
    }
    if (call.deadline.expired()) {
      call.expire();
      return;
    }
    HttpLink free = waiting.isEmpty() ? free() : null;
    if (free == null && waiting.size() >= maxWaiting) {
      call.failed(HttpCaller.tooMany(maxWaiting));
      return;
    }
    watch(call);
    if (free != null) {
      free.start(call);
    } else {
      waiting.add(call);
      grow();
    }
  }

  /** It does not want to wait any more. */
  void forget(HttpCall call) {
    if (!waiting.remove(call)) {
      asking.remove(call);
    }
  }

  /** A free connection to the endpoint in use, the one that was used last, so that those too many become idle; null if there is none. */
  private @Nullable HttpLink free() {
    Endpoint current = network.endpoints().current();
    for (HttpLink link = idle.pollLast(); link != null; link = idle.pollLast()) {
      if (link.endpoint().equals(current) && link.idleFor() < IDLE.toNanos()) {
        return link;
      }
      link.close();
    }
    return null;
  }

  /** A call ended well on this connection. */
  void freed(HttpLink link) {
    idle.addLast(link);
    if (idleCheck == null) {
      idleCheck = LoopTimer.after(time(), context, IDLE, this::closeIdle);
    }
    serve();
  }

  /** This connection is used no more. */
  void gone(HttpLink link) {
    open.remove(link);
    idle.remove(link);
    if (!closed) {
      serve();
    }
  }

  private void serve() {
    if (serving) {
      return; // A call that ends as soon as it starts makes no deeper stack.
    }
    serving = true;
    try {
      while (!waiting.isEmpty()) {
        HttpCall next = waiting.iterator().next();
        if (next.deadline.expired()) {
          next.expire();
          continue;
        }
        HttpLink free = free();
        if (free == null) {
          break;
        }
        waiting.remove(next);
        free.start(next);
      }
    } finally {
      serving = false;
    }
    grow();
  }

  private void closeIdle() {
    idleCheck = null;
    // The first was used the longest ago.
    while (!idle.isEmpty() && idle.peekFirst().idleFor() >= IDLE.toNanos()) {
      idle.pollFirst().close();
    }
    if (!idle.isEmpty()) {
      idleCheck = LoopTimer.after(time(), context, IDLE.minusNanos(idle.peekFirst().idleFor()), this::closeIdle);
    }
  }

  /** Something arrived. */
  void hear() {
    heard++;
  }

  /** Grows with everything that arrives. */
  long heard() {
    return heard;
  }

  /** Tells who watches; see {@link Network#connected}. */
  Runnable connected(Endpoint endpoint) {
    return network.connected(endpoint);
  }

  /** The connection of this number let us down. */
  void broke(Endpoint endpoint, long connection) {
    network.endpoints().broke(endpoint, connection);
  }

  /**
   * A call was given up that got nothing of an answer.
   *
   * @param since when it was sent
   * @param heardThen what {@link #heard()} was then
   */
  void suspect(Endpoint endpoint, long since, long heardThen) {
    boolean silent = heard == heardThen && time().nanos() - since >= network.config().idleProbe().toNanos();
    if (prompt && silent && network.endpoints().current().equals(endpoint)) {
      network.endpoints().failed(endpoint);
    }
  }

  /** Makes connections for those that wait. The first one to an endpoint is waited for before others are made. */
  private void grow() {
    while (!closed && connecting < waiting.size() && used() + connecting < limit && (connecting == 0 || reached(network.endpoints().current()))) {
      connect(network.endpoints().size());
    }
  }

  /** Connections to the endpoint in use. Those to one that was left behind end with their calls and are in nobody's way. */
  private long used() {
    if (network.endpoints().size() == 1) {
      return open.size();
    }
    Endpoint current = network.endpoints().current();
    return open.stream().filter(link -> link.endpoint().equals(current)).count();
  }

  private boolean reached(Endpoint endpoint) {
    return open.stream().anyMatch(link -> link.endpoint().equals(endpoint));
  }

  /** One round of all endpoints, so that one that is down costs the calls nothing but time. */
  private void connect(int endpointsLeft) {
    connecting++;
    Endpoint endpoint = network.endpoints().current();
    Dial.Outcome outcome =
        new Dial.Outcome() {
          @Override
          public void connected(HttpClientConnection http, HttpClientAgent by) {
            HttpLane.this.connected(endpoint, http);
          }

          @Override
          public void failed(TributaryException error) {
            HttpLane.this.failed(endpoint, endpointsLeft, error);
          }
        };
    new Dial(network, endpoint, context, () -> client, kept -> {}, outcome).begin();
  }

  private void connected(Endpoint endpoint, HttpClientConnection http) {
    connecting--;
    if (closed) {
      http.close();
      return;
    }
    HttpLink made = new HttpLink(this, endpoint, network.endpoints().succeeded(endpoint), http);
    open.add(made);
    freed(made);
  }

  private void failed(Endpoint endpoint, int endpointsLeft, TributaryException error) {
    connecting--;
    if (closed) {
      return;
    }
    if (!reached(endpoint)) {
      network.endpoints().failed(endpoint);
    }
    if (waiting.isEmpty() || connecting > 0 || reached(network.endpoints().current())) {
      return; // Those that wait take their turns on what there is, or on what is being made.
    }
    if (endpointsLeft > 1) {
      connect(endpointsLeft - 1);
      return;
    }
    for (HttpCall call : List.copyOf(waiting)) {
      if (waiting.remove(call)) {
        call.failed(error);
      }
    }
  }

  /** One timer for the deadlines of all: the earliest one, or when a call asked for it. */
  private void watch(HttpCall call) {
    long left = Math.max(0, call.deadline.remainingNanos());
    long at = time().nanos() + left;
    if (expiry != null) {
      if (expiryAt - at <= 0) {
        return;
      }
      expiry.cancel();
    }
    expiryAt = at;
    expiry = LoopTimer.after(time(), context, Duration.ofNanos(left).plus(time().resolution()), this::expire);
  }

  private void expire() {
    expiry = null;
    for (HttpCall call : live()) {
      if (call.deadline.expired()) {
        call.expire();
      }
    }
    live().stream().min(Comparator.comparingLong(call -> call.deadline.remainingNanos())).ifPresent(this::watch);
  }

  private List<HttpCall> live() {
    List<HttpCall> live = new ArrayList<>(asking);
    live.addAll(waiting);
    open.stream().map(HttpLink::call).filter(Objects::nonNull).forEach(live::add);
    return live;
  }

  /** Ends everything. */
  void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (expiry != null) {
      expiry.cancel();
    }
    if (idleCheck != null) {
      idleCheck.cancel();
    }
    List<HttpCall> unsent = new ArrayList<>(asking);
    unsent.addAll(waiting);
    asking.clear();
    waiting.clear();
    for (HttpLink link : List.copyOf(open)) {
      link.fail(GrpcLane.closedError(link.sent()));
    }
    unsent.forEach(call -> call.failed(GrpcLane.closedError(false)));
  }
}
