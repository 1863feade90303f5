package dev.tributary.testkit.server.flowmesh;

import dev.tributary.spi.Deadline;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServerResponse;
import org.jspecify.annotations.Nullable;

/**
 * One call on the wire. Ends once: with an answer, a failure, its deadline, or the loss of the client. Ending may be asked for from
 * any thread; everything else belongs to the call's context.
 */
final class ServerCall<Q, A> {
  private static final Runnable NOTHING = () -> {};

  private final GrpcServerResponse<Q, A> response;
  private final Context context;
  private final Deadline deadline;
  private final Metrics.Calls metrics;
  private boolean begun;
  private boolean ended;
  private @Nullable Rejection instead;
  private Runnable onEnd = NOTHING;
  private long timer = -1;

  ServerCall(GrpcServerResponse<Q, A> response, Context context, Deadline deadline, Metrics.Calls metrics) {
    this.response = response;
    this.context = context;
    this.deadline = deadline;
    this.metrics = metrics;
  }

  Context context() {
    return context;
  }

  Deadline deadline() {
    return deadline;
  }

  GrpcServerResponse<Q, A> response() {
    return response;
  }

  boolean begun() {
    return begun;
  }

  boolean ended() {
    return ended;
  }

  /** The message is there; false if it is not the first, or the call is over. */
  boolean begin() {
    boolean first = !begun && !ended;
    begun = true;
    return first;
  }

  /** Runs when the call has ended, however that came; replaces what was to run before. */
  void onEnd(Runnable release) {
    if (ended) {
      release.run();
    } else {
      onEnd = release;
    }
  }

  /** Whatever comes of it, the client hears this. */
  void failInstead(Rejection planned) {
    instead = planned;
  }

  /** The client's deadline is real time: a server's clock that stands still does not make it wait. */
  void expireAfter(long millis) {
    timer = vertx().setTimer(millis, late -> fail(new Rejection(GrpcStatus.DEADLINE_EXCEEDED, "the deadline of the call has passed")));
  }

  /** Ends with this answer; if the client does not get it, what is to happen then does. */
  void end(A answer, Runnable undelivered) {
    inTurnOfItsOwn(
        () -> {
          if (ended) {
            undelivered.run();
          } else if (instead != null) {
            fail(instead);
          } else if (close(GrpcStatus.OK)) {
            response.end(answer).onFailure(gone -> undelivered.run());
          }
        });
  }

  void fail(Throwable error) {
    inTurnOfItsOwn(
        () -> {
          Rejection rejection = instead != null ? instead : Rejection.of(error);
          if (close(rejection.status())) {
            response.status(rejection.status()).statusMessage(rejection.getMessage()).end();
          }
        });
  }

  /** The client has gone away or cancelled. */
  void lost() {
    onContext(() -> close(GrpcStatus.CANCELLED));
  }

  /**
   * Answers are not written while frames are being read: they would be queued until that is done, and if the client's reset is among
   * those frames, what fails in the queue takes the whole connection with it.
   */
  private void inTurnOfItsOwn(Runnable answer) {
    context.runOnContext(turn -> answer.run());
  }

  void onContext(Runnable action) {
    if (Vertx.currentContext() == context) {
      action.run();
    } else {
      context.runOnContext(turn -> action.run());
    }
  }

  private boolean close(GrpcStatus status) {
    if (ended) {
      return false;
    }
    ended = true;
    metrics.ended(status);
    if (timer >= 0) {
      vertx().cancelTimer(timer);
    }
    Runnable release = onEnd;
    onEnd = NOTHING;
    release.run();
    return true;
  }

  private Vertx vertx() {
    return context.owner();
  }
}
