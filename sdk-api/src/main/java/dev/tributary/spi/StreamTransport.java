package dev.tributary.spi;

import dev.tributary.Capability;
import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.replay.Replay;
import dev.tributary.replay.ReplayOptions;
import dev.tributary.stream.Event;
import dev.tributary.stream.GroupState;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.ReadResult;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/** Streams of a backend. See {@link Transport} for what holds for every method. */
public interface StreamTransport {
  /**
   * Appends events in order; a single publish is a batch of one. The position of an event with a delay names it until it is due. The schema that
   * an event names, with {@code EVENT_SCHEMA} and by its full name, is what the value must match, whatever becomes of the others.
   *
   * @return one outcome for each event, in order. The future fails only if nothing can be said about any of them.
   */
  CompletableFuture<List<Outcome<Position>>> publish(ResourceName stream, List<Event<byte[]>> events, Deadline deadline);

  /**
   * What there is from an offset on, in order, and where to read on. Fewer messages than were asked for are not the end, but none are; with a filter
   * there may be none before the end, for no more is looked at than a call should take: then the end is where it leads no further.
   */
  CompletableFuture<ReadResult<byte[]>> read(ReadSpec spec, Deadline deadline);

  /** Opens a source. Returns at once; a stream that does not exist ends it with {@code NotFoundException}. */
  StreamSource subscribe(SubscribeSpec spec, SourceObserver<Message<byte[]>> observer);

  /** Commits from outside the group: the next offset to read. May go backwards. */
  CompletableFuture<Void> commit(ResourceName stream, String group, Position next, Deadline deadline);

  /** The next offset to read; empty if the group never committed. */
  CompletableFuture<OptionalLong> committed(ResourceName stream, String group, int partition, Deadline deadline);

  /** The offset of the last message that was stored, also if it expired since; empty if there never was one. */
  CompletableFuture<OptionalLong> latestOffset(ResourceName stream, int partition, Deadline deadline);

  /** How many partitions the stream has. */
  CompletableFuture<Integer> partitions(ResourceName stream, Deadline deadline);

  /** How far a group is, in every partition. */
  CompletableFuture<GroupState> groupState(ResourceName stream, String group, Deadline deadline);

  /** The groups that committed or have members, with {@code GROUP_LISTING}. */
  default CompletableFuture<List<String>> groups(ResourceName stream, Deadline deadline) {
    throw Unsupported.without(Capability.GROUP_LISTING);
  }

  /**
   * Deletes a group and all that it committed, with {@code GROUP_DELETION}; {@code NotFoundException} if there is none, {@code
   * ConflictException} if it has members.
   */
  default CompletableFuture<Void> deleteGroup(ResourceName stream, String group, Deadline deadline) {
    throw Unsupported.without(Capability.GROUP_DELETION);
  }

  /** Makes a replay session, with {@code REPLAY}. */
  default CompletableFuture<Replay.State> createReplay(ResourceName stream, ReplayOptions options, Deadline deadline) {
    throw Unsupported.without(Capability.REPLAY);
  }

  /** The replay sessions of a stream, with {@code REPLAY}. */
  default CompletableFuture<List<Replay.State>> replays(ResourceName stream, Deadline deadline) {
    throw Unsupported.without(Capability.REPLAY);
  }

  /** One replay session, with {@code REPLAY}. */
  default CompletableFuture<Replay.State> replay(String id, Deadline deadline) {
    throw Unsupported.without(Capability.REPLAY);
  }

  /** Does something to a replay session, with {@code REPLAY}. */
  default CompletableFuture<Void> control(String id, ReplayCommand command, Deadline deadline) {
    throw Unsupported.without(Capability.REPLAY);
  }

  /** Events that wait for their time, with {@code DELAYED_EVENTS}. */
  default DelayedEventTransport delayed() {
    throw Unsupported.without(Capability.DELAYED_EVENTS);
  }

  /** Dead letters of streams, with {@code STREAM_DEAD_LETTERS}. */
  default DeadLetterTransport deadLetters() {
    throw Unsupported.without(Capability.STREAM_DEAD_LETTERS);
  }

  /** What can be done to a replay session. */
  enum ReplayCommand {
    /** Begins walking. */
    START,
    /** Stops for now. */
    PAUSE,
    /** Goes on after a pause. */
    RESUME,
    /** Stops for good. */
    STOP,
    /** Removes it; it does not run. */
    DELETE
  }
}
