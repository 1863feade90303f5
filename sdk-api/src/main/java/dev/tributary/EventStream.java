package dev.tributary;

import dev.tributary.filter.EventFilter;
import dev.tributary.queue.DeadLetters;
import dev.tributary.replay.Replays;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.DelayedEvents;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.EventPublisher;
import dev.tributary.stream.GroupState;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.PublisherOptions;
import dev.tributary.stream.ReadResult;
import dev.tributary.stream.SubscribeOptions;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/**
 * A stream of events of one type. A cheap handle: make it where it is needed; nothing is sent by making it.
 *
 * <p>Thread-safe. Every future completes within the client's deadline, on its callback executor; cancelling it cancels the call.
 * A committed offset is always the <em>next</em> offset to read.
 */
public interface EventStream<T> {
  /** The full name. */
  ResourceName name();

  /** Publishes a bare value. */
  default CompletableFuture<Position> publish(T value) {
    return publish(Event.of(value));
  }

  /**
   * Publishes an event.
   *
   * @return where it is. Without a deduplication id it is not retried once it may have been applied: then the error says
   *     {@code maybeApplied}.
   */
  CompletableFuture<Position> publish(Event<T> event);

  /**
   * Publishes events in order, split into several calls where the backend wants that.
   *
   * <p>One deadline holds for the whole list. An event that the backend refuses does not hold up the others. A call that fails as a
   * whole and cannot be made again ends it: the rest is not sent, and says so.
   *
   * @return where they are, in order. If only some were stored it fails with {@code PartialFailureException}, which has an outcome for
   *     each; if none was, with the error itself.
   */
  CompletableFuture<List<Position>> publishAll(List<Event<T>> events);

  /** A batching publisher with the defaults. Close it. */
  default EventPublisher<T> publisher() {
    return publisher(PublisherOptions.DEFAULT);
  }

  /** A batching publisher. Close it. */
  EventPublisher<T> publisher(PublisherOptions options);

  /** Publishes the events of a source, batched with the defaults; see {@link #publishFrom(Flow.Publisher, PublisherOptions)}. */
  default Flow.Publisher<Position> publishFrom(Flow.Publisher<? extends Event<T>> events) {
    return publishFrom(events, PublisherOptions.DEFAULT);
  }

  /**
   * Publishes the events of a source in their order, and gives the position of each when the backend confirmed it. Each subscriber of the positions
   * subscribes to the source, and nothing happens before.
   *
   * <p>The source is asked for an event when its position is wanted and the options allow another one in flight: a slow backend, or a slow subscriber,
   * slows the source. As nobody knows how large the next events are, up to 64 may go past {@code maxInFlightBytes}, if they are larger than all before
   * them. Codec and subscriber are called on the callback executor, the source's {@code request} and {@code cancel} too.
   *
   * <p>It ends once: when the source completed and all is confirmed; with the source's error, when all before it is confirmed; with an
   * event's error, as that of {@link #publishAll}, after the source was cancelled. Whose position came is stored; if events behind the one that failed
   * were stored, the error is a {@code PartialFailureException} with an outcome for each from that one on. Cancelling the subscription cancels the
   * source, and withdraws what is not on the wire. Closing the client sends what was taken from the source, and ends it with
   * {@code ClientClosedException}.
   */
  Flow.Publisher<Position> publishFrom(Flow.Publisher<? extends Event<T>> events, PublisherOptions options);

  /**
   * Reads up to {@code max} messages from this offset on.
   *
   * @return the messages in order; empty at the end of the stream, possibly fewer than there are
   */
  CompletableFuture<List<Message<T>>> read(int partition, long offset, int max);

  /**
   * Reads up to {@code max} messages that match from this offset on, with {@code EVENT_FILTER}.
   *
   * @return the messages in order, and where to read on. There may be none although there are some further on: no more is looked at than a call
   *     should take. Only where it leads no further is the end of the stream.
   */
  CompletableFuture<ReadResult<T>> read(int partition, long offset, int max, EventFilter filter);

  /** Messages of all partitions that are published from now on; see {@link #subscribe(SubscribeOptions)}. */
  default Flow.Publisher<Message<T>> subscribe() {
    return subscribe(SubscribeOptions.DEFAULT);
  }

  /**
   * Messages as they come. Each subscriber has a subscription of its own, which resumes after any fault from the last message it
   * delivered, and ends only by cancel, by closing the client, or with an error that trying again cannot mend.
   */
  Flow.Publisher<Message<T>> subscribe(SubscribeOptions options);

  /** A member of this group, from where the group stopped, that commits what was processed; see {@link #consumer(ConsumerOptions)}. */
  default EventConsumer<T> consumer(String group) {
    return consumer(ConsumerOptions.group(group));
  }

  /** A consumer that polls, seeks and commits. Close it. */
  EventConsumer<T> consumer(ConsumerOptions options);

  /** Commits for a group from outside it: the next offset to read. May go backwards. */
  CompletableFuture<Void> commit(String group, Position next);

  /** The next offset to read; empty if the group never committed. */
  CompletableFuture<OptionalLong> committed(String group, int partition);

  /** The offset of the last message; empty if there is none. */
  CompletableFuture<OptionalLong> latestOffset(int partition);

  /** How many partitions the stream has. */
  CompletableFuture<Integer> partitions();

  /** How far a group is. */
  CompletableFuture<GroupState> groupState(String group);

  /** The groups that committed or have members. */
  CompletableFuture<List<String>> groups();

  /**
   * Deletes a group and all that it committed; fails with {@code NotFoundException} if there is none, with {@code ConflictException} if
   * it has members.
   */
  CompletableFuture<Void> deleteGroup(String group);

  /** The events that wait for their time. */
  DelayedEvents delayed();

  /** Its server-side replays. */
  Replays replays();

  /** What failed for good. */
  DeadLetters<T> deadLetters();
}
