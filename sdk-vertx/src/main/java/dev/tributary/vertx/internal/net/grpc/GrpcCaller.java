package dev.tributary.vertx.internal.net.grpc;

import com.google.protobuf.Message;
import dev.tributary.config.Endpoint;
import dev.tributary.spi.Deadline;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.OnLoop;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All gRPC calls of a driver go through here. Frames and statuses of gRPC are read and written on HTTP/2 connections of Vert.x that
 * belong to this class alone. On a connection of one's own the library's client limits answers to 256 KiB, leaves callers waiting after an answer
 * that is undecodable or empty, and takes one that was cut for a whole one; docs/architecture.md has the figures.
 *
 * <p>Calls and subscriptions never share a connection. Calls in flight are bounded, and so are those that wait. A future that is cancelled
 * takes its call back. Deadlines are sent along, not enforced: the client cancels. Thread-safe.
 */
public final class GrpcCaller {
  /** Streams on one connection of subscriptions; servers allow 100 or more. */
  private static final int STREAMS = 50;

  private static final int CALL_WINDOW = 1 << 20;
  private static final int MIN_STREAM_WINDOW = 64 << 10;
  private static final int MAX_STREAM_WINDOW = 1 << 20;

  private final Network network;
  private final GrpcErrors errors;
  private final GrpcLane.Probe<?, ?> probe;
  private final GrpcLane[] calls;
  private final AtomicInteger turn = new AtomicInteger();
  private final List<StreamLane> streams = new ArrayList<>();
  private final Map<Endpoint, GrpcCaller> nodes = new ConcurrentHashMap<>();
  private final AtomicInteger handedOver = new AtomicInteger();
  private boolean closed;

  private GrpcCaller(Network network, GrpcErrors errors, GrpcLane.Probe<?, ?> probe) {
    this.network = network;
    this.errors = errors;
    this.probe = probe;
    this.calls = new GrpcLane[network.config().connections()];
    for (int i = 0; i < calls.length; i++) {
      calls[i] = lane(network.loop(), network.config().maxConcurrentCalls(), CALL_WINDOW);
    }
  }

  /**
   * A caller.
   *
   * @param probe what any healthy server answers at once, asked when a connection is suspiciously silent; HTTP/2 pings would do as well,
   *     but there are servers that close on them
   */
  public static <Q extends Message, A extends Message> GrpcCaller probing(
      Network network, GrpcErrors errors, Rpc<Q, A> probe, Q request) {
    return new GrpcCaller(network, errors, new GrpcLane.Probe<>(probe, request));
  }

  /** One question, one answer. */
  public <Q extends Message, A extends Message> CompletableFuture<A> call(Rpc<Q, A> rpc, Q request, Deadline deadline) {
    return call(rpc, request, deadline, Function.identity());
  }

  /** One question, and what is made of its answer. */
  public <Q extends Message, A extends Message, R> CompletableFuture<R> call(
      Rpc<Q, A> rpc, Q request, Deadline deadline, Function<? super A, ? extends R> convert) {
    return call(rpc, request, deadline, convert, null);
  }

  /**
   * One question, and what is made of its answer.
   *
   * @param unclaimed if not null, a call that was sent is not reset when it is cancelled, but waited for until its deadline: what it brings
   *     goes here, to be given back
   */
  public <Q extends Message, A extends Message, R> CompletableFuture<R> call(
      Rpc<Q, A> rpc, Q request, Deadline deadline, Function<? super A, ? extends R> convert, @Nullable Unclaimed<? super R> unclaimed) {
    GrpcLane lane = callLane();
    return begin(lane, new UnaryCall<>(lane, null, rpc, Frames.encode(request, lane.gzip()), deadline, convert, unclaimed));
  }

  /**
   * One question to this one of the endpoints, because it alone knows what is asked about, and what is made of its answer. Where there
   * are several, such questions have connections of their own. The others are asked only if no connection to it can be made, and at once while
   * it is known that none can.
   */
  public <Q extends Message, A extends Message, R> CompletableFuture<R> callAt(
      Endpoint node, Rpc<Q, A> rpc, Q request, Deadline deadline, Function<? super A, ? extends R> convert) {
    GrpcCaller there = at(node);
    GrpcLane lane = there.callLane();
    GrpcLane otherwise = there == this ? null : callLane();
    return begin(lane, new UnaryCall<>(lane, otherwise, rpc, Frames.encode(request, lane.gzip()), deadline, convert, null));
  }

  private <R> CompletableFuture<R> begin(GrpcLane lane, UnaryCall<?, R> call) {
    if (lane.context().inThread()) {
      if (!OnLoop.run(lane.context(), call, UnaryCall::start)) {
        call.fail(Network.closedError(false));
      }
    } else if (handedOver.incrementAndGet() > 2L * network.mostWaiting()) {
      // The event loop does not keep up: its task queue has no bound of its own.
      handedOver.decrementAndGet();
      call.fail(Network.tooMany(network.mostWaiting()));
    } else if (!OnLoop.run(lane.context(), call, this::handOver)) {
      handedOver.decrementAndGet();
      call.fail(Network.closedError(false));
    }
    return call;
  }

  private void handOver(UnaryCall<?, ?> call) {
    handedOver.decrementAndGet();
    call.start();
  }

  /** A call with a timeout of its own, for what nobody above watches: subscriptions and what is given back. */
  public <Q extends Message, A extends Message> CompletableFuture<A> callWithin(Rpc<Q, A> rpc, Q request, Duration timeout) {
    return within(timeout, deadline -> call(rpc, request, deadline));
  }

  /** Runs this with a timeout of its own. */
  public <R> CompletableFuture<R> within(Duration timeout, Function<Deadline, CompletableFuture<R>> work) {
    return network.within(timeout, work);
  }

  /**
   * One question, many answers; no demand yet.
   *
   * @param loop where the listener is called: from {@link #loop()}
   */
  public <Q extends Message, A extends Message> GrpcStream<Q, A> subscribe(
      Rpc<Q, A> rpc, Q request, ContextInternal loop, GrpcStream.Listener<A> listener) {
    return open(rpc, request, true, loop, listener);
  }

  /** Many questions, many answers; no demand yet. The first question opens it. */
  public <Q extends Message, A extends Message> GrpcStream<Q, A> converse(
      Rpc<Q, A> rpc, Q first, ContextInternal loop, GrpcStream.Listener<A> listener) {
    return open(rpc, first, false, loop, listener);
  }

  private <Q extends Message, A extends Message> GrpcStream<Q, A> open(
      Rpc<Q, A> rpc, Q first, boolean single, ContextInternal loop, GrpcStream.Listener<A> listener) {
    StreamLane lane = streamLane(loop);
    GrpcStream<Q, A> stream =
        new GrpcStream<>(lane.lane, rpc, Frames.encode(first, lane.lane.gzip()), single, listener, () -> release(lane));
    if (!OnLoop.run(lane.lane.context(), stream, GrpcStream::begin)) {
      listener.onEnd(Network.closedError(false));
    }
    return stream;
  }

  /** An event loop for a subscription. */
  public ContextInternal loop() {
    return network.loop();
  }

  /** The same for this one of the endpoints alone; closed with this. */
  public GrpcCaller at(Endpoint only) {
    if (network.endpoints().size() == 1) {
      return this;
    }
    GrpcCaller known = nodes.get(only);
    if (known != null) {
      return known;
    }
    synchronized (streams) {
      GrpcCaller node = nodes.computeIfAbsent(only, endpoint -> new GrpcCaller(network.at(endpoint), errors, probe));
      if (closed) {
        node.close();
      }
      return node;
    }
  }

  /** Grows whenever a connection for calls is made: what a server forgets at a restart is forgotten when this changes. */
  public int generation() {
    int sum = 0;
    for (GrpcLane lane : calls) {
      sum += lane.generation();
    }
    return sum;
  }

  /** Ends every call and subscription, and disconnects. */
  public CompletableFuture<Void> close() {
    List<CompletableFuture<Void>> done = new ArrayList<>();
    List<GrpcLane> all = new ArrayList<>(Arrays.asList(calls));
    synchronized (streams) {
      closed = true;
      streams.forEach(stream -> all.add(stream.lane));
      streams.clear();
      nodes.values().forEach(node -> done.add(node.close()));
    }
    for (GrpcLane lane : all) {
      CompletableFuture<Void> ended = new CompletableFuture<>();
      done.add(ended);
      if (!OnLoop.run(lane.context(), lane, open -> close(open, ended))) {
        ended.complete(null);
      }
    }
    return CompletableFuture.allOf(done.toArray(CompletableFuture[]::new));
  }

  private static void close(GrpcLane lane, CompletableFuture<Void> ended) {
    try {
      lane.close();
    } finally {
      ended.complete(null);
    }
  }

  private GrpcLane callLane() {
    if (calls.length == 1) {
      return calls[0];
    }
    for (GrpcLane lane : calls) {
      if (lane.context().inThread()) {
        return lane;
      }
    }
    return calls[Math.floorMod(turn.getAndIncrement(), calls.length)];
  }

  private StreamLane streamLane(ContextInternal loop) {
    synchronized (streams) {
      for (StreamLane lane : streams) {
        if (lane.lane.context() == loop && lane.used < STREAMS) {
          lane.used++;
          return lane;
        }
      }
      int window = Math.max(MIN_STREAM_WINDOW, Math.min(MAX_STREAM_WINDOW, network.config().prefetch() << 10));
      StreamLane lane = new StreamLane(lane(loop, STREAMS, window));
      lane.used = 1;
      if (closed) {
        OnLoop.run(lane.lane.context(), lane.lane, GrpcLane::close);
      } else {
        streams.add(lane);
      }
      return lane;
    }
  }

  /** A stream of this connection ended; a connection that nobody uses is closed, but for one on each event loop. */
  private void release(StreamLane lane) {
    boolean unused;
    synchronized (streams) {
      lane.used--;
      unused =
          lane.used == 0
              && streams.stream().anyMatch(other -> other != lane && other.lane.context() == lane.lane.context())
              && streams.remove(lane);
    }
    if (unused) {
      OnLoop.run(lane.lane.context(), lane.lane, GrpcLane::close);
    }
  }

  private GrpcLane lane(ContextInternal loop, int limit, int window) {
    return new GrpcLane(network, errors, probe, loop, limit, network.mostWaiting(), window);
  }

  private static final class StreamLane {
    final GrpcLane lane;
    int used;

    StreamLane(GrpcLane lane) {
      this.lane = lane;
    }
  }
}
