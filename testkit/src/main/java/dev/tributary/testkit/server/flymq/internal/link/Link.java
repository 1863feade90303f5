package dev.tributary.testkit.server.flymq.internal.link;

import dev.tributary.testkit.server.internal.net.Intake;
import dev.tributary.testkit.server.internal.net.Watch;
import dev.tributary.vertx.internal.flymq.wire.Deframer;
import dev.tributary.vertx.internal.flymq.wire.Frame;
import dev.tributary.vertx.internal.flymq.wire.Malformed;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.net.NetSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection. Requests are answered one after the other, in the order in which they came. While an answer is awaited, or the client does not
 * read those it has, nothing more is read from it: what it makes the server hold is the piece that arrived last, and the answers to a part of that.
 * Answers that are there together are written together. Lives on the connection's event loop.
 */
final class Link {
  /** So much of answers is gathered before it is written. */
  private static final int GATHERED = 64 << 10;

  /** For so long one connection is served before the others of its event loop have their turn. */
  private static final long TURN_NANOS = 5_000_000;

  private final NetSocket socket;
  private final Context context;
  private final Desk desk;
  private final Client client;
  private final Watch watch;
  private final Intake.Part intake;
  private final Consumer<Link> onClosed;
  private final Deframer deframer = new Deframer(Frame.MOST_BYTES);
  private ByteBuf out = Unpooled.buffer();
  private @Nullable CompletableFuture<Desk.Reply> awaited;
  private int held;
  private boolean resting;
  private boolean closed;

  Link(NetSocket socket, Context context, Desk desk, Intake intake, Consumer<Link> onClosed) {
    this.socket = socket;
    this.context = context;
    this.desk = desk;
    this.client = new Client(String.valueOf(socket.remoteAddress().hostAddress()));
    this.watch = Watch.of(socket);
    this.intake = intake.begin();
    this.onClosed = onClosed;
  }

  void open() {
    intake.onRefused(why -> end());
    socket.closeHandler(gone -> closed());
    socket.exceptionHandler(broken -> close());
    socket.handler(this::received);
  }

  private void received(Buffer more) {
    if (intake.arrived(more.length())) {
      deframer.add(((BufferInternal) more).getByteBuf());
      proceed();
    }
  }

  /** Answers what is there, as far as it can be at once. */
  private void proceed() {
    int before = deframer.waiting();
    long began = System.nanoTime();
    boolean any = false;
    boolean stuck = false;
    try {
      while (!closed && awaited == null && !stuck && !resting) {
        Frame frame = deframer.next();
        if (frame == null) {
          break;
        }
        any = true;
        begin(frame);
        stuck = out.readableBytes() >= GATHERED && flush();
        resting = awaited == null && !stuck && System.nanoTime() - began > TURN_NANOS;
      }
    } catch (Malformed lost) {
      flush();
      close();
    }
    if (!closed) {
      settle(before - deframer.waiting(), any, stuck);
    }
  }

  /** What is only put in line comes before the other connections are looked at; what has a time, behind that. */
  private void rest() {
    ((ContextInternal) context).nettyEventLoop().schedule(() -> context.runOnContext(turn -> rested()), 1, TimeUnit.NANOSECONDS);
  }

  private void rested() {
    resting = false;
    if (!closed) {
      proceed();
    }
  }

  private void begin(Frame frame) {
    CompletableFuture<Desk.Reply> reply = desk.answer(frame, client);
    if (reply.isDone()) {
      write(reply.join());
      return;
    }
    awaited = reply;
    reply.whenComplete(
        (answer, never) ->
            context.runOnContext(
                go -> {
                  awaited = null;
                  if (!closed) {
                    write(answer);
                    proceed();
                  }
                }));
  }

  private void write(Desk.Reply answer) {
    if (!answer.write(out)) {
      flush();
      close();
    }
  }

  /** Says what was taken and what is waited for, and has more read only if that can be answered. */
  private void settle(int taken, boolean any, boolean stuck) {
    boolean full = flush() || stuck;
    held += taken;
    if (awaited == null && held > 0) {
      intake.message(held, false);
      held = 0;
    }
    if (awaited != null || resting) {
      watch.began();
    } else if (any || full) {
      watch.waiting();
    }
    if (awaited != null || full || resting) {
      socket.pause();
    } else {
      socket.resume();
    }
    if (resting) {
      rest();
    } else if (full && awaited == null) {
      socket.drainHandler(drained -> proceed());
    }
  }

  /** Writes what is gathered; says whether the client does not read it. */
  private boolean flush() {
    if (out.isReadable() && !closed) {
      socket.write(BufferInternal.buffer(out));
      out = Unpooled.buffer();
    }
    return socket.writeQueueFull();
  }

  /** Ends it, from any thread. */
  void end() {
    context.runOnContext(go -> close());
  }

  /** What was written before is still sent. */
  private void close() {
    if (!closed) {
      closed = true;
      socket.close();
    }
  }

  private void closed() {
    closed = true;
    intake.close();
    onClosed.accept(this);
    desk.gone(client);
    if (awaited != null) {
      awaited.cancel(true);
    }
  }
}
