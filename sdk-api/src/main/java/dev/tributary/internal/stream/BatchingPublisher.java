package dev.tributary.internal.stream;

import dev.tributary.ResourceName;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.CloseTimeoutException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.OverloadedException;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.Calls;
import dev.tributary.internal.Open;
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
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Gathers events while a batch is on the wire, and sends them together when it is back. So batches grow by themselves with the
 * load, and an idle publisher waits for nobody unless it was told to linger.
 *
 * <p>Every event has its own deadline, and one timer serves them all: they expire in the order they were accepted. What expires fails, and
 * is no part of its batch any more; the others of the batch have the time that is left to them.
 *
 * <p>What is counted is counted before users hear of it, so that a callback may wait for what the publisher owes it.
 */
final class BatchingPublisher<T> implements EventPublisher<T> {
  private final Calls calls;
  private final ResourceName name;
  private final Outgoing<T> outgoing;
  private final PublisherOptions options;
  private final Flight.Line line;
  private final int maxEvents;
  private final int maxBytes;
  private final long lingerNanos;
  private final Completions completions;
  private final Open.Closer closer = this::closeAsync;

  // All below is guarded by this; neither user code nor the transport is called while it is held.
  private final ArrayDeque<Pending> waiting = new ArrayDeque<>();
  private final ArrayDeque<Flush> flushes = new ArrayDeque<>();
  private long waitingBytes;
  private int inFlight;
  private long inFlightBytes;
  /** The bytes of the largest event so far; 0 before the first. */
  private int largest;
  /** Numbers of events, in the order they were accepted. */
  private long accepted;
  private long taken;
  private long finished;
  private long flushUpTo;
  /** On the wire; null if nothing is, and the next batch may go. */
  private @Nullable Flight flight;
  private TimeSource.@Nullable Timer linger;
  private TimeSource.@Nullable Timer expiry;
  private @Nullable CompletableFuture<Void> room;
  private @Nullable CompletableFuture<Void> closing;
  private boolean closed;

  BatchingPublisher(Calls calls, StreamTransport transport, ResourceName name, Outgoing<T> outgoing, PublisherOptions options) {
    this.calls = calls;
    this.name = name;
    this.outgoing = outgoing;
    this.options = Objects.requireNonNull(options, "options");
    this.line = new Flight.Line(calls, transport, name, outgoing);
    this.maxEvents = Math.min(options.maxBatchEvents(), calls.checks().limits().maxBatch());
    this.maxBytes = Math.min(options.maxBatchBytes(), calls.checks().limits().maxBatchBytes());
    // Who lingers as long as an event may take would never send one.
    this.lingerNanos = Math.min(Deadline.nanos(options.linger()), Deadline.nanos(calls.config().timeout()) / 2);
    this.completions = new Completions(calls);
    if (!calls.open().add(closer)) {
      throw located(calls.closedError());
    }
  }

  private TributaryException located(TributaryException error) {
    return error.at(calls.transport().backend(), "publish", name.toString());
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
    Flight next;
    synchronized (this) {
      if (closing != null) {
        throw new ClientClosedException(ErrorInfo.of("the publisher is closed", "Make a new one"));
      }
      if (!hasRoom()) {
        throw OverloadedException.byClient(
            inFlight + " events with " + inFlightBytes + " bytes are in flight, no more are allowed",
            "Wait for ready() before publishing more, or raise the limits of PublisherOptions");
      }
      inFlight++;
      inFlightBytes += pending.bytes;
      largest = Math.max(largest, Math.max(1, pending.bytes));
      accepted++;
      waiting.addLast(pending);
      waitingBytes += pending.bytes;
      next = nextBatch();
      planExpiry();
    }
    send(next);
    return pending;
  }

  /** Not asking how large the next one is, because {@link #ready} cannot know: what was said to have room must be accepted. */
  private boolean hasRoom() {
    return inFlight < options.maxInFlightEvents() && inFlightBytes < options.maxInFlightBytes();
  }

  /** How many more events would be accepted if none is larger than the largest so far; one, before the first. */
  synchronized int room() {
    if (!hasRoom()) {
      return 0;
    }
    long alike = largest == 0 ? 1 : (options.maxInFlightBytes() - inFlightBytes + largest - 1) / largest;
    return (int) Math.min(options.maxInFlightEvents() - inFlight, alike);
  }

  /** What is to be sent now; null if nothing. Sets the timer if that is only a matter of time. Holds the lock. */
  private @Nullable Flight nextBatch() {
    if (flight != null || waiting.isEmpty()) {
      return null;
    }
    boolean full = waiting.size() >= maxEvents || waitingBytes >= maxBytes;
    boolean flushing = taken < flushUpTo;
    if (!full && !flushing && lingerNanos > 0) {
      Deadline first = waiting.getFirst().deadline;
      long left = lingerNanos - (Deadline.nanos(first.timeout()) - first.remainingNanos());
      if (left > 0) {
        if (linger == null) {
          linger = calls.time().schedule(Duration.ofNanos(left), this::lingered);
        }
        return null;
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
      batch.add(next);
    }
    taken += batch.size();
    flight = new Flight(line, batch, this::back);
    return flight;
  }

  private void lingered() {
    Flight next;
    synchronized (this) {
      linger = null;
      next = nextBatch();
      planExpiry();
    }
    send(next);
  }

  /** A loop and not a recursion: a batch may be back at once. */
  private void send(@Nullable Flight next) {
    Flight now = next;
    while (now != null && now.begin()) {
      now = landed(now);
    }
  }

  /** A batch is back, later than it was sent. */
  private void back(Flight flown) {
    send(landed(flown));
  }

  /** Counts a batch that is back and tells its users; the next one goes before they hear of it. */
  private @Nullable Flight landed(Flight flown) {
    List<CompletableFuture<Void>> told = new ArrayList<>();
    Flight next;
    synchronized (this) {
      if (flight != flown) {
        return null;
      }
      flight = null;
      count(flown.batch(), told);
      next = nextBatch();
      planExpiry();
    }
    tell(flown.outcomes(), told);
    return next;
  }

  /** These are finished. Holds the lock. */
  private void count(List<Pending> batch, List<CompletableFuture<Void>> told) {
    for (Pending pending : batch) {
      inFlightBytes -= pending.bytes;
    }
    inFlight -= batch.size();
    finished += batch.size();
    while (!flushes.isEmpty() && flushes.getFirst().upTo() <= finished) {
      told.add(flushes.removeFirst().done());
    }
    if (room != null && hasRoom()) {
      told.add(room);
      room = null;
    }
  }

  /** Users hear of their events first, and then of what waits for all of them. */
  private void tell(List<Completions.Step> events, List<CompletableFuture<Void>> told) {
    List<Completions.Step> steps = new ArrayList<>(events);
    told.forEach(future -> steps.add(new Completions.Step(null, () -> future.complete(null))));
    completions.add(steps);
  }

  private Completions.Step failing(Pending pending, TributaryException why) {
    return new Completions.Step(pending, () -> pending.fail(located(why)));
  }

  // Deadlines.

  /** Sets the timer for the oldest event on the wire. Holds the lock. */
  private void planExpiry() {
    if (expiry != null) {
      return;
    }
    // What waits is younger than what is on the wire, and goes when that is back.
    Pending oldest = flight == null ? null : flight.oldest();
    if (oldest != null) {
      expiry = oldest.deadline.whenPassed(this::expire);
    }
  }

  private void expire() {
    List<Pending> expired = new ArrayList<>();
    List<CompletableFuture<Void>> told = new ArrayList<>();
    List<Pending> sent;
    synchronized (this) {
      expiry = null;
      sent = flight == null ? List.of() : flight.expired();
      while (!waiting.isEmpty() && waiting.getFirst().deadline.expired()) {
        Pending late = waiting.removeFirst();
        waitingBytes -= late.bytes;
        expired.add(late);
      }
      taken += expired.size();
      if (!expired.isEmpty()) {
        count(expired, told);
      }
      planExpiry();
    }
    List<Completions.Step> steps = new ArrayList<>();
    sent.forEach(late -> steps.add(failing(late, late.expiredError(true))));
    expired.forEach(late -> steps.add(failing(late, late.expiredError(false))));
    tell(steps, told);
  }

  // Waiting for it.

  @Override
  public CompletableFuture<Void> ready() {
    synchronized (this) {
      if (!hasRoom()) {
        if (room == null) {
          room = new CompletableFuture<>();
        }
        // Each caller's own: they may cancel it, or give it a timeout.
        return room.copy();
      }
    }
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> flush() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Flight next;
    boolean send = false;
    synchronized (this) {
      if (finished == accepted) {
        next = null;
      } else {
        flushUpTo = accepted;
        Flush last = flushes.peekLast();
        if (last != null && last.upTo() == accepted) {
          return last.done().copy();
        }
        flushes.addLast(new Flush(accepted, done));
        next = nextBatch();
        planExpiry();
        send = true;
      }
    }
    if (send) {
      send(next);
    } else if (completions.isComplete()) {
      done.complete(null);
    } else {
      tell(List.of(), List.of(done));
    }
    return done.copy();
  }

  @Override
  public CompletableFuture<Void> closeAsync(Duration within) {
    CompletableFuture<Void> done;
    boolean first;
    synchronized (this) {
      first = closing == null;
      if (first) {
        closing = new CompletableFuture<>();
      }
      done = Objects.requireNonNull(closing);
    }
    if (first) {
      flush().whenComplete((all, error) -> closed(null));
    }
    if (!done.isDone()) {
      // The shortest of the times that are given counts.
      TimeSource.Timer bound = calls.time().schedule(Duration.ofNanos(Deadline.nanos(within)), this::giveUp);
      done.whenComplete((all, error) -> bound.cancel());
    }
    return done.copy();
  }

  /** The time of the close is over: what is not confirmed fails, and is let go. */
  private void giveUp() {
    List<Pending> unsent;
    Flight last;
    List<CompletableFuture<Void>> told = new ArrayList<>();
    int count;
    synchronized (this) {
      last = flight;
      flight = null;
      unsent = new ArrayList<>(waiting);
      waiting.clear();
      waitingBytes = 0;
      List<Pending> all = new ArrayList<>(last == null ? List.of() : last.batch());
      all.addAll(unsent);
      // Those that expired or were withdrawn have had their answer.
      count = (int) all.stream().filter(each -> !each.isDone()).count();
      taken = accepted;
      count(all, told);
    }
    // Ends the close before the flush that it waits for.
    closed(count == 0 ? null : unconfirmed(count));
    if (last != null) {
      last.cancel();
    }
    List<Completions.Step> steps = new ArrayList<>();
    if (last != null) {
      last.batch().forEach(each -> steps.add(failing(each, Pending.closedError(true))));
    }
    unsent.forEach(each -> steps.add(failing(each, Pending.closedError(false))));
    tell(steps, told);
  }

  private TributaryException unconfirmed(int count) {
    return new CloseTimeoutException(
            ErrorInfo.of(count + " events were not confirmed when the publisher had to be closed", "Publish them again, or give the close more time"),
            Collections.nCopies(count, "publish to " + name))
        .at(calls.transport().backend(), "close", name.toString());
  }

  private void closed(@Nullable Throwable why) {
    CompletableFuture<Void> done;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      done = Objects.requireNonNull(closing);
      if (expiry != null) {
        expiry.cancel();
      }
      if (linger != null) {
        linger.cancel();
      }
    }
    calls.open().remove(closer);
    calls.callback(
        () -> {
          if (why == null) {
            done.complete(null);
          } else {
            done.completeExceptionally(why);
          }
        });
  }
}
