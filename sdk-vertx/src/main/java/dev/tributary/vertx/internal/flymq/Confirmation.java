package dev.tributary.vertx.internal.flymq;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.ServerErrorException;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Waits until a node of a cluster has done what it said it did: it answers before. */
final class Confirmation {
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final int LOOKS = 100;

  private final TimeSource time;

  Confirmation(TimeSource time) {
    this.time = time;
  }

  /** Asks until this holds; {@code what} the server said, for the error if it never does. */
  CompletableFuture<Void> until(Supplier<CompletableFuture<Boolean>> holds, String what) {
    return Steps.map(found(() -> Steps.map(holds.get(), done -> done ? Optional.of(true) : Optional.empty()), what), done -> null);
  }

  /** Asks until this is there. */
  <T> CompletableFuture<T> found(Supplier<CompletableFuture<Optional<T>>> look, String what) {
    return found(look, what, LOOKS);
  }

  private <T> CompletableFuture<T> found(Supplier<CompletableFuture<Optional<T>>> look, String what, int looks) {
    return Steps.then(
        look.get(),
        there -> {
          if (there.isPresent()) {
            return CompletableFuture.completedFuture(there.get());
          }
          if (looks == 0) {
            throw new ServerErrorException(
                ErrorInfo.of(
                        "the server said that " + what + ", and that never happened",
                        "Look at its log; a public one drops what comes after a thousand changes, until it is restarted")
                    .maybeApplied(true));
          }
          return Steps.then(pause(), later -> found(look, what, looks - 1));
        });
  }

  private CompletableFuture<Void> pause() {
    CompletableFuture<Void> over = new CompletableFuture<>();
    time.schedule(PAUSE, () -> over.complete(null));
    return over;
  }
}
