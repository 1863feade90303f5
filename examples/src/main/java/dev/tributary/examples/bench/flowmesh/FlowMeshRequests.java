package dev.tributary.examples.bench.flowmesh;

import com.google.protobuf.ByteString;
import dev.tributary.examples.bench.Names;
import dev.tributary.examples.bench.Operation;
import dev.tributary.examples.bench.Work;
import dev.tributary.vertx.internal.flowmesh.proto.ACKRequest;
import dev.tributary.vertx.internal.flowmesh.proto.EnqueueRequest;
import dev.tributary.vertx.internal.flowmesh.proto.Event;
import dev.tributary.vertx.internal.flowmesh.proto.GetRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ReadStreamRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ReceiveRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ResourcePath;
import dev.tributary.vertx.internal.flowmesh.proto.SetRequest;
import dev.tributary.vertx.internal.flowmesh.proto.SubscribeRequest;
import dev.tributary.vertx.internal.flowmesh.proto.WriteEventsRequest;

/** The requests that both hand-written clients send; built anew for every call, as a user would. */
final class FlowMeshRequests {
  private static final ResourcePath STREAM = path("stream", Names.STREAM);
  private static final ResourcePath QUEUE = path("queue", Names.QUEUE);
  private static final ResourcePath STORE = path("kv", Names.STORE);

  private final byte[] payload;

  FlowMeshRequests(byte[] payload) {
    this.payload = payload;
  }

  WriteEventsRequest write(int events) {
    WriteEventsRequest.Builder request = WriteEventsRequest.newBuilder().setResourcePath(STREAM);
    for (int i = 0; i < events; i++) {
      request.addEvents(Event.newBuilder().setPayload(ByteString.copyFrom(payload)));
    }
    return request.build();
  }

  ReadStreamRequest read() {
    return ReadStreamRequest.newBuilder().setResourcePath(STREAM).setOffset(0).setMaxMessages(Operation.BATCH).build();
  }

  SubscribeRequest subscribe() {
    return SubscribeRequest.newBuilder().setResourcePath(STREAM).setConsumerGroup("bench").setStartOffset(0).build();
  }

  EnqueueRequest enqueue() {
    return EnqueueRequest.newBuilder().setResourcePath(QUEUE).setPayload(ByteString.copyFrom(payload)).build();
  }

  ReceiveRequest receive() {
    return ReceiveRequest.newBuilder().setResourcePath(QUEUE).setMaxJobs(Operation.BATCH).setVisibilityTimeoutSeconds((int) Work.LEASE.toSeconds()).build();
  }

  ACKRequest ack(String job) {
    return ACKRequest.newBuilder().setResourcePath(QUEUE).setJobId(job).build();
  }

  SetRequest put() {
    return SetRequest.newBuilder().setResourcePath(STORE).setKey(Names.KEY).setValue(ByteString.copyFrom(payload)).build();
  }

  GetRequest get() {
    return GetRequest.newBuilder().setResourcePath(STORE).setKey(Names.KEY).build();
  }

  private static ResourcePath path(String type, String name) {
    return ResourcePath.newBuilder()
        .setTenant(Names.TENANT)
        .setNamespace(Names.NAMESPACE)
        .setResourceType(type)
        .setName(name)
        .build();
  }
}
