package dev.tributary.engine;

import dev.tributary.ResourceName;
import dev.tributary.access.Permission;
import dev.tributary.engine.access.Trail.Deed;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls that somebody has to be allowed.
 *
 * @param permission null if it takes no more than a login
 * @param resource what they are about; null for what everybody may read and write who has logged in
 */
record Allowed(Connection connection, @Nullable Permission permission, @Nullable ResourceName resource) {
  /** A call: inside the gate. Its future is complete already. */
  <R> CompletableFuture<R> call(Supplier<R> work) {
    return await(() -> CompletableFuture.completedFuture(work.get()));
  }

  /** A call that may wait: what it does inside the gate gives it its future. */
  <R> CompletableFuture<R> await(Supplier<CompletableFuture<R>> work) {
    return connection.enter(this, who -> work.get());
  }

  /** A call without a result. */
  CompletableFuture<Void> run(Runnable work) {
    return await(
        () -> {
          work.run();
          return CompletableFuture.completedFuture(null);
        });
  }

  /** A call without a result that is written down when it is done. */
  CompletableFuture<Void> run(Runnable work, Deed deed) {
    return connection.enter(
        this,
        who -> {
          work.run();
          connection.visitor().did(who, deed);
          return CompletableFuture.completedFuture(null);
        });
  }

  /** A call that takes a while, and is told who makes it: outside of the gate. */
  <R> CompletableFuture<R> outside(Function<@Nullable String, R> work) {
    return connection.outside(this, work);
  }

  /** Starts a source: what it cannot start for is how it ends. */
  void open(MemorySource<?> source, Runnable start) {
    connection.open(this, source, start);
  }
}
