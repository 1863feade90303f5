package dev.tributary.vertx.internal.net.grpc;

import com.google.protobuf.Message;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.net.LoopTimer;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.OnLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One question, one answer. */
final class UnaryCall<A extends Message, R> extends CompletableFuture<R> implements Exchange.Owner<A> {
  /** How long a cancelled call whose answer still matters is waited for at least; else it is for its deadline. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  private volatile GrpcLane lane;
  private @Nullable GrpcLane otherwise;
  private final Rpc<?, A> rpc;
  private byte[] frame;
  private final Deadline deadline;
  private final Function<? super A, ? extends R> convert;
  private final @Nullable Unclaimed<? super R> unclaimed;
  private @Nullable Exchange<A> exchange;
  private @Nullable A answer;
  private boolean several;
  private String header = "";
  private boolean repeated;
  private boolean unzipped;
  private boolean over;
  private TimeSource.@Nullable Timer grace;

  /**
   * A call; nothing happens before {@link #begin}.
   *
   * @param otherwise where it goes if no connection can be made for it; null for nowhere
   * @param unclaimed takes an answer that comes after the cancellation; null to reset the stream then
   */
  UnaryCall(
      GrpcLane lane,
      @Nullable GrpcLane otherwise,
      Rpc<?, A> rpc,
      byte[] frame,
      Deadline deadline,
      Function<? super A, ? extends R> convert,
      @Nullable Unclaimed<? super R> unclaimed) {
    this.lane = lane;
    this.otherwise = otherwise;
    this.rpc = rpc;
    this.frame = frame;
    this.deadline = deadline;
    this.convert = convert;
    this.unclaimed = unclaimed;
  }

  /** On the lane's event loop. */
  void begin() {
    deadline.waits();
    String known = lane.bearer().known();
    if (known != null) {
      begin(known);
    } else {
      GrpcLane on = lane;
      on.bearer()
          .ask()
          .whenComplete(
              (given, error) -> {
                if (!OnLoop.run(on.context(), this, self -> self.asked(given, error))) {
                  fail(Network.closedError(false));
                }
              });
    }
  }

  private void asked(@Nullable String given, @Nullable Throwable error) {
    if (given != null) {
      begin(given);
    } else {
      fail(Steps.unwrap(java.util.Objects.requireNonNull(error)));
    }
  }

  /** {@link #begin}; what cannot begin has ended. */
  void start() {
    try {
      begin();
    } catch (Throwable thrown) {
      fail(thrown);
    }
  }

  private void begin(String authorization) {
    if (isDone()) {
      over();
    } else if (otherwise != null && lane.unreachable()) {
      elsewhere(otherwise);
    } else {
      header = authorization;
      exchange = new Exchange<>(rpc, this, lane);
      lane.submit(exchange);
    }
  }

  @Override
  public void onFree() {
    Exchange<A> mine = java.util.Objects.requireNonNull(exchange);
    long left = deadline.remainingNanos();
    if (left <= 0 || !deadline.sent()) {
      mine.fail(
          new DeadlineExceededException(
              ErrorInfo.of("the deadline passed before the call was sent", "Make fewer calls at a time, or raise the timeout")));
    } else {
      mine.send(frame, true, header, left);
    }
  }

  @Override
  public void onMessage(A message) {
    several = answer != null;
    answer = message;
  }

  @Override
  public void onEnd(@Nullable TributaryException error) {
    if (error == null) {
      A message = answer;
      if (message == null) {
        fail(lane.errors().incomplete("the answer of " + rpc + " has no message"));
      } else if (several) {
        fail(lane.errors().incomplete("the answer of " + rpc + " has more than one message"));
      } else {
        finish(message);
      }
    } else if (error instanceof ConnectionFailedException && otherwise != null && !isDone() && !tried()) {
      elsewhere(otherwise);
    } else if (Frames.zipped(frame) && !isDone() && GrpcErrors.mayRefuseGzip(error)) {
      unzipped = true;
      frame = Frames.plain(frame);
      begin(header);
    } else if (error instanceof UnauthenticatedException && !repeated && !isDone()) {
      repeated = true;
      lane.bearer()
          .replace(
              header,
              lane.context(),
              other -> {
                if (other.header() == null) {
                  fail(other.error(error));
                } else {
                  begin(other.header());
                }
              });
    } else {
      fail(error);
    }
  }

  /** Whoever is there now is asked, and nobody waits until it is time to try the other one again. */
  private void elsewhere(GrpcLane other) {
    lane = other;
    otherwise = null;
    if (!OnLoop.run(other.context(), this, UnaryCall::begin)) {
      fail(Network.closedError(false));
    }
  }

  private boolean tried() {
    return java.util.Objects.requireNonNull(exchange).connected();
  }

  private void finish(A message) {
    if (unzipped) {
      lane.withoutGzip();
    }
    R result;
    try {
      result = convert.apply(message);
    } catch (TributaryException senseless) {
      fail(senseless);
      return;
    } catch (Throwable senseless) {
      fail(
          new ProtocolViolationException(
              ErrorInfo.of("the answer of " + rpc + " makes no sense: " + senseless, "Check the server's version")
                  .maybeApplied(true)
                  .causedBy(senseless)));
      return;
    }
    try {
      if (!complete(result) && unclaimed != null) {
        unclaimed.accept(result);
      }
    } finally {
      over();
    }
  }

  void fail(Throwable error) {
    completeExceptionally(error);
    over();
  }

  /** Nothing comes any more. */
  private void over() {
    if (unclaimed != null && !over) {
      over = true;
      if (grace != null) {
        grace.cancel();
      }
      unclaimed.over();
    }
  }

  @Override
  public boolean cancel(boolean mayInterrupt) {
    boolean cancelled = super.cancel(mayInterrupt);
    if (cancelled) {
      OnLoop.run(lane.context(), this, UnaryCall::abandon);
    }
    return cancelled;
  }

  private void abandon() {
    Exchange<A> mine = exchange;
    if (mine == null) {
      return;
    }
    if (over) {
      return;
    }
    if (unclaimed == null || !mine.sent()) {
      takeBack(mine);
    } else {
      Duration left = deadline.remaining();
      grace = LoopTimer.after(lane.time(), lane.context(), left.compareTo(GRACE) > 0 ? left : GRACE, () -> takeBack(mine));
    }
  }

  private void takeBack(Exchange<A> mine) {
    mine.cancel();
    over();
  }
}
