package dev.tributary.internal.stream;

import dev.tributary.BlockingHandler;
import dev.tributary.Capability;
import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.SubscriptionState;
import dev.tributary.codec.Codec;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.Calls;
import dev.tributary.internal.Checks;
import dev.tributary.internal.StateListener;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.Steps;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.Position;
import dev.tributary.stream.StreamMessage;
import dev.tributary.stream.StreamPattern;
import dev.tributary.stream.StreamSelection;
import dev.tributary.stream.StreamsConsumer;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A consumer over several streams. {@link Discovery} says which they are, {@link Members} has a {@link StreamConsumer} for each, {@link ManyPolling} or
 * {@link ManyRun} hand out what these have, and {@link ManyClosing} closes them together.
 *
 * <p>What they share is guarded by the members, whose lock is held neither while a stream is asked nor while user code runs. A stream is a member
 * from before its consumer begins until that is closed: so whatever a consumer says is of a stream that is known, and a close finds them all.
 */
public final class ManyConsumer<T> implements StreamsConsumer<T> {
  final Calls calls;
  final Members<T> members;
  final ManyPolling<T> polling;
  private final Codec<T> codec;
  private final ConsumerOptions options;
  private final StateListener state;
  private final @Nullable Discovery discovery;
  private final ManyClosing<T> closing;
  private final String text;
  private @Nullable ManyRun<T> run;
  private @Nullable TributaryException failure;
  private @Nullable Member<T> failed;

  private ManyConsumer(
      Calls calls, StreamSelection selection, List<StreamPattern> patterns, Codec<T> codec, ConsumerOptions options) {
    this.calls = calls;
    this.codec = codec;
    this.options = options;
    this.state = new StateListener(calls, options.onState());
    this.members = new Members<>(this, selection, options);
    this.polling = new ManyPolling<>(this);
    this.discovery = patterns.isEmpty() ? null : new Discovery(this, listing(), patterns, selection);
    this.closing = new ManyClosing<>(this);
    this.text = Stream.concat(selection.names().stream(), selection.patterns().stream()).collect(Collectors.joining(", "));
  }

  private AdminTransport listing() {
    calls.checks().require(Capability.LIST_RESOURCES);
    return calls.transport().admin().orElseThrow(() -> calls.checks().unsupported(Capability.LIST_RESOURCES));
  }

  /** One that is open; refused if the client or the backend cannot have it. */
  public static <T> StreamsConsumer<T> open(
      Calls calls, Function<String, ResourceName> names, StreamSelection selection, Codec<T> codec, ConsumerOptions options) {
    Checks.present("selection", selection);
    Checks.present("options", options);
    Set<ResourceName> named = new LinkedHashSet<>();
    selection.names().forEach(name -> named.add(names.apply(name)));
    List<StreamPattern> patterns = selection.patterns().stream().map(pattern -> new StreamPattern(names.apply(pattern))).toList();
    try {
      calls.checks().require(Capability.STREAMS);
      ManyConsumer<T> made = new ManyConsumer<>(calls, selection, patterns, codec, options);
      // The same for all of them: who reads a pattern hears of it now, and not when something matches.
      made.stream(named.isEmpty() ? patterns.get(0).name() : named.iterator().next()).check(options);
      made.begin(named);
      return made;
    } catch (TributaryException refused) {
      throw refused.at(calls.transport().backend(), "consumer", null);
    }
  }

  private void begin(Set<ResourceName> named) {
    if (!calls.open().add(closing)) {
      throw calls.closedError();
    }
    try {
      members.name(named);
    } catch (TributaryException refused) {
      closing.begin(Duration.ZERO, false);
      throw refused;
    }
    if (discovery != null) {
      discovery.refresh();
    }
  }

  StreamHandle<T> stream(ResourceName name) {
    return new StreamHandle<>(calls, name, codec);
  }

  // What becomes of the streams.

  /** A stream is read from now on. */
  void joined(Member<T> member) {
    ManyRun<T> handling;
    synchronized (members) {
      handling = run;
    }
    if (handling != null && !handling.isDone()) {
      handling.join(member);
    }
    polling.serve();
    changed(member);
  }

  /** The state of a stream is another. */
  void changed(Member<T> member) {
    TributaryException end = member.end();
    if (end != null && member.isGone()) {
      members.leave(member);
    } else if (end != null && !members.isLeaving(member)) {
      fail(member, end);
    }
    tellState();
  }

  /** It cannot go on, because of this stream if one is named. */
  void fail(@Nullable Member<T> where, TributaryException why) {
    ManyRun<T> handling;
    synchronized (members) {
      if (members.isClosed() || failure != null) {
        return;
      }
      failure = why;
      failed = where;
      handling = run;
    }
    stopLooking(why);
    if (handling != null) {
      calls.callback(() -> handling.completeExceptionally(why));
    }
    polling.serve();
    tellState();
  }

  void stopLooking(TributaryException why) {
    if (discovery != null) {
      discovery.stop(why);
    }
  }

  /** Why it cannot go on; null if it can. */
  @Nullable TributaryException failure() {
    synchronized (members) {
      return failure;
    }
  }

  /** The streams of which something may still be handed out after a failure. */
  List<Member<T>> failed() {
    synchronized (members) {
      return failed == null ? List.of() : List.of(failed);
    }
  }

  // Taking messages.

  @Override
  public CompletableFuture<List<StreamMessage<T>>> poll(int max, Duration wait) {
    return checked(
        "poll",
        () -> {
          Poll.check(max, wait);
          return polling.poll(max, wait);
        });
  }

  @Override
  public CompletableFuture<Void> forEach(Function<? super StreamMessage<T>, ? extends CompletionStage<?>> handler) {
    return checked(
        "for each",
        () -> {
          ManyRun<T> begun = new ManyRun<>(Checks.present("handler", handler));
          List<Member<T>> now;
          synchronized (members) {
            refuseIfClosed();
            if (polling.isWaiting()) {
              throw InvalidRequestException.of("a poll is under way", "Use either poll or forEach");
            }
            refuseIfHandling();
            if (failure != null) {
              throw failure;
            }
            run = begun;
            now = members.reading();
          }
          now.forEach(begun::join);
          return begun;
        });
  }

  @Override
  public CompletableFuture<Void> process(BlockingHandler<? super StreamMessage<T>> handler) {
    return checked("process", () -> forEach(Calls.blocking(Checks.present("handler", handler))));
  }

  void refuseIfHandling() {
    synchronized (members) {
      if (run != null && !run.isDone()) {
        throw InvalidRequestException.of("forEach takes the messages already", "Use either poll or forEach, and one of it at a time");
      }
    }
  }

  // Committing.

  @Override
  public CompletableFuture<Void> commit() {
    return checked(
        "commit",
        () -> {
          StreamConsumer.refuseWithout(options.group());
          return inAll(StreamConsumer::commit);
        });
  }

  @Override
  public CompletableFuture<Void> commit(ResourceName stream, Map<Integer, Long> nextOffsets) {
    return in("commit", stream, consumer -> consumer.commit(nextOffsets));
  }

  // Seeking.

  @Override
  public CompletableFuture<Void> seek(ResourceName stream, Position position) {
    return in("seek", stream, consumer -> consumer.seek(position));
  }

  @Override
  public CompletableFuture<Void> seekToBeginning() {
    return checked("seek", () -> inAll(StreamConsumer::seekToBeginning));
  }

  @Override
  public CompletableFuture<Void> seekToEnd() {
    return checked("seek", () -> inAll(StreamConsumer::seekToEnd));
  }

  @Override
  public CompletableFuture<Void> seekToTimestamp(Instant time) {
    return checked(
        "seek",
        () -> {
          calls.checks().require(Capability.START_AT_TIME);
          Checks.present("time", time);
          return inAll(consumer -> consumer.seekToTimestamp(time));
        });
  }

  /** In one stream. */
  private CompletableFuture<Void> in(String operation, ResourceName stream, Function<StreamConsumer<T>, CompletableFuture<Void>> call) {
    return checked(
        operation,
        () -> {
          refuseIfClosed();
          return call.apply(members.get(Checks.present("stream", stream)).consumer());
        });
  }

  /** In all streams side by side; fails with the first error when all are over. */
  private CompletableFuture<Void> inAll(Function<StreamConsumer<T>, CompletableFuture<Void>> call) {
    refuseIfClosed();
    return Steps.map(
        Steps.each(members.reading(), member -> Steps.map(call.apply(member.consumer()), done -> true)),
        outcomes -> {
          outcomes.forEach(Outcome::orThrow);
          return null;
        });
  }

  @Override
  public OptionalLong position(ResourceName stream, int partition) {
    return members.reading().stream()
        .filter(member -> member.name.equals(stream))
        .findAny()
        .map(member -> member.consumer().position(partition))
        .orElse(OptionalLong.empty());
  }

  // Pausing.

  @Override
  public void pause(ResourceName stream, Set<Integer> partitions) {
    members.get(stream).consumer().pause(partitions);
  }

  @Override
  public void resume(ResourceName stream, Set<Integer> partitions) {
    members.get(stream).consumer().resume(partitions);
  }

  @Override
  public Map<ResourceName, Set<Integer>> assignment() {
    Map<ResourceName, Set<Integer>> assignment = new LinkedHashMap<>();
    members.reading().forEach(member -> assignment.put(member.name, member.consumer().assignment()));
    return Collections.unmodifiableMap(assignment);
  }

  @Override
  public CompletableFuture<Void> refresh() {
    return checked(
        "refresh",
        () -> {
          refuseIfClosed();
          return discovery == null ? CompletableFuture.completedFuture(null) : Handed.over(calls, discovery.refresh());
        });
  }

  @Override
  public SubscriptionState state() {
    if (state.current() == SubscriptionState.CLOSED || failure() != null) {
      return SubscriptionState.CLOSED;
    }
    boolean known = discovery == null || discovery.isSettled();
    boolean broken = discovery != null && discovery.isFailing();
    boolean live = known && members.reading().isEmpty();
    for (Member<T> member : members.reading()) {
      broken |= member.consumer().state() == SubscriptionState.RECONNECTING;
      live |= member.consumer().state() == SubscriptionState.LIVE;
    }
    if (broken && (known || live)) {
      return SubscriptionState.RECONNECTING;
    }
    return live ? SubscriptionState.LIVE : SubscriptionState.CONNECTING;
  }

  /** The user hears of the state if it has changed. */
  void tellState() {
    state.change(state());
  }

  // Closing.

  @Override
  public CompletableFuture<Void> closeAsync(Duration within) {
    return closing.begin(within, false);
  }

  @Override
  public void close(Duration within) {
    try {
      closing.begin(within, true).join();
    } catch (CompletionException failed) {
      throw Steps.known(Steps.unwrap(failed));
    }
  }

  /** All of it is closed. */
  void closed(ManyClosing<T> by) {
    calls.open().remove(by);
    members.clear();
    state.change(SubscriptionState.CLOSED);
    ManyRun<T> handling;
    synchronized (members) {
      handling = run;
    }
    if (handling != null) {
      calls.callback(() -> handling.complete(null));
    }
  }

  // What is refused.

  private <R> CompletableFuture<R> checked(String operation, Supplier<CompletableFuture<R>> call) {
    return calls.checked(operation, text, call);
  }

  /** Says where an error is from. */
  TributaryException located(String operation, TributaryException error) {
    return error.at(calls.transport().backend(), operation, text);
  }

  TributaryException closedError() {
    return located("consume", new ClientClosedException(ErrorInfo.of("the consumer is closed", "Make a new one")));
  }

  void refuseIfClosed() {
    if (members.isClosed()) {
      throw closedError();
    }
  }
}
