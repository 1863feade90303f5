package dev.tributary.internal.stream;

import dev.tributary.BlockingHandler;
import dev.tributary.Capability;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.ResourceName;
import dev.tributary.SubscriptionState;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.Buffer;
import dev.tributary.internal.Calls;
import dev.tributary.internal.Calls.Repeat;
import dev.tributary.internal.Checks;
import dev.tributary.internal.DeadLetterSink;
import dev.tributary.internal.Payloads;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.Steps;
import dev.tributary.spi.StreamSource;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.StartAt;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A consumer over a source. {@link Intake} takes what the source delivers, it waits in the {@link Assignment} of its partitions, and
 * {@link Polling} or {@link Dispatch} hand it out; {@link Commits} and {@link Seek} do what their names say. What they share is
 * guarded by the assignment: the one lock of a consumer, under which neither user code nor the source is called.
 */
final class StreamConsumer<T> implements EventConsumer<T> {
  final Calls calls;
  final ResourceName name;
  final Payloads<T> payloads;
  final @Nullable String group;
  final Assignment<T> assignment;
  final Polling<T> polling;
  final Dispatch<T> dispatch;
  final Commits<T> commits;
  final Undecodables undecodables;
  final DeadLetterSink sink;
  final @Nullable RedeliveryPolicy redelivery;
  final Intake<T> intake;
  final ConsumerClosing<T> closing;
  /** Told whenever there may be something to hand out, or its source is over: by a consumer of which this is a part. */
  final Runnable ready;
  private final int prefetch;
  private final Buffer.Share share;

  /** Not begun yet. */
  StreamConsumer(
      Calls calls,
      ResourceName name,
      Payloads<T> payloads,
      ConsumerOptions options,
      int prefetch,
      Undecodables undecodables,
      DeadLetterSink sink,
      Runnable ready,
      Function<SourceObserver<Message<byte[]>>, StreamSource> open) {
    this.calls = calls;
    this.name = name;
    this.payloads = payloads;
    this.group = options.group();
    this.undecodables = undecodables;
    this.sink = sink;
    this.redelivery = options.redelivery();
    this.ready = ready;
    this.prefetch = prefetch;
    int bytes = options.prefetchBytes().orElse(calls.config().prefetchBytes());
    this.share = calls.buffer().share(bytes, this::roomReturned);
    this.assignment = new Assignment<>(this, prefetch, share);
    this.polling = new Polling<>(this);
    this.dispatch = new Dispatch<>(this);
    this.commits = new Commits<>(this, options.autoCommit());
    this.closing = new ConsumerClosing<>(this, options.drainTimeout());
    try {
      // The last of the parts: from here on the source may call the others.
      this.intake = new Intake<>(this, options, share, open);
    } catch (TributaryException refused) {
      throw located("consumer", refused);
    }
  }

  /** The client remembers to close it; a client that is closed refuses it. */
  StreamConsumer<T> remembered() {
    if (!calls.open().add(closing)) {
      intake.source.close();
      throw located("consumer", calls.closedError());
    }
    return this;
  }

  /** Messages may come. */
  StreamConsumer<T> begin() {
    intake.source.request(prefetch);
    commits.schedule();
    return this;
  }

  /** So many messages and bytes may wait in the client from now on; until they are handed out, more than that do. */
  void resize(int messages, int bytes) {
    share.resize(bytes, messages);
    assignment.resize(messages);
    intake.replenish();
  }

  private void roomReturned() {
    intake.roomReturned();
  }

  /** There may be something in this partition for whoever waits. */
  void wake(AssignedPartition<T> assigned) {
    if (!dispatch.wake(assigned)) {
      polling.serve();
    }
  }

  void wakeAll() {
    assignment.all().forEach(this::wake);
  }

  // Taking messages.

  @Override
  public CompletableFuture<List<Message<T>>> poll(int max, Duration wait) {
    return checked(
        "poll",
        () -> {
          Poll.check(max, wait);
          return polling.poll(max, wait);
        });
  }

  @Override
  public CompletableFuture<Void> forEach(Function<? super Message<T>, ? extends CompletionStage<?>> handler) {
    return forEach(() -> new HandlerRun<>(Checks.present("handler", handler)));
  }

  @Override
  public CompletableFuture<Void> process(BlockingHandler<? super Message<T>> handler) {
    return checked("process", () -> forEach(Calls.blocking(Checks.present("handler", handler))));
  }

  /** The same with a run that its maker may end otherwise, too. */
  CompletableFuture<Void> forEach(Supplier<HandlerRun<T>> begin) {
    return checked(
        "for each",
        () -> {
          HandlerRun<T> run = begin.get();
          dispatch.start(run);
          return run;
        });
  }

  // Committing.

  @Override
  public CompletableFuture<Void> commit() {
    return checked(
        "commit",
        () -> {
          refuseWithout(group);
          synchronized (assignment) {
            refuseIfClosed();
            assignment.countHandedOut();
          }
          return commits.processed();
        });
  }

  @Override
  public CompletableFuture<Void> commit(Map<Integer, Long> nextOffsets) {
    return checked(
        "commit",
        () -> {
          refuseWithout(group);
          Checks.present("offsets", nextOffsets)
              .forEach(
                  (partition, offset) -> {
                    Checks.notNegative("partition", Checks.present("partition", partition));
                    Checks.notNegative("offset", Checks.present("offset", offset));
                  });
          refuseIfClosed();
          return commits.offsets(Map.copyOf(nextOffsets));
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
    refuseIfClosed();
    Seek<T> seek = new Seek<>(this, places);
    CompletableFuture<Void> call = calls.steps().call("seek", name, Repeat.SAFE, seek);
    call.whenComplete((done, error) -> seek.release());
    return Handed.over(calls, call);
  }

  @Override
  public OptionalLong position(int partition) {
    return assignment.position(partition);
  }

  // Pausing.

  @Override
  public void pause(Set<Integer> partitions) {
    Set<Integer> which = Set.copyOf(partitions);
    assignment.pause(which);
    intake.steer();
    intake.replenish();
  }

  @Override
  public void resume(Set<Integer> partitions) {
    Set<Integer> which = Set.copyOf(partitions);
    assignment.resume(which);
    intake.steer();
    wakeAll();
  }

  @Override
  public Set<Integer> assignment() {
    return assignment.assignment();
  }

  @Override
  public SubscriptionState state() {
    return intake.state.current();
  }

  // Closing.

  @Override
  public CompletableFuture<Void> closeAsync(Duration within) {
    return closing.begin(within, dispatch.here());
  }

  @Override
  public void close(Duration within) {
    AssignedPartition<T> here = dispatch.here();
    CompletableFuture<Void> closed = closing.begin(within, here);
    if (here != null) {
      dispatch.excuse(here);
    }
    try {
      closed.join();
    } catch (CompletionException failed) {
      throw Steps.known(Steps.unwrap(failed));
    }
  }

  // What is refused.

  private <R> CompletableFuture<R> checked(String operation, Supplier<CompletableFuture<R>> call) {
    return calls.checked(operation, name, call);
  }

  /** Says where an error is from. */
  TributaryException located(String operation, TributaryException error) {
    return error.at(calls.transport().backend(), operation, name.toString());
  }

  TributaryException closedError() {
    return located("consume", new ClientClosedException(ErrorInfo.of("the consumer is closed", "Make a new one")));
  }

  void refuseIfClosed() {
    if (assignment.isClosed()) {
      throw closedError();
    }
  }

  static void refuseWithout(@Nullable String group) {
    if (group == null) {
      throw InvalidRequestException.of("a consumer without a group has nothing to commit to", "Name a group in ConsumerOptions");
    }
  }
}
