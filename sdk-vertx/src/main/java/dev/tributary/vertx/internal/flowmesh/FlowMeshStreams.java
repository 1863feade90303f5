package dev.tributary.vertx.internal.flowmesh;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.TributaryException;
import dev.tributary.replay.Replay;
import dev.tributary.replay.ReplayOptions;
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
import dev.tributary.vertx.internal.flowmesh.proto.CommitOffsetRequest;
import dev.tributary.vertx.internal.flowmesh.proto.FlowMeshMethods;
import dev.tributary.vertx.internal.flowmesh.proto.GetConsumerGroupStateRequest;
import dev.tributary.vertx.internal.flowmesh.proto.GetLatestOffsetRequest;
import dev.tributary.vertx.internal.flowmesh.proto.GetOffsetRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ReadStreamRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ReadStreamResponse;
import dev.tributary.vertx.internal.flowmesh.proto.WriteEventsRequest;
import dev.tributary.vertx.internal.flowmesh.proto.WriteEventsResponse;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.grpc.GrpcCaller;
import dev.tributary.vertx.internal.net.http.HttpCaller;
import dev.tributary.vertx.internal.source.Page;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Streams of FlowMesh. All have one partition: the server stores a number of them and uses none. */
final class FlowMeshStreams implements StreamTransport {
  static final int PARTITION = 0;

  /** The most the server reads at a time. */
  static final int PAGE = 1_000;

  private final GrpcCaller caller;
  private final HttpCaller http;
  private final Network network;
  private final FlowMeshReplays replays;
  private final Set<FlowMeshSource> sources = ConcurrentHashMap.newKeySet();

  FlowMeshStreams(GrpcCaller caller, HttpCaller http, Network network) {
    this.caller = caller;
    this.http = http;
    this.network = network;
    this.replays = new FlowMeshReplays(caller);
  }

  @Override
  public CompletableFuture<List<Outcome<Position>>> publish(ResourceName stream, List<Event<byte[]>> events, Deadline deadline) {
    WriteEventsRequest.Builder request = WriteEventsRequest.newBuilder().setResourcePath(FlowMeshMapping.stream(stream));
    for (Event<byte[]> event : events) {
      request.addEvents(FlowMeshMapping.event(event));
    }
    return caller.call(FlowMeshMethods.WRITE_EVENTS, request.build(), deadline, answer -> positions(events.size(), answer));
  }

  private static List<Outcome<Position>> positions(int events, WriteEventsResponse answer) {
    if (answer.getOffsetsCount() != events) {
      throw new ProtocolViolationException(
          ErrorInfo.of(answer.getOffsetsCount() + " offsets for " + events + " events", "Check the server's version").maybeApplied(true));
    }
    List<Outcome<Position>> positions = new ArrayList<>(events);
    for (int i = 0; i < events; i++) {
      positions.add(position(answer.getOffsets(i)));
    }
    return positions;
  }

  private static Outcome<Position> position(long offset) {
    return offset >= 0
        ? Outcome.of(new Position(PARTITION, offset))
        : Outcome.failed(
            new ProtocolViolationException(ErrorInfo.of("an event was stored at offset " + offset, "Check the server's version").maybeApplied(true)));
  }

  /** The server has partitions that nothing can be in: what is asked about them would look like an answer. */
  private static <T> CompletableFuture<T> in(int partition, Supplier<CompletableFuture<T>> call) {
    if (partition != PARTITION) {
      throw InvalidRequestException.of("partition " + partition, "Streams of FlowMesh have partition 0 only");
    }
    return call.get();
  }

  @Override
  public CompletableFuture<ReadResult<byte[]>> read(ReadSpec spec, Deadline deadline) {
    return in(
        spec.partition(),
        () -> Steps.map(page(spec.stream(), spec.offset(), Math.min(spec.max(), PAGE), deadline), page -> page.within(spec.maxBytes())));
  }

  /** Fewer than were asked for are all that there are. */
  CompletableFuture<Page> page(ResourceName stream, long offset, int max, Deadline deadline) {
    return Steps.recover(
        caller.call(
            FlowMeshMethods.READ_STREAM, request(stream, offset, max), deadline, answer -> page(offset, max, answer)),
        PayloadTooLargeException.class,
        error -> halve(stream, offset, max, deadline, error));
  }

  /** The server sends as much as was asked for, however large. */
  private CompletableFuture<Page> halve(
      ResourceName stream, long offset, int page, Deadline deadline, PayloadTooLargeException error) {
    if (page == 1) {
      throw error;
    }
    return page(stream, offset, page / 2, deadline);
  }

  private static ReadStreamRequest request(ResourceName stream, long offset, int max) {
    return ReadStreamRequest.newBuilder()
        .setResourcePath(FlowMeshMapping.stream(stream))
        .setPartition(PARTITION)
        .setOffset(offset)
        .setMaxMessages(max)
        .build();
  }

  /**
   * What was answered. One that does not go on from where it was asked for is refused: whoever reads on behind it would read it for
   * ever.
   */
  private static Page page(long offset, int max, ReadStreamResponse answer) {
    if (answer.getMessagesCount() > max) {
      throw new ProtocolViolationException(
          ErrorInfo.of("a page of " + answer.getMessagesCount() + " messages, where " + max + " were asked for", "Check the server's version"));
    }
    List<Message<byte[]>> messages = new ArrayList<>(answer.getMessagesCount());
    long next = offset;
    for (var message : answer.getMessagesList()) {
      if (message.getOffset() < next || message.getOffset() == Long.MAX_VALUE) {
        throw new ProtocolViolationException(
            ErrorInfo.of(
                "offset " + message.getOffset() + " in a page from " + offset + ", where " + next + " or more was due",
                "Check the server's version"));
      }
      next = message.getOffset() + 1;
      messages.add(FlowMeshMapping.message(message));
    }
    return new Page(messages, next, messages.size() < max);
  }

  @Override
  public StreamSource subscribe(SubscribeSpec spec, SourceObserver<Message<byte[]>> observer) {
    FlowMeshSource source = new FlowMeshSource(this, caller, network, spec, observer, sources::remove);
    sources.add(source);
    source.start();
    return source;
  }

  @Override
  public CompletableFuture<Void> commit(ResourceName stream, String group, Position next, Deadline deadline) {
    return in(next.partition(), () -> commit(stream, group, next.offset(), deadline));
  }

  private CompletableFuture<Void> commit(ResourceName stream, String group, long next, Deadline deadline) {
    CommitOffsetRequest request =
        CommitOffsetRequest.newBuilder()
            .setResourcePath(FlowMeshMapping.stream(stream))
            .setConsumerGroup(group)
            .setPartition(PARTITION)
            // The wire has the last one processed; -1 for none.
            .setOffset(next - 1)
            .build();
    return caller.call(FlowMeshMethods.COMMIT_OFFSET, request, deadline, committed -> null);
  }

  @Override
  public CompletableFuture<OptionalLong> committed(ResourceName stream, String group, int partition, Deadline deadline) {
    GetOffsetRequest request =
        GetOffsetRequest.newBuilder().setResourcePath(FlowMeshMapping.stream(stream)).setConsumerGroup(group).setPartition(PARTITION).build();
    return in(
        partition, () -> caller.call(FlowMeshMethods.GET_OFFSET, request, deadline, answer -> FlowMeshMapping.next(answer.getOffset())));
  }

  @Override
  public CompletableFuture<OptionalLong> latestOffset(ResourceName stream, int partition, Deadline deadline) {
    GetLatestOffsetRequest request =
        GetLatestOffsetRequest.newBuilder().setResourcePath(FlowMeshMapping.stream(stream)).setPartition(PARTITION).build();
    return in(
        partition,
        () ->
            caller.call(
                FlowMeshMethods.GET_LATEST_OFFSET,
                request,
                deadline,
                answer -> answer.getOffset() < 0 ? OptionalLong.empty() : OptionalLong.of(answer.getOffset())));
  }

  @Override
  public CompletableFuture<Integer> partitions(ResourceName stream, Deadline deadline) {
    // The question is also whether there is such a stream.
    return Steps.map(latestOffset(stream, PARTITION, deadline), latest -> 1);
  }

  @Override
  public CompletableFuture<GroupState> groupState(ResourceName stream, String group, Deadline deadline) {
    GetConsumerGroupStateRequest request =
        GetConsumerGroupStateRequest.newBuilder()
            .setResourcePath(FlowMeshMapping.stream(stream))
            .setConsumerGroup(group)
            .setPartition(PARTITION)
            .build();
    return caller.call(FlowMeshMethods.GET_CONSUMER_GROUP_STATE, request, deadline, answer -> FlowMeshMapping.group(answer.getState()));
  }

  @Override
  public CompletableFuture<List<String>> groups(ResourceName stream, Deadline deadline) {
    // Over HTTP a stream that is not there is an error 500 like any other, so it is looked for first.
    return Steps.then(
        latestOffset(stream, PARTITION, deadline),
        exists ->
            Steps.map(
                http.get("/api/v1/streams/" + FlowMeshAdmin.path(stream) + "/consumer-groups", deadline), FlowMeshStreams::groups));
  }

  private static List<String> groups(JsonObject answer) {
    JsonArray groups = answer.getJsonArray("consumer_groups", new JsonArray());
    return groups == null
        ? List.of()
        : groups.stream().map(JsonObject.class::cast).map(group -> group.getString("group")).distinct().sorted().toList();
  }

  @Override
  public CompletableFuture<Replay.State> createReplay(ResourceName stream, ReplayOptions options, Deadline deadline) {
    return replays.create(stream, options, deadline);
  }

  @Override
  public CompletableFuture<List<Replay.State>> replays(ResourceName stream, Deadline deadline) {
    return replays.list(stream, deadline);
  }

  @Override
  public CompletableFuture<Replay.State> replay(String id, Deadline deadline) {
    return replays.get(id, deadline);
  }

  @Override
  public CompletableFuture<Void> control(String id, ReplayCommand command, Deadline deadline) {
    return replays.control(id, command, deadline);
  }

  /** Ends every source because of this. */
  CompletableFuture<Void> closeSources(TributaryException reason) {
    List<CompletableFuture<Void>> ended = new ArrayList<>();
    for (FlowMeshSource source : sources) {
      source.close(reason);
      ended.add(source.close());
    }
    return CompletableFuture.allOf(ended.toArray(CompletableFuture[]::new));
  }
}
