package dev.tributary.vertx.internal.flymq;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.flymq.wire.Frame;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.tcp.TcpCaller;
import io.netty.buffer.ByteBuf;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * FlyMQ's operations: records there and back, errors by their texts. What stores and what asks have connections of their own, so that neither waits
 * behind the other; what is about one thing goes one way, in the order in which it is asked. Thread-safe.
 */
final class FlyMqCaller {
  private final Network network;
  private final TcpCaller<Answer> asking;
  private final TcpCaller<Answer> storing;
  private final ContextInternal loop;

  FlyMqCaller(Network network) {
    Greeting greeting = new Greeting(network.config());
    this.network = network;
    this.asking = new TcpCaller<>(network, greeting);
    this.storing = new TcpCaller<>(network, greeting);
    this.loop = network.loop();
  }

  /**
   * Makes a call.
   *
   * @param about what it is about: calls about the same are made in their order
   */
  <A extends Message> CompletableFuture<A> call(Opcode opcode, String about, Message request, Class<A> type, Deadline deadline) {
    ByteBuf frame;
    try {
      frame = Frame.of(opcode, request);
    } catch (RuntimeException unspeakable) {
      return CompletableFuture.failedFuture(unspeakable);
    }
    int bytes = frame.readableBytes() - Frame.HEADER;
    if (bytes > Frame.MOST_BYTES) {
      return CompletableFuture.failedFuture(
          new PayloadTooLargeException(ErrorInfo.of("a request of " + bytes + " bytes", "A request may have " + Frame.MOST_BYTES)));
    }
    TcpCaller<Answer> way = stores(opcode) ? storing : asking;
    return Steps.map(
        way.call(Math.floorMod(about.hashCode(), way.lanes()), frame, deadline), answer -> answer.as(opcode, type));
  }

  private static boolean stores(Opcode opcode) {
    return switch (opcode) {
      case PRODUCE, PRODUCE_WITH_SCHEMA, PRODUCE_DELAYED, PRODUCE_WITH_TTL, TXN_BEGIN, TXN_PRODUCE, TXN_COMMIT, TXN_ROLLBACK -> true;
      default -> false;
    };
  }

  /** A server has answers to questions at once: a connection that is silent for so long is dead, whatever else calls may take. */
  Duration patience() {
    Duration silence = network.config().idleProbe().plus(network.config().connectTimeout());
    Duration timeout = network.config().timeout();
    return silence.compareTo(timeout) < 0 ? silence : timeout;
  }

  /** Runs this with a timeout of its own, for what nobody above watches. */
  <R> CompletableFuture<R> within(Duration timeout, Function<Deadline, CompletableFuture<R>> work) {
    return network.within(timeout, work);
  }

  /** An event loop for what keeps state. */
  ContextInternal loop() {
    return loop;
  }

  /** Fails what is in flight, and disconnects. */
  CompletableFuture<Void> close() {
    return CompletableFuture.allOf(asking.close(), storing.close());
  }
}
