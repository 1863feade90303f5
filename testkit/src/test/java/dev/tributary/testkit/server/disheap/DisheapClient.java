package dev.tributary.testkit.server.disheap;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.Empty;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.RawClient;
import dev.tributary.vertx.internal.disheap.proto.AckReq;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.disheap.proto.EnqueueReq;
import dev.tributary.vertx.internal.disheap.proto.EnqueueResp;
import dev.tributary.vertx.internal.disheap.proto.ExtendReq;
import dev.tributary.vertx.internal.disheap.proto.FlowControl;
import dev.tributary.vertx.internal.disheap.proto.MakeHeapReq;
import dev.tributary.vertx.internal.disheap.proto.Mode;
import dev.tributary.vertx.internal.disheap.proto.NackReq;
import dev.tributary.vertx.internal.disheap.proto.PeekReq;
import dev.tributary.vertx.internal.disheap.proto.PeekResp;
import dev.tributary.vertx.internal.disheap.proto.PopFilter;
import dev.tributary.vertx.internal.disheap.proto.PopItem;
import dev.tributary.vertx.internal.disheap.proto.PopOpen;
import java.util.List;

/** A client of Disheap that knows no driver, and the messages it sends most. */
final class DisheapClient implements AutoCloseable {
  final RawClient raw;

  DisheapClient(EmbeddedServer server) {
    this.raw = new RawClient(server);
  }

  static Duration seconds(long seconds) {
    return Duration.newBuilder().setSeconds(seconds).build();
  }

  /** Everything that has to be said. */
  static MakeHeapReq.Builder heap(String topic) {
    return MakeHeapReq.newBuilder()
        .setTopic(topic)
        .setMode(Mode.MAX)
        .setPartitions(1)
        .setReplicationFactor(1)
        .setTopKBound(100)
        .setRetentionTime(seconds(86_400))
        .setVisibilityTimeoutDefault(seconds(60))
        .setMaxRetriesDefault(3)
        .setMaxPayloadBytes(1 << 20);
  }

  void make(String topic) {
    raw.call(DisheapMethods.MAKE_HEAP, heap(topic).build()).ok();
  }

  static EnqueueReq.Builder message(String topic, String payload) {
    return EnqueueReq.newBuilder().setTopic(topic).setPayload(ByteString.copyFromUtf8(payload));
  }

  EnqueueResp enqueue(EnqueueReq.Builder request) {
    return raw.call(DisheapMethods.ENQUEUE, request.build()).ok();
  }

  EnqueueResp enqueue(String topic, String payload) {
    return enqueue(message(topic, payload));
  }

  static PopOpen filter(String topic) {
    return filter(PopFilter.newBuilder().setTopic(topic));
  }

  static PopOpen filter(PopFilter.Builder filter) {
    return PopOpen.newBuilder().setFilter(filter).build();
  }

  static PopOpen credits(int credits) {
    return PopOpen.newBuilder().setFlowControl(FlowControl.newBuilder().setCredits(credits)).build();
  }

  RawClient.Stream<PopOpen, PopItem> pop(PopOpen... messages) {
    return raw.converse(DisheapMethods.POP_STREAM, messages);
  }

  /** What is ready, at most so many. */
  List<PopItem> receive(String topic, int max) {
    var stream = raw.sayAll(DisheapMethods.POP_STREAM, filter(topic), credits(max));
    if (stream.ended() != io.vertx.grpc.common.GrpcStatus.OK) {
      throw new AssertionError(stream.ended());
    }
    return List.copyOf(stream.items);
  }

  PopItem receive(String topic) {
    List<PopItem> items = receive(topic, 1);
    if (items.isEmpty()) {
      throw new AssertionError("nothing was ready");
    }
    return items.get(0);
  }

  static String text(PopItem item) {
    return item.getPayload().toStringUtf8();
  }

  RawClient.Reply<Empty> ack(PopItem item) {
    return raw.call(
        DisheapMethods.ACK,
        AckReq.newBuilder().setTopic(item.getTopic()).setMessageId(item.getMessageId()).setLeaseToken(item.getLeaseToken()).build());
  }

  static NackReq.Builder nacking(PopItem item) {
    return NackReq.newBuilder().setTopic(item.getTopic()).setMessageId(item.getMessageId()).setLeaseToken(item.getLeaseToken());
  }

  RawClient.Reply<Empty> nack(PopItem item) {
    return raw.call(DisheapMethods.NACK, nacking(item).build());
  }

  RawClient.Reply<Empty> nackNow(PopItem item) {
    return raw.call(DisheapMethods.NACK, nacking(item).setBackoffOverride(seconds(0)).build());
  }

  RawClient.Reply<Empty> extend(PopItem item, long seconds) {
    return raw.call(
        DisheapMethods.EXTEND,
        ExtendReq.newBuilder().setTopic(item.getTopic()).setLeaseToken(item.getLeaseToken()).setExtension(seconds(seconds)).build());
  }

  PeekResp peek(PeekReq.Builder request) {
    return raw.call(DisheapMethods.PEEK, request.build()).ok();
  }

  @Override
  public void close() {
    raw.close();
  }
}
