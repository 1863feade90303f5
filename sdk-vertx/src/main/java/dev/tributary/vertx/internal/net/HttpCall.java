package dev.tributary.vertx.internal.net;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.TimeoutException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One HTTP call: waits for a connection, is sent, is answered. But for its future, all of it belongs to the event loop of its lane. */
final class HttpCall extends CompletableFuture<HttpCaller.Answer> {
  private static final int UNAUTHORIZED = 401;

  final HttpMethod method;
  final String path;
  final @Nullable Buffer body;
  final Deadline deadline;
  private final HttpLane lane;
  private @Nullable HttpLink link;
  private String header = "";
  private boolean repeated;

  HttpCall(HttpLane lane, HttpMethod method, String path, @Nullable Buffer body, Deadline deadline) {
    this.lane = lane;
    this.method = method;
    this.path = path;
    this.body = body;
    this.deadline = deadline;
  }

  void begin() {
    if (isDone()) {
      return;
    }
    String known = lane.bearer().known();
    if (known != null) {
      begin(known);
      return;
    }
    lane.ask(this);
    lane.bearer().ask().whenComplete((given, error) -> lane.context().emit(this, self -> self.asked(given, error)));
  }

  private void asked(@Nullable String given, @Nullable Throwable error) {
    lane.forget(this);
    if (given != null) {
      begin(given);
    } else {
      completeExceptionally(Steps.unwrap(Objects.requireNonNull(error)));
    }
  }

  private void begin(String authorization) {
    if (isDone()) {
      return;
    }
    header = authorization;
    lane.submit(this);
  }

  /** What says who is calling; empty for nobody. */
  String authorization() {
    return header;
  }

  /** It has a connection now. */
  void started(HttpLink on) {
    link = on;
  }

  /** The connection is somebody else's again, and nothing was sent on it. */
  void unsent() {
    link = null;
    if (!isDone()) {
      lane.submit(this);
    }
  }

  void answered(HttpCaller.Answer answer) {
    link = null;
    if (answer.status() != UNAUTHORIZED || repeated || isDone()) {
      complete(answer);
      return;
    }
    repeated = true;
    lane.ask(this);
    lane.bearer()
        .replace(
            header,
            lane.context(),
            other -> {
              lane.forget(this);
              if (other == null) {
                complete(answer);
              } else {
                begin(other);
              }
            });
  }

  void failed(TributaryException error) {
    link = null;
    completeExceptionally(error);
  }

  /** Its time is over. */
  void expire() {
    boolean sent = link != null && link.sent();
    String message = sent ? "no answer to " + path + " from " + link.endpoint() + " in time" : "the deadline passed before the call was sent";
    String hint = sent ? "Check that the server is up there, or raise the timeout" : "Make fewer calls at a time, or raise the timeout";
    takeBack();
    completeExceptionally(new TimeoutException(ErrorInfo.of(message, hint).maybeApplied(sent)));
  }

  private void takeBack() {
    HttpLink on = link;
    link = null;
    if (on == null) {
      lane.forget(this);
    } else {
      on.abandon();
    }
  }

  @Override
  public boolean cancel(boolean mayInterrupt) {
    boolean cancelled = super.cancel(mayInterrupt);
    if (cancelled) {
      lane.context().emit(this, HttpCall::takeBack);
    }
    return cancelled;
  }
}
