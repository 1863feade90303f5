package dev.tributary.replay;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The replay sessions of a stream, with {@code REPLAY}. Futures complete within the client's deadline, on its callback executor. */
public interface Replays {
  /** Makes a session; it does nothing until it is started. */
  CompletableFuture<Replay> create(ReplayOptions options);

  /** The sessions that there are. */
  CompletableFuture<List<Replay>> list();
}
