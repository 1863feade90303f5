package dev.tributary.testkit.server.internal.http;

import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.internal.net.Intake;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The HTTP side of a server: takes requests with their bodies, has them answered, writes the answers. */
public final class HttpFront implements Handler<HttpServerRequest> {
  /** The most that a body may have, unless the site says otherwise. */
  public static final int MAX_BODY_BYTES = 16 << 20;

  /** How long an answer may take, unless the site says otherwise. */
  public static final Duration TIMEOUT = Duration.ofSeconds(30);

  /** What HTTP/2 calls the end of a stream whose rest nobody needs. */
  private static final long NO_ERROR = 0;

  private final Site site;
  private final Intake intake;
  private final TimeSource time;

  /** What a server has to say by HTTP. */
  public interface Site {
    /** Begins to answer; throws or fails with what the client is told. Cancelling the future ends it. */
    CompletableFuture<HttpReply> answer(HttpCall call);

    /** What a request is answered that failed with this. */
    HttpReply refuse(HttpServerRequest request, Throwable error);

    /** The path by which a request finds its route. */
    default String path(HttpServerRequest request) {
      return decode(request.path());
    }

    /** The most that a body may have. */
    default int maxBodyBytes() {
      return MAX_BODY_BYTES;
    }

    /** How long the answer to a request may take. */
    default Duration timeout(HttpServerRequest request) {
      return TIMEOUT;
    }

    /** A request was answered so. */
    default void answered(HttpServerRequest request, int status) {}
  }

  public HttpFront(Site site, Intake intake, TimeSource time) {
    this.site = site;
    this.intake = intake;
    this.time = time;
  }

  @Override
  public void handle(HttpServerRequest request) {
    Context context = Vertx.currentContext();
    Buffer body = Buffer.buffer();
    Intake.Part part = intake.begin();
    part.onRefused(why -> context.runOnContext(turn -> giveUp(request, why)));
    part.expect();
    request.exceptionHandler(gone -> part.close());
    request.handler(
        chunk -> {
          if (!part.arrived(chunk.length())) {
            return;
          }
          if (body.length() + chunk.length() <= site.maxBodyBytes()) {
            body.appendBuffer(chunk);
          } else {
            part.close();
            giveUp(request, BadRequest.tooLarge(site.maxBodyBytes()));
          }
        });
    request.endHandler(
        end -> {
          part.complete();
          complete(request, body, part, context);
        });
  }

  /** Answers a request that has not arrived, and may never. What still comes of it is dropped, and its connection ends. */
  private void giveUp(HttpServerRequest request, RuntimeException why) {
    HttpServerResponse response = request.response();
    if (response.ended() || response.closed()) {
      return;
    }
    boolean stream = request.version() == HttpVersion.HTTP_2;
    if (!stream) {
      response.putHeader("connection", "close");
    }
    Future<?> written = write(request, site.refuse(request, why));
    if (stream) {
      written.onComplete(end -> response.reset(NO_ERROR));
    } else if (why instanceof DeadlineExceededException) { // Nobody is about to send more, who would not hear the answer for it.
      written.onComplete(end -> request.connection().close());
    }
  }

  private void complete(HttpServerRequest request, Buffer body, Intake.Part part, Context context) {
    if (request.response().ended()) {
      return;
    }
    CompletableFuture<HttpReply> answer;
    Duration timeout = site.timeout(request);
    try {
      answer = site.answer(new HttpCall(request, site.path(request), Map.of(), body, Deadline.after(time, timeout)));
    } catch (RuntimeException refused) {
      answer = CompletableFuture.failedFuture(refused);
    }
    CompletableFuture<HttpReply> pending = answer;
    request.response().closeHandler(gone -> pending.cancel(true));
    TimeSource.Timer late = time.schedule(timeout, () -> pending.cancel(true));
    answer.whenComplete(
        (reply, error) -> {
          late.cancel();
          context.runOnContext(
              turn -> {
                part.close();
                write(request, reply != null && error == null ? reply : site.refuse(request, failure(error, timeout)));
              });
        });
  }

  /** Only who has gone away and who waited too long is cancelled, and who has gone away hears nothing. */
  private static Throwable failure(@Nullable Throwable error, Duration timeout) {
    if (error == null) {
      return new IllegalStateException("no answer");
    }
    return error instanceof CancellationException
        ? new DeadlineExceededException(ErrorInfo.of("no answer within " + timeout.toSeconds() + " s", "Ask again"))
        : Steps.unwrap(error);
  }

  /** A path without its percent-encoding. */
  public static String decode(@Nullable String path) {
    try {
      return path == null ? "" : URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      throw BadRequest.of("path", "is not well encoded");
    }
  }

  private Future<?> write(HttpServerRequest request, HttpReply reply) {
    HttpServerResponse response = request.response();
    if (response.closed() || response.ended()) {
      reply.undelivered().run();
      return Future.succeededFuture();
    }
    if (reply.hangsUp()) {
      return response.reset();
    }
    site.answered(request, reply.status());
    response.setStatusCode(reply.status());
    reply.headers().forEach(response::putHeader);
    boolean bodiless = request.method().name().equals("HEAD");
    return (bodiless ? response.end() : response.end(reply.body())).onFailure(lost -> reply.undelivered().run());
  }
}
