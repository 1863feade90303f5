package dev.tributary.vertx.internal.net.grpc;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.tributary.config.Endpoint;
import dev.tributary.error.TributaryException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.AsyncResult;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.grpc.common.GrpcStatus;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** One gRPC call on one HTTP/2 stream. Everything happens on the event loop of its lane; ends exactly once. */
final class Exchange<A extends Message> {
  private static final Logger LOG = System.getLogger("dev.tributary.net");
  private static final CharSequence GRPC = HttpHeaders.createOptimized("application/grpc");
  private static final CharSequence TE = HttpHeaders.createOptimized("te");
  private static final CharSequence TRAILERS = HttpHeaders.createOptimized("trailers");
  private static final CharSequence TIMEOUT = HttpHeaders.createOptimized("grpc-timeout");
  private static final CharSequence ENCODING = HttpHeaders.createOptimized("grpc-encoding");
  private static final CharSequence ACCEPT_ENCODING = HttpHeaders.createOptimized("grpc-accept-encoding");
  private static final CharSequence GZIP = HttpHeaders.createOptimized("gzip");
  private static final long CANCEL = 8;

  private final Rpc<?, A> rpc;
  private final Owner<A> owner;
  private final GrpcLane lane;
  private @Nullable GrpcConnection connection;
  private @Nullable HttpClientRequest request;
  private @Nullable HttpClientResponse response;
  private @Nullable Deframer<A> deframer;
  private boolean gzip;
  private boolean sent;
  private boolean finished;
  private boolean over;
  private long sentAt;
  private boolean heard;

  /** Whose call it is. */
  interface Owner<A> {
    /** There is a free stream: call {@link Exchange#send}. */
    void onFree();

    /** The first message is written: others may follow. */
    default void onSent() {}

    /** The server takes no new calls on this connection; this one may end as it likes. */
    default void onGoingAway() {}

    void onMessage(A message);

    /** The last call. An error, or null for OK. */
    void onEnd(@Nullable TributaryException error);
  }

  Exchange(Rpc<?, A> rpc, Owner<A> owner, GrpcLane lane) {
    this.rpc = rpc;
    this.owner = owner;
    this.lane = lane;
  }

  /** A stream of this connection is ours. */
  void start(GrpcConnection on) {
    connection = on;
    on.begin(this);
    try {
      owner.onFree();
    } catch (Throwable thrown) {
      end(lane.errors().thrown(rpc + " cannot be sent", thrown, sent));
    }
  }

  /**
   * Sends the head and the first message.
   *
   * @param last whether it is the only one
   * @param timeoutNanos what is left of the deadline, 0 for none
   */
  void send(byte[] frame, boolean last, String authorization, long timeoutNanos) {
    if (over) {
      return;
    }
    GrpcConnection on = requireNonNull(connection);
    on.request(rpc.path())
        .onComplete(
            opened -> {
              try {
                opened(opened, frame, last, authorization, timeoutNanos);
              } catch (Throwable thrown) {
                refuse(lane.errors().thrown(rpc + " cannot be sent", thrown, sent));
              }
            });
  }

  private void opened(
      AsyncResult<HttpClientRequest> opened, byte[] frame, boolean last, String authorization, long timeoutNanos) {
    if (opened.failed()) {
      end(requireNonNull(connection).broken(opened.cause(), 0));
      return;
    }
    HttpClientRequest out = opened.result();
    out.setChunked(true);
    out.exceptionHandler(fault -> broke(fault));
    if (over) {
      // An unsent request would hold its stream for ever: send the head, which applies nothing, and take it back.
      out.sendHead();
      out.reset(CANCEL);
      return;
    }
    request = out;
    MultiMap headers = out.headers();
    headers.set(HttpHeaders.CONTENT_TYPE, GRPC);
    headers.set(TE, TRAILERS);
    headers.set(ACCEPT_ENCODING, GZIP);
    if (Frames.zipped(frame)) {
      headers.set(ENCODING, GZIP);
    }
    if (timeoutNanos > 0) {
      headers.set(TIMEOUT, timeout(timeoutNanos));
    }
    if (!authorization.isEmpty()) {
      headers.set(HttpHeaders.AUTHORIZATION, authorization);
    }
    lane.headers().forEach(headers::set);
    rpc.metadata().forEach(headers::set);
    sent = true;
    sentAt = lane.time().nanos();
    out.response().onComplete(this::answered);
    Buffer body = buffer(frame);
    if (last) {
      finished = true;
      out.end(body);
    } else {
      out.write(body);
    }
    owner.onSent();
  }

  /** Sends one more message of many; nothing if it is over. */
  void sendNext(byte[] frame) {
    if (!over && request != null) {
      request.write(buffer(frame));
    }
  }

  /** Says that no more messages are sent. */
  void finishSending() {
    if (!over) {
      halfClose();
    }
  }

  private void halfClose() {
    if (request != null && !finished) {
      finished = true;
      request.end();
    }
  }

  private static Buffer buffer(byte[] frame) {
    return BufferInternal.buffer(Unpooled.wrappedBuffer(frame));
  }

  /** Milliseconds rounded up; seconds where the eight digits that gRPC allows are not enough. */
  static String timeout(long nanos) {
    long millis = (nanos + 999_999) / 1_000_000;
    return millis < 100_000_000 ? millis + "m" : Math.min(99_999_999, (millis + 999) / 1_000) + "S";
  }

  private void answered(AsyncResult<HttpClientResponse> answer) {
    if (answer.failed()) {
      broke(answer.cause());
      return;
    }
    HttpClientResponse in = answer.result();
    response = in;
    in.exceptionHandler(this::broke);
    if (over) {
      in.handler(rest -> {});
      return;
    }
    hear();
    String type = in.getHeader(HttpHeaders.CONTENT_TYPE);
    if (in.statusCode() != 200 || type == null || !type.startsWith("application/grpc")) {
      if (in.getHeader("grpc-status") != null) {
        // Some proxies send a status with headers of their own.
        in.handler(rest -> {});
        in.endHandler(ended -> ended());
        return;
      }
      in.handler(rest -> {});
      refuse(lane.errors().ofHttp(in.statusCode(), type == null ? "" : type));
      return;
    }
    gzip = "gzip".equals(in.getHeader(ENCODING));
    deframer = new Deframer<>(rpc.answers(), rpc.response().getDescriptorForType(), lane.maxMessageBytes());
    in.handler(this::chunk);
    in.endHandler(ended -> ended());
  }

  private void chunk(Buffer chunk) {
    if (over) {
      return;
    }
    hear();
    ByteBuf bytes = ((BufferInternal) chunk).getByteBuf();
    try {
      requireNonNull(deframer).accept(bytes, gzip, owner::onMessage);
    } catch (Frames.TooLarge tooLarge) {
      refuse(lane.errors().tooLarge(tooLarge.bytes, lane.maxMessageBytes()));
    } catch (InvalidProtocolBufferException undecodable) {
      refuse(lane.errors().undecodable("an answer of " + rpc + " cannot be decoded", undecodable));
    } catch (IOException undecodable) {
      refuse(lane.errors().undecodable("an answer of " + rpc + " cannot be unzipped", undecodable));
    } catch (Throwable thrown) {
      refuse(lane.errors().thrown("an answer of " + rpc + " cannot be taken", thrown, true));
    }
  }

  private void ended() {
    if (over) {
      return;
    }
    hear();
    // The server may end first; the stream is there until both have.
    halfClose();
    HttpClientResponse in = requireNonNull(response);
    // Without a body, the status is in the head.
    String code = in.getTrailer("grpc-status");
    String text = in.getTrailer("grpc-message");
    if (code == null) {
      code = in.getHeader("grpc-status");
      text = in.getHeader("grpc-message");
    }
    GrpcStatus status = code == null ? null : status(code);
    if (status == null) {
      end(lane.errors().incomplete(code == null ? "the answer of " + rpc + " has no status" : "\"" + code + "\" is no gRPC status"));
    } else if (status != GrpcStatus.OK) {
      end(lane.errors().of(status, text == null ? "" : decode(text)));
    } else if (deframer != null && deframer.inMessage()) {
      end(lane.errors().incomplete("the answer of " + rpc + " ends within a message"));
    } else {
      end(null);
    }
  }

  private static @Nullable GrpcStatus status(String code) {
    try {
      return GrpcStatus.valueOf(Integer.parseInt(code));
    } catch (NumberFormatException noNumber) {
      return null;
    }
  }

  /** Undoes the percent-encoding; a text that is not encoded well is better than none. */
  private static String decode(String text) {
    try {
      // Plus is a plus here.
      return text.indexOf('%') < 0 ? text : URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException notEncoded) {
      return text;
    }
  }

  private void broke(Throwable fault) {
    if (!over) {
      end(requireNonNull(connection).broken(fault, streamId()));
    }
  }

  /** 0 as long as there is no stream: then nothing was sent. */
  private int streamId() {
    try {
      return request == null ? 0 : request.streamId();
    } catch (NullPointerException noStream) {
      // The only way in which Vert.x tells that the connection ended before the head was written.
      return 0;
    }
  }

  /** The server takes no new calls on its connection. */
  void goingAway() {
    if (!over) {
      owner.onGoingAway();
    }
  }

  /** The connection is gone. */
  void lost() {
    broke(new HttpClosedException("the connection was closed"));
  }

  /** Takes the call back: leaves the queue, or resets the stream. The owner hears nothing more. */
  void cancel() {
    if (over) {
      return;
    }
    GrpcConnection on = connection;
    if (on == null) {
      over = true;
      lane.forget(this);
      return;
    }
    over = true;
    reset();
    on.end(this);
    if (sent && !heard) {
      // It may have waited for an answer that cannot come any more.
      on.suspect(sentAt);
    }
  }

  /** Whether there was a connection for it. */
  boolean connected() {
    return connection != null;
  }

  /** Where it is, once there was a connection for it. */
  Endpoint endpoint() {
    return requireNonNull(connection).endpoint();
  }

  /** Whether it has ended. */
  boolean over() {
    return over;
  }

  /** Whether it reached the wire. */
  boolean sent() {
    return sent;
  }

  void pause() {
    if (response != null && !over) {
      response.pause();
    }
  }

  void resume() {
    if (response != null && !over) {
      response.resume();
    }
  }

  /** It never started, or its owner does not want to send it any more. */
  void fail(TributaryException error) {
    end(error);
  }

  /** Ends because of what was answered, although the server has not ended. */
  private void refuse(TributaryException error) {
    if (!over) {
      over = true;
      reset();
      requireNonNull(connection).end(this);
      tell(error);
    }
  }

  /** After {@code over} is set: the reset itself looks like a break. */
  private void reset() {
    if (request != null) {
      GrpcConnection on = requireNonNull(connection);
      on.countReset();
      request.reset(CANCEL);
    }
  }

  private void hear() {
    heard = true;
    requireNonNull(connection).hear();
  }

  private void end(@Nullable TributaryException error) {
    if (over) {
      return;
    }
    over = true;
    GrpcConnection on = connection;
    if (on != null) {
      on.end(this);
    }
    tell(error);
  }

  /** One that cannot hear it keeps no other from hearing theirs. */
  private void tell(@Nullable TributaryException error) {
    try {
      owner.onEnd(error);
    } catch (Throwable thrown) {
      LOG.log(Level.WARNING, "the end of " + rpc + " was not taken", thrown);
    }
  }
}
