package dev.tributary.testkit.server.flymq.internal.link;

import dev.tributary.vertx.internal.flymq.wire.Frame;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.CompletableFuture;

/** Answers requests. Called on the event loop of a connection, for one request at a time. */
public interface Desk {
  /** What a request is answered with; completes on any thread, and never fails. Cancelling it ends what was begun. */
  CompletableFuture<Reply> answer(Frame request, Client client);

  /** A client is gone. */
  void gone(Client client);

  /** What a client is answered. */
  @FunctionalInterface
  interface Reply {
    /** Nothing, and the connection ends. */
    Reply HANG_UP = out -> false;

    /** Writes it as a frame; false if the connection is to end instead. */
    boolean write(ByteBuf out);
  }
}
