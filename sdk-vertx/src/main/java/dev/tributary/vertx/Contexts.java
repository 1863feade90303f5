package dev.tributary.vertx;

import dev.tributary.stream.ConsumerOptions;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.streams.ReadStream;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.function.Function;

/** From the client's futures, publishers and callbacks to Vert.x's, on the context of whoever calls. */
final class Contexts {
  private final Vertx vertx;
  private final Context own;

  Contexts(Vertx vertx) {
    this.vertx = vertx;
    this.own = vertx.getOrCreateContext();
  }

  /** The caller's context, or the client's own for a caller that has none on this Vert.x. */
  private Context current() {
    Context current = Vertx.currentContext();
    return current != null && current.owner() == vertx ? current : own;
  }

  /** A future that completes on the caller's context. */
  <R> Future<R> future(CompletionStage<R> stage) {
    Promise<R> promise = ((ContextInternal) current()).promise();
    stage.whenComplete(
        (result, error) -> {
          if (error == null) {
            promise.complete(result);
          } else {
            promise.fail(unwrap(error));
          }
        });
    return promise.future();
  }

  /** A stream that delivers on the caller's context. */
  <S, T> VertxReadStream<T> stream(
      Flow.Publisher<S> publisher, int window, Function<? super S, ? extends T> convert, Consumer<? super T> dropped) {
    return new VertxReadStream<>(current(), window, publisher, convert, dropped);
  }

  /** A publisher of a stream that is used on the caller's context. */
  <T> Flow.Publisher<T> publisher(ReadStream<T> stream) {
    return new ReadStreamPublisher<>(current(), Objects.requireNonNull(stream, "stream"));
  }

  /** A listener that is called on the caller's context. */
  <V> Consumer<V> listener(Consumer<? super V> listener) {
    Context context = current();
    return value -> context.runOnContext(now -> listener.accept(value));
  }

  /** The same with listeners that are called on the caller's context. */
  ConsumerOptions options(ConsumerOptions options) {
    return options
        .toBuilder()
        .onState(listener(options.onState()))
        .onAssigned(listener(options.onAssigned()))
        .onRevoked(listener(options.onRevoked()))
        .build();
  }

  /** A handler that runs on the caller's context. */
  <V, R> Function<V, CompletableFuture<R>> handler(Function<? super V, ? extends Future<? extends R>> handler) {
    Context context = current();
    return value -> {
      CompletableFuture<R> done = new CompletableFuture<>();
      context.runOnContext(
          now -> {
            Future<? extends R> running;
            try {
              running = Objects.requireNonNull(handler.apply(value), "the handler returned no future");
            } catch (Throwable thrown) {
              done.completeExceptionally(thrown);
              return;
            }
            running.onComplete(done::complete, done::completeExceptionally);
          });
      return done;
    };
  }

  private static Throwable unwrap(Throwable error) {
    return error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
  }
}
