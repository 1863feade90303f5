package dev.tributary.vertx.internal.net.http;

import dev.tributary.config.Endpoint;
import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.TributaryException;
import dev.tributary.vertx.internal.net.OnLoop;
import dev.tributary.vertx.internal.net.Standing;
import dev.tributary.vertx.internal.net.Weight;
import io.vertx.core.AsyncResult;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection of a lane, and the call that has it. A call that is given up takes its connection with it: there is no other way to take
 * back what was sent. Event loop only.
 */
final class HttpLink {
  private static final Logger LOG = System.getLogger("dev.tributary.net");
  private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
  private static final Buffer NOTHING = Buffer.buffer(0);

  private final HttpLane lane;
  private final Standing standing;
  private final Endpoint endpoint;
  private final long number;
  private final HttpClientConnection http;
  private final Runnable ended;
  private @Nullable HttpCall call;
  private @Nullable Buffer body;
  private boolean used;
  private boolean proven;
  private boolean doubted;
  private boolean sent;
  private boolean heard;
  private boolean closed;
  private long sentAt;
  private long heardAt;
  private long askedAt;
  private long heardBefore;
  private long freeSince;

  HttpLink(HttpLane lane, Standing standing, HttpClientConnection http) {
    this.lane = lane;
    this.standing = standing;
    this.endpoint = standing.endpoint;
    this.number = standing.connected();
    this.http = http;
    this.freeSince = lane.time().nanos();
    this.ended = lane.connected(endpoint);
    http.closeHandler(gone -> OnLoop.run(lane.context(), this, HttpLink::gone));
    // A fault of the connection reaches the call on it as well; without one, there is nobody else to tell.
    http.exceptionHandler(fault -> LOG.log(Level.DEBUG, "connection to {0}: {1}", endpoint, fault));
  }

  Endpoint endpoint() {
    return endpoint;
  }

  Standing standing() {
    return standing;
  }

  /** The call that has it, or null. */
  @Nullable HttpCall call() {
    return call;
  }

  /** Whether the call reached the wire. */
  boolean sent() {
    return sent;
  }

  /** Nanoseconds since it was used, if it is not. */
  long idleFor() {
    return lane.time().nanos() - freeSince;
  }

  /** Nanoseconds since its call was sent or something was heard on it; 0 if there is nothing to hear. */
  long silentFor() {
    return sent ? lane.time().nanos() - heardAt : 0;
  }

  /** Nanoseconds since its endpoint was last asked whether it is there because of this silence; since the call was sent, if not yet. */
  long unaskedFor() {
    return lane.time().nanos() - askedAt;
  }

  /** Its endpoint is being asked whether it is there. */
  void askedFor() {
    askedAt = lane.time().nanos();
    doubted = true;
  }

  /** Whether its endpoint was asked, and nothing was heard on it since. */
  boolean doubted() {
    return doubted;
  }

  /** It was made to ask something, and this came of it. */
  TributaryException unanswered(Throwable error) {
    close();
    return error instanceof TributaryException known && !(error instanceof DeadlineExceededException)
        ? known
        : lane.connectErrors().silent(endpoint, lane.answerTime());
  }

  /** Gives it up if nothing was heard on it from then on. */
  void deadUnlessHeard(long since) {
    if (call != null && sent && heardAt - since <= 0) {
      dead();
    }
  }

  /** Gives it up: nothing arrives on it any more. */
  void dead() {
    LOG.log(Level.DEBUG, "connection to {0} is dead: closing it", endpoint);
    standing.silent();
    askedFor();
    lane.died(endpoint);
    fail(lane.connectErrors().dead(endpoint));
  }

  void start(HttpCall next) {
    call = next;
    sent = false;
    heard = false;
    body = null;
    next.started(this);
    http.request(new RequestOptions().setMethod(next.method).setURI(next.path))
        .onComplete(
            opened -> {
              try {
                opened(next, opened);
              } catch (Throwable thrown) {
                broke(next, thrown);
              }
            });
  }

  private void opened(HttpCall mine, AsyncResult<HttpClientRequest> opened) {
    if (call != mine) {
      return;
    }
    if (opened.failed()) {
      if (!proven) {
        standing.broke(number);
      }
      call = null;
      close();
      mine.unsent();
      return;
    }
    if (!mine.deadline.sent()) {
      call = null;
      close();
      mine.cancel(false);
      return;
    }
    HttpClientRequest out = opened.result();
    Buffer content = mine.body == null ? null : mine.body.get();
    out.exceptionHandler(fault -> broke(mine, fault));
    MultiMap headers = out.headers();
    headers.set(HttpHeaders.ACCEPT, JSON);
    if (content != null) {
      headers.set(HttpHeaders.CONTENT_TYPE, JSON);
    }
    if (!mine.question()) {
      if (!mine.authorization().isEmpty()) {
        headers.set(HttpHeaders.AUTHORIZATION, mine.authorization());
      }
      lane.headers().forEach(headers::set);
    }
    sent = true;
    sentAt = lane.time().nanos();
    heardAt = sentAt;
    askedAt = sentAt;
    doubted = false;
    lane.sent();
    heardBefore = lane.heard();
    out.response().onComplete(answer -> answered(mine, answer));
    if (content != null) {
      out.end(content);
    } else if (mine.method == HttpMethod.POST || mine.method == HttpMethod.PUT) {
      out.end(NOTHING);
    } else {
      out.end();
    }
  }

  private void answered(HttpCall mine, AsyncResult<HttpClientResponse> answer) {
    if (call != mine) {
      if (answer.succeeded()) {
        answer.result().handler(rest -> {}).exceptionHandler(fault -> {});
      }
      return;
    }
    if (answer.failed()) {
      broke(mine, answer.cause());
      return;
    }
    HttpClientResponse in = answer.result();
    hear();
    in.exceptionHandler(fault -> broke(mine, fault));
    in.handler(chunk -> chunk(mine, chunk));
    in.endHandler(end -> ended(mine, in));
  }

  private void chunk(HttpCall mine, Buffer chunk) {
    if (call != mine) {
      return;
    }
    hear();
    Buffer before = body;
    long bytes = (before == null ? 0L : before.length()) + chunk.length();
    if (bytes > lane.maxAnswerBytes()) {
      fail(tooLarge(mine, "has " + bytes));
    } else {
      try {
        body = before == null ? chunk : before.appendBuffer(chunk);
      } catch (Throwable noRoom) {
        fail(lane.connectErrors().broken(endpoint, noRoom));
      }
    }
  }

  private PayloadTooLargeException tooLarge(HttpCall mine, String size) {
    return new PayloadTooLargeException(
        ErrorInfo.of(
                "the answer to " + mine.path + " " + size + " bytes or more, too many for the " + lane.maxAnswerBytes() + " this client accepts",
                "Raise maxMessageBytes, or ask for less")
            .maybeApplied(true));
  }

  private void ended(HttpCall mine, HttpClientResponse in) {
    if (call != mine) {
      return;
    }
    hear();
    long excess = body == null ? 0 : Weight.excess(body, lane.maxAnswerBytes());
    if (excess > 0) {
      fail(tooLarge(mine, "becomes " + excess));
      return;
    }
    HttpCaller.Answer answer =
        new HttpCaller.Answer(
            endpoint,
            in.statusCode(),
            body == null ? Buffer.buffer() : body,
            RetryAfter.read(in.getHeader(HttpHeaders.RETRY_AFTER), lane.time().now()));
    call = null;
    body = null;
    used |= !mine.question();
    if (staysOpen(in)) {
      freeSince = lane.time().nanos();
      lane.freed(this);
    } else {
      close();
    }
    mine.answered(answer);
  }

  private static boolean staysOpen(HttpClientResponse in) {
    return in.version() == HttpVersion.HTTP_1_1 && !in.headers().contains(HttpHeaders.CONNECTION, HttpHeaders.CLOSE, true);
  }

  private void hear() {
    heard = true;
    doubted = false;
    heardAt = lane.time().nanos();
    lane.hear();
    if (!proven) {
      proven = true;
      standing.heard(number);
    }
  }

  private void broke(HttpCall mine, Throwable fault) {
    if (call != mine) {
      return;
    }
    if (heard || !used) {
      // Else it was just closed after a time without use, or the next one that is made will tell.
      standing.broke(number);
    }
    fail(mine.question() ? lane.connectErrors().of(endpoint, fault) : lane.connectErrors().broken(endpoint, fault));
  }

  /** Ends the call, whose answer was not complete. */
  void fail(TributaryException error) {
    HttpCall mine = call;
    call = null;
    close();
    if (mine != null) {
      mine.failed(error);
    }
  }

  /** Takes back the call; it hears nothing more. */
  void abandon() {
    call = null;
    if (sent && !heard) {
      lane.suspect(standing, sentAt, heardBefore);
    }
    close();
  }

  private void gone() {
    HttpCall mine = call;
    if (mine != null && sent) {
      broke(mine, new HttpClosedException("the connection was closed"));
      return;
    }
    if (!proven && !closed) {
      // It was made and never said a word.
      standing.broke(number);
    }
    call = null;
    close();
    if (mine != null) {
      mine.unsent();
    }
  }

  /** Closes it; nobody has it. */
  void close() {
    if (!closed) {
      closed = true;
      body = null;
      ended.run();
      http.close();
      lane.gone(this);
    }
  }
}
