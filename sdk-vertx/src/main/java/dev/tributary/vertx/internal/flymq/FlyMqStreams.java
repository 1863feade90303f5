package dev.tributary.vertx.internal.flymq;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.driver.Ends;
import dev.tributary.spi.DeadLetterTransport;
import dev.tributary.spi.Deadline;
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
import dev.tributary.vertx.internal.net.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Streams of FlyMQ, which are its topics. */
final class FlyMqStreams implements StreamTransport {
  private final FlyMqCaller caller;
  private final Topics topics;
  private final Groups groups;
  private final FlyMqMapping mapping;
  private final Publisher publisher;
  private final FlyMqDeadLetters deadLetters;
  private final Network network;
  private final Set<FlyMqSource> sources = ConcurrentHashMap.newKeySet();

  FlyMqStreams(
      FlyMqCaller caller,
      Topics topics,
      Groups groups,
      FlyMqMapping mapping,
      Publisher publisher,
      FlyMqDeadLetters deadLetters,
      Network network) {
    this.caller = caller;
    this.topics = topics;
    this.groups = groups;
    this.mapping = mapping;
    this.publisher = publisher;
    this.deadLetters = deadLetters;
    this.network = network;
  }

  /** Makes a call about a topic; none if the wire cannot say it. */
  private <T> CompletableFuture<T> with(ResourceName stream, Function<String, CompletableFuture<T>> call) {
    return call.apply(mapping.topic(stream));
  }

  @Override
  public CompletableFuture<List<Outcome<Position>>> publish(ResourceName stream, List<Event<byte[]>> events, Deadline deadline) {
    return with(stream, topic -> publisher.publish(topic, events, deadline));
  }

  @Override
  public CompletableFuture<ReadResult<byte[]>> read(ReadSpec spec, Deadline deadline) {
    return with(
        spec.stream(),
        topic ->
            Steps.map(
                topics.page(topic, spec.partition(), spec.offset(), spec.max(), Wanted.of(spec.filter()), deadline),
                page -> page.within(spec.maxBytes())));
  }

  @Override
  public StreamSource subscribe(SubscribeSpec spec, SourceObserver<Message<byte[]>> observer) {
    FlyMqSource source = new FlyMqSource(caller, topics, groups, mapping, network, spec, observer, sources::remove);
    sources.add(source);
    source.start();
    return source;
  }

  @Override
  public CompletableFuture<Void> commit(ResourceName stream, String group, Position next, Deadline deadline) {
    return with(
        stream,
        topic -> {
          String wire = mapping.group(group);
          return Steps.then(
              topics.partition(topic, next.partition(), deadline),
              there -> groups.commit(topic, wire, Map.of(next.partition(), next.offset()), deadline));
        });
  }

  @Override
  public CompletableFuture<OptionalLong> committed(ResourceName stream, String group, int partition, Deadline deadline) {
    return with(
        stream,
        topic -> {
          String wire = mapping.group(group);
          return Steps.then(
              topics.partition(topic, partition, deadline),
              there ->
                  Steps.map(
                      groups.committed(topic, wire, Set.of(partition), deadline), committed -> optional(committed.get(partition))));
        });
  }

  private static OptionalLong optional(@Nullable Long number) {
    return number == null ? OptionalLong.empty() : OptionalLong.of(number);
  }

  @Override
  public CompletableFuture<OptionalLong> latestOffset(ResourceName stream, int partition, Deadline deadline) {
    return with(stream, topic -> Steps.map(topics.ends(topic, partition, deadline), Ends::latest));
  }

  @Override
  public CompletableFuture<Integer> partitions(ResourceName stream, Deadline deadline) {
    return with(stream, topic -> Steps.map(topics.ask(topic, deadline), Topics.Details::partitions));
  }

  @Override
  public CompletableFuture<GroupState> groupState(ResourceName stream, String group, Deadline deadline) {
    return with(
        stream,
        topic -> {
          String wire = mapping.group(group);
          return Steps.then(
              topics.ask(topic, deadline),
              details -> {
                Set<Integer> all = IntStream.range(0, details.partitions()).boxed().collect(Collectors.toSet());
                CompletableFuture<Groups.State> known = groups.state(topic, wire, all, deadline);
                return Steps.then(
                    topics.ends(topic, all, deadline), ends -> Steps.map(known, state -> groupState(group, ends, state)));
              });
        });
  }

  private static GroupState groupState(String group, Map<Integer, Ends> all, Groups.State state) {
    List<GroupState.PartitionState> partitions = new ArrayList<>(all.size());
    all.keySet().stream()
        .sorted()
        .forEach(
            partition -> {
              Ends ends = all.getOrDefault(partition, new Ends(0, 0));
              OptionalLong next = optional(state.committed().get(partition));
              long lag = Math.max(0, ends.next() - Math.max(ends.earliest(), next.orElse(0)));
              partitions.add(new GroupState.PartitionState(partition, next, ends.latest(), lag));
            });
    return new GroupState(group, partitions, state.members());
  }

  @Override
  public CompletableFuture<List<String>> groups(ResourceName stream, Deadline deadline) {
    return with(
        stream,
        topic ->
            Steps.then(
                topics.ask(topic, deadline),
                exists -> Steps.map(groups.of(topic, deadline), names -> names.stream().map(mapping::groupOf).sorted().toList())));
  }

  @Override
  public CompletableFuture<Void> deleteGroup(ResourceName stream, String group, Deadline deadline) {
    return with(
        stream,
        topic -> {
          String wire = mapping.group(group);
          return Steps.then(topics.ask(topic, deadline), exists -> groups.delete(topic, wire, deadline));
        });
  }

  @Override
  public DeadLetterTransport deadLetters() {
    return deadLetters;
  }

  /** Ends every source because of this. */
  CompletableFuture<Void> closeSources(TributaryException reason) {
    List<CompletableFuture<Void>> ended = new ArrayList<>();
    for (FlyMqSource source : sources) {
      source.close(reason);
      ended.add(source.close());
    }
    return CompletableFuture.allOf(ended.toArray(CompletableFuture[]::new));
  }
}
