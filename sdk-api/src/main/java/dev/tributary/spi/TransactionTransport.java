package dev.tributary.spi;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.TransactionOptions;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Transactions of a backend. See {@link Transport} for what holds for every method. */
public interface TransactionTransport {
  /** Begins a transaction. */
  CompletableFuture<Session> begin(TransactionOptions options, Deadline deadline);

  /** One transaction. Calls on it do not overlap: the client makes them one after the other. */
  interface Session {
    /** The backend's id. */
    String id();

    /** Publishes; invisible until the commit. A position is empty where it is not known before. */
    CompletableFuture<List<Outcome<Optional<Position>>>> publish(ResourceName stream, List<Event<byte[]>> events, Deadline deadline);

    /** Enqueues, with {@code TRANSACTIONAL_ENQUEUE}; invisible until the commit. */
    CompletableFuture<List<Outcome<EnqueueResult>>> enqueue(ResourceName queue, List<NewJob<byte[]>> jobs, Deadline deadline);

    /** Makes it all visible. Fails with {@code ConflictException} if the transaction is over or its producer is fenced. */
    CompletableFuture<Void> commit(Deadline deadline);

    /** Drops it all; no error if it is over already without a commit. */
    CompletableFuture<Void> abort(Deadline deadline);
  }
}
