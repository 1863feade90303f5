package dev.tributary.vertx.internal.net;

import dev.tributary.Capability;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Limits;
import dev.tributary.spi.Steps;
import dev.tributary.spi.Transport;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A transport on a {@link Network}: what it can do is known from the start, and it is closed once. A backend adds its roles. */
public abstract class Driver implements Transport {
  private final String backend;
  private final Set<Capability> capabilities;
  private final Limits limits;
  private final Network network;
  private final AtomicBoolean closing = new AtomicBoolean();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();

  protected Driver(String backend, Set<Capability> capabilities, Limits limits, Network network) {
    this.backend = backend;
    this.capabilities = capabilities;
    this.limits = limits;
    this.network = network;
  }

  @Override
  public final String backend() {
    return backend;
  }

  @Override
  public final Set<Capability> capabilities() {
    return capabilities;
  }

  @Override
  public final Limits limits() {
    return limits;
  }

  /** Ends the sources with this reason, and then the callers. The network is closed afterwards, whatever comes of it. */
  protected abstract CompletableFuture<Void> end(TributaryException reason);

  @Override
  public final CompletableFuture<Void> close() {
    if (closing.compareAndSet(false, true)) {
      CompletableFuture<Void> ended =
          Steps.then(CompletableFuture.<Void>completedFuture(null), now -> end(Network.closedError(false)));
      // Also if something could not be ended: a network that is left open keeps its threads.
      ended.whenComplete((done, error) -> network.close().whenComplete((gone, also) -> closed(error == null ? also : error)));
    }
    return closed;
  }

  private void closed(@Nullable Throwable error) {
    if (error == null) {
      closed.complete(null);
    } else {
      closed.completeExceptionally(error);
    }
  }
}
