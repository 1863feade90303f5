package dev.tributary.spi;

import dev.tributary.Capability;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * A backend, seen from the client: bytes in and out. The client above it owns codecs, names, validation, deadlines, retries,
 * batching, callback threads and instrumentation; a transport has none of these.
 *
 * <p>The contract of every method of every role:
 *
 * <ul>
 *   <li>It may be called from any thread, any number of calls at a time, and returns at once.
 *   <li>Arguments are valid as far as {@link #capabilities()} and {@link #limits()} say: batches fit, durations are whole steps.
 *   <li>The future completes on any thread; whoever waits does not block there. It fails only with {@code TributaryException}s,
 *       which say {@code maybeApplied} whenever the request may have reached the backend.
 *   <li>What is refused before anything is sent may be thrown as well: to the client that is the same.
 *   <li>Cancelling the future ends the call on the wire as far as the wire can, and releases what it held.
 *   <li>It does not time the call out by itself: the client cancels at the deadline, which is passed so that it can be sent along.
 *   <li>It tries once. Only what is invisible to the caller may be repeated: making a connection, refreshing refused credentials.
 * </ul>
 *
 * <p>A role the backend does not have is absent, not stubbed. A method that a role has by a capability only need not be overridden without.
 */
public interface Transport {
  /** The backend's name, as in its URI. */
  String backend();

  /** What the backend can do. */
  Set<Capability> capabilities();

  /** The numbers it sets. */
  Limits limits();

  /** Streams, if it has them. */
  default Optional<StreamTransport> streams() {
    return Optional.empty();
  }

  /** Leased delivery of streams to groups, if it has that. */
  default Optional<GroupTransport> groups() {
    return Optional.empty();
  }

  /** Queues, if it has them. */
  default Optional<QueueTransport> queues() {
    return Optional.empty();
  }

  /** Key-value stores, if it has them. */
  default Optional<KeyValueTransport> keyValues() {
    return Optional.empty();
  }

  /** Transactions, if it has them. */
  default Optional<TransactionTransport> transactions() {
    return Optional.empty();
  }

  /** Schemas, if it has them. */
  default Optional<SchemaTransport> schemas() {
    return Optional.empty();
  }

  /** Traces, if it keeps any. */
  default Optional<TraceTransport> traces() {
    return Optional.empty();
  }

  /** Administration, if it has any. */
  default Optional<AdminTransport> admin() {
    return Optional.empty();
  }

  /** Users and what they may do, if it has any. */
  default Optional<AccessTransport> access() {
    return Optional.empty();
  }

  /** The nodes it has, if it says so. */
  default Optional<ClusterTransport> cluster() {
    return Optional.empty();
  }

  /** Health. */
  HealthTransport health();

  /** Ends every source with {@code ClientClosedException}, fails what is in flight, and disconnects. Again is no error. */
  CompletableFuture<Void> close();
}
