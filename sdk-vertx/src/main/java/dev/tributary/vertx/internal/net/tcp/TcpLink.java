package dev.tributary.vertx.internal.net.tcp;

import dev.tributary.config.Endpoint;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.net.LoopTimer;
import dev.tributary.vertx.internal.net.OnLoop;
import dev.tributary.vertx.internal.net.Standing;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.internal.net.NetSocketInternal;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a lane. Requests of one turn of the event loop leave together, a few at a time; answers belong to requests in their order, and to
 * nobody else. So a call that was given up stays in its place until its answer came, and when the connection ends, what was sent may have been carried out and what
 * was not has not. Event loop only.
 */
final class TcpLink<A> {
  private static final Logger LOG = System.getLogger("dev.tributary.net");
  /** How long what arrived meanwhile may take to be read, after the event loop did something else. */
  private static final Duration GRACE = Duration.ofMillis(100);

  /** So many requests, or so many bytes, leave before their turn is over: the peer works on them while others are made. */
  private static final int TOGETHER = 16;
  private static final int TOGETHER_BYTES = 64 << 10;

  private final TcpLane<A> lane;
  private final Standing standing;
  private final TcpDialer.Made connection;
  private final Wire.Answers<A> answers;
  private final long number;
  private final Runnable ended;
  private final Deque<TcpCall<A>> sent = new ArrayDeque<>();
  private final List<TcpCall<A>> leaving = new ArrayList<>();
  private TimeSource.@Nullable Timer timer;
  private int leavingBytes;
  private long bytes;
  private long heardAt;
  private boolean proven;
  private boolean doubted;
  private boolean closed;
  private @Nullable TributaryException why;
  private @Nullable TributaryException anonymous;

  TcpLink(TcpLane<A> lane, Standing standing, TcpDialer.Made connection) {
    this.lane = lane;
    this.standing = standing;
    this.connection = connection;
    this.answers = lane.wire().answers();
    this.number = standing.connected();
    this.ended = lane.connected(standing.endpoint);
    this.heardAt = lane.time().nanos();
    connection.socket().exceptionHandler(fault -> OnLoop.run(lane.context(), fault, this::broke));
    connection.socket().closeHandler(gone -> OnLoop.run(lane.context(), this, link -> link.broke(new HttpClosedException("it was closed"))));
    connection.socket().handler(this::received).resume();
  }

  Endpoint endpoint() {
    return standing.endpoint;
  }

  /** Says who is calling, and that somebody is there; then calls may follow. */
  void greet(Consumer<@Nullable TributaryException> done) {
    TimeSource.Timer late =
        LoopTimer.after(
            lane.time(), lane.context(), lane.answerTime(), () -> end(lane.connectErrors().silent(endpoint(), lane.answerTime()), false));
    Deadline deadline = Deadline.after(lane.time(), lane.answerTime());
    CompletableFuture<Optional<TributaryException>> greeted = lane.wire().greet(request -> send(new TcpCall<>(lane, request, false, deadline)));
    greeted.whenComplete(
        (unknown, error) -> {
          late.cancel();
          if (error == null) {
            anonymous = unknown.orElse(null);
            watch();
            done.accept(null);
          } else {
            end(Steps.known(error), false);
            done.accept(why);
          }
        });
  }

  /** Whether one more may be sent now. */
  boolean free() {
    return !closed && sent.size() + leaving.size() < lane.limit() && bytes < lane.mostBytes() && !connection.socket().writeQueueFull();
  }

  /** Why a call that needs a login is not sent here; null if there was one. */
  @Nullable TributaryException anonymous() {
    return anonymous;
  }

  /** Sends it with all others of this turn. */
  TcpCall<A> send(TcpCall<A> call) {
    if (leaving.isEmpty()) {
      lane.context().runOnContext(turn -> flush());
    }
    leaving.add(call);
    bytes += call.bytes;
    leavingBytes += call.bytes;
    if (leaving.size() == TOGETHER || leavingBytes >= TOGETHER_BYTES) {
      flush();
      // Vert.x by itself waits until all that has arrived is read.
      ((NetSocketInternal) connection.socket()).channelHandlerContext().flush();
    }
    return call;
  }

  private void flush() {
    if (closed || leaving.isEmpty()) {
      return;
    }
    leaving.removeIf(this::withdrawn);
    if (leaving.isEmpty()) {
      lane.freed();
      return;
    }
    long now = lane.time().nanos();
    if (sent.isEmpty()) {
      doubted = false;
    }
    ByteBuf requests = together();
    for (TcpCall<A> call : leaving) {
      call.sentAt = now;
      sent.add(call);
    }
    leaving.clear();
    leavingBytes = 0;
    connection.socket().write(BufferInternal.buffer(requests));
    if (connection.socket().writeQueueFull()) {
      connection.socket().drainHandler(drained -> lane.freed());
    }
  }

  /** Whether it must not leave any more: its caller was told that it did not. */
  private boolean withdrawn(TcpCall<A> call) {
    if (call.deadline.sent()) {
      return false;
    }
    bytes -= call.bytes;
    leavingBytes -= call.bytes;
    call.request.release();
    call.cancel(false);
    return true;
  }

  /** All in one piece: a buffer of many is put together twice on its way to the socket. */
  private ByteBuf together() {
    if (leaving.size() == 1) {
      return leaving.get(0).request;
    }
    ByteBuf all = Unpooled.buffer(leavingBytes);
    for (TcpCall<A> call : leaving) {
      all.writeBytes(call.request);
      call.request.release();
    }
    return all;
  }

  private void received(Buffer more) {
    if (closed) {
      return;
    }
    heardAt = lane.time().nanos();
    doubted = false;
    if (!proven) {
      proven = true;
      standing.heard(number);
    }
    try {
      answers.add(((BufferInternal) more).getByteBuf());
      for (A answer = answers.next(); answer != null; answer = closed ? null : answers.next()) {
        answered(answer);
      }
    } catch (TributaryException garbage) {
      end(garbage, true);
    }
    if (!closed) {
      lane.freed();
    }
  }

  private void answered(A answer) {
    TcpCall<A> call = sent.poll();
    if (call == null) {
      throw new ProtocolViolationException(
          ErrorInfo.of(endpoint() + " gave an answer that nobody asked for", "Check that host and port are those of the server"));
    }
    bytes -= call.bytes;
    call.complete(answer);
  }

  /** Looks after it for as long as it is open: at its silence while answers are due, and otherwise that it is not taken for idle. */
  private void watch() {
    if (!closed) {
      timer = LoopTimer.after(lane.time(), lane.context(), Duration.ofNanos(Math.max(1, due())), this::look);
    }
  }

  private long due() {
    if (doubted) {
      return GRACE.toNanos();
    }
    long probe = lane.idleProbeNanos();
    return sent.isEmpty() ? Math.min(probe, Deadline.nanos(lane.wire().heartbeat()) - silentFor()) : probe - silentFor();
  }

  /** Since when an answer is due, or nothing was said; in nanoseconds. */
  private long silentFor() {
    TcpCall<A> oldest = sent.peek();
    long since = oldest == null ? heardAt : Math.max(heardAt, oldest.sentAt);
    return lane.time().nanos() - since;
  }

  private void look() {
    if (closed) {
      return;
    }
    if (sent.isEmpty()) {
      doubted = false;
      if (leaving.isEmpty() && silentFor() >= Deadline.nanos(lane.wire().heartbeat())) {
        ask();
      }
    } else if (silentFor() >= lane.idleProbeNanos()) {
      if (doubted) {
        dead();
        return;
      }
      // Not by its silence alone: what came may be waiting to be read.
      doubted = true;
    }
    watch();
  }

  private void ask() {
    send(new TcpCall<>(lane, lane.wire().question(), false, Deadline.after(lane.time(), lane.answerTime())));
  }

  /** Another connection to this endpoint has died: something should be heard on this one, or it has too. */
  void suspected() {
    if (closed) {
      return;
    }
    if (sent.isEmpty() && leaving.isEmpty()) {
      ask();
    }
    long since = lane.time().nanos();
    LoopTimer.after(
        lane.time(),
        lane.context(),
        lane.answerTime(),
        () -> {
          if (!closed && heardAt - since < 0) {
            dead();
          }
        });
  }

  private void dead() {
    LOG.log(Level.DEBUG, "connection to {0} is dead: closing it", endpoint());
    standing.silent();
    lane.died(endpoint());
    end(lane.connectErrors().dead(endpoint()), true);
  }

  private void broke(Throwable fault) {
    if (!closed) {
      standing.broke(number);
      end(proven ? lane.connectErrors().broken(endpoint(), fault) : lane.connectErrors().hungUp(endpoint(), fault), true);
    }
  }

  /** Ends it: what was sent fails with this, what was not goes back to the lane if it may go elsewhere. */
  void end(TributaryException error, boolean elsewhere) {
    if (closed) {
      return;
    }
    closed = true;
    why = error;
    if (timer != null) {
      timer.cancel();
    }
    ended.run();
    connection.close();
    List<TcpCall<A>> unsent = List.copyOf(leaving);
    leaving.clear();
    leavingBytes = 0;
    List<TcpCall<A>> lost = List.copyOf(sent);
    sent.clear();
    lane.gone(this, elsewhere ? unsent : List.of());
    lost.forEach(call -> call.completeExceptionally(error.orMaybeApplied()));
    if (!elsewhere) {
      unsent.forEach(call -> call.completeExceptionally(error));
    }
  }
}
