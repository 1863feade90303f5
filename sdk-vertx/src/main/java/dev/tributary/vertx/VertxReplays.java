package dev.tributary.vertx;

import dev.tributary.replay.ReplayOptions;
import dev.tributary.replay.Replays;
import io.vertx.core.Future;
import java.util.List;

/** {@link Replays} for verticles; see {@link VertxTributary}. */
public final class VertxReplays {
  private final Contexts contexts;
  private final Replays replays;

  VertxReplays(Contexts contexts, Replays replays) {
    this.contexts = contexts;
    this.replays = replays;
  }

  /** See {@link Replays#create}. */
  public Future<VertxReplay> create(ReplayOptions options) {
    return contexts.future(replays.create(options)).map(replay -> new VertxReplay(contexts, replay));
  }

  /** See {@link Replays#list}. */
  public Future<List<VertxReplay>> list() {
    return contexts.future(replays.list()).map(all -> all.stream().map(replay -> new VertxReplay(contexts, replay)).toList());
  }
}
