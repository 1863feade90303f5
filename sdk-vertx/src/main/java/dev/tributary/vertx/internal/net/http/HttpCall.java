package dev.tributary.vertx.internal.net.http;

import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.net.OnLoop;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One HTTP call: waits for a connection, is sent, is answered. But for its future, all of it belongs to the event loop of its lane. */
final class HttpCall extends CompletableFuture<HttpCaller.Answer> {
  private static final int UNAUTHORIZED = 401;
  private static final String HEALTH = "/health";

  final HttpMethod method;
  final String path;
  final @Nullable Supplier<Buffer> body;
  final Deadline deadline;
  private final HttpLane lane;
  private @Nullable HttpLink link;
  private String header = "";
  private boolean repeated;
  private final boolean question;

  HttpCall(HttpLane lane, HttpMethod method, String path, @Nullable Supplier<Buffer> body, Deadline deadline) {
    this(lane, method, path, body, deadline, false);
  }

  private HttpCall(HttpLane lane, HttpMethod method, String path, @Nullable Supplier<Buffer> body, Deadline deadline, boolean question) {
    this.question = question;
    this.lane = lane;
    this.method = method;
    this.path = path;
    this.body = body;
    this.deadline = deadline;
  }

  /** What any healthy server answers at once, whoever asks and however. */
  static HttpCall question(HttpLane lane, Deadline deadline) {
    return new HttpCall(lane, HttpMethod.GET, HEALTH, null, deadline, true);
  }

  /** Whether it only asks if somebody is there. */
  boolean question() {
    return question;
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
    lane.bearer().ask().whenComplete((given, error) -> OnLoop.run(lane.context(), this, self -> self.asked(given, error)));
  }

  private void asked(@Nullable String given, @Nullable Throwable error) {
    lane.forget(this);
    if (given != null) {
      begin(given);
    } else {
      completeExceptionally(Steps.unwrap(Objects.requireNonNull(error)));
    }
  }

  /** {@link #begin}; what cannot begin has ended. */
  void start() {
    deadline.waits();
    try {
      begin();
    } catch (Throwable thrown) {
      completeExceptionally(thrown);
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
    HttpLink on = Objects.requireNonNull(link);
    link = null;
    if (question) {
      completeExceptionally(lane.connectErrors().hungUp(on.endpoint(), null));
    } else if (!isDone()) {
      lane.submit(this);
    }
  }

  void answered(HttpCaller.Answer answer) {
    link = null;
    if (answer.status() != UNAUTHORIZED || repeated || question || isDone()) {
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
              if (other.header() != null) {
                begin(other.header());
              } else if (other.unavailable() != null) {
                completeExceptionally(Steps.unwrap(other.unavailable()));
              } else {
                complete(answer);
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
    completeExceptionally(new DeadlineExceededException(ErrorInfo.of(message, hint).maybeApplied(sent)));
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
      OnLoop.run(lane.context(), this, HttpCall::takeBack);
    }
    return cancelled;
  }
}
