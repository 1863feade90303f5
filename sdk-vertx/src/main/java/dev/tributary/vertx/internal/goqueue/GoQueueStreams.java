package dev.tributary.vertx.internal.goqueue;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.internal.driver.Ends;
import dev.tributary.replay.Replay;
import dev.tributary.replay.ReplayOptions;
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
import dev.tributary.vertx.internal.goqueue.client.Api;
import dev.tributary.vertx.internal.goqueue.client.Delays;
import dev.tributary.vertx.internal.goqueue.client.Groups;
import dev.tributary.vertx.internal.goqueue.client.Positions;
import dev.tributary.vertx.internal.goqueue.client.Publisher;
import dev.tributary.vertx.internal.goqueue.client.Reading;
import dev.tributary.vertx.internal.goqueue.client.Topics;
import dev.tributary.vertx.internal.net.Network;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Streams of GoQueue: topics that are read by offset. */
final class GoQueueStreams implements StreamTransport {
  private final Api api;
  private final Topics topics;
  private final Groups groups;
  private final Publisher publisher;
  private final Reading reading;
  private final Positions positions;
  private final Network network;
  private final GoQueueOptions options;
  private final Delays delayed;
  private final GoQueueDeadLetters deadLetters;
  private final Set<GoQueueSource> sources = ConcurrentHashMap.newKeySet();

  GoQueueStreams(
      Api api, Topics topics, Groups groups, Publisher publisher, Reading reading, Delays delayed, Network network, GoQueueOptions options) {
    this.api = api;
    this.topics = topics;
    this.groups = groups;
    this.publisher = publisher;
    this.reading = reading;
    this.positions = new Positions(topics, groups, reading);
    this.network = network;
    this.options = options;
    this.delayed = delayed;
    this.deadLetters = new GoQueueDeadLetters(topics, groups, publisher, reading, network.time());
  }

  @Override
  public CompletableFuture<List<Outcome<Position>>> publish(ResourceName stream, List<Event<byte[]>> events, Deadline deadline) {
    return publisher.publish(stream, events, deadline);
  }

  @Override
  public CompletableFuture<ReadResult<byte[]>> read(ReadSpec spec, Deadline deadline) {
    String topic = topics.of(spec.stream());
    return Steps.then(
        topics.partition(topic, spec.partition(), deadline),
        known ->
            Steps.map(
                reading.messages(topic, spec.partition(), spec.offset(), spec.max(), deadline), page -> page.within(spec.maxBytes())));
  }

  @Override
  public StreamSource subscribe(SubscribeSpec spec, SourceObserver<Message<byte[]>> observer) {
    GoQueueSource source = new GoQueueSource(api, topics, groups, reading, positions, delayed, network, options, spec, observer, sources::remove);
    sources.add(source);
    source.start();
    return source;
  }

  @Override
  public CompletableFuture<Void> commit(ResourceName stream, String group, Position next, Deadline deadline) {
    String topic = topics.of(stream);
    String wire = groups.wire(group, topic);
    return Steps.then(
        topics.partition(topic, next.partition(), deadline),
        known ->
            Steps.then(
                delayed.committable(topic, next, deadline),
                offset -> groups.commitFromOutside(wire, topic, Map.of(next.partition(), offset), deadline)));
  }

  @Override
  public CompletableFuture<OptionalLong> committed(ResourceName stream, String group, int partition, Deadline deadline) {
    String topic = topics.of(stream);
    String wire = groups.wire(group, topic);
    return Steps.then(
        topics.partition(topic, partition, deadline),
        known -> Steps.map(groups.committed(wire, topic, deadline), committed -> optional(committed.get(partition))));
  }

  private static OptionalLong optional(@Nullable Long number) {
    return number == null ? OptionalLong.empty() : OptionalLong.of(number);
  }

  @Override
  public CompletableFuture<OptionalLong> latestOffset(ResourceName stream, int partition, Deadline deadline) {
    return Steps.map(topics.ask(topics.of(stream), deadline), details -> details.of(partition).latest());
  }

  @Override
  public CompletableFuture<Integer> partitions(ResourceName stream, Deadline deadline) {
    return Steps.map(topics.ask(topics.of(stream), deadline), Topics.Details::partitions);
  }

  @Override
  public CompletableFuture<GroupState> groupState(ResourceName stream, String group, Deadline deadline) {
    String topic = topics.of(stream);
    String wire = groups.wire(group, topic);
    CompletableFuture<Map<Integer, Long>> committed = groups.committed(wire, topic, deadline);
    CompletableFuture<Optional<Groups.State>> state = groups.state(wire, deadline);
    return Steps.then(
        topics.ask(topic, deadline),
        details -> Steps.then(committed, next -> Steps.map(state, known -> groupState(group, details, next, known))));
  }

  private static GroupState groupState(
      String group, Topics.Details details, Map<Integer, Long> committed, Optional<Groups.State> state) {
    List<GroupState.PartitionState> partitions = new ArrayList<>(details.partitions());
    for (int partition = 0; partition < details.partitions(); partition++) {
      Ends ends = details.of(partition);
      OptionalLong next = optional(committed.get(partition));
      long lag = Math.max(0, ends.next() - Math.max(ends.earliest(), next.orElse(0)));
      partitions.add(new GroupState.PartitionState(partition, next, ends.latest(), lag));
    }
    List<GroupState.Member> members = new ArrayList<>();
    state.ifPresent(known -> known.members().forEach(member -> members.add(new GroupState.Member(member.id(), member.partitions()))));
    members.sort(Comparator.comparing(GroupState.Member::id));
    return new GroupState(group, partitions, members);
  }

  @Override
  public CompletableFuture<List<String>> groups(ResourceName stream, Deadline deadline) {
    String topic = topics.of(stream);
    return Steps.then(topics.ask(topic, deadline), exists -> groups.of(topic, deadline));
  }

  @Override
  public CompletableFuture<Void> deleteGroup(ResourceName stream, String group, Deadline deadline) {
    String topic = topics.of(stream);
    String wire = groups.wire(group, topic);
    return Steps.then(topics.ask(topic, deadline), exists -> groups.delete(wire, topic, deadline));
  }

  @Override
  public CompletableFuture<Replay.State> createReplay(ResourceName stream, ReplayOptions options, Deadline deadline) {
    throw noReplays();
  }

  @Override
  public CompletableFuture<List<Replay.State>> replays(ResourceName stream, Deadline deadline) {
    throw noReplays();
  }

  @Override
  public CompletableFuture<Replay.State> replay(String id, Deadline deadline) {
    throw noReplays();
  }

  @Override
  public CompletableFuture<Void> control(String id, ReplayCommand command, Deadline deadline) {
    throw noReplays();
  }

  private static UnsupportedFeatureException noReplays() {
    return new UnsupportedFeatureException(ErrorInfo.of("GoQueue has no replay sessions", "Read from the offset or time you want"));
  }

  @Override
  public Delays delayed() {
    return delayed;
  }

  @Override
  public DeadLetterTransport deadLetters() {
    return deadLetters;
  }

  /** Ends every source because of this. */
  CompletableFuture<Void> closeSources(TributaryException reason) {
    List<CompletableFuture<Void>> ended = new ArrayList<>();
    for (GoQueueSource source : sources) {
      source.close(reason);
      ended.add(source.close());
    }
    return CompletableFuture.allOf(ended.toArray(CompletableFuture[]::new));
  }
}
