package dev.tributary.vertx.internal.net.tcp;

import dev.tributary.spi.Deadline;
import dev.tributary.vertx.internal.net.OnLoop;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.CompletableFuture;

/**
 * One request, and its answer. Cancelled while it waits, it is not sent; once it was sent it keeps its place among those that wait for answers, since
 * only their order tells which answer is whose. But for its future, all of it belongs to the event loop of its lane.
 */
final class TcpCall<A> extends CompletableFuture<A> {
  final ByteBuf request;
  final int bytes;
  final boolean needsLogin;
  final Deadline deadline;
  private final TcpLane<A> lane;
  long sentAt;

  TcpCall(TcpLane<A> lane, ByteBuf request, boolean needsLogin, Deadline deadline) {
    this.lane = lane;
    this.request = request;
    this.bytes = request.readableBytes();
    this.needsLogin = needsLogin;
    this.deadline = deadline;
  }

  @Override
  public boolean cancel(boolean mayInterrupt) {
    boolean cancelled = super.cancel(mayInterrupt);
    if (cancelled) {
      OnLoop.run(lane.context(), this, lane::forget);
    }
    return cancelled;
  }
}
