package dev.tributary.vertx.internal.net.tcp;

import dev.tributary.spi.Deadline;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.OnLoop;
import io.netty.buffer.ByteBuf;
import io.vertx.core.net.NetClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * All requests of a driver whose server answers in their order go through here, on connections that are kept: to one endpoint as long as that works.
 * Calls of one lane are sent in the order in which they are made. Those without an answer are bounded, by number and by bytes, and so are those
 * that wait. A future that is cancelled takes its call back if it was not sent yet. Thread-safe.
 */
public final class TcpCaller<A> {
  private final Network network;
  private final NetClient client;
  private final List<TcpLane<A>> lanes = new ArrayList<>();
  private final AtomicInteger handedOver = new AtomicInteger();

  /** With as many lanes, of a connection each, as the client is to have connections. */
  public TcpCaller(Network network, Wire<A> wire) {
    this.network = network;
    this.client = network.vertx().createNetClient(network.tcpOptions());
    for (int i = 0; i < network.config().connections(); i++) {
      lanes.add(new TcpLane<>(network, client, wire));
    }
  }

  /** How many lanes there are. */
  public int lanes() {
    return lanes.size();
  }

  /** Sends a request on this lane; {@code request} is the caller's no more. The future fails if there is no answer, or none that can be read. */
  public CompletableFuture<A> call(int lane, ByteBuf request, Deadline deadline) {
    return call(lane, request, false, deadline);
  }

  /**
   * The same.
   *
   * @param needsLogin whether it is only sent on a connection where somebody has logged in
   */
  public CompletableFuture<A> call(int lane, ByteBuf request, boolean needsLogin, Deadline deadline) {
    TcpLane<A> on = lanes.get(lane);
    TcpCall<A> call = new TcpCall<>(on, request, needsLogin, deadline);
    deadline.waits();
    if (!on.context().inThread() && handedOver.incrementAndGet() > 2L * network.mostWaiting()) {
      // The event loop does not keep up: its task queue has no bound of its own.
      handedOver.decrementAndGet();
      call.completeExceptionally(Network.tooMany(network.mostWaiting()));
      return call;
    }
    boolean handed = !on.context().inThread();
    if (!OnLoop.run(on.context(), call, mine -> submit(on, mine, handed))) {
      call.completeExceptionally(Network.closedError(false));
    }
    return call;
  }

  private void submit(TcpLane<A> lane, TcpCall<A> call, boolean handed) {
    if (handed) {
      handedOver.decrementAndGet();
    }
    lane.submit(call);
  }

  /** Ends every call, and disconnects. */
  public CompletableFuture<Void> close() {
    List<CompletableFuture<Void>> done = new ArrayList<>();
    for (TcpLane<A> lane : lanes) {
      CompletableFuture<Void> ended = new CompletableFuture<>();
      done.add(ended);
      OnLoop.run(
          lane.context(),
          lane,
          open -> {
            open.close();
            ended.complete(null);
          },
          ended);
    }
    return CompletableFuture.allOf(done.toArray(CompletableFuture[]::new))
        .handle((closed, loopGone) -> closed)
        .thenCompose(ended -> client.close().toCompletionStage().toCompletableFuture());
  }
}
