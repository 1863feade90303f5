package dev.tributary.nats;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.driver.Ends;
import dev.tributary.nats.client.Names;
import dev.tributary.nats.client.NatsCaller;
import dev.tributary.nats.wire.Tokens;
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
import io.nats.client.impl.Headers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Streams, of which each partition is a JetStream stream. */
final class NatsStreams implements StreamTransport {
  private final NatsCaller caller;
  private final NatsMapping mapping;
  private final Logs logs;
  private final Groups groups;
  private final NatsDelayedEvents delayed;
  private final AtomicInteger turn = new AtomicInteger();
  private final Set<NatsSource> sources = ConcurrentHashMap.newKeySet();

  NatsStreams(NatsCaller caller, NatsMapping mapping, Logs logs, Groups groups) {
    this.caller = caller;
    this.mapping = mapping;
    this.logs = logs;
    this.groups = groups;
    this.delayed = new NatsDelayedEvents(caller, mapping, logs);
  }

  @Override
  public CompletableFuture<List<Outcome<Position>>> publish(ResourceName stream, List<Event<byte[]>> events, Deadline deadline) {
    return Steps.then(
        logs.partitions(stream, deadline),
        count ->
            Steps.translate(
                Steps.all(events.stream().map(event -> publish(stream, event, count, deadline)).toList()),
                error -> {
                  logs.forget(stream);
                  return error;
                }));
  }

  private CompletableFuture<Position> publish(ResourceName stream, Event<byte[]> event, int count, Deadline deadline) {
    int partition;
    try {
      partition = partition(stream, event, count);
    } catch (TributaryException refused) {
      return CompletableFuture.failedFuture(refused);
    }
    Headers headers = NatsMapping.headers(event);
    String id = event.deduplicationId();
    if (id != null) {
      headers.put(NatsMapping.DEDUPLICATION, Tokens.token(id));
    }
    String subject = mapping.events(stream, partition);
    if (event.delay() != null && !event.delay().isZero()) {
      headers.put(NatsMapping.SCHEDULE, NatsMapping.at(caller.time().now().plus(event.delay())));
      headers.put(NatsMapping.SCHEDULE_TARGET, subject);
      subject = mapping.delayed(stream, partition) + Names.fresh();
      if (event.ttl() != null) {
        headers.put(NatsMapping.SCHEDULE_TTL, NatsMapping.seconds(event.ttl()));
      }
    } else if (event.ttl() != null) {
      headers.put(NatsMapping.TTL, NatsMapping.seconds(event.ttl()));
    }
    return Steps.map(
        caller.store(mapping.log(stream, partition), subject, headers.isEmpty() ? null : headers, event.value(), deadline),
        stored -> new Position(partition, stored.seq() - 1));
  }

  /** One that has an id goes where the same id went before: each partition knows its own. */
  private int partition(ResourceName stream, Event<byte[]> event, int count) {
    if (event.partition().isPresent()) {
      return Logs.checked(stream, event.partition().getAsInt(), count);
    }
    if (event.key() != null) {
      return Math.floorMod(Arrays.hashCode(event.key().bytes()), count);
    }
    String id = event.deduplicationId();
    return Math.floorMod(id == null ? turn.getAndIncrement() : id.hashCode(), count);
  }

  @Override
  public CompletableFuture<ReadResult<byte[]>> read(ReadSpec spec, Deadline deadline) {
    return Steps.then(
        logs.partition(spec.stream(), spec.partition(), deadline),
        partition -> logs.read(spec.stream(), partition, spec.offset(), spec.max(), spec.maxBytes(), deadline));
  }

  @Override
  public StreamSource subscribe(SubscribeSpec spec, SourceObserver<Message<byte[]>> observer) {
    NatsSource source = new NatsSource(caller, logs, groups, mapping, spec, observer, sources::remove);
    sources.add(source);
    source.start();
    return source;
  }

  @Override
  public CompletableFuture<Void> commit(ResourceName stream, String group, Position next, Deadline deadline) {
    return Steps.then(
        logs.partition(stream, next.partition(), deadline), partition -> groups.commit(stream, group, partition, next.offset(), deadline));
  }

  @Override
  public CompletableFuture<OptionalLong> committed(ResourceName stream, String group, int partition, Deadline deadline) {
    return Steps.then(logs.partition(stream, partition, deadline), known -> groups.committed(stream, group, known, deadline));
  }

  @Override
  public CompletableFuture<OptionalLong> latestOffset(ResourceName stream, int partition, Deadline deadline) {
    return Steps.then(logs.partition(stream, partition, deadline), known -> logs.latest(stream, known, deadline));
  }

  @Override
  public CompletableFuture<Integer> partitions(ResourceName stream, Deadline deadline) {
    return logs.ask(stream, deadline);
  }

  @Override
  public CompletableFuture<GroupState> groupState(ResourceName stream, String group, Deadline deadline) {
    return Steps.then(
        logs.ask(stream, deadline),
        count ->
            Steps.then(
                logs.ends(stream, IntStream.range(0, count).boxed().toList(), deadline),
                ends -> Steps.map(groups.state(stream, group, deadline), state -> groupState(group, count, ends, state))));
  }

  private static GroupState groupState(String group, int count, Map<Integer, Ends> all, Groups.State state) {
    List<GroupState.PartitionState> partitions = new ArrayList<>(count);
    for (int partition = 0; partition < count; partition++) {
      Ends ends = Objects.requireNonNull(all.get(partition));
      OptionalLong next = Groups.optional(state.places().getOrDefault(partition, Groups.Held.NOTHING).place().next());
      long lag = Math.max(0, ends.next() - Math.max(ends.earliest(), next.orElse(0)));
      partitions.add(new GroupState.PartitionState(partition, next, ends.latest(), lag));
    }
    List<GroupState.Member> members =
        state.members().stream()
            .map(
                id ->
                    new GroupState.Member(
                        id,
                        state.places().entrySet().stream()
                            .filter(place -> place.getValue().place().owner().equals(id))
                            .map(Map.Entry::getKey)
                            .collect(Collectors.toSet())))
            .toList();
    return new GroupState(group, partitions, members);
  }

  @Override
  public CompletableFuture<List<String>> groups(ResourceName stream, Deadline deadline) {
    return Steps.then(logs.ask(stream, deadline), exists -> groups.of(stream, deadline));
  }

  @Override
  public CompletableFuture<Void> deleteGroup(ResourceName stream, String group, Deadline deadline) {
    return Steps.then(logs.ask(stream, deadline), exists -> groups.delete(stream, group, deadline));
  }

  @Override
  public DelayedEventTransport delayed() {
    return delayed;
  }

  /** Ends every source because of this. */
  CompletableFuture<Void> closeSources(TributaryException reason) {
    return CompletableFuture.allOf(sources.stream().map(source -> source.close(reason)).toArray(CompletableFuture[]::new));
  }
}
