package dev.tributary.testkit.server.flymq;

import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.flymq.wire.Frame;
import dev.tributary.vertx.internal.flymq.wire.Malformed;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * Unzips requests. A little that arrives may become as much as a request may have: so only as many are unzipped at a time as there is room for that,
 * in the order in which they came, and what became of them takes room until it is answered. Thread-safe.
 */
final class Unzipping {
  private final Executor workers;
  private final long room;
  private final Set<Request<?>> waiting = new LinkedHashSet<>();
  private long taken;

  /** {@code room} is how many bytes there may be at once; one request is unzipped even if it may have more. */
  Unzipping(Executor workers, long room) {
    this.workers = workers;
    this.room = room;
  }

  /** Answers a request as it was before it was zipped; fails with {@link Malformed} if it never was. */
  <T> CompletableFuture<T> answer(Frame zipped, Function<Frame, CompletableFuture<T>> answer) {
    Request<T> request = new Request<>(zipped);
    CompletableFuture<T> answered = Steps.then(request.plain, answer);
    synchronized (this) {
      waiting.add(request);
    }
    answered.whenComplete((done, error) -> over(request));
    begin();
    return answered;
  }

  private static final class Request<T> {
    private final Frame zipped;
    private final CompletableFuture<Frame> plain = new CompletableFuture<>();
    private long bytes;
    private boolean unzipping;
    private boolean over;

    Request(Frame zipped) {
      this.zipped = zipped;
    }
  }

  private synchronized void begin() {
    while (!waiting.isEmpty() && (taken == 0 || taken + Frame.MOST_BYTES <= room)) {
      Request<?> next = waiting.iterator().next();
      waiting.remove(next);
      next.unzipping = true;
      take(next, Frame.MOST_BYTES);
      workers.execute(() -> unzip(next));
    }
  }

  private void unzip(Request<?> request) {
    try {
      Frame plain = request.zipped.unzipped();
      unzipped(request, plain.payload().readableBytes());
      request.plain.complete(plain);
    } catch (Malformed garbage) {
      unzipped(request, 0);
      request.plain.completeExceptionally(garbage);
    }
    begin();
  }

  private synchronized void unzipped(Request<?> request, int bytes) {
    request.unzipping = false;
    take(request, request.over ? 0 : bytes);
  }

  /** Nobody needs it any more; what is being unzipped takes its room until that is done. */
  private void over(Request<?> request) {
    synchronized (this) {
      request.over = true;
      waiting.remove(request);
      if (!request.unzipping) {
        take(request, 0);
      }
    }
    begin();
  }

  private void take(Request<?> request, long bytes) {
    taken += bytes - request.bytes;
    request.bytes = bytes;
  }
}
