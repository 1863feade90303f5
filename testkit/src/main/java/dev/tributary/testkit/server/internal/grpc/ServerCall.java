package dev.tributary.testkit.server.internal.grpc;

import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.testkit.server.internal.net.Intake;
import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServerResponse;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One call on the wire. Ends once: with an answer, a failure, its deadline, or the loss of the client. Ending may be asked for from
 * any thread; everything else belongs to the call's context.
 */
public final class ServerCall<Q, A> {
  private static final Runnable NOTHING = () -> {};
  /** What HTTP/2 calls the end of a stream whose rest nobody needs. */
  private static final long NO_ERROR = 0;

  private final GrpcServerResponse<Q, A> response;
  private final HttpServerResponse stream;
  private final MultiMap metadata;
  private final Intake.Part part;
  private final Context context;
  private final Deadline deadline;
  private final Function<Throwable, Rejection> errors;
  private final Consumer<GrpcStatus> onStatus;
  private final Consumer<ServerCall<?, ?>> onOver;
  private boolean begun;
  private boolean ended;
  private @Nullable Rejection instead;
  private Runnable onEnd = NOTHING;
  private long timer = -1;

  ServerCall(
      GrpcServerResponse<Q, A> response,
      HttpServerResponse stream,
      MultiMap metadata,
      Intake.Part part,
      Context context,
      Deadline deadline,
      Function<Throwable, Rejection> errors,
      Consumer<GrpcStatus> onStatus,
      Consumer<ServerCall<?, ?>> onOver) {
    this.response = response;
    this.stream = stream;
    this.metadata = metadata;
    this.part = part;
    this.context = context;
    this.deadline = deadline;
    this.errors = errors;
    this.onStatus = onStatus;
    this.onOver = onOver;
  }

  public Context context() {
    return context;
  }

  public Deadline deadline() {
    return deadline;
  }

  public GrpcServerResponse<Q, A> response() {
    return response;
  }

  /** Whether its client says that it gives back a job that nobody began. */
  public boolean untried() {
    return "1".equals(metadata.get(Untried.METADATA));
  }

  /** What is held of its request. */
  Intake.Part part() {
    return part;
  }

  boolean begun() {
    return begun;
  }

  public boolean ended() {
    return ended;
  }

  /** The message is there; false if it is not the first, or the call is over. */
  boolean begin() {
    boolean first = !begun && !ended;
    begun = true;
    return first;
  }

  /** Runs when the call has ended, however that came; replaces what was to run before. */
  public void onEnd(Runnable release) {
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
  public void end(A answer, Runnable undelivered) {
    inTurnOfItsOwn(
        () -> {
          if (ended) {
            undelivered.run();
          } else if (instead != null) {
            fail(instead);
          } else if (close(GrpcStatus.OK)) {
            write(answer, undelivered);
          }
        });
  }

  /** Ends well, after everything that was written. */
  public void end() {
    inTurnOfItsOwn(
        () -> {
          if (instead != null) {
            fail(instead);
          } else if (close(GrpcStatus.OK)) {
            afterWhatIsWritten();
          }
        });
  }

  /** The answer, and the end once it is on its way: see {@link #finish}. */
  private void write(A answer, Runnable undelivered) {
    if (stream.closed()) {
      undelivered.run();
      return;
    }
    response
        .write(answer)
        .onComplete(
            written -> {
              if (written.failed() || !finish()) {
                undelivered.run();
              }
            });
  }

  private void afterWhatIsWritten() {
    if (!stream.closed() && response.writeQueueFull()) {
      response.drainHandler(drained -> finish());
    } else {
      finish();
    }
  }

  /**
   * Ends the stream, if it is there. The library stumbles over an end that is still queued when the stream closes, so nothing may be queued
   * before it.
   */
  private boolean finish() {
    if (stream.closed()) {
      return false;
    }
    response.end();
    return true;
  }

  /** Does a part of the call's work, which may fail it. */
  void guard(Runnable work) {
    if (!ended) {
      try {
        work.run();
      } catch (RuntimeException failed) {
        fail(failed);
      }
    }
  }

  /** Ends with what this error is on the wire. */
  public void fail(Throwable error) {
    inTurnOfItsOwn(
        () -> {
          Rejection rejection = instead != null ? instead : errors.apply(error);
          if (close(rejection.status())) {
            response.status(rejection.status()).statusMessage(rejection.getMessage());
            afterWhatIsWritten();
          }
        });
  }

  /** What has arrived of its request is not kept, and the rest is not waited for. */
  void giveUp(TributaryException why) {
    GrpcStatus status = why instanceof DeadlineExceededException ? GrpcStatus.DEADLINE_EXCEEDED : GrpcStatus.RESOURCE_EXHAUSTED;
    fail(new Rejection(status, String.valueOf(why.getMessage())));
    inTurnOfItsOwn(
        () -> {
          if (!stream.closed()) {
            stream.reset(NO_ERROR);
          }
        });
  }

  /** The client has gone away or cancelled. */
  public void lost() {
    onContext(() -> close(GrpcStatus.CANCELLED));
  }

  /**
   * Answers are not written while frames are being read: they would be queued until that is done, and if the client's reset is among
   * those frames, what fails in the queue takes the whole connection with it.
   */
  private void inTurnOfItsOwn(Runnable answer) {
    context.runOnContext(turn -> answer.run());
  }

  public void onContext(Runnable action) {
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
    part.close();
    onStatus.accept(status);
    onOver.accept(this);
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
