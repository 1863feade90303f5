package dev.tributary.internal.stream;

import dev.tributary.Capability;
import dev.tributary.ResourceName;
import dev.tributary.SubscriptionState;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.Calls;
import dev.tributary.internal.Calls.Repeat;
import dev.tributary.internal.Chain;
import dev.tributary.internal.Checks;
import dev.tributary.internal.Faults;
import dev.tributary.internal.Payloads;
import dev.tributary.internal.StateListener;
import dev.tributary.observe.Instrumentation;
import dev.tributary.observe.Observation;
import dev.tributary.observe.Operation;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.StreamSource;
import dev.tributary.spi.TimeSource;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.StartAt;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A consumer over a source. What the source delivers waits in a {@link Lane} for each partition, until a poll or a handler takes
 * it; the demand at the source keeps the lanes together within the prefetch.
 *
 * <p>The fields and the lanes are guarded by this object. Neither user code nor the source is called while it is held.
 */
final class StreamConsumer<T> implements EventConsumer<T>, SourceObserver<Message<byte[]>> {
  private static final System.Logger LOG = System.getLogger("dev.tributary.consumer");

  final Calls calls;
  final ResourceName name;
  final Payloads<T> payloads;
  private final @Nullable String group;
  private final @Nullable Duration autoCommit;
  private final int prefetch;
  private final int batch;
  private final StateListener state;
  private final StreamSource source;
  private final Supplier<CompletableFuture<Void>> closer = this::closeAsync;
  private final CompletableFuture<Void> firstAssignment = new CompletableFuture<>();

  private final Map<Integer, Lane<T>> lanes = new TreeMap<>();
  private final Set<Integer> paused = new HashSet<>();
  /** Asked from the source and neither delivered nor handed out, without what waits in paused lanes. */
  private int used;
  private int turn;
  private @Nullable Poll<T> polling;
  private boolean serving;
  private @Nullable HandlerRun<T> handlers;
  private int busyLanes;
  private TimeSource.@Nullable Timer commitTimer;
  private boolean closed;
  private @Nullable TributaryException end;
  private @Nullable CompletableFuture<Void> closing;
  private final CompletableFuture<Void> idle = new CompletableFuture<>();

  StreamConsumer(
      Calls calls,
      ResourceName name,
      Payloads<T> payloads,
      ConsumerOptions options,
      int prefetch,
      Function<SourceObserver<Message<byte[]>>, StreamSource> open) {
    this.calls = calls;
    this.name = name;
    this.payloads = payloads;
    this.group = options.group();
    this.autoCommit = options.autoCommit();
    this.prefetch = prefetch;
    this.batch = prefetch - prefetch / 2;
    this.state = new StateListener(calls, options.onState());
    this.used = prefetch;
    try {
      this.source = open.apply(this);
    } catch (TributaryException refused) {
      throw refused.at(calls.transport().backend(), "consumer", name.toString());
    }
    if (!calls.open().add(closer)) {
      source.close();
      throw calls.closedError().at(calls.transport().backend(), "consumer", name.toString());
    }
    source.request(prefetch);
    scheduleAutoCommit();
  }

  // What the source says.

  @Override
  public void onItem(Message<byte[]> message) {
    Lane<T> lane;
    boolean late;
    synchronized (this) {
      if (closed) {
        return;
      }
      lane = lane(message.partition());
      lane.arrive(message);
      late = lane.paused;
      if (late) {
        used--;
      }
    }
    if (late) {
      // It was under way when its partition was paused, and must not take the demand of others with it.
      replenish();
    } else {
      wake(lane);
    }
  }

  @Override
  public void onAssigned(Set<Integer> partitions) {
    synchronized (this) {
      partitions.forEach(this::lane);
    }
    firstAssignment.complete(null);
  }

  @Override
  public void onRevoked(Set<Integer> partitions) {
    synchronized (this) {
      for (int partition : partitions) {
        Lane<T> lane = lanes.remove(partition);
        if (lane != null) {
          drop(lane);
          lane.revoked = true;
        }
      }
    }
    replenish();
  }

  @Override
  public void onState(SubscriptionState now) {
    state.change(now);
  }

  @Override
  public void onEnd(@Nullable TributaryException error) {
    TributaryException why =
        (error == null ? closedError() : error).at(calls.transport().backend(), "consume", name.toString());
    HandlerRun<T> running;
    synchronized (this) {
      end = why;
      running = closed || handlers == null || handlers.isOver() ? null : handlers;
      if (running != null) {
        running.stop();
      }
    }
    state.change(SubscriptionState.CLOSED);
    if (running != null) {
      calls.callback(() -> running.completeExceptionally(why));
    }
    serve();
  }

  /** Holds the lock. */
  private Lane<T> lane(int partition) {
    Lane<T> lane = lanes.get(partition);
    if (lane == null) {
      lane = new Lane<>(this, partition, paused.contains(partition));
      lanes.put(partition, lane);
    }
    return lane;
  }

  /** Holds the lock. */
  private void drop(Lane<T> lane) {
    if (!lane.paused) {
      used -= lane.waiting.size();
    }
    lane.waiting.clear();
  }

  /** Keeps as many messages under way as fit. In batches: a request may cost the source a message of its own. */
  private void replenish() {
    int more;
    synchronized (this) {
      more = prefetch - used;
      if (closed || more < batch) {
        return;
      }
      used += more;
    }
    source.request(more);
  }

  /** There may be something in this lane for whoever waits. */
  private void wake(Lane<T> lane) {
    boolean handle;
    synchronized (this) {
      handle = handlers != null && !handlers.isOver() && !closed && !lane.busy && lane.ready();
      if (handle) {
        lane.busy = true;
        busyLanes++;
      }
    }
    if (handle) {
      calls.callback(lane);
    } else {
      serve();
    }
  }

  private void wakeAll() {
    List<Lane<T>> all;
    synchronized (this) {
      all = new ArrayList<>(lanes.values());
    }
    all.forEach(this::wake);
  }

  // Polling.

  @Override
  public CompletableFuture<List<Message<T>>> poll(int max, Duration wait) {
    return checked(
        "poll",
        () -> {
          Checks.atLeastOne("max", max);
          if (Checks.present("wait", wait).isNegative()) {
            throw InvalidRequestException.of("wait " + wait + " is negative", "Use Duration.ZERO not to wait");
          }
          Poll<T> poll = new Poll<>(this, max);
          synchronized (this) {
            refuseIfClosed();
            if (polling != null && !polling.isDone()) {
              throw InvalidRequestException.of("another poll is under way", "Wait for it, or cancel it, before the next");
            }
            refuseIfHandling();
            lanes.values().forEach(Lane::countHandedOut);
            polling = poll;
          }
          if (wait.isZero()) {
            poll.due();
          } else {
            poll.waitFor(wait);
          }
          serve();
          return poll;
        });
  }

  /** Has the poll served on the callback executor if it can be. */
  void serve() {
    synchronized (this) {
      if (polling == null || serving || !(polling.isDue() || end != null || lanes.values().stream().anyMatch(Lane::ready))) {
        return;
      }
      serving = true;
    }
    calls.callback(this::servePoll);
  }

  private void servePoll() {
    Poll<T> poll;
    List<Lane.Taken> taken;
    TributaryException over;
    synchronized (this) {
      poll = polling;
      over = end;
      taken = poll == null ? List.of() : peek(poll.max());
    }
    List<Message<T>> messages = new ArrayList<>(taken.size());
    TributaryException undecodable = null;
    for (Lane.Taken next : taken) {
      try {
        messages.add(Incoming.decode(payloads, next.message()));
      } catch (TributaryException thrown) {
        undecodable = thrown.at(calls.transport().backend(), "poll", name.toString());
        break;
      }
    }
    boolean served = false;
    synchronized (this) {
      serving = false;
      if (poll != null && polling == poll) {
        // A seek or a revocation in the meantime takes its partition out.
        List<Message<T>> still = new ArrayList<>(messages.size());
        for (int i = 0; i < messages.size(); i++) {
          if (taken.get(i).stillNext()) {
            still.add(messages.get(i));
          }
        }
        boolean fails = still.isEmpty() && (undecodable != null || over != null);
        if ((fails || !still.isEmpty() || poll.isDue()) && poll.claim()) {
          for (int i = 0; i < messages.size(); i++) {
            if (taken.get(i).stillNext()) {
              take(taken.get(i));
            }
          }
          served = true;
        }
        if (served || poll.isDone()) {
          polling = null;
        }
        messages = still;
      }
    }
    replenish();
    if (!served) {
      serve();
      return;
    }
    if (messages.isEmpty() && (undecodable != null || over != null)) {
      poll.end(null, undecodable != null ? undecodable : over);
    } else {
      List<Message<T>> result = List.copyOf(messages);
      Incoming.handedOver(calls, "poll", name, group, -1, result);
      poll.end(result, null);
    }
  }

  /** What a poll would hand out now, the lanes by turns. Holds the lock. */
  private List<Lane.Taken> peek(int max) {
    List<Lane<T>> all = new ArrayList<>(lanes.values());
    List<Lane.Taken> found = new ArrayList<>();
    int first = turn++;
    for (int i = 0; i < all.size() && found.size() < max; i++) {
      all.get(Math.floorMod(first + i, all.size())).peek(max - found.size(), found);
    }
    return found;
  }

  /** Holds the lock. */
  private void take(Lane.Taken next) {
    next.lane().handOut();
    used--;
  }

  // Handling.

  @Override
  public CompletableFuture<Void> forEach(Function<? super Message<T>, ? extends CompletionStage<?>> handler) {
    return checked(
        "for each",
        () -> {
          HandlerRun<T> run = new HandlerRun<>(Checks.present("handler", handler));
          synchronized (this) {
            refuseIfClosed();
            if (polling != null && !polling.isDone()) {
              throw InvalidRequestException.of("a poll is under way", "Use either poll or forEach");
            }
            refuseIfHandling();
            handlers = run;
          }
          wakeAll();
          return run;
        });
  }

  /** Gives the next message of a lane to its handler; null if there is none, and the lane is at rest. */
  @Nullable HandlerRun<T> nextFor(Lane<T> lane) {
    HandlerRun<T> run;
    boolean resting;
    synchronized (this) {
      run = handlers;
      resting = closed || run == null || run.isOver() || !lane.ready();
      if (resting) {
        lane.busy = false;
        busyLanes--;
        run = null;
      } else {
        lane.handling = lane.take();
        lane.handlingEpoch = lane.epoch;
        used--;
      }
    }
    if (resting) {
      completeIfIdle();
    } else {
      replenish();
    }
    return run;
  }

  /** A handler is done with the message of its lane. */
  void handled(Lane<T> lane, HandlerRun<T> run, @Nullable Throwable error) {
    synchronized (this) {
      if (error != null) {
        run.stop();
      }
      Message<byte[]> message = Objects.requireNonNull(lane.handling);
      lane.handling = null;
      boolean current = !lane.revoked && lane.handlingEpoch == lane.epoch;
      if (current && error == null) {
        lane.processed = message.offset() + 1;
      } else if (current) {
        // So that another forEach begins with it.
        lane.putBack(message);
        if (!lane.paused) {
          used++;
        }
      }
    }
    if (error != null) {
      calls.callback(() -> run.completeExceptionally(error));
    }
  }

  /** A handler takes this message. */
  Observation observeProcessing(Message<byte[]> message) {
    if (calls.config().instrumentation() == Instrumentation.NONE) {
      return Observation.NONE;
    }
    return calls.observe(
        Operation.Kind.PROCESS,
        "process",
        name,
        group,
        message.partition(),
        1,
        message.value().length,
        null,
        List.of(message.headers()));
  }

  private void completeIfIdle() {
    synchronized (this) {
      if (!closed || busyLanes > 0) {
        return;
      }
    }
    idle.complete(null);
  }

  // Committing.

  @Override
  public CompletableFuture<Void> commit() {
    return checked(
        "commit",
        () -> {
          refuseWithoutGroup();
          synchronized (this) {
            refuseIfClosed();
            lanes.values().forEach(Lane::countHandedOut);
          }
          return commitProcessed();
        });
  }

  /** Commits the watermarks as they are when the call is made, and again as they are then when it is repeated. */
  private CompletableFuture<Void> commitProcessed() {
    synchronized (this) {
      if (watermarks().isEmpty()) {
        return CompletableFuture.completedFuture(null);
      }
    }
    return committing(
        deadline -> {
          Map<Integer, Long> next;
          synchronized (this) {
            next = watermarks();
          }
          return next.isEmpty() ? CompletableFuture.completedFuture(null) : commitAtSource(next, deadline);
        });
  }

  @Override
  public CompletableFuture<Void> commit(Map<Integer, Long> nextOffsets) {
    return checked(
        "commit",
        () -> {
          refuseWithoutGroup();
          Map<Integer, Long> next = new HashMap<>();
          Checks.present("offsets", nextOffsets)
              .forEach(
                  (partition, offset) -> {
                    Checks.notNegative("partition", Checks.present("partition", partition));
                    Checks.notNegative("offset", Checks.present("offset", offset));
                    next.put(partition, offset);
                  });
          synchronized (this) {
            refuseIfClosed();
          }
          if (next.isEmpty()) {
            return CompletableFuture.completedFuture(null);
          }
          return committing(deadline -> commitAtSource(Map.copyOf(next), deadline));
        });
  }

  private CompletableFuture<Void> committing(Function<Deadline, CompletableFuture<Void>> attempt) {
    Observation observation = calls.observe(Operation.Kind.SETTLE, "commit", name, group, -1, 0, -1, null, List.of());
    return calls.call("commit", name, Repeat.SAFE, observation, calls.deadline(), attempt, Function.identity());
  }

  private CompletableFuture<Void> commitAtSource(Map<Integer, Long> next, Deadline deadline) {
    CompletableFuture<Void> committing = source.commit(next, deadline);
    committing.whenComplete(
        (done, error) -> {
          if (error == null) {
            synchronized (this) {
              next.forEach(
                  (partition, offset) -> {
                    Lane<T> lane = lanes.get(partition);
                    if (lane != null) {
                      lane.committed = offset;
                    }
                  });
            }
          }
        });
    return committing;
  }

  /** Holds the lock. */
  private Map<Integer, Long> watermarks() {
    Map<Integer, Long> next = new HashMap<>();
    for (Lane<T> lane : lanes.values()) {
      if (lane.processed >= 0 && lane.processed != lane.committed) {
        next.put(lane.partition, lane.processed);
      }
    }
    return next;
  }

  private void scheduleAutoCommit() {
    if (autoCommit == null) {
      return;
    }
    synchronized (this) {
      if (!closed) {
        commitTimer = calls.time().schedule(autoCommit, this::commitNow);
      }
    }
  }

  private void commitNow() {
    commitProcessed()
        .whenComplete(
            (done, error) -> {
              if (error != null) {
                LOG.log(System.Logger.Level.WARNING, "Could not commit for group " + group + "; trying again in " + autoCommit, error);
              }
              scheduleAutoCommit();
            });
  }

  // Seeking.

  @Override
  public CompletableFuture<Void> seek(Position position) {
    return checked(
        "seek",
        () -> {
          Checks.present("position", position);
          int partition = (int) Checks.notNegative("partition", position.partition());
          StartAt place = StartAt.offset(position.offset());
          return seeking(
              assigned -> {
                if (!assigned.contains(partition)) {
                  throw InvalidRequestException.of(
                      "partition " + partition + " is not assigned to this consumer", "Assigned are " + assigned);
                }
                return Map.of(partition, place);
              });
        });
  }

  @Override
  public CompletableFuture<Void> seekToBeginning() {
    return checked("seek", () -> seekingAll(StartAt.earliest()));
  }

  @Override
  public CompletableFuture<Void> seekToEnd() {
    return checked("seek", () -> seekingAll(StartAt.latest()));
  }

  @Override
  public CompletableFuture<Void> seekToTimestamp(Instant time) {
    return checked(
        "seek",
        () -> {
          calls.checks().require(Capability.START_AT_TIME);
          return seekingAll(StartAt.time(Checks.present("time", time)));
        });
  }

  private CompletableFuture<Void> seekingAll(StartAt place) {
    return seeking(
        assigned -> {
          Map<Integer, StartAt> places = new HashMap<>();
          assigned.forEach(partition -> places.put(partition, place));
          return places;
        });
  }

  private CompletableFuture<Void> seeking(Function<Set<Integer>, Map<Integer, StartAt>> places) {
    synchronized (this) {
      refuseIfClosed();
    }
    Seek seek = new Seek(places);
    CompletableFuture<Void> call = calls.call("seek", name, Repeat.SAFE, seek);
    call.whenComplete((done, error) -> seek.release());
    return call;
  }

  /**
   * A seek. Until the source has made it, its lanes keep what they have and hand out nothing: if it fails, they go on as before.
   */
  private final class Seek implements Function<Deadline, CompletableFuture<Void>> {
    private final Function<Set<Integer>, Map<Integer, StartAt>> wanted;
    private final List<Lane<T>> held = new ArrayList<>();
    private boolean released;

    Seek(Function<Set<Integer>, Map<Integer, StartAt>> wanted) {
      this.wanted = wanted;
    }

    @Override
    public CompletableFuture<Void> apply(Deadline deadline) {
      Chain<Void> chain = new Chain<>();
      if (firstAssignment.isDone()) {
        move(chain, deadline);
      } else {
        firstAssignment.whenComplete(
            (assigned, error) -> calls.callback(() -> chain.then(CompletableFuture.completedFuture(null), now -> move(chain, deadline))));
      }
      return chain;
    }

    private void move(Chain<Void> chain, Deadline deadline) {
      if (chain.isDone()) {
        return;
      }
      Map<Integer, StartAt> places = wanted.apply(assignment());
      if (places.isEmpty()) {
        chain.complete(null);
        return;
      }
      long arrived = hold(places.keySet());
      CompletableFuture<Map<Integer, Long>> moving = source.seek(places, deadline);
      Thread here = Thread.currentThread();
      boolean[] registering = {true};
      chain.then(
          moving,
          next -> {
            boolean already = registering[0] && Thread.currentThread() == here;
            if (moved(next, already, arrived)) {
              chain.complete(null);
            } else {
              move(chain, deadline);
            }
          });
      registering[0] = false;
    }

    /** Holds these lanes back, and says how many messages they have had. */
    private long hold(Set<Integer> partitions) {
      synchronized (StreamConsumer.this) {
        for (int partition : partitions) {
          Lane<T> lane = lane(partition);
          if (!released && !held.contains(lane)) {
            held.add(lane);
            lane.seeking++;
          }
        }
        return arrived();
      }
    }

    private long arrived() {
      synchronized (StreamConsumer.this) {
        return held.stream().mapToLong(lane -> lane.arrived).sum();
      }
    }

    /**
     * Drops what came from the old place; false if it was made before we could listen and messages have come since: nobody can say on
     * which side of it they are, so once more. In one step, because they may come at any moment.
     */
    private boolean moved(Map<Integer, Long> next, boolean already, long before) {
      synchronized (StreamConsumer.this) {
        if (already && arrived() != before) {
          return false;
        }
        for (Lane<T> lane : held) {
          drop(lane);
          lane.continueAt(next.getOrDefault(lane.partition, -1L));
        }
      }
      release();
      replenish();
      return true;
    }

    private void release() {
      synchronized (StreamConsumer.this) {
        if (released) {
          return;
        }
        released = true;
        held.forEach(lane -> lane.seeking--);
      }
      wakeAll();
    }
  }

  @Override
  public synchronized long position(int partition) {
    Lane<T> lane = lanes.get(partition);
    return lane == null ? -1 : lane.position();
  }

  // Pausing.

  @Override
  public void pause(Set<Integer> partitions) {
    Set<Integer> which = Set.copyOf(partitions);
    synchronized (this) {
      for (int partition : which) {
        Lane<T> lane = lanes.get(partition);
        if (paused.add(partition) && lane != null) {
          lane.paused = true;
          used -= lane.waiting.size();
        }
      }
    }
    source.pause(which);
    replenish();
  }

  @Override
  public void resume(Set<Integer> partitions) {
    Set<Integer> which = Set.copyOf(partitions);
    synchronized (this) {
      for (int partition : which) {
        Lane<T> lane = lanes.get(partition);
        if (paused.remove(partition) && lane != null) {
          lane.paused = false;
          used += lane.waiting.size();
        }
      }
    }
    source.resume(which);
    wakeAll();
  }

  @Override
  public synchronized Set<Integer> assignment() {
    return Set.copyOf(lanes.keySet());
  }

  @Override
  public SubscriptionState state() {
    return state.current();
  }

  // Closing.

  @Override
  public CompletableFuture<Void> closeAsync() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Poll<T> poll;
    HandlerRun<T> run;
    synchronized (this) {
      if (closing != null) {
        return closing;
      }
      closing = done;
      closed = true;
      poll = polling;
      polling = null;
      run = handlers;
      if (commitTimer != null) {
        commitTimer.cancel();
      }
    }
    if (poll != null && poll.claim()) {
      calls.callback(() -> poll.end(null, closedError()));
    }
    completeIfIdle();
    idle.thenCompose(rested -> autoCommit == null ? CompletableFuture.completedFuture(null) : commitProcessed())
        .handle((committed, error) -> leave(error))
        .thenCompose(Function.identity())
        .whenComplete(
            (left, error) -> {
              calls.open().remove(closer);
              state.change(SubscriptionState.CLOSED);
              if (run != null) {
                run.complete(null);
              }
              if (error == null) {
                done.complete(null);
              } else {
                done.completeExceptionally(Faults.unwrap(error));
              }
            });
    return done;
  }

  /** Leaves the group, even if the commit failed; that is what is reported then. */
  private CompletableFuture<Void> leave(@Nullable Throwable commitError) {
    CompletableFuture<Void> leaving = calls.call("leave", name, Repeat.SAFE, deadline -> source.close());
    if (commitError == null) {
      return leaving;
    }
    return leaving.handle(
        (left, error) -> {
          throw Faults.of(commitError);
        });
  }

  @Override
  public void close() {
    closeAsync().join();
  }

  // What is refused.

  private <R> CompletableFuture<R> checked(String operation, Supplier<CompletableFuture<R>> call) {
    return calls.checked(operation, name, call);
  }

  private TributaryException closedError() {
    return new ClientClosedException(ErrorInfo.of("the consumer is closed", "Make a new one"))
        .at(calls.transport().backend(), "consume", name.toString());
  }

  /** Holds the lock. */
  private void refuseIfClosed() {
    if (closed) {
      throw closedError();
    }
  }

  /** Holds the lock. */
  private void refuseIfHandling() {
    if (handlers != null && !handlers.isOver()) {
      throw InvalidRequestException.of("forEach takes the messages already", "Use either poll or forEach, and one of it at a time");
    }
  }

  private void refuseWithoutGroup() {
    if (group == null) {
      throw InvalidRequestException.of("a consumer without a group has nothing to commit to", "Name a group in ConsumerOptions");
    }
  }
}
