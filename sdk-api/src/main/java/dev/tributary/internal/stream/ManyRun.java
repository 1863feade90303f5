package dev.tributary.internal.stream;

import dev.tributary.ResourceName;
import dev.tributary.spi.Steps;
import dev.tributary.stream.StreamMessage;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A {@code forEach} over several streams: one in each of them. When its user's future is done nothing more is handed out in any. */
final class ManyRun<T> extends CompletableFuture<Void> {
  private final Function<? super StreamMessage<T>, ? extends CompletionStage<?>> handler;
  private final Set<Member<T>> joined = ConcurrentHashMap.newKeySet();
  private final Map<Member<T>, CompletableFuture<Void>> parts = new ConcurrentHashMap<>();

  ManyRun(Function<? super StreamMessage<T>, ? extends CompletionStage<?>> handler) {
    this.handler = handler;
    whenComplete((done, error) -> stop());
  }

  private void stop() {
    parts.values().forEach(part -> part.cancel(true));
  }

  /** Begins in this stream. */
  void join(Member<T> member) {
    if (member.end() != null || !joined.add(member)) {
      return;
    }
    CompletableFuture<Void> part = member.consumer().forEach(() -> new Part(member.name));
    parts.put(member, part);
    part.whenComplete((done, error) -> ended(member, error == null ? null : Steps.unwrap(error)));
    if (isDone()) {
      stop();
    }
  }

  private void ended(Member<T> member, @Nullable Throwable why) {
    parts.remove(member);
    joined.remove(member);
    // What ends a stream may end the whole or not; what ends a handler does.
    if (why != null && why != member.end()) {
      completeExceptionally(why);
    }
  }

  /** In one stream. Over as soon as the whole is: a handler that fails because of that has not failed. */
  private final class Part extends HandlerRun<T> {
    Part(ResourceName stream) {
      super(message -> handler.apply(new StreamMessage<>(stream, message)));
    }

    @Override
    boolean isOver() {
      return super.isOver() || ManyRun.this.isDone();
    }
  }
}
