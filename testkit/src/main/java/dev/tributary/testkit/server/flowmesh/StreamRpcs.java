package dev.tributary.testkit.server.flowmesh;

import com.google.protobuf.ByteString;
import dev.tributary.Capability;
import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.admin.ResourceKind;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.ReadSpec;
import dev.tributary.spi.Steps;
import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import dev.tributary.stream.ReadResult;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.vertx.internal.flowmesh.proto.CommitOffsetRequest;
import dev.tributary.vertx.internal.flowmesh.proto.CommitOffsetResponse;
import dev.tributary.vertx.internal.flowmesh.proto.ConsumerGroupState;
import dev.tributary.vertx.internal.flowmesh.proto.GetConsumerGroupStateRequest;
import dev.tributary.vertx.internal.flowmesh.proto.GetConsumerGroupStateResponse;
import dev.tributary.vertx.internal.flowmesh.proto.GetLatestOffsetRequest;
import dev.tributary.vertx.internal.flowmesh.proto.GetLatestOffsetResponse;
import dev.tributary.vertx.internal.flowmesh.proto.GetOffsetRequest;
import dev.tributary.vertx.internal.flowmesh.proto.GetOffsetResponse;
import dev.tributary.vertx.internal.flowmesh.proto.Message;
import dev.tributary.vertx.internal.flowmesh.proto.ReadStreamRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ReadStreamResponse;
import dev.tributary.vertx.internal.flowmesh.proto.WriteEventsRequest;
import dev.tributary.vertx.internal.flowmesh.proto.WriteEventsResponse;
import io.vertx.grpc.common.GrpcStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** StreamService, but for Subscribe. */
final class StreamRpcs {
  private static final int DEFAULT_READ = 100;
  private static final int MAX_READ = 1000;

  private final Catalog catalog;

  StreamRpcs(Catalog catalog) {
    this.catalog = catalog;
  }

  CompletableFuture<WriteEventsResponse> writeEvents(WriteEventsRequest request, Deadline deadline) {
    Catalog.present(request.hasResourcePath());
    if (request.getEventsCount() == 0) {
      throw Rejection.invalid("events are required");
    }
    boolean pinned = catalog.transport().capabilities().contains(Capability.EVENT_PARTITION);
    List<Event<byte[]>> events = new ArrayList<>(request.getEventsCount());
    for (dev.tributary.vertx.internal.flowmesh.proto.Event event : request.getEventsList()) {
      if (event.getPayload().isEmpty()) {
        throw Rejection.invalid("event payload is required");
      }
      Event.Builder<byte[]> built = Event.builder(event.getPayload().toByteArray()).headers(event.getHeadersMap());
      events.add((pinned ? built.partition(0) : built).build());
    }
    ResourceName stream = Catalog.name(request.getResourcePath(), ResourceKind.STREAM);
    CompletableFuture<WriteEventsResponse> write =
        Steps.map(
            use(stream, deadline, () -> catalog.streams().publish(stream, events, deadline)),
            outcomes -> {
              WriteEventsResponse.Builder written = WriteEventsResponse.newBuilder().setStatus(Wire.OK);
              for (Outcome<Position> outcome : outcomes) {
                written.addOffsets(outcome.orThrow().offset());
              }
              return written.build();
            });
    return Catalog.write(write, () -> latest(stream, 0, deadline));
  }

  CompletableFuture<ReadStreamResponse> readStream(ReadStreamRequest request, Deadline deadline) {
    Catalog.present(request.hasResourcePath());
    if (request.getOffset() < 0) {
      throw Rejection.invalid("offset must not be negative");
    }
    ResourceName stream = Catalog.name(request.getResourcePath(), ResourceKind.STREAM);
    int partition = Math.max(0, request.getPartition());
    int asked = request.getMaxMessages();
    int max = asked <= 0 ? DEFAULT_READ : Math.min(asked, MAX_READ);
    return Steps.map(
        inPartition(
            stream,
            partition,
            deadline,
            List.<dev.tributary.stream.Message<byte[]>>of(),
            // A client takes fewer than it asked for to be all, however large they are.
            () ->
                Steps.map(
                    catalog.streams().read(new ReadSpec(stream, partition, request.getOffset(), max, Long.MAX_VALUE), deadline), ReadResult::messages)),
        messages -> {
          String path = Catalog.path(ResourceKind.STREAM, stream);
          ReadStreamResponse.Builder read = ReadStreamResponse.newBuilder().setStatus(Wire.OK);
          messages.forEach(message -> read.addMessages(message(path, message)));
          return read.build();
        });
  }

  CompletableFuture<CommitOffsetResponse> commitOffset(CommitOffsetRequest request, Deadline deadline) {
    Catalog.present(request.hasResourcePath());
    group(request.getConsumerGroup());
    if (request.getOffset() < -1) {
      throw Rejection.invalid("offset must be at least -1");
    }
    ResourceName stream = Catalog.name(request.getResourcePath(), ResourceKind.STREAM);
    int partition = Math.max(0, request.getPartition());
    Position next = new Position(partition, next(request.getOffset()));
    return Steps.map(
        oddly(use(stream, deadline, () -> catalog.streams().commit(stream, request.getConsumerGroup(), next, deadline))),
        done -> CommitOffsetResponse.newBuilder().setStatus(Wire.OK).build());
  }

  CompletableFuture<GetOffsetResponse> getOffset(GetOffsetRequest request, Deadline deadline) {
    Catalog.present(request.hasResourcePath());
    group(request.getConsumerGroup());
    ResourceName stream = Catalog.name(request.getResourcePath(), ResourceKind.STREAM);
    return Steps.map(
        oddly(committed(stream, request.getConsumerGroup(), Math.max(0, request.getPartition()), deadline)),
        committed -> GetOffsetResponse.newBuilder().setStatus(Wire.OK).setOffset(processed(committed)).build());
  }

  CompletableFuture<GetLatestOffsetResponse> getLatestOffset(GetLatestOffsetRequest request, Deadline deadline) {
    Catalog.present(request.hasResourcePath());
    ResourceName stream = Catalog.name(request.getResourcePath(), ResourceKind.STREAM);
    return Steps.map(
        latest(stream, Math.max(0, request.getPartition()), deadline),
        latest -> GetLatestOffsetResponse.newBuilder().setStatus(Wire.OK).setOffset(latest.orElse(-1)).build());
  }

  CompletableFuture<GetConsumerGroupStateResponse> getConsumerGroupState(GetConsumerGroupStateRequest request, Deadline deadline) {
    Catalog.present(request.hasResourcePath());
    String group = request.getConsumerGroup();
    group(group);
    ResourceName stream = Catalog.name(request.getResourcePath(), ResourceKind.STREAM);
    return Steps.map(
        oddly(state(stream, group, Math.max(0, request.getPartition()), deadline)),
        state -> GetConsumerGroupStateResponse.newBuilder().setStatus(Wire.OK).setState(state).build());
  }

  CompletableFuture<ConsumerGroupState> state(ResourceName stream, String group, int partition, Deadline deadline) {
    return Steps.then(
        committed(stream, group, partition, deadline),
        committed ->
            Steps.map(
                latest(stream, partition, deadline),
                latest -> {
                  long processed = processed(committed);
                  long last = latest.orElse(-1);
                  return ConsumerGroupState.newBuilder()
                      .setStream(Catalog.path(ResourceKind.STREAM, stream))
                      .setGroup(group)
                      .setPartition(partition)
                      .setCommittedOffset(processed)
                      .setLatestOffset(last)
                      .setLag(last < 0 ? -1 : Math.max(0, last - processed))
                      .build();
                }));
  }

  CompletableFuture<List<String>> groups(ResourceName stream, Deadline deadline) {
    return oddly(use(stream, deadline, () -> catalog.streams().groups(stream, deadline)));
  }

  /** The next offset to read; empty if the group never committed. */
  CompletableFuture<OptionalLong> committed(ResourceName stream, String group, int partition, Deadline deadline) {
    return inPartition(
        stream, partition, deadline, OptionalLong.empty(), () -> catalog.streams().committed(stream, group, partition, deadline));
  }

  CompletableFuture<OptionalLong> latest(ResourceName stream, int partition, Deadline deadline) {
    return inPartition(
        stream, partition, deadline, OptionalLong.empty(), () -> catalog.streams().latestOffset(stream, partition, deadline));
  }

  /** A partition the stream does not have reads as an empty one. */
  private <T> CompletableFuture<T> inPartition(
      ResourceName stream, int partition, Deadline deadline, T empty, Supplier<CompletableFuture<T>> operation) {
    if (partition == 0) {
      return use(stream, deadline, operation);
    }
    return Steps.then(
        hasPartition(stream, partition, deadline), there -> there ? operation.get() : CompletableFuture.completedFuture(empty));
  }

  CompletableFuture<Boolean> hasPartition(ResourceName stream, int partition, Deadline deadline) {
    return Steps.map(
        use(stream, deadline, () -> catalog.streams().partitions(stream, deadline)), partitions -> partition < partitions);
  }

  <T> CompletableFuture<T> use(ResourceName stream, Deadline deadline, Supplier<CompletableFuture<T>> operation) {
    return catalog.use(ResourceKind.STREAM, stream, deadline, operation);
  }

  /** Offsets of groups know no NOT_FOUND. */
  static <T> CompletableFuture<T> oddly(CompletableFuture<T> result) {
    return Steps.otherwise(
        result,
        error -> {
          Rejection rejection = Errors.rejection(error);
          return CompletableFuture.failedFuture(
              rejection.status() == GrpcStatus.NOT_FOUND ? Rejection.internal(rejection.getMessage()) : rejection);
        });
  }

  static void group(String group) {
    if (group.isEmpty()) {
      throw Rejection.invalid("consumer_group is required");
    }
  }

  /** The wire commits the last processed offset, the SPI the next one. */
  static long next(long processed) {
    return processed == Long.MAX_VALUE ? processed : processed + 1;
  }

  static long processed(OptionalLong next) {
    return next.orElse(0) - 1;
  }

  static Message message(String path, dev.tributary.stream.Message<byte[]> message) {
    return Message.newBuilder()
        .setId(Wire.messageId(path, message.partition(), message.offset()))
        .setResourcePath(path)
        .setPartition(message.partition())
        .setOffset(message.offset())
        .setPayload(ByteString.copyFrom(message.value()))
        .putAllHeaders(message.headers())
        .setCreatedAt(Wire.nanos(message.timestamp()))
        .build();
  }
}
