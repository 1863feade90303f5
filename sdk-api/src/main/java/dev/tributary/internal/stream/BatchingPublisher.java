package dev.tributary.internal.stream;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.OverloadedException;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.Calls;
import dev.tributary.internal.Faults;
import dev.tributary.internal.Open;
import dev.tributary.internal.Serial;
import dev.tributary.observe.Observation;
import dev.tributary.observe.Operation;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.StreamTransport;
import dev.tributary.spi.TimeSource;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventPublisher;
import dev.tributary.stream.Position;
import dev.tributary.stream.PublisherOptions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Gathers events while a batch is on the wire, and sends them together when it is back. So batches grow by themselves with the
 * load, and an idle publisher waits for nobody unless it was told to linger.
 *
 * <p>An event has no timer: a batch has the deadline of its oldest event, and events behind it are older than their own deadlines
 * only when it ends.
 */
final class BatchingPublisher<T> implements EventPublisher<T> {
  private final Calls calls;
  private final StreamTransport transport;
  private final ResourceName name;
  private final Outgoing<T> outgoing;
  private final PublisherOptions options;
  private final int maxEvents;
  private final int maxBytes;
  private final Serial completions;
  private final Open.Closer closer = this::closeAsync;

  // All below is guarded by this; neither user code nor the transport is called while it is held.
  private final ArrayDeque<Pending> waiting = new ArrayDeque<>();
  private final ArrayDeque<Flush> flushes = new ArrayDeque<>();
  private final List<CompletableFuture<Void>> hopeful = new ArrayList<>();
  private long waitingBytes;
  private int inFlight;
  private long inFlightBytes;
  /** Numbers of events, in the order they were accepted. */
  private long accepted;
  private long taken;
  private long finished;
  private long flushUpTo;
  private boolean sending;
  private TimeSource.@Nullable Timer linger;
  private @Nullable CompletableFuture<Void> closing;

  BatchingPublisher(Calls calls, StreamTransport transport, ResourceName name, Outgoing<T> outgoing, PublisherOptions options) {
    this.calls = calls;
    this.transport = transport;
    this.name = name;
    this.outgoing = outgoing;
    this.options = Objects.requireNonNull(options, "options");
    this.maxEvents = Math.min(options.maxBatchEvents(), calls.checks().limits().maxBatch());
    this.maxBytes = Math.min(options.maxBatchBytes(), calls.checks().limits().maxBatchBytes());
    this.completions = new Serial(calls);
    if (!calls.open().add(closer)) {
      throw calls.closedError().at(calls.transport().backend(), "publisher", name.toString());
    }
  }

  /** An event that was accepted, and the future its user holds. */
  private final class Pending extends CompletableFuture<Position> {
    private final Event<byte[]> event;
    private final int bytes;
    private final Deadline deadline;
    private boolean sent;
    private boolean withdrawn;

    Pending(Event<byte[]> event, int bytes, Deadline deadline) {
      this.event = event;
      this.bytes = bytes;
      this.deadline = deadline;
    }

    /** Only while it waits for its batch. */
    @Override
    public boolean cancel(boolean mayInterrupt) {
      synchronized (BatchingPublisher.this) {
        if (sent) {
          return isCancelled();
        }
        withdrawn = true;
      }
      return super.cancel(mayInterrupt);
    }

    Duration waited() {
      return deadline.timeout().minus(deadline.remaining());
    }
  }

  private record Flush(long upTo, CompletableFuture<Void> done) {}

  @Override
  public CompletableFuture<Position> publish(T value) {
    return calls.checked("publish", name, () -> accept(Event.of(value)));
  }

  @Override
  public CompletableFuture<Position> publish(Event<T> event) {
    return calls.checked("publish", name, () -> accept(event));
  }

  private CompletableFuture<Position> accept(Event<T> event) {
    Event<byte[]> ready = outgoing.prepare(event);
    Pending pending = new Pending(ready, outgoing.size(ready), calls.deadline());
    List<Pending> batch;
    synchronized (this) {
      if (closing != null) {
        throw new ClientClosedException(ErrorInfo.of("the publisher is closed", "Make a new one"));
      }
      if (!hasRoom()) {
        throw new OverloadedException(
            ErrorInfo.of(
                inFlight + " events with " + inFlightBytes + " bytes are in flight, no more are allowed",
                "Wait for ready() before publishing more, or raise the limits of PublisherOptions"));
      }
      inFlight++;
      inFlightBytes += pending.bytes;
      accepted++;
      waiting.addLast(pending);
      waitingBytes += pending.bytes;
      batch = nextBatch();
    }
    send(batch);
    return pending;
  }

  /** Not asking how large the next one is, because {@link #ready} cannot know: what was said to have room must be accepted. */
  private boolean hasRoom() {
    return inFlight < options.maxInFlightEvents() && inFlightBytes < options.maxInFlightBytes();
  }

  /** What is to be sent now; empty if nothing. Sets the timer if that is only a matter of time. Holds the lock. */
  private List<Pending> nextBatch() {
    if (sending || waiting.isEmpty()) {
      return List.of();
    }
    boolean full = waiting.size() >= maxEvents || waitingBytes >= maxBytes;
    boolean flushing = taken < flushUpTo;
    if (!full && !flushing && !options.linger().isZero()) {
      Duration waited = waiting.getFirst().waited();
      Duration left = options.linger().minus(waited);
      if (!left.isNegative() && !left.isZero()) {
        if (linger == null) {
          linger = calls.time().schedule(left, this::lingered);
        }
        return List.of();
      }
    }
    if (linger != null) {
      linger.cancel();
      linger = null;
    }
    List<Pending> batch = new ArrayList<>(Math.min(waiting.size(), maxEvents));
    long bytes = 0;
    while (!waiting.isEmpty() && batch.size() < maxEvents) {
      Pending next = waiting.getFirst();
      if (!batch.isEmpty() && bytes + next.bytes > maxBytes) {
        break;
      }
      waiting.removeFirst();
      waitingBytes -= next.bytes;
      bytes += next.bytes;
      next.sent = true;
      batch.add(next);
    }
    taken += batch.size();
    sending = true;
    return batch;
  }

  private void lingered() {
    List<Pending> batch;
    synchronized (this) {
      linger = null;
      batch = nextBatch();
    }
    send(batch);
  }

  private void send(List<Pending> batch) {
    if (batch.isEmpty()) {
      return;
    }
    List<Pending> wanted = new ArrayList<>(batch.size());
    List<Event<byte[]>> bare = new ArrayList<>(batch.size());
    for (Pending pending : batch) {
      if (!pending.withdrawn) {
        wanted.add(pending);
        bare.add(pending.event);
      }
    }
    if (wanted.isEmpty()) {
      back(batch, wanted, List.of(), null);
      return;
    }
    Observation observation =
        calls.observe(
            Operation.Kind.SEND, "publish", name, null, -1, bare.size(), Outgoing.payloadBytes(bare), null, List.of());
    List<Event<byte[]>> events = outgoing.linked(bare, observation);
    calls
        .batch(
            "publish",
            name,
            Outgoing.repeat(events),
            observation,
            wanted.get(0).deadline,
            Outgoing.payloadBytes(bare),
            events.size(),
            deadline -> transport.publish(name, events, deadline),
            Function.identity())
        .whenComplete((outcomes, fault) -> back(batch, wanted, outcomes, fault));
  }

  /** The batch is back: the next one goes before users hear of this one. */
  private void back(
      List<Pending> batch, List<Pending> sent, @Nullable List<Outcome<Position>> outcomes, @Nullable Throwable fault) {
    List<Pending> next;
    synchronized (this) {
      sending = false;
      next = nextBatch();
    }
    send(next);
    completions.executeHere(
        () -> {
          complete(sent, outcomes, fault);
          settle(batch);
        });
  }

  private void complete(List<Pending> sent, @Nullable List<Outcome<Position>> outcomes, @Nullable Throwable fault) {
    if (outcomes == null) {
      TributaryException error = Faults.of(Objects.requireNonNull(fault));
      sent.forEach(pending -> pending.completeExceptionally(error));
      return;
    }
    for (int i = 0; i < sent.size(); i++) {
      Outcome<Position> outcome = outcomes.get(i);
      TributaryException error = outcome.error();
      if (error == null) {
        sent.get(i).complete(outcome.orThrow());
      } else {
        sent.get(i).completeExceptionally(error.at(calls.transport().backend(), "publish", name.toString()));
      }
    }
  }

  private void settle(List<Pending> batch) {
    List<CompletableFuture<Void>> told = new ArrayList<>();
    synchronized (this) {
      for (Pending pending : batch) {
        inFlightBytes -= pending.bytes;
      }
      inFlight -= batch.size();
      finished += batch.size();
      while (!flushes.isEmpty() && flushes.getFirst().upTo() <= finished) {
        told.add(flushes.removeFirst().done());
      }
      if (hasRoom()) {
        told.addAll(hopeful);
        hopeful.clear();
      }
    }
    told.forEach(future -> future.complete(null));
  }

  @Override
  public CompletableFuture<Void> ready() {
    CompletableFuture<Void> room = new CompletableFuture<>();
    synchronized (this) {
      if (!hasRoom()) {
        hopeful.add(room);
        return room;
      }
    }
    room.complete(null);
    return room;
  }

  @Override
  public CompletableFuture<Void> flush() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    List<Pending> batch;
    synchronized (this) {
      if (finished == accepted) {
        done.complete(null);
        return done;
      }
      flushUpTo = accepted;
      flushes.addLast(new Flush(accepted, done));
      batch = nextBatch();
    }
    send(batch);
    return done;
  }

  @Override
  public CompletableFuture<Void> closeAsync(Duration within) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    synchronized (this) {
      if (closing != null) {
        return closing;
      }
      closing = done;
    }
    flush()
        .whenComplete(
            (flushed, error) -> {
              calls.open().remove(closer);
              done.complete(null);
            });
    return done;
  }

}
