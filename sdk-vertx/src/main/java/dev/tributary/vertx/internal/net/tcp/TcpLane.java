package dev.tributary.vertx.internal.net.tcp;

import dev.tributary.config.Endpoint;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.net.Approach;
import dev.tributary.vertx.internal.net.ConnectErrors;
import dev.tributary.vertx.internal.net.Dialer;
import dev.tributary.vertx.internal.net.Neighbours;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.OnLoop;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.NetClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The way to the backend for some of the calls: one connection, made when there is something to send, and those that wait for it. Event loop only. */
final class TcpLane<A> implements Approach.Lane<TcpDialer.Made>, Neighbours.Lane {
  private final Network network;
  private final NetClient client;
  private final Wire<A> wire;
  private final ContextInternal context;
  private final long mostBytes;
  private LinkedHashSet<TcpCall<A>> waiting = new LinkedHashSet<>();
  private @Nullable TcpLink<A> link;
  private @Nullable TcpLink<A> greeting;
  private @Nullable Approach<TcpDialer.Made> approach;
  private long waitingBytes;
  private boolean serving;
  private boolean closed;

  TcpLane(Network network, NetClient client, Wire<A> wire) {
    this.network = network;
    this.client = client;
    this.wire = wire;
    this.context = network.loop();
    this.mostBytes = network.config().maxInFlightBytes();
    network.neighbours().add(this);
  }

  @Override
  public ContextInternal context() {
    return context;
  }

  Wire<A> wire() {
    return wire;
  }

  TimeSource time() {
    return network.time();
  }

  ConnectErrors connectErrors() {
    return network.connectErrors();
  }

  /** How long an answer to a harmless question is waited for. */
  Duration answerTime() {
    return network.config().connectTimeout();
  }

  long idleProbeNanos() {
    return Deadline.nanos(network.config().idleProbe());
  }

  /** The most calls that may be without an answer at once. */
  int limit() {
    return network.config().maxConcurrentCalls();
  }

  /** The same in bytes; a single call may be larger. */
  long mostBytes() {
    return mostBytes;
  }

  Runnable connected(Endpoint endpoint) {
    return network.connected(endpoint);
  }

  void died(Endpoint endpoint) {
    network.neighbours().died(endpoint);
  }

  /** Sends a call now or when there is a connection, and room on it. */
  void submit(TcpCall<A> call) {
    if (call.isDone()) {
      return;
    }
    if (closed) {
      call.completeExceptionally(Network.closedError(false));
    } else if (waiting.size() >= network.mostWaiting() || !waiting.isEmpty() && waitingBytes + call.bytes > 2 * mostBytes) {
      call.completeExceptionally(Network.tooMany(waiting.size()));
    } else if (waiting.isEmpty() && !serving && link != null && link.free()) {
      send(link, call);
    } else {
      waiting.add(call);
      waitingBytes += call.bytes;
      freed();
    }
  }

  /** It does not wait any more. */
  void forget(TcpCall<A> call) {
    if (waiting.remove(call)) {
      waitingBytes -= call.bytes;
    }
  }

  /** There may be room: the next are sent, in their order. */
  void freed() {
    if (serving) {
      return; // A connection that ends as something is sent makes no deeper stack.
    }
    serving = true;
    try {
      while (link != null && link.free() && !waiting.isEmpty()) {
        TcpCall<A> next = waiting.iterator().next();
        forget(next);
        send(link, next);
      }
    } finally {
      serving = false;
    }
    connect();
  }

  private static <A> void send(TcpLink<A> link, TcpCall<A> call) {
    TributaryException anonymous = call.needsLogin ? link.anonymous() : null;
    if (anonymous == null) {
      link.send(call);
    } else {
      call.completeExceptionally(anonymous);
    }
  }

  private void connect() {
    if (link == null && greeting == null && approach == null && !closed && !waiting.isEmpty()) {
      approach = new Approach<>(network, this);
      approach.begin();
    }
  }

  /** This connection has ended; what was not sent comes before what waits. */
  void gone(TcpLink<A> which, List<TcpCall<A>> unsent) {
    if (which == greeting) {
      greeting = null;
    }
    if (which != link) {
      return;
    }
    link = null;
    LinkedHashSet<TcpCall<A>> inOrder = new LinkedHashSet<>(unsent);
    inOrder.removeIf(TcpCall::isDone);
    waitingBytes += inOrder.stream().mapToLong(call -> call.bytes).sum();
    inOrder.addAll(waiting);
    waiting = inOrder;
    context.runOnContext(later -> connect());
  }

  @Override
  public void suspect(Endpoint endpoint) {
    OnLoop.run(
        context,
        endpoint,
        where -> {
          if (link != null && link.endpoint().equals(where)) {
            link.suspected();
          }
        });
  }

  @Override
  public boolean wanted() {
    return !closed && !waiting.isEmpty();
  }

  @Override
  public Dialer<TcpDialer.Made> dialer() {
    return new TcpDialer(network, client);
  }

  @Override
  public void ask(Approach<TcpDialer.Made> way, TcpDialer.Made connection, Consumer<@Nullable TributaryException> answered) {
    TcpLink<A> made = new TcpLink<>(this, way.standing(), connection);
    greeting = made;
    made.greet(answered);
  }

  /** There is a greeting on every connection. */
  @Override
  public boolean alwaysAsks() {
    return true;
  }

  @Override
  public void connected(Approach<TcpDialer.Made> way, TcpDialer.Made connection, boolean asked) {
    approach = null;
    link = greeting;
    greeting = null;
    freed();
  }

  @Override
  public void failed(Approach<TcpDialer.Made> way, TributaryException error) {
    approach = null;
    refuse(error);
  }

  private void refuse(TributaryException error) {
    List<TcpCall<A>> all = new ArrayList<>(waiting);
    waiting.clear();
    waitingBytes = 0;
    all.forEach(call -> call.completeExceptionally(error));
  }

  @Override
  public void unwanted(Approach<TcpDialer.Made> way) {
    approach = null;
    connect();
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
    }
    refuse(Network.closedError(false));
    if (greeting != null) {
      greeting.end(Network.closedError(false), false);
    }
    if (link != null) {
      link.end(Network.closedError(false), false);
    }
  }
}
