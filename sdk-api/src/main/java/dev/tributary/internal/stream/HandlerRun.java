package dev.tributary.internal.stream;

import dev.tributary.stream.Message;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** A {@code forEach}: its handler, and the future that its user holds; when that is done, nothing more is handed out. */
class HandlerRun<T> extends CompletableFuture<Void> {
  private final Function<? super Message<T>, ? extends CompletionStage<?>> handler;

  private volatile boolean stopped;

  HandlerRun(Function<? super Message<T>, ? extends CompletionStage<?>> handler) {
    this.handler = handler;
  }

  /** Hands out nothing more, although the user is not told yet. */
  void stop() {
    stopped = true;
  }

  boolean isOver() {
    return stopped || isDone();
  }

  CompletionStage<?> handle(Message<T> message) {
    return handler.apply(message);
  }
}
