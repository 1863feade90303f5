package dev.tributary.examples.bench.flymq;

import dev.tributary.config.Endpoint;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.util.ArrayDeque;
import java.util.Deque;

/** One connection: requests as they come, answers in their order. No deadline, no limit, and nobody looks after it. */
final class Pipeline {
  private static final int HEADER = 8;
  private static final int OPCODE = 2;
  private static final int LENGTH = 4;
  private static final int ERROR = 0xFF;

  private final Context loop;
  private final NetSocket socket;
  private final Deque<Promise<Buffer>> due = new ArrayDeque<>();
  private Buffer left = Buffer.buffer();

  private Pipeline(Context loop, NetSocket socket) {
    this.loop = loop;
    this.socket = socket;
    socket.handler(this::received);
  }

  static Future<Pipeline> connect(Vertx vertx, NetClient client, Endpoint server) {
    Context loop = vertx.getOrCreateContext();
    Promise<Pipeline> made = Promise.promise();
    loop.runOnContext(now -> client.connect(server.port(), server.host()).map(socket -> new Pipeline(loop, socket)).onComplete(made));
    return made.future();
  }

  /** Completes with the payload of the answer, on the event loop. */
  Future<Buffer> call(Buffer request) {
    Promise<Buffer> answer = Promise.promise();
    if (Vertx.currentContext() == loop) {
      send(request, answer);
    } else {
      loop.runOnContext(now -> send(request, answer));
    }
    return answer.future();
  }

  private void send(Buffer request, Promise<Buffer> answer) {
    due.add(answer);
    socket.write(request);
  }

  private void received(Buffer more) {
    Buffer all = left.length() == 0 ? more : left.appendBuffer(more);
    int at = 0;
    while (all.length() - at >= HEADER && all.length() - at - HEADER >= all.getInt(at + LENGTH)) {
      int end = at + HEADER + all.getInt(at + LENGTH);
      Buffer payload = all.slice(at + HEADER, end);
      Promise<Buffer> answer = due.remove();
      if (all.getUnsignedByte(at + OPCODE) == ERROR) {
        answer.fail(payload.toString());
      } else {
        answer.complete(payload);
      }
      at = end;
    }
    left = at == all.length() ? Buffer.buffer() : all.getBuffer(at, all.length());
  }

  Future<Void> close() {
    return socket.close();
  }
}
