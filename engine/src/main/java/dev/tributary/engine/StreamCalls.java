package dev.tributary.engine;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.access.Permission;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.replay.Replay;
import dev.tributary.replay.ReplayOptions;
import dev.tributary.spi.DeadLetterTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.DelayedEventTransport;
import dev.tributary.spi.ReadSpec;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.Steps;
import dev.tributary.spi.StreamSource;
import dev.tributary.spi.StreamTransport;
import dev.tributary.spi.SubscribeSpec;
import dev.tributary.stream.Event;
import dev.tributary.stream.GroupState;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.ReadResult;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** One client's calls on streams. */
final class StreamCalls implements StreamTransport {
  private final MemoryEngine engine;
  private final Connection connection;

  StreamCalls(MemoryEngine engine, Connection connection) {
    this.engine = engine;
    this.connection = connection;
  }

  @Override
  public CompletableFuture<List<Outcome<Position>>> publish(ResourceName stream, List<Event<byte[]>> events, Deadline deadline) {
    return connection.writing(stream).call(() -> engine.streams().use(stream).publish(events));
  }

  @Override
  public CompletableFuture<ReadResult<byte[]>> read(ReadSpec spec, Deadline deadline) {
    return connection.reading(spec.stream()).call(
        () -> {
          if (spec.offset() < 0) {
            throw InvalidRequestException.of("offset " + spec.offset() + " is negative", "Offsets start at 0");
          }
          Scan scan = new Scan(engine.streams().use(spec.stream()).partition(spec.partition()), spec.offset(), spec.filter());
          List<Message<byte[]>> read = new ArrayList<>();
          long bytes = 0;
          for (StoredEvent event = scan.next(); event != null && read.size() < spec.max(); event = scan.next()) {
            bytes += event.bytes();
            if (!read.isEmpty() && bytes > spec.maxBytes()) {
              break;
            }
            read.add(event.message());
            scan.take(event);
          }
          return new ReadResult<>(read, scan.place());
        });
  }

  @Override
  public StreamSource subscribe(SubscribeSpec spec, SourceObserver<Message<byte[]>> observer) {
    StreamReader reader = new StreamReader(connection, spec, observer);
    connection.reading(spec.stream()).open(reader, () -> reader.start(engine.streams().use(spec.stream())));
    return reader;
  }

  @Override
  public CompletableFuture<Void> commit(ResourceName stream, String group, Position next, Deadline deadline) {
    return connection.reading(stream).run(() -> engine.streams().use(stream).group(group).commit(next.partition(), next.offset()));
  }

  @Override
  public CompletableFuture<OptionalLong> committed(ResourceName stream, String group, int partition, Deadline deadline) {
    return connection.reading(stream).call(
        () -> {
          StreamLog log = engine.streams().use(stream);
          log.partition(partition);
          Group known = log.knownGroup(group);
          return known == null ? OptionalLong.empty() : known.committed(partition);
        });
  }

  @Override
  public CompletableFuture<OptionalLong> latestOffset(ResourceName stream, int partition, Deadline deadline) {
    return connection.reading(stream).call(() -> engine.streams().use(stream).partition(partition).latest());
  }

  @Override
  public CompletableFuture<Integer> partitions(ResourceName stream, Deadline deadline) {
    return connection.reading(stream).call(() -> engine.streams().use(stream).partitions());
  }

  @Override
  public CompletableFuture<GroupState> groupState(ResourceName stream, String group, Deadline deadline) {
    return connection.reading(stream).call(
        () -> {
          StreamLog log = engine.streams().use(stream);
          Group known = log.knownGroup(group);
          return (known == null ? new Group(group, log, connection.gate()) : known).state();
        });
  }

  @Override
  public CompletableFuture<List<String>> groups(ResourceName stream, Deadline deadline) {
    return connection.administering(stream).call(() -> engine.streams().use(stream).groups());
  }

  @Override
  public CompletableFuture<Void> deleteGroup(ResourceName stream, String group, Deadline deadline) {
    return connection.administering(stream).run(() -> engine.streams().use(stream).deleteGroup(group));
  }

  @Override
  public DelayedEventTransport delayed() {
    return new DelayedCalls(engine, connection);
  }

  @Override
  public CompletableFuture<Replay.State> createReplay(ResourceName stream, ReplayOptions options, Deadline deadline) {
    return connection.reading(stream).call(() -> engine.replays().create(engine.streams().use(stream), options).state());
  }

  @Override
  public CompletableFuture<List<Replay.State>> replays(ResourceName stream, Deadline deadline) {
    return connection.reading(stream).call(() -> engine.replays().of(engine.streams().use(stream)));
  }

  @Override
  public CompletableFuture<Replay.State> replay(String id, Deadline deadline) {
    return ofReplay(id, () -> engine.replays().get(id).state());
  }

  @Override
  public CompletableFuture<Void> control(String id, ReplayCommand command, Deadline deadline) {
    return Steps.map(
        ofReplay(
            id,
            () -> {
              engine.replays().control(id, command);
              return true;
            }),
        done -> null);
  }

  /** Whoever may read a stream may do this with its replays. */
  private <R> CompletableFuture<R> ofReplay(String id, Supplier<R> work) {
    return connection.enter(
        connection.known(),
        who -> {
          connection.visitor().check(who, Permission.READ, engine.replays().get(id).log().info().name());
          return CompletableFuture.completedFuture(work.get());
        });
  }

  @Override
  public DeadLetterTransport deadLetters() {
    return new StreamDeadLetterCalls(engine, connection);
  }
}
