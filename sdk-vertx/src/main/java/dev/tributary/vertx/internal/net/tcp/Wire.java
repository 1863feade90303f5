package dev.tributary.vertx.internal.net.tcp;

import dev.tributary.error.TributaryException;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How requests and answers lie on a connection. */
public interface Wire<A> {
  /** What cuts the answers of one connection. */
  Answers<A> answers();

  /** What any healthy server answers at once, whoever asks: sent while nobody has anything to say. */
  ByteBuf question();

  /** After how much time without a call the question is sent, so that the server does not take the connection for idle. */
  Duration heartbeat();

  /**
   * What comes before all else on a new connection, and must ask at least once: who is there, and who is calling. Calls follow when it completes; if it
   * fails, the connection is given up with this error. Runs on the event loop, where {@code ask} completes too.
   *
   * @return why calls that need a login fail on this connection; empty if there was one
   */
  CompletableFuture<Optional<TributaryException>> greet(Function<ByteBuf, CompletableFuture<A>> ask);

  /** Cuts what arrives on one connection into answers. Not thread-safe. */
  interface Answers<A> {
    /** More arrived. */
    void add(ByteBuf more);

    /**
     * The next answer; null if it is not there yet.
     *
     * @throws TributaryException if there can be none any more, because what arrived is none
     */
    @Nullable A next();
  }
}
