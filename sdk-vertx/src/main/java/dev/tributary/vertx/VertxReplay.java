package dev.tributary.vertx;

import dev.tributary.replay.Replay;
import io.vertx.core.Future;

/** {@link Replay} for verticles; see {@link VertxTributary}. */
public final class VertxReplay {
  private final Contexts contexts;
  private final Replay replay;

  VertxReplay(Contexts contexts, Replay replay) {
    this.contexts = contexts;
    this.replay = replay;
  }

  /** See {@link Replay#id}. */
  public String id() {
    return replay.id();
  }

  /** See {@link Replay#state}. */
  public Future<Replay.State> state() {
    return contexts.future(replay.state());
  }

  /** See {@link Replay#start}. */
  public Future<Void> start() {
    return contexts.future(replay.start());
  }

  /** See {@link Replay#pause}. */
  public Future<Void> pause() {
    return contexts.future(replay.pause());
  }

  /** See {@link Replay#resume}. */
  public Future<Void> resume() {
    return contexts.future(replay.resume());
  }

  /** See {@link Replay#stop}. */
  public Future<Void> stop() {
    return contexts.future(replay.stop());
  }

  /** See {@link Replay#delete}. */
  public Future<Void> delete() {
    return contexts.future(replay.delete());
  }
}
