package dev.tributary.engine;

import dev.tributary.error.ConflictException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.OffsetOutOfRangeException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.StreamSource;
import dev.tributary.spi.SubscribeSpec;
import dev.tributary.stream.Message;
import dev.tributary.stream.StartAt;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Reads a stream: partitions in turn, each in order. With a group and no partitions of its own it is a member of that group. */
final class StreamReader extends MemorySource<Message<byte[]>> implements StreamSource {
  private final Connection connection;
  private final SubscribeSpec spec;
  private final TreeMap<Integer, Long> next = new TreeMap<>();
  /** Of those in {@link #next}, what is about to be handed over: nothing more is taken from them. */
  private final Set<Integer> leaving = new HashSet<>();
  private final Set<Integer> paused = new HashSet<>();
  private @Nullable StreamLog log;
  private @Nullable Group group;
  private String id = "";
  private int last = -1;
  private boolean told;

  StreamReader(Connection connection, SubscribeSpec spec, SourceObserver<Message<byte[]>> observer) {
    super(connection.gate(), observer);
    this.connection = connection;
    this.spec = spec;
  }

  /** What the stream calls it. */
  String id() {
    return id;
  }

  /** Begins; inside. */
  void start(StreamLog stream) {
    if (spec.start().ofGroup() && spec.group() == null) {
      throw InvalidRequestException.of("only a group has committed offsets", "Name a group, or start elsewhere");
    }
    log = stream;
    Set<Integer> own = new TreeSet<>(spec.partitions());
    own.forEach(stream::partition);
    id = stream.add(this);
    live();
    if (spec.group() != null) {
      group = stream.group(spec.group());
      if (own.isEmpty()) {
        group.join(this);
        return;
      }
    }
    if (own.isEmpty()) {
      for (int p = 0; p < stream.partitions(); p++) {
        own.add(p);
      }
    }
    Map<Integer, Long> places = new TreeMap<>();
    own.forEach(p -> places.put(p, place(p, spec.start())));
    assigned(places);
  }

  /** Where it would begin in a partition of which its group has committed this. */
  long begin(Partition partition, OptionalLong committed) {
    if (spec.start().ofGroup() && committed.isPresent() && committed.getAsLong() > partition.end()) {
      // Not for a start ahead of the stream, which waits, but for what the group has had.
      return switch (spec.reset()) {
        case FAIL -> throw outOfRange(partition.number(), partition, committed.getAsLong());
        case EARLIEST -> partition.floor();
        case LATEST -> partition.end();
      };
    }
    long place = Group.place(partition, committed, spec.start());
    return spec.start().ofGroup() && committed.isPresent() ? place : Math.max(place, partition.floor());
  }

  @Nullable Group group() {
    return group;
  }

  /** Whether it knows what it reads, be it nothing; inside. */
  boolean told() {
    return told;
  }

  /** Reads these from now on; inside. */
  void assigned(Map<Integer, Long> places) {
    told = true;
    next.putAll(places);
    Set<Integer> partitions = Set.copyOf(places.keySet());
    signal(() -> observer.onAssigned(partitions));
  }

  /** Is to commit what it has of these, and to say so; inside. */
  void revoking(Set<Integer> partitions, Runnable ready) {
    leaving.addAll(partitions);
    Set<Integer> lost = Set.copyOf(partitions);
    signal(() -> observer.onRevoking(lost).whenComplete((done, error) -> gate.run(ready)));
  }

  /** No longer reads these; inside. */
  void revoked(Set<Integer> partitions) {
    leaving.removeAll(partitions);
    next.keySet().removeAll(partitions);
    paused.removeAll(partitions);
    Set<Integer> lost = Set.copyOf(partitions);
    signal(() -> observer.onRevoked(lost));
  }

  /** A partition has something new; inside. */
  void appended(int partition) {
    if (demand() > 0 && next.containsKey(partition)) {
      wake();
    }
  }

  @Override
  @Nullable Message<byte[]> take() {
    StreamLog stream = Objects.requireNonNull(log);
    for (int tried = 0; tried < next.size(); tried++) {
      Integer turn = next.higherKey(last);
      last = turn == null ? next.firstKey() : turn;
      if (!paused.contains(last) && !leaving.contains(last)) {
        Partition partition = stream.partition(last);
        long place = Objects.requireNonNull(next.get(last));
        if (place < partition.floor()) {
          place = reset(last, partition, place);
        }
        if (ended()) {
          return null;
        }
        Scan scan = new Scan(partition, place, spec.filter());
        StoredEvent event = scan.next();
        if (event != null) {
          next.put(last, event.offset() + 1);
          return event.message();
        }
        next.put(last, scan.place());
        if (spec.filter() != null && scan.place() > place) {
          passed(last, scan.place());
          return null;
        }
      }
    }
    return null;
  }

  /** Tells how far it has come, and goes on behind that. */
  private void passed(int partition, long on) {
    signal(() -> observer.onPassed(partition, on));
  }

  /** Where to go on when retention has passed the place; ends if that is not wanted. */
  private long reset(int number, Partition partition, long place) {
    long on =
        switch (spec.reset()) {
          case FAIL -> place;
          case EARLIEST -> partition.floor();
          case LATEST -> partition.end();
        };
    if (on == place) {
      end(outOfRange(number, partition, place));
    }
    next.put(number, on);
    return on;
  }

  private OffsetOutOfRangeException outOfRange(int number, Partition partition, long place) {
    return new OffsetOutOfRangeException(
        ErrorInfo.of(
            "partition " + number + " has " + partition.first() + " to " + (partition.end() - 1) + ", and not " + place + " any more",
            "Read on from another place, or say by onOffsetOutOfRange where"));
  }

  @Override
  void release() {
    connection.detach(this);
    if (group != null) {
      group.leave(this);
    }
    if (log != null) {
      log.remove(this);
    }
  }

  @Override
  public CompletableFuture<Map<Integer, Long>> seek(Map<Integer, StartAt> places, Deadline deadline) {
    CompletableFuture<Map<Integer, Long>> sought = new CompletableFuture<>();
    gate.run(
        () -> {
          Map<Integer, Long> offsets = new TreeMap<>();
          try {
            requireMine(places.keySet());
            places.forEach((partition, place) -> offsets.put(partition, place(partition, place)));
          } catch (TributaryException refused) {
            signal(() -> sought.completeExceptionally(refused));
            return;
          }
          next.putAll(offsets);
          signal(() -> sought.complete(Map.copyOf(offsets)));
        });
    return sought;
  }

  @Override
  public void pause(Set<Integer> partitions) {
    gate.run(() -> paused.addAll(partitions));
  }

  @Override
  public void resume(Set<Integer> partitions) {
    gate.run(
        () -> {
          paused.removeAll(partitions);
          wake();
        });
  }

  @Override
  public CompletableFuture<Void> commit(Map<Integer, Long> nextOffsets, Deadline deadline) {
    return connection.reading(spec.stream()).run(
        () -> {
          if (spec.group() == null) {
            throw InvalidRequestException.of("there is no group to commit for", "Subscribe with a group");
          }
          requireMine(nextOffsets.keySet());
          nextOffsets.forEach(Objects.requireNonNull(group)::commit);
        });
  }

  private long place(int partition, StartAt start) {
    OptionalLong committed = group == null ? null : group.committed(partition);
    Partition from = Objects.requireNonNull(log).partition(partition);
    return start == spec.start() && committed != null ? begin(from, committed) : Math.max(from.floor(), Group.place(from, committed, start));
  }

  private void requireMine(Set<Integer> partitions) {
    if (ended()) {
      throw new ConflictException(ErrorInfo.of("the subscription is over", "Subscribe again"));
    }
    for (int partition : partitions) {
      if (!next.containsKey(partition)) {
        throw new ConflictException(
            ErrorInfo.of(
                "partition " + partition + " is not assigned to this subscription",
                "Another member of the group reads it now; drop what is left of it"));
      }
    }
  }
}
