package dev.tributary.vertx.internal.disheap;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.disheap.proto.PopItem;
import dev.tributary.vertx.internal.disheap.proto.PopOpen;
import dev.tributary.vertx.internal.net.grpc.ScriptedServer;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServerRequest;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;

/** The streams of jobs that a server was asked for, each in the hands of the test. */
final class PopServer {
  final BlockingQueue<Stream> streams = new LinkedBlockingQueue<>();
  private final List<Stream> all = new CopyOnWriteArrayList<>();

  PopServer(ScriptedServer server) {
    server.onCall(
        DisheapMethods.POP_STREAM,
        call -> {
          Stream stream = new Stream(call);
          all.add(stream);
          streams.add(stream);
        });
  }

  /** Breaks off whatever is open, that nobody waits for it when the test is over. */
  void reset() {
    all.forEach(stream -> stream.call.response().cancel());
  }

  /** One stream, from the server's side. */
  static final class Stream {
    final BlockingQueue<PopOpen> asked = new LinkedBlockingQueue<>();
    /** Told once: true for a half-close, false for a reset. */
    final BlockingQueue<Boolean> ended = new LinkedBlockingQueue<>();

    private final GrpcServerRequest<PopOpen, PopItem> call;

    Stream(GrpcServerRequest<PopOpen, PopItem> call) {
      this.call = call;
      call.handler(asked::add);
      call.endHandler(done -> ended.add(true));
      call.errorHandler(broken -> ended.add(false));
      call.exceptionHandler(broken -> ended.add(false));
    }

    void send(PopItem item) {
      call.response().write(item);
    }

    /** Announces the end of its connection. */
    void goAway() {
      call.connection().goAway(0);
    }

    void end() {
      call.response().end();
    }

    void end(GrpcStatus status, String message) {
      call.response().status(status).statusMessage(message).end();
    }
  }

  static Timestamp at(Instant time) {
    return Timestamp.newBuilder().setSeconds(time.getEpochSecond()).setNanos(time.getNano()).build();
  }

  static PopItem item(String id) {
    return PopItem.newBuilder()
        .setMessageId(id)
        .setLeaseToken("token-" + id)
        .setPayload(ByteString.copyFromUtf8(id))
        .setAttempts(1)
        .setMaxRetries(3)
        .setLeaseDeadline(at(DisheapTest.NOW.plusSeconds(30)))
        .build();
  }
}
