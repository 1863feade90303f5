package dev.tributary.vertx;

import dev.tributary.queue.DeadLetter;
import dev.tributary.queue.DeadLetters;
import dev.tributary.queue.EnqueueResult;
import io.vertx.core.Future;
import java.util.List;

/** {@link DeadLetters} for verticles; see {@link VertxTributary}. */
public final class VertxDeadLetters<T> {
  private final Contexts contexts;
  private final DeadLetters<T> letters;

  VertxDeadLetters(Contexts contexts, DeadLetters<T> letters) {
    this.contexts = contexts;
    this.letters = letters;
  }

  /** See {@link DeadLetters#list}. */
  public Future<List<DeadLetter<T>>> list(int max) {
    return contexts.future(letters.list(max));
  }

  /** See {@link DeadLetters#add}. */
  public Future<String> add(DeadLetter<T> letter) {
    return contexts.future(letters.add(letter));
  }

  /** See {@link DeadLetters#replay}. */
  public Future<EnqueueResult> replay(String id) {
    return contexts.future(letters.replay(id));
  }

  /** See {@link DeadLetters#purge}. */
  public Future<Void> purge() {
    return contexts.future(letters.purge());
  }
}
