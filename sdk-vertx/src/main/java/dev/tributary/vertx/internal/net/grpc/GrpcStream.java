package dev.tributary.vertx.internal.net.grpc;

import com.google.protobuf.Message;
import dev.tributary.config.Endpoint;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.OnLoop;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A call with many answers, and perhaps many questions. Answers come on demand: without it the reading stops, the HTTP/2 window fills,
 * and the server waits. Its methods may be called from any thread; its listener is called on the event loop it was opened on.
 */
public final class GrpcStream<Q extends Message, A extends Message> implements Exchange.Owner<A> {
  private final GrpcLane lane;
  private final Runnable onRelease;
  private final boolean single;
  private final Listener<A> listener;
  private final Rpc<Q, A> rpc;
  private byte[] first;
  private final ArrayDeque<A> arrived = new ArrayDeque<>();
  private @Nullable Exchange<A> exchange;
  private String header = "";
  private long demand;
  private boolean ended;
  private boolean over;
  private boolean delivering;
  private boolean paused;
  private boolean repeated;
  private boolean unzipped;
  private boolean heard;

  /** Hears what comes. Calls never overlap. */
  public interface Listener<A> {
    /**
     * The call is on its way with its first question: others may follow. Comes again if the call is made once more, with other
     * credentials or without compression: then whatever else was asked is to be asked again.
     */
    default void onSent() {}

    /** The server takes no new calls on this connection, and may end this one soon. */
    default void onGoingAway() {}

    /** One answer, within the demand. */
    void onMessage(A message);

    /** The last call, unless it was cancelled: null if the server ended well. */
    void onEnd(@Nullable TributaryException error);
  }

  GrpcStream(
      GrpcLane lane, Rpc<Q, A> rpc, byte[] first, boolean single, Listener<A> listener, Runnable onRelease) {
    this.lane = lane;
    this.rpc = rpc;
    this.first = first;
    this.single = single;
    this.listener = listener;
    this.onRelease = onRelease;
  }

  void begin() {
    String known = lane.bearer().known();
    if (known != null) {
      begin(known);
    } else {
      lane.bearer()
          .ask()
          .whenComplete(
              (given, error) -> {
                if (!OnLoop.run(lane.context(), this, self -> self.asked(given, error))) {
                  finish(Network.closedError(false));
                }
              });
    }
  }

  private void asked(@Nullable String given, @Nullable Throwable error) {
    if (given != null) {
      begin(given);
    } else if (error != null && Steps.unwrap(error) instanceof TributaryException known) {
      finish(known);
    }
  }

  private void begin(String authorization) {
    if (!over) {
      header = authorization;
      exchange = new Exchange<>(rpc, this, lane);
      lane.submit(exchange);
    }
  }

  /** Who sent what {@link Listener#onMessage} hears; to be asked there. */
  public Endpoint endpoint() {
    return Objects.requireNonNull(exchange).endpoint();
  }

  /** Allows {@code n} more answers. */
  public void request(long n) {
    OnLoop.run(
        lane.context(),
        n,
        more -> {
          demand = demand + more < 0 ? Long.MAX_VALUE : demand + more;
          deliver();
        });
  }

  /** Sends one more question; nothing before {@link Listener#onSent}. */
  public void send(Q message) {
    OnLoop.run(
        lane.context(),
        message,
        next -> {
          if (exchange != null) {
            exchange.sendNext(Frames.encode(next, Frames.zipped(first)));
          }
        });
  }

  /** Says that no more questions come; nothing before {@link Listener#onSent}. */
  public void finishSending() {
    OnLoop.run(
        lane.context(),
        this,
        self -> {
          if (self.exchange != null) {
            self.exchange.finishSending();
          }
        });
  }

  /** Resets the stream. The listener hears nothing more once this has run on its event loop. */
  public void cancel() {
    OnLoop.run(lane.context(), this, GrpcStream::abandon);
  }

  private void abandon() {
    if (!over) {
      over = true;
      arrived.clear();
      if (exchange != null) {
        exchange.cancel();
      }
      onRelease.run();
    }
  }

  @Override
  public void onFree() {
    Objects.requireNonNull(exchange).send(first, single, header, 0);
  }

  @Override
  public void onSent() {
    if (!over) {
      listener.onSent();
    }
  }

  @Override
  public void onGoingAway() {
    if (!over) {
      listener.onGoingAway();
    }
  }

  @Override
  public void onMessage(A message) {
    hear();
    arrived.add(message);
    deliver();
  }

  @Override
  public void onEnd(@Nullable TributaryException error) {
    if (over) {
      return;
    }
    if (error == null) {
      hear();
      ended = true;
      deliver();
    } else if (Frames.zipped(first) && !heard && GrpcErrors.mayRefuseGzip(error)) {
      unzipped = true;
      first = Frames.plain(first);
      begin(header);
    } else if (error instanceof UnauthenticatedException && !repeated && !heard) {
      repeated = true;
      lane.bearer()
          .replace(
              header,
              lane.context(),
              other -> {
                if (other.header() == null) {
                  finish(other.error(error));
                } else {
                  begin(other.header());
                }
              });
    } else {
      finish(error);
    }
  }

  private void hear() {
    if (unzipped && !heard) {
      lane.withoutGzip();
    }
    heard = true;
  }

  private void deliver() {
    if (delivering) {
      return;
    }
    delivering = true;
    try {
      while (!over && demand > 0 && !arrived.isEmpty()) {
        demand--;
        listener.onMessage(arrived.remove());
      }
    } catch (Throwable thrown) {
      refuse(lane.errors().thrown("an answer of " + rpc + " was not taken", thrown, true));
    } finally {
      delivering = false;
    }
    if (over) {
      return;
    }
    if (ended && arrived.isEmpty()) {
      finish(null);
      return;
    }
    boolean enough = demand == 0 && !arrived.isEmpty();
    if (exchange != null && enough != paused) {
      paused = enough;
      if (enough) {
        exchange.pause();
      } else {
        exchange.resume();
      }
    }
  }

  /** Ends it because of what came. */
  private void refuse(TributaryException error) {
    if (exchange != null) {
      exchange.cancel();
    }
    finish(error);
  }

  private void finish(@Nullable TributaryException error) {
    if (!over) {
      over = true;
      arrived.clear();
      onRelease.run();
      listener.onEnd(error);
    }
  }
}
